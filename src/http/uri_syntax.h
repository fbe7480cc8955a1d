// The grammar of URIs, RFC 3986. Nothing here allocates, and nothing is decoded.
#pragma once

#include <optional>
#include <string_view>

namespace relevent::http {

// How strictly a URI is read; the bits are the public EVHTTP_URI_* flags.
class UriRules {
 public:
  explicit constexpr UriRules(unsigned flags = 0) : flags_(flags) {}
  // Path, query and fragment may have any characters but those that end them.
  bool any_characters() const;
  bool strip_brackets() const;
  bool unix_sockets() const;

 private:
  unsigned flags_;
};

// Whether text is well-formed for its place.
bool is_scheme(std::string_view text);
bool is_userinfo(std::string_view text);
bool is_host(std::string_view text);
bool is_unix_socket(std::string_view text, UriRules rules);
bool is_path(std::string_view text, UriRules rules);
bool is_query(std::string_view text, UriRules rules);
bool is_fragment(std::string_view text, UriRules rules);

// Whether a host is an address in brackets.
inline bool is_bracketed(std::string_view host) { return !host.empty() && host.front() == '['; }

// The parts of a URI, as they stand in its text. A part that is missing is not the same as an empty
// one.
struct UriParts {
  static constexpr int kNoPort = -1;

  std::optional<std::string_view> scheme;
  std::optional<std::string_view> userinfo;
  std::optional<std::string_view> host;
  std::optional<std::string_view> unix_socket;
  int port = kNoPort;
  std::string_view path;
  std::optional<std::string_view> query;
  std::optional<std::string_view> fragment;
};

// Nothing if the text is malformed.
std::optional<UriParts> split_uri(std::string_view text, UriRules rules);

}  // namespace relevent::http
