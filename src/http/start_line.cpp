#include "http/start_line.h"

#include <charconv>
#include <cstdint>

#include "http/text.h"

namespace relevent::http {

namespace {

// Compat: a number as scanf takes it (http_strict_test.cpp).
bool parse_loose_number(std::string_view text, signed char& value) {
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
  }
  std::uint8_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  value = static_cast<signed char>(number);
  return error == std::errc() && rest == end;
}

bool parse_loose_version(std::string_view digits, Version& version) {
  const std::size_t dot = digits.find('.');
  return dot != std::string_view::npos && parse_loose_number(head(digits, dot), version.major) &&
         parse_loose_number(tail(digits, dot + 1), version.minor);
}

// "HTTP/1.1"
bool parse_version(std::string_view text, Mode mode, Version& version) {
  constexpr std::string_view kName = "HTTP/";
  if (text.size() < kName.size() || head(text, kName.size()) != kName) {
    return false;
  }
  const std::string_view digits = tail(text, kName.size());
  if (digits.size() == 3 && is_digit(digits[0]) && digits[1] == '.' && is_digit(digits[2])) {
    version.major = static_cast<signed char>(digits[0] - '0');
    version.minor = static_cast<signed char>(digits[2] - '0');
  } else if (mode != Mode::kCompat || !parse_loose_version(digits, version)) {
    return false;
  }
  // HTTP/2 and later look different on the wire.
  return version.major <= 1 && (mode != Mode::kStrict || version.major == 1);
}

// Whether a target can be what it says, by its characters alone.
bool is_target(std::string_view target, Mode mode) {
  if (target.empty() || mode == Mode::kCompat) {
    return !target.empty() && target.find('\0') == std::string_view::npos;
  }
  if (has_control(target) || target.find('\t') != std::string_view::npos) {
    return false;
  }
  if (mode == Mode::kStrict) {
    for (const char c : target) {
      if (!is_print(c) || c == ' ') {
        return false;
      }
    }
  }
  return true;
}

// Compat: whatever it is, it is a method that is not known.
bool is_method(std::string_view method, Mode mode) {
  return mode == Mode::kCompat ? method.find('\0') == std::string_view::npos : is_token(method);
}

}  // namespace

bool parse_request_line(std::string_view line, Mode mode, RequestLine& request) {
  if (mode != Mode::kStrict) {
    while (!line.empty() && line.back() == ' ') {
      line.remove_suffix(1);
    }
  }
  // The target is what is between the first space and the last one.
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return false;
  }
  request.method = head(line, first);
  request.target = head(tail(line, first + 1), last - first - 1);
  return is_method(request.method, mode) && is_target(request.target, mode) &&
         parse_version(tail(line, last + 1), mode, request.version);
}

bool parse_status_line(std::string_view line, Mode mode, StatusLine& status) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || !parse_version(head(line, space), mode, status.version)) {
    return false;
  }
  const std::string_view rest = tail(line, space + 1);
  const std::size_t end = length_until(rest, ' ');
  const auto [stop, error] = std::from_chars(rest.data(), rest.data() + end, status.code);
  if (error != std::errc() || stop != rest.data() + end || status.code <= 0) {
    return false;
  }
  if (mode != Mode::kCompat && (end != 3 || status.code < 100)) {
    return false;
  }
  status.reason = tail(rest, end + 1);
  return mode == Mode::kCompat || !has_control(status.reason);
}

}  // namespace relevent::http
