// event2/bufferevent_compat.h: the bufferevents of 1.4.
#include <event2/bufferevent.h>
#include <event2/bufferevent_compat.h>

#include "bufferevent/core.h"
#include "bufferevent/socket.h"

using namespace relevent;

extern "C" {

bufferevent* bufferevent_new(evutil_socket_t fd, evbuffercb readcb, evbuffercb writecb,
                             everrorcb errorcb, void* cbarg) {
  bufferevent* const bufev = bufferevent_socket_new(loop::g_current_base, fd, 0);
  if (bufev != nullptr) {
    bufferevent_setcb(bufev, readcb, writecb, errorcb, cbarg);
    // Compat: it is on the current base, but does not say so (bufferevent_compat_test.cpp).
    bufev->ev_base = nullptr;
  }
  return bufev;
}

void bufferevent_settimeout(bufferevent* bufev, int timeout_read, int timeout_write) {
  const timeval read = {timeout_read, 0};
  const timeval write = {timeout_write, 0};
  bufferevent_set_timeouts(bufev, timeout_read != 0 ? &read : nullptr,
                           timeout_write != 0 ? &write : nullptr);
}

}  // extern "C"
