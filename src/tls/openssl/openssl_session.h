#pragma once

#include <event2/bufferevent_ssl.h>
#include <openssl/ssl.h>

#include "tls/session.h"

namespace relevent::tls {

// A TLS object of OpenSSL: an SSL.
//
// Its transport becomes a BIO over the wire. One that the user had set comes back when the
// bufferevent ends; until then it is kept, and is used instead if it has no descriptor, as only its
// owner knows when it is ready.
// Owns: the BIO that the user had set, and a reference to the object, which may be freed first.
class OpenSslSession final : public Session {
 public:
  using Object = SSL;
  static constexpr Library kLibrary = Library::kOpenSsl;
  static UsersTransport transport_of(const SSL* ssl);
  static void free_object(SSL* ssl) { SSL_free(ssl); }
  // `use_own`: leave the transport to the BIO that the user has set.
  // Fails: null.
  static OpenSslSession* create(SSL* ssl, bufferevent_ssl_state state, const Wire& wire,
                                bool use_own);
  OpenSslSession(SSL* ssl, const Wire& wire) : Session(kLibrary, wire), ssl_(ssl) {}

  SSL* object() const { return ssl_; }

  Outcome handshake() override;
  Outcome read(void* block, std::size_t size, std::size_t& count) override;
  Outcome digest() override;
  Outcome write(const void* block, std::size_t size, std::size_t& count) override;
  std::size_t pending() const override { return static_cast<std::size_t>(SSL_pending(ssl_)); }
  bool has_pending() const override { return SSL_has_pending(ssl_) != 0; }
  Outcome renegotiate() override;
  bool is_renegotiating() const override {
    return SSL_renegotiate_pending(ssl_) != 0 || SSL_in_init(ssl_) != 0;
  }
  bool restart() override;
  void note_wire_error() override { errors_.push(SSL_ERROR_SYSCALL); }
  bool is_self_carried() const override { return !attached_; }
  bool attach() override;
  void detach(bool goes_on) override;
  void destroy(bool free_object) override;

 private:
  Outcome outcome(int result);
  void give_back(bool goes_on);
  void leave_descriptor_open();
  void keep_unread();
  bool take_unread();

  SSL* const ssl_;
  BIO* users_read_bio_ = nullptr;
  BIO* users_write_bio_ = nullptr;
  bool attached_ = false;
  bool holds_object_ = false;
};

}  // namespace relevent::tls
