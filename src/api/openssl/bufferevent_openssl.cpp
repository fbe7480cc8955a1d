// event2/bufferevent_ssl.h: the functions for OpenSSL.
#include <event2/bufferevent_ssl.h>
#include <openssl/ssl.h>

#include "tls/engine.h"
#include "tls/openssl/openssl_session.h"

using namespace relevent;
using tls::Engine;
using tls::OpenSslSession;

namespace {

bool is_state(bufferevent_ssl_state state) {
  return state == BUFFEREVENT_SSL_OPEN || state == BUFFEREVENT_SSL_CONNECTING ||
         state == BUFFEREVENT_SSL_ACCEPTING;
}

bufferevent* make(const tls::Wire& wire, SSL* ssl, const Engine::Setup& setup, bool use_own) {
  OpenSslSession* const session = OpenSslSession::create(ssl, setup.state, wire, use_own);
  if (session == nullptr) {
    return nullptr;
  }
  bufferevent* const bev = Engine::create(setup, *session);
  if (bev == nullptr) {
    session->destroy(false);
  }
  return bev;
}

bufferevent* make_over_bufferevent(event_base* base, bufferevent* underlying, SSL* ssl,
                                   const Engine::Setup& setup) {
  if (underlying == nullptr || ssl == nullptr || base != bufferevent_get_base(underlying) ||
      !is_state(setup.state)) {
    return nullptr;
  }
  return make({.carrier = underlying, .is_socket = false}, ssl, setup, false);
}

bufferevent* make_over_socket(event_base* base, evutil_socket_t fd, SSL* ssl,
                              const Engine::Setup& setup) {
  if (ssl == nullptr || !is_state(setup.state)) {
    return nullptr;
  }
  const bool has_bio = SSL_get_wbio(ssl) != nullptr;
  const int known = has_bio ? SSL_get_wfd(ssl) : -1;
  if (has_bio && fd >= 0 && fd != known) {
    return nullptr;
  }
  // Nobody else knows the carrier, so it defers nothing.
  constexpr int kCarrierOptions = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_THREADSAFE;
  bufferevent* const carrier =
      bufferevent_socket_new(base, fd >= 0 ? fd : known, setup.options & kCarrierOptions);
  if (carrier == nullptr) {
    return nullptr;
  }
  bufferevent* const bev =
      make({.carrier = carrier, .is_socket = true}, ssl, setup, has_bio && known < 0);
  if (bev == nullptr) {
    bufferevent_setfd(carrier, -1);  // it stays the caller's
    bufferevent_free(carrier);
  }
  return bev;
}

bufferevent* or_free(bufferevent* bev, SSL* ssl, int options) {
  if (bev == nullptr && (options & BEV_OPT_CLOSE_ON_FREE) != 0) {
    SSL_free(ssl);
  }
  return bev;
}

OpenSslSession* session_of(bufferevent* bev) {
  Engine* const engine = Engine::of(bev);
  return engine != nullptr ? static_cast<OpenSslSession*>(&engine->session()) : nullptr;
}

}  // namespace

extern "C" {

bufferevent* bufferevent_openssl_filter_new(event_base* base, bufferevent* underlying, SSL* ssl,
                                            bufferevent_ssl_state state, int options) {
  return or_free(make_over_bufferevent(base, underlying, ssl, {state, options}), ssl, options);
}

bufferevent* bufferevent_openssl_socket_new(event_base* base, evutil_socket_t fd, SSL* ssl,
                                            bufferevent_ssl_state state, int options) {
  return or_free(make_over_socket(base, fd, ssl, {state, options}), ssl, options);
}

int bufferevent_openssl_get_allow_dirty_shutdown(bufferevent* bev) {
  const ev_uint64_t flags = bufferevent_ssl_get_flags(bev);
  if (flags == EV_UINT64_MAX) {
    return -1;
  }
  return (flags & BUFFEREVENT_SSL_DIRTY_SHUTDOWN) != 0 ? 1 : 0;
}

void bufferevent_openssl_set_allow_dirty_shutdown(bufferevent* bev, int allow_dirty_shutdown) {
  if (allow_dirty_shutdown != 0) {
    bufferevent_ssl_set_flags(bev, BUFFEREVENT_SSL_DIRTY_SHUTDOWN);
  } else {
    bufferevent_ssl_clear_flags(bev, BUFFEREVENT_SSL_DIRTY_SHUTDOWN);
  }
}

SSL* bufferevent_openssl_get_ssl(bufferevent* bev) {
  OpenSslSession* const session = session_of(bev);
  return session != nullptr ? session->ssl() : nullptr;
}

unsigned long bufferevent_get_openssl_error(bufferevent* bev) {
  OpenSslSession* const session = session_of(bev);
  if (session == nullptr) {
    return 0;
  }
  bufferevent_lock(bev);
  const unsigned long error = session->errors().pop();
  bufferevent_unlock(bev);
  return error;
}

}  // extern "C"
