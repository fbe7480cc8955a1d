// event2/listener.h
#include "listener/listener.h"

#include <cerrno>

#include "base/attributes.h"
#include "listener/listening_socket.h"

namespace listener = relevent::listener;
using relevent::listener::Listener;

extern "C" {

RELEVENT_API evconnlistener* evconnlistener_new(event_base* base, evconnlistener_cb cb, void* ptr,
                                                unsigned flags, int backlog, evutil_socket_t fd) {
  return Listener::create(base, cb, ptr, flags, backlog, fd);
}

RELEVENT_API evconnlistener* evconnlistener_new_bind(event_base* base, evconnlistener_cb cb,
                                                     void* ptr, unsigned flags, int backlog,
                                                     const sockaddr* sa, int socklen) {
  if (backlog == 0) {
    return nullptr;
  }
  if (sa == nullptr) {
    errno = EAFNOSUPPORT;
    return nullptr;
  }
  auto fd = listener::bind_socket(*sa, static_cast<socklen_t>(socklen), flags);
  if (!fd) {
    errno = fd.error();
    return nullptr;
  }
  relevent::os::OwnFd owner = fd.take();
  evconnlistener* const made = Listener::create(base, cb, ptr, flags, backlog, owner.get());
  if (made != nullptr) {
    owner.release();
  }
  return made;
}

RELEVENT_API void evconnlistener_free(evconnlistener* lev) { lev->free(); }

RELEVENT_API int evconnlistener_enable(evconnlistener* lev) { return lev->enable(); }

RELEVENT_API int evconnlistener_disable(evconnlistener* lev) { return lev->disable(); }

RELEVENT_API event_base* evconnlistener_get_base(evconnlistener* lev) { return lev->base(); }

RELEVENT_API evutil_socket_t evconnlistener_get_fd(evconnlistener* lev) { return lev->fd(); }

RELEVENT_API void evconnlistener_set_cb(evconnlistener* lev, evconnlistener_cb cb, void* arg) {
  lev->set_callback(cb, arg);
}

RELEVENT_API void evconnlistener_set_error_cb(evconnlistener* lev, evconnlistener_errorcb errorcb) {
  lev->set_error_callback(errorcb);
}

}  // extern "C"
