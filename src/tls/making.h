// What the C functions of all TLS libraries have in common.
//
// A session class S has, besides what Session asks for: S::Object, the library's own type;
// S::kLibrary; S::transport_of(object); S::create(object, state, wire, use_own); object();
// S::free_object(object).
#pragma once

#include "tls/engine.h"

namespace relevent::tls {

inline bool is_state(bufferevent_ssl_state state) {
  return state == BUFFEREVENT_SSL_OPEN || state == BUFFEREVENT_SSL_CONNECTING ||
         state == BUFFEREVENT_SSL_ACCEPTING;
}

template <class S>
bufferevent* make(const Wire& wire, typename S::Object* object, const Engine::Setup& setup,
                  bool use_own) {
  S* const session = S::create(object, setup.state, wire, use_own);
  if (session == nullptr) {
    return nullptr;
  }
  bufferevent* const bev = Engine::create(setup, *session);
  if (bev == nullptr) {
    session->destroy(false);
  }
  return bev;
}

template <class S>
bufferevent* try_over_bufferevent(event_base* base, bufferevent* underlying,
                                  typename S::Object* object, const Engine::Setup& setup) {
  if (underlying == nullptr || object == nullptr || base != bufferevent_get_base(underlying) ||
      !is_state(setup.state)) {
    return nullptr;
  }
  return make<S>({.carrier = underlying, .is_socket = false}, object, setup, false);
}

template <class S>
bufferevent* try_over_socket(event_base* base, evutil_socket_t fd, typename S::Object* object,
                             const Engine::Setup& setup) {
  if (object == nullptr || !is_state(setup.state)) {
    return nullptr;
  }
  const UsersTransport users = S::transport_of(object);
  if (users.is_set && fd >= 0 && fd != users.fd) {
    return nullptr;
  }
  // Nobody else knows the carrier, so it defers nothing.
  constexpr int kCarrierOptions = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_THREADSAFE;
  bufferevent* const carrier =
      bufferevent_socket_new(base, fd >= 0 ? fd : users.fd, setup.options & kCarrierOptions);
  if (carrier == nullptr) {
    return nullptr;
  }
  bufferevent* const bev =
      make<S>({.carrier = carrier, .is_socket = true}, object, setup, users.is_set && users.fd < 0);
  if (bev == nullptr) {
    bufferevent_setfd(carrier, -1);  // it stays the caller's
    bufferevent_free(carrier);
  }
  return bev;
}

// A failure takes the object with it if the bufferevent was to do so.
template <class S>
bufferevent* or_free(bufferevent* bev, typename S::Object* object, int options) {
  if (bev == nullptr && (options & BEV_OPT_CLOSE_ON_FREE) != 0) {
    S::free_object(object);
  }
  return bev;
}

template <class S>
bufferevent* make_over_bufferevent(event_base* base, bufferevent* underlying,
                                   typename S::Object* object, const Engine::Setup& setup) {
  return or_free<S>(try_over_bufferevent<S>(base, underlying, object, setup), object,
                    setup.options);
}

template <class S>
bufferevent* make_over_socket(event_base* base, evutil_socket_t fd, typename S::Object* object,
                              const Engine::Setup& setup) {
  return or_free<S>(try_over_socket<S>(base, fd, object, setup), object, setup.options);
}

// Null: it is no TLS bufferevent, or of another library.
template <class S>
S* session_of(bufferevent* bev) {
  Engine* const engine = Engine::of(bev);
  return engine != nullptr && engine->session().library() == S::kLibrary
             ? static_cast<S*>(&engine->session())
             : nullptr;
}

template <class S>
typename S::Object* object_of(bufferevent* bev) {
  S* const session = session_of<S>(bev);
  return session != nullptr ? session->object() : nullptr;
}

// 0: there is none (left).
template <class S>
unsigned long take_error(bufferevent* bev) {
  S* const session = session_of<S>(bev);
  if (session == nullptr) {
    return 0;
  }
  bufferevent_lock(bev);
  const unsigned long error = session->errors().pop();
  bufferevent_unlock(bev);
  return error;
}

// -1: it is no TLS bufferevent.
inline int allows_dirty_shutdown(bufferevent* bev) {
  const ev_uint64_t flags = bufferevent_ssl_get_flags(bev);
  if (flags == EV_UINT64_MAX) {
    return -1;
  }
  return (flags & BUFFEREVENT_SSL_DIRTY_SHUTDOWN) != 0 ? 1 : 0;
}

inline void allow_dirty_shutdown(bufferevent* bev, bool allow) {
  if (allow) {
    bufferevent_ssl_set_flags(bev, BUFFEREVENT_SSL_DIRTY_SHUTDOWN);
  } else {
    bufferevent_ssl_clear_flags(bev, BUFFEREVENT_SSL_DIRTY_SHUTDOWN);
  }
}

// 0: it has begun. -1: it cannot.
inline int renegotiate(bufferevent* bev) {
  Engine* const engine = Engine::of(bev);
  if (engine == nullptr) {
    return -1;
  }
  bufferevent_lock(bev);
  const bool begun = engine->renegotiate();
  bufferevent_unlock(bev);
  return begun ? 0 : -1;
}

}  // namespace relevent::tls
