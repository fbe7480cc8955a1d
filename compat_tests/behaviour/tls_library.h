// The TLS libraries that the cases run with. A case asks the library, not OpenSSL or Mbed TLS, for
// what it does to a TLS object, so that it holds for both.
#pragma once

#include <event2/bufferevent_ssl.h>

#include <memory>
#include <string>

#include "bufferevent_tools.h"

namespace event_cases {

class TlsSettings;

class TlsLibrary {
 public:
  virtual const char* name() const = 0;
  virtual bool has_tls13() const = 0;
  // A TLS object on the heap; what free() frees.
  virtual void* make(const TlsSettings& settings, bool is_server) const = 0;
  virtual void free(void* object) const = 0;
  virtual void set_descriptor(void* object, int fd) const = 0;
  // A step of a handshake over the descriptor; whether it is done.
  virtual bool shake_hands(void* object) const = 0;
  virtual int read(void* object, void* block, size_t size) const = 0;
  virtual int write(void* object, const char* text, size_t size) const = 0;

  virtual bufferevent* over_socket(event_base* base, int fd, void* object,
                                   bufferevent_ssl_state state, int options) const = 0;
  virtual bufferevent* over_bufferevent(event_base* base, bufferevent* below, void* object,
                                        bufferevent_ssl_state state, int options) const = 0;
  virtual void* object_of(bufferevent* bev) const = 0;
  virtual int renegotiate(bufferevent* bev) const = 0;
  // Tells the peer that nothing more will come.
  virtual void shut_down(bufferevent* bev) const = 0;
  virtual void expect_host(bufferevent* bev, const char* host) const = 0;
  // The errors that are left: OpenSSL's words for them or the number, Mbed TLS's number; "a; b".
  virtual std::string take_errors(bufferevent* bev) const = 0;

 protected:
  ~TlsLibrary() = default;
};

const TlsLibrary& openssl();
// Null if it was not built, and on the reference: it came with libevent 2.2.
const TlsLibrary* mbedtls();

// A TLS object that a case keeps.
class TlsObject {
 public:
  TlsObject(const TlsLibrary& library, const TlsSettings& settings, bool is_server)
      : library_(library), object_(library.make(settings, is_server)) {}
  ~TlsObject() { library_.free(object_); }
  TlsObject(const TlsObject&) = delete;
  TlsObject& operator=(const TlsObject&) = delete;

  void* get() const { return object_; }
  void set_descriptor(int fd) const { library_.set_descriptor(object_, fd); }
  bool shake_hands() const { return library_.shake_hands(object_); }
  std::string read() const {
    char block[64];
    const int count = library_.read(object_, block, sizeof block);
    return std::string(block, static_cast<size_t>(std::max(count, 0)));
  }
  bool write(const std::string& text) const {
    return library_.write(object_, text.data(), text.size()) == static_cast<int>(text.size());
  }

 private:
  const TlsLibrary& library_;
  void* object_;
};

}  // namespace event_cases
