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

// Marks a BIO of ours with what was not read yet, in front of the user's.
constexpr char kUnreadMark = 0;

BIO* unread_of(const SSL* ssl) {
  BIO* const bio = SSL_get_rbio(ssl);
  const bool is_ours = bio != nullptr && BIO_method_type(bio) == BIO_TYPE_BUFFER &&
                       BIO_get_app_data(bio) == &kUnreadMark;
  return is_ours ? bio : nullptr;
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
  SSL_up_ref(ssl);
  session->holds_object_ = true;
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
  if (bio == nullptr || !take_unread()) {
    BIO_free(bio);
    return false;
  }
  BIO* const unread = unread_of(ssl_);
  users_read_bio_ = unread != nullptr ? BIO_next(unread) : SSL_get_rbio(ssl_);
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

void OpenSslSession::detach(bool goes_on) {
  if (std::exchange(attached_, false)) {
    give_back(goes_on);
  }
  if (std::exchange(holds_object_, false)) {
    SSL_free(ssl_);
  }
}

// A program that keeps the object may go on with it: over its own BIOs, or over the descriptor.
void OpenSslSession::give_back(bool goes_on) {
  const bool had_none = users_read_bio_ == nullptr && users_write_bio_ == nullptr;
  if (const int fd = wire_.descriptor(); fd >= 0 && had_none) {
    users_write_bio_ = BIO_new_socket(fd, BIO_NOCLOSE);
    users_read_bio_ = users_write_bio_;
    if (users_write_bio_ != nullptr) {
      BIO_up_ref(users_write_bio_);
    }
  }
  if (!goes_on) {
    leave_descriptor_open();
  } else if (wire_.is_socket && users_read_bio_ != nullptr) {
    keep_unread();
  }
  SSL_set0_rbio(ssl_, std::exchange(users_read_bio_, nullptr));
  SSL_set0_wbio(ssl_, std::exchange(users_write_bio_, nullptr));
}

// The carrier closes it, and must be the only one.
void OpenSslSession::leave_descriptor_open() {
  for (BIO* const users : {users_read_bio_, users_write_bio_}) {
    if (users != nullptr && BIO_get_fd(users, nullptr) == wire_.descriptor()) {
      static_cast<void>(BIO_set_close(users, BIO_NOCLOSE));
    }
  }
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
  BIO_set_app_data(buffered, const_cast<char*>(&kUnreadMark));
  users_read_bio_ = BIO_push(buffered, users_read_bio_);
}

// What an earlier bufferevent has left comes first. Fails: false without memory, and it stays
// there.
bool OpenSslSession::take_unread() {
  BIO* const unread = unread_of(ssl_);
  const int length = unread != nullptr ? static_cast<int>(BIO_pending(unread)) : 0;
  if (length <= 0) {
    return true;
  }
  evbuffer* const source = wire_.source();
  evbuffer_iovec room;
  evbuffer_unfreeze(source, 0);
  const bool has_room = evbuffer_reserve_space(source, length, &room, 1) == 1;
  if (has_room) {
    room.iov_len = static_cast<std::size_t>(BIO_read(unread, room.iov_base, length));
    evbuffer_commit_space(source, &room, 1);
  }
  evbuffer_freeze(source, 0);
  return has_room;
}

void OpenSslSession::destroy(bool free_object) {
  detach(!free_object);
  if (free_object) {
    SSL_free(ssl_);
  }
  relevent::destroy(this);
}

}  // namespace relevent::tls
