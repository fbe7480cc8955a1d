#include "http/uri_syntax.h"

#include <event2/http.h>
#include <event2/util.h>
#include <netinet/in.h>

#include <cstdint>
#include <cstring>

#include "base/ascii.h"
#include "http/cut.h"

namespace relevent::http {

namespace {

// Classes of characters; their names are those of the RFC, appendix A.
enum Class : std::uint8_t {
  kUnreserved = 1,
  kSubDelim = 2,
  kColon = 4,
  kAt = 8,
  kSlash = 16,
  kQuestion = 32,
  kSchemeMark = 64,  // what a scheme may have besides letters and digits
};
constexpr std::uint8_t kRegName = kUnreserved | kSubDelim;
constexpr std::uint8_t kUserinfo = kRegName | kColon;
constexpr std::uint8_t kPath = kRegName | kColon | kAt | kSlash;
constexpr std::uint8_t kQuery = kPath | kQuestion;

struct ClassTable {
  std::uint8_t of[256] = {};

  constexpr ClassTable() {
    for (unsigned c = 0; c < 128; ++c) {
      of[c] = is_alnum(static_cast<char>(c)) ? kUnreserved : 0;
    }
    mark("-._~", kUnreserved);
    mark("!$&'()*+,;=", kSubDelim);
    mark(":", kColon);
    mark("@", kAt);
    mark("/", kSlash);
    mark("?", kQuestion);
    mark("+-.", kSchemeMark);
  }
  constexpr void mark(const char* characters, std::uint8_t classes) {
    for (; *characters != '\0'; ++characters) {
      of[static_cast<unsigned char>(*characters)] |= classes;
    }
  }
};
constexpr ClassTable kClasses;

bool is_in(char c, std::uint8_t classes) {
  return (kClasses.of[static_cast<unsigned char>(c)] & classes) != 0;
}

bool consists_of(std::string_view text, std::uint8_t classes) {
  for (const char c : text) {
    if (!is_in(c, classes)) {
      return false;
    }
  }
  return true;
}

// Characters of these classes, and whole percent-encoded bytes.
bool is_encoded(std::string_view text, std::uint8_t classes) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_in(text[i], classes)) {
      continue;
    }
    if (text[i] != '%' || text.size() - i < 3 || !is_hex_digit(text[i + 1]) ||
        !is_hex_digit(text[i + 2])) {
      return false;
    }
    i += 2;
  }
  return true;
}

// What stands between brackets: "v", hexadecimal digits, a dot and more characters.
// Compat: "v" is lower case, and nothing need follow the dot ("http uri: addresses in brackets").
bool is_future_address(std::string_view text) {
  const std::size_t dot = length_until(text, '.');
  if (dot < 2 || dot == text.size() || text.front() != 'v') {
    return false;
  }
  for (std::size_t i = 1; i < dot; ++i) {
    if (!is_hex_digit(text[i])) {
      return false;
    }
  }
  return consists_of(tail(text, dot + 1), kUserinfo);
}

bool is_ipv6_address(std::string_view text) {
  char terminated[INET6_ADDRSTRLEN];
  if (text.size() >= sizeof terminated) {
    return false;
  }
  std::memcpy(terminated, text.data(), text.size());
  terminated[text.size()] = '\0';
  in6_addr address;
  return evutil_inet_pton(AF_INET6, terminated, &address) == 1;
}

// The number, or nothing if there is anything but digits or it is no port.
std::optional<int> parse_port(std::string_view digits) {
  int port = 0;
  for (const char c : digits) {
    if (!is_digit(c)) {
      return std::nullopt;
    }
    port = port * 10 + (c - '0');
    if (port > 65535) {
      return std::nullopt;
    }
  }
  return digits.empty() ? UriParts::kNoPort : port;
}

// [ userinfo "@" ], and takes it off the text.
bool split_userinfo(std::string_view& text, std::size_t authority_length, UriParts& parts) {
  const std::size_t length = length_until(head(text, authority_length), '@');
  if (length == authority_length) {
    return true;
  }
  parts.userinfo = head(text, length);
  text = tail(text, length + 1);
  return is_userinfo(*parts.userinfo);
}

// "unix:" path ":", and takes it off the text.
bool split_unix_socket(std::string_view& text, UriRules rules, UriParts& parts) {
  text = tail(text, std::strlen("unix:"));
  const std::size_t length = length_until_any(text, ":?#");
  if (length == text.size() || text[length] != ':') {
    return false;
  }
  parts.unix_socket = head(text, length);
  parts.host = head(text, 0);
  text = tail(text, length + 1);
  return is_unix_socket(*parts.unix_socket, rules) &&
         (text.empty() || length_until_any(text, "/?#") == 0);
}

// host [ ":" port ]
bool split_host(std::string_view text, UriParts& parts) {
  std::size_t host_length = text.size();
  while (host_length > 0 && is_digit(text[host_length - 1])) {
    --host_length;
  }
  if (host_length == 0 || text[host_length - 1] != ':') {
    host_length = text.size();
  } else {
    const std::optional<int> port = parse_port(tail(text, host_length));
    if (!port) {
      return false;
    }
    parts.port = *port;
    --host_length;
  }
  parts.host = head(text, host_length);
  return is_host(*parts.host);
}

// What follows "//", up to the path; takes it off the text.
bool split_authority(std::string_view& text, UriRules rules, UriParts& parts) {
  const std::string_view whole = text;
  const std::size_t length = length_until_any(whole, "/?#");
  if (!split_userinfo(text, length, parts)) {
    return false;
  }
  if (rules.unix_sockets() && begins_with(text, "unix:")) {
    return split_unix_socket(text, rules, parts);
  }
  const std::size_t host_length = length - (whole.size() - text.size());
  const std::string_view host = head(text, host_length);
  text = tail(text, host_length);
  return split_host(host, parts);
}

}  // namespace

bool UriRules::any_characters() const { return (flags_ & EVHTTP_URI_NONCONFORMANT) != 0; }
bool UriRules::strip_brackets() const { return (flags_ & EVHTTP_URI_HOST_STRIP_BRACKETS) != 0; }
bool UriRules::unix_sockets() const { return (flags_ & EVHTTP_URI_UNIX_SOCKET) != 0; }

bool is_scheme(std::string_view text) {
  if (text.empty() || !is_alpha(text.front())) {
    return false;
  }
  for (const char c : text) {
    if (!is_alnum(c) && !is_in(c, kSchemeMark)) {
      return false;
    }
  }
  return true;
}

bool is_userinfo(std::string_view text) { return is_encoded(text, kUserinfo); }

bool is_host(std::string_view text) {
  if (!is_bracketed(text)) {
    return is_encoded(text, kRegName);
  }
  if (text.size() < 3 || text.back() != ']') {
    return false;
  }
  text.remove_prefix(1);
  text.remove_suffix(1);
  return is_future_address(text) || is_ipv6_address(text);
}

bool is_unix_socket(std::string_view text, UriRules rules) {
  return !text.empty() && length_until(text, ':') == text.size() && is_path(text, rules);
}

bool is_path(std::string_view text, UriRules rules) {
  return rules.any_characters() ? length_until_any(text, "?#") == text.size()
                                : is_encoded(text, kPath);
}

bool is_query(std::string_view text, UriRules rules) {
  return rules.any_characters() ? length_until(text, '#') == text.size() : is_encoded(text, kQuery);
}

bool is_fragment(std::string_view text, UriRules rules) {
  return rules.any_characters() || is_encoded(text, kQuery);
}

std::optional<UriParts> split_uri(std::string_view text, UriRules rules) {
  UriParts parts;
  if (const std::size_t length = length_until_any(text, ":/?#");
      length < text.size() && text[length] == ':') {
    // A relative reference may have no colon in its first segment, so this one ends a scheme.
    parts.scheme = head(text, length);
    text = tail(text, length + 1);
    if (!is_scheme(*parts.scheme)) {
      return std::nullopt;
    }
  }
  if (begins_with(text, "//")) {
    text = tail(text, 2);
    if (!split_authority(text, rules, parts)) {
      return std::nullopt;
    }
  }
  if (const std::size_t length = length_until(text, '#'); length < text.size()) {
    parts.fragment = tail(text, length + 1);
    text = head(text, length);
  }
  if (const std::size_t length = length_until(text, '?'); length < text.size()) {
    parts.query = tail(text, length + 1);
    text = head(text, length);
  }
  parts.path = text;
  if (!is_path(parts.path, rules) || (parts.query && !is_query(*parts.query, rules)) ||
      (parts.fragment && !is_fragment(*parts.fragment, rules))) {
    return std::nullopt;
  }
  return parts;
}

}  // namespace relevent::http
