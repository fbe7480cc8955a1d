#include "http/uri.h"

#include <cstdio>
#include <cstring>

#include "http/cut.h"

namespace relevent::http {

namespace {

std::string_view without_brackets(std::string_view host) {
  host.remove_prefix(1);
  host.remove_suffix(1);
  return host;
}

}  // namespace

bool Uri::Part::set(const char* value) {
  if (value == nullptr) {
    text_ = nullptr;
    own_.reset();
    return true;
  }
  return set(std::string_view(value));
}

bool Uri::Part::set(std::string_view value) {
  OwnedString copy(duplicate_bytes(value.data(), value.size()));
  if (!copy) {
    return false;
  }
  own_ = std::move(copy);
  text_ = own_.get();
  return true;
}

bool Uri::parse(std::string_view text, UriRules rules) {
  std::optional<UriParts> parts = split_uri(text, rules);
  if (!parts) {
    return false;
  }
  rules_ = rules;
  port_ = parts->port;
  if (rules.strip_brackets() && parts->host && is_bracketed(*parts->host)) {
    brackets_stripped_ = true;
    parts->host = without_brackets(*parts->host);
  }
  const struct {
    Part& part;
    std::optional<std::string_view> text;
  } all[] = {{scheme_, parts->scheme},    {userinfo_, parts->userinfo},
             {host_, parts->host},        {unix_socket_, parts->unix_socket},
             {path_, parts->path},        {query_, parts->query},
             {fragment_, parts->fragment}};
  std::size_t size = 0;
  for (const auto& one : all) {
    size += one.text ? one.text->size() + 1 : 0;
  }
  parsed_.reset(static_cast<char*>(relevent_allocate(size)));
  if (!parsed_) {
    return false;
  }
  char* out = parsed_.get();
  for (const auto& one : all) {
    if (one.text) {
      one.part.share(append_string(out, *one.text));
    }
  }
  return true;
}

bool Uri::set_scheme(const char* value) {
  return (value == nullptr || is_scheme(value)) && scheme_.set(value);
}

bool Uri::set_userinfo(const char* value) {
  return (value == nullptr || is_userinfo(value)) && userinfo_.set(value);
}

bool Uri::set_host(const char* value) {
  if (value == nullptr) {
    return host_.set(value);
  }
  const bool strip = rules_.strip_brackets() && is_bracketed(value);
  if (!is_host(value) || !host_.set(strip ? without_brackets(value) : std::string_view(value))) {
    return false;
  }
  brackets_stripped_ = strip;
  return true;
}

bool Uri::set_unix_socket(const char* value) {
  return (value == nullptr || is_unix_socket(value, rules_)) && unix_socket_.set(value);
}

bool Uri::set_port(int port) {
  if (port < UriParts::kNoPort) {
    return false;
  }
  port_ = port;
  return true;
}

bool Uri::set_path(const char* value) {
  return (value == nullptr || is_path(value, rules_)) && path_.set(value);
}

bool Uri::set_query(const char* value) {
  return (value == nullptr || is_query(value, rules_)) && query_.set(value);
}

bool Uri::set_fragment(const char* value) {
  return (value == nullptr || is_fragment(value, rules_)) && fragment_.set(value);
}

// Calls take(text) for what the URI is made of, from left to right.
template <class Take>
void Uri::for_each_piece(Take take) const {
  if (scheme() != nullptr) {
    take(scheme());
    take(":");
  }
  if (unix_socket() != nullptr || host() != nullptr) {
    take("//");
    if (userinfo() != nullptr) {
      take(userinfo());
      take("@");
    }
  }
  if (unix_socket() != nullptr) {
    take("unix:");
    take(unix_socket());
    take(":");
  } else if (host() != nullptr) {
    take(brackets_stripped_ ? "[" : "");
    take(host());
    take(brackets_stripped_ ? "]" : "");
    if (port_ != UriParts::kNoPort) {
      char digits[16];
      std::snprintf(digits, sizeof digits, ":%d", port_);
      take(digits);
    }
  }
  take(path() != nullptr ? path() : "");
  if (query() != nullptr) {
    take("?");
    take(query());
  }
  if (fragment() != nullptr) {
    take("#");
    take(fragment());
  }
}

bool Uri::join(char* out, std::size_t size) const {
  const bool has_authority = host() != nullptr || unix_socket() != nullptr;
  if (has_authority && path() != nullptr && path()[0] != '\0' && path()[0] != '/') {
    return false;
  }
  std::size_t length = 0;
  for_each_piece([&](std::string_view piece) { length += piece.size(); });
  if (length >= size) {
    return false;
  }
  for_each_piece([&](std::string_view piece) {
    std::memcpy(out, piece.data(), piece.size());
    out += piece.size();
  });
  *out = '\0';
  return true;
}

}  // namespace relevent::http
