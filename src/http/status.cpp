#include "http/status.h"

#include <array>

namespace relevent::http {

namespace {

// The phrases of RFC 2616, which are what the reference sends.
constexpr std::array<std::string_view, 2> kInformational = {"Continue", "Switching Protocols"};
constexpr std::array<std::string_view, 7> kSuccess = {
    "OK",         "Created",       "Accepted",       "Non-Authoritative Information",
    "No Content", "Reset Content", "Partial Content"};
constexpr std::array<std::string_view, 7> kRedirection = {
    "Multiple Choices", "Moved Permanently", "Found", "See Other", "Not Modified",
    "Use Proxy",        "Temporary Redirect"};  // Compat: 306 instead of 307
                                                // (http_server_reply_test.cpp).
constexpr std::array<std::string_view, 18> kClientError = {"Bad Request",
                                                           "Unauthorized",
                                                           "Payment Required",
                                                           "Forbidden",
                                                           "Not Found",
                                                           "Method Not Allowed",
                                                           "Not Acceptable",
                                                           "Proxy Authentication Required",
                                                           "Request Time-out",
                                                           "Conflict",
                                                           "Gone",
                                                           "Length Required",
                                                           "Precondition Failed",
                                                           "Request Entity Too Large",
                                                           "Request-URI Too Large",
                                                           "Unsupported Media Type",
                                                           "Requested range not satisfiable",
                                                           "Expectation Failed"};
constexpr std::array<std::string_view, 6> kServerError = {
    "Internal Server Error", "Not Implemented",  "Bad Gateway",
    "Service Unavailable",   "Gateway Time-out", "HTTP Version not supported"};

template <std::size_t N>
std::string_view pick(const std::array<std::string_view, N>& phrases, int code,
                      std::string_view of_class) {
  const auto index = static_cast<std::size_t>(code % 100);
  return index < N ? phrases[index] : of_class;
}

}  // namespace

std::string_view reason_phrase(int code) {
  switch (code / 100) {
    case 1:
      return pick(kInformational, code, "Informational");
    case 2:
      return pick(kSuccess, code, "Success");
    case 3:
      return pick(kRedirection, code, "Redirection");
    case 4:
      return pick(kClientError, code, "Client Error");
    case 5:
      return pick(kServerError, code, "Server Error");
    default:
      return "Unknown Status Class";
  }
}

}  // namespace relevent::http
