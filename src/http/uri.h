#pragma once

#include <string_view>

#include "http/uri_syntax.h"
#include "surface/memory.h"

namespace relevent::http {

// A URI in its parts, which can be changed one by one.
// Owns: the text of its parts. Those that were parsed share one block.
// Fails: a setter that is out of memory, or given what is malformed, returns false and changes
// nothing. C API: struct evhttp_uri.
class Uri {
 public:
  Uri() = default;
  Uri(const Uri&) = delete;
  Uri& operator=(const Uri&) = delete;

  // For a new object.
  [[nodiscard]] bool parse(std::string_view text, UriRules rules);

  // Goes for what is set from now on.
  void set_rules(UriRules rules) { rules_ = rules; }

  // Null stands for a part that is missing.
  const char* scheme() const { return scheme_.get(); }
  const char* userinfo() const { return userinfo_.get(); }
  const char* host() const { return host_.get(); }
  const char* unix_socket() const { return unix_socket_.get(); }
  int port() const { return port_; }
  const char* path() const { return path_.get(); }
  const char* query() const { return query_.get(); }
  const char* fragment() const { return fragment_.get(); }

  [[nodiscard]] bool set_scheme(const char* value);
  [[nodiscard]] bool set_userinfo(const char* value);
  [[nodiscard]] bool set_host(const char* value);
  [[nodiscard]] bool set_unix_socket(const char* value);
  [[nodiscard]] bool set_port(int port);
  [[nodiscard]] bool set_path(const char* value);
  [[nodiscard]] bool set_query(const char* value);
  [[nodiscard]] bool set_fragment(const char* value);

  // Writes the URI with a NUL behind it. False, and nothing is written, if it does not fit, or the
  // parts do not fit together.
  [[nodiscard]] bool join(char* out, std::size_t size) const;

 private:
  // One part: in the block that all share after parsing, or on its own once it has been set.
  class Part {
   public:
    const char* get() const { return text_; }
    void share(const char* text) { text_ = text; }
    [[nodiscard]] bool set(const char* value);
    [[nodiscard]] bool set(std::string_view value);

   private:
    const char* text_ = nullptr;
    OwnedString own_;
  };

  template <class Take>
  void for_each_piece(Take take) const;

  UriRules rules_;
  int port_ = UriParts::kNoPort;
  bool brackets_stripped_ = false;
  OwnedString parsed_;
  Part scheme_;
  Part userinfo_;
  Part host_;
  Part unix_socket_;
  Part path_;
  Part query_;
  Part fragment_;
};

}  // namespace relevent::http

struct evhttp_uri final : relevent::http::Uri {};
