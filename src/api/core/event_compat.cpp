// event2/event_compat.h: the API of libevent 1.4, on the base that event_init() made last.
#include <event2/event_compat.h>

#include "log/log.h"
#include "loop/event_base.h"

using namespace relevent;
using relevent::loop::g_current_base;

extern "C" {

event_base* event_init() {
  event_base* const base = event_base_new_with_config(nullptr);
  if (base == nullptr) {
    log::fatal(1, "%s: Unable to construct event_base", __func__);
  }
  g_current_base = base;
  return base;
}

int event_dispatch() { return event_loop(0); }
int event_loop(int flags) { return event_base_loop(g_current_base, flags); }
int event_loopexit(const timeval* after) { return event_base_loopexit(g_current_base, after); }
int event_loopbreak() { return event_base_loopbreak(g_current_base); }

int event_once(evutil_socket_t fd, short events, event_callback_fn callback, void* argument,
               const timeval* timeout) {
  return event_base_once(g_current_base, fd, events, callback, argument, timeout);
}

const char* event_get_method() { return event_base_get_method(g_current_base); }
int event_priority_init(int count) { return event_base_priority_init(g_current_base, count); }

void event_set(event* ev, evutil_socket_t fd, short events, event_callback_fn callback,
               void* argument) {
  if (event_assign(ev, g_current_base, fd, events, callback, argument) != 0) {
    log::fatal(log::kAbortCode, "%s: the event cannot be set up", __func__);
  }
}

}  // extern "C"
