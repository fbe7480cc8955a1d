#include "tls/mbedtls/mbedtls_session.h"

#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl_internal.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "tls/mbedtls/wire_calls.h"

namespace relevent::tls {

UsersTransport MbedTlsSession::transport_of(const mbedtls_ssl_context* ssl) {
  if (ssl->f_send == mbedtls_net_send) {
    return {true, static_cast<const mbedtls_net_context*>(ssl->p_bio)->fd};
  }
  if (ssl->f_send == send_to_descriptor) {
    return {true, descriptor_of(ssl->p_bio)};
  }
  return {ssl->f_send != nullptr, -1};
}

mbedtls_ssl_context* MbedTlsSession::new_object(const mbedtls_ssl_config* settings) {
  auto* const ssl =
      static_cast<mbedtls_ssl_context*>(relevent_allocate(sizeof(mbedtls_ssl_context)));
  if (ssl == nullptr) {
    return nullptr;
  }
  mbedtls_ssl_init(ssl);
  if (mbedtls_ssl_setup(ssl, settings) != 0) {
    free_object(ssl);
    return nullptr;
  }
  return ssl;
}

void MbedTlsSession::free_object(mbedtls_ssl_context* ssl) {
  if (ssl != nullptr) {
    mbedtls_ssl_free(ssl);
    relevent_release(ssl);
  }
}

MbedTlsSession* MbedTlsSession::create(mbedtls_ssl_context* ssl, bufferevent_ssl_state state,
                                       const Wire& wire, bool use_own) {
  if (ssl->conf == nullptr) {
    return nullptr;
  }
  const bool is_server = ssl->conf->endpoint == MBEDTLS_SSL_IS_SERVER;
  if (state != BUFFEREVENT_SSL_OPEN && is_server != (state == BUFFEREVENT_SSL_ACCEPTING)) {
    return nullptr;
  }
  auto* const session = relevent::create<MbedTlsSession>(ssl, wire);
  if (session != nullptr && !use_own) {
    session->attach();
  }
  return session;
}

Outcome MbedTlsSession::handshake() { return outcome(mbedtls_ssl_handshake(ssl_)); }

Outcome MbedTlsSession::read(void* block, std::size_t size, std::size_t& count) {
  return read_some(block, size, count);
}

// Reading nothing works on the next record, and keeps what is in it.
Outcome MbedTlsSession::digest() {
  std::size_t count = 0;
  return pending() != 0 ? Outcome::kDone : read_some(nullptr, 0, count);
}

Outcome MbedTlsSession::read_some(void* block, std::size_t size, std::size_t& count) {
  const int result = mbedtls_ssl_read(ssl_, static_cast<unsigned char*>(block), size);
  if (result < 0) {
    return outcome(result);
  }
  count = static_cast<std::size_t>(result);
  const bool was_cut = result == 0 && size != 0;
  return was_cut ? outcome(MBEDTLS_ERR_SSL_CONN_EOF) : Outcome::kDone;
}

// It takes the size of the repetition for what it had written, so that must not have grown.
Outcome MbedTlsSession::write(const void* block, std::size_t size, std::size_t& count) {
  const std::size_t wanted = unfinished_ != 0 ? std::min(unfinished_, size) : size;
  const int result = mbedtls_ssl_write(ssl_, static_cast<const unsigned char*>(block), wanted);
  unfinished_ = result == MBEDTLS_ERR_SSL_WANT_WRITE ? wanted : 0;
  count = result > 0 ? static_cast<std::size_t>(result) : 0;
  return result > 0 ? Outcome::kDone : outcome(result);
}

// A client's handshake begins at once; a server asks the client for it. Settings that forbid it
// would have the library end the connection.
Outcome MbedTlsSession::renegotiate() {
  if (ssl_->conf->disable_renegotiation == MBEDTLS_SSL_RENEGOTIATION_DISABLED) {
    return Outcome::kFailed;
  }
  const Outcome begun = outcome(mbedtls_ssl_renegotiate(ssl_));
  return begun == Outcome::kWantsInput ? Outcome::kDone : begun;
}

bool MbedTlsSession::is_renegotiating() const {
  return ssl_->renego_status == MBEDTLS_SSL_RENEGOTIATION_IN_PROGRESS ||
         ssl_->renego_status == MBEDTLS_SSL_RENEGOTIATION_PENDING;
}

bool MbedTlsSession::restart() {
  unfinished_ = 0;
  return mbedtls_ssl_session_reset(ssl_) == 0;
}

Outcome MbedTlsSession::outcome(int result) {
  switch (result) {
    case 0:
      return Outcome::kDone;
    case MBEDTLS_ERR_SSL_WANT_READ:
    case MBEDTLS_ERR_SSL_WAITING_SERVER_HELLO_RENEGO:  // data comes first, and has to be read
    case MBEDTLS_ERR_SSL_ASYNC_IN_PROGRESS:  // the user says when, by bufferevent_flush()
      return Outcome::kWantsInput;
    case MBEDTLS_ERR_SSL_WANT_WRITE:
    case MBEDTLS_ERR_SSL_CRYPTO_IN_PROGRESS:
      return Outcome::kWantsOutput;
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
      return Outcome::kClosed;
    default:
      errors_.push(static_cast<unsigned>(result));
      return Outcome::kFailed;
  }
}

// What Mbed TLS's own functions for sockets would have said.
void MbedTlsSession::note_wire_error() {
  const bool is_reset = errno == ECONNRESET || errno == EPIPE;
  const int error = is_reset ? MBEDTLS_ERR_NET_CONN_RESET : MBEDTLS_ERR_NET_RECV_FAILED;
  errors_.push(static_cast<unsigned>(error));
}

bool MbedTlsSession::attach() {
  if (!std::exchange(attached_, true)) {
    users_ = {ssl_->p_bio, ssl_->f_send, ssl_->f_recv, ssl_->f_recv_timeout};
    use({&wire_, send_to_wire, receive_from_wire, nullptr});
  }
  return true;
}

// A program that keeps the object may go on with it: over its own transport, or the descriptor. Of
// what has come and was not read, Mbed TLS keeps one record.
void MbedTlsSession::detach(bool goes_on) {
  if (!std::exchange(attached_, false)) {
    return;
  }
  if (goes_on && ssl_->state == MBEDTLS_SSL_HANDSHAKE_OVER &&
      evbuffer_get_length(wire_.source()) != 0) {
    digest();
  }
  if (const int fd = wire_.descriptor(); fd >= 0 && users_.send == nullptr) {
    users_ = {descriptor_context(fd), send_to_descriptor, receive_from_descriptor, nullptr};
  }
  use(users_);
}

void MbedTlsSession::use(const Transport& transport) {
  mbedtls_ssl_set_bio(ssl_, transport.context, transport.send, transport.receive,
                      transport.receive_for);
}

void MbedTlsSession::destroy(bool free_object) {
  detach(!free_object);
  if (free_object) {
    MbedTlsSession::free_object(ssl_);
  }
  relevent::destroy(this);
}

}  // namespace relevent::tls
