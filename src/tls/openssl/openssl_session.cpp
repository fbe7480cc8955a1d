#include "tls/openssl/openssl_session.h"

#include <openssl/err.h>

#include <utility>

#include "tls/openssl/wire_bio.h"

namespace relevent::tls {
namespace {

// What a function that fails leaves in the thread's queue has to be its own.
void clear_errors() {
  if (ERR_peek_error() != 0) {
    ERR_clear_error();
  }
}

}  // namespace

UsersTransport OpenSslSession::transport_of(const SSL* ssl) {
  const bool is_set = SSL_get_wbio(ssl) != nullptr;
  return {is_set, is_set ? SSL_get_wfd(ssl) : -1};
}

OpenSslSession* OpenSslSession::create(SSL* ssl, bufferevent_ssl_state state, const Wire& wire,
                                       bool use_own) {
  auto* const session = relevent::create<OpenSslSession>(ssl, wire);
  if (session == nullptr || (!use_own && !session->attach())) {
    relevent::destroy(session);
    return nullptr;
  }
  if (state == BUFFEREVENT_SSL_CONNECTING) {
    SSL_set_connect_state(ssl);
  } else if (state == BUFFEREVENT_SSL_ACCEPTING) {
    SSL_set_accept_state(ssl);
  }
  // The second write of the same data may find it in another place; an idle connection needs no
  // buffers.
  SSL_set_mode(ssl, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  return session;
}

Outcome OpenSslSession::handshake() {
  clear_errors();
  return outcome(SSL_do_handshake(ssl_));
}

Outcome OpenSslSession::read(void* block, std::size_t size, std::size_t& count) {
  clear_errors();
  return outcome(SSL_read_ex(ssl_, block, size, &count));
}

Outcome OpenSslSession::digest() {
  char byte;
  std::size_t count;
  clear_errors();
  return outcome(SSL_peek_ex(ssl_, &byte, 1, &count));
}

Outcome OpenSslSession::write(const void* block, std::size_t size, std::size_t& count) {
  clear_errors();
  return outcome(SSL_write_ex(ssl_, block, size, &count));
}

// TLS 1.3 would end the connection over it.
Outcome OpenSslSession::renegotiate() {
  clear_errors();
  if (SSL_version(ssl_) >= TLS1_3_VERSION || SSL_renegotiate(ssl_) != 1) {
    return Outcome::kFailed;
  }
  const Outcome begun = handshake();
  return begun == Outcome::kWantsInput ? Outcome::kDone : begun;
}

bool OpenSslSession::restart() {
  const bool is_server = SSL_is_server(ssl_) != 0;
  if (SSL_clear(ssl_) != 1) {
    return false;
  }
  is_server ? SSL_set_accept_state(ssl_) : SSL_set_connect_state(ssl_);
  return true;
}

Outcome OpenSslSession::outcome(int result) {
  if (result > 0) {
    return Outcome::kDone;
  }
  const int error = SSL_get_error(ssl_, result);
  switch (error) {
    case SSL_ERROR_WANT_WRITE:
      return Outcome::kWantsOutput;
    case SSL_ERROR_ZERO_RETURN:
      return Outcome::kClosed;
    case SSL_ERROR_SSL:
    case SSL_ERROR_SYSCALL:
      while (const unsigned long code = ERR_get_error()) {
        errors_.push(code);
      }
      // Compat: the kind of error comes last (tls_error_test.cpp).
      errors_.push(static_cast<unsigned long>(error));
      return Outcome::kFailed;
    default:
      // Besides the peer's bytes, what a callback of the user waits for: he says when to go on, by
      // bufferevent_flush().
      return Outcome::kWantsInput;
  }
}

bool OpenSslSession::attach() {
  if (attached_) {
    return true;
  }
  BIO* const bio = new_wire_bio(wire_);
  if (bio == nullptr) {
    return false;
  }
  users_read_bio_ = SSL_get_rbio(ssl_);
  users_write_bio_ = SSL_get_wbio(ssl_);
  for (BIO* const users : {users_read_bio_, users_write_bio_}) {
    if (users != nullptr) {
      BIO_up_ref(users);
    }
  }
  SSL_set_bio(ssl_, bio, bio);
  attached_ = true;
  return true;
}

// A program that keeps the object may go on with it: over its own BIOs, or over the descriptor.
void OpenSslSession::detach(bool goes_on) {
  if (!attached_) {
    return;
  }
  const bool had_none = users_read_bio_ == nullptr && users_write_bio_ == nullptr;
  if (const int fd = wire_.descriptor(); fd >= 0 && had_none) {
    users_write_bio_ = BIO_new_socket(fd, BIO_NOCLOSE);
    users_read_bio_ = users_write_bio_;
    if (users_write_bio_ != nullptr) {
      BIO_up_ref(users_write_bio_);
    }
  }
  if (goes_on && wire_.is_socket && users_read_bio_ != nullptr) {
    keep_unread();
  }
  SSL_set0_rbio(ssl_, std::exchange(users_read_bio_, nullptr));
  SSL_set0_wbio(ssl_, std::exchange(users_write_bio_, nullptr));
  attached_ = false;
}

// Has the BIO for reading bring what the wire has brought already, and then its own.
void OpenSslSession::keep_unread() {
  const std::size_t length = evbuffer_get_length(wire_.source());
  BIO* const buffered = length != 0 ? BIO_new(BIO_f_buffer()) : nullptr;
  unsigned char* const bytes = buffered != nullptr ? evbuffer_pullup(wire_.source(), -1) : nullptr;
  if (bytes == nullptr ||
      BIO_set_buffer_read_data(buffered, bytes, static_cast<long>(length)) != 1) {
    BIO_free(buffered);
    return;
  }
  users_read_bio_ = BIO_push(buffered, users_read_bio_);
}

void OpenSslSession::destroy(bool free_object) {
  detach(!free_object);
  if (free_object) {
    SSL_free(ssl_);
  }
  relevent::destroy(this);
}

}  // namespace relevent::tls
