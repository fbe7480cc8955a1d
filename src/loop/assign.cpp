#include "loop/assign.h"

#include "log/log.h"
#include "loop/debug_map.h"
#include "loop/event_base.h"

namespace relevent::loop {

bool assign_event(event& ev, event_base* base, int fd, short events, event_callback_fn callback,
                  void* argument) {
  if (base == nullptr) {
    base = g_current_base;
  }
  if (!(events & EV_SIGNAL)) {
    debug_check_nonblocking(fd);
  }
  debug_check_not_added(ev, "event_assign");
  debug_note_first_use();

  ev.ev_base = base;
  ev.ev_evcallback.evcb_cb_union.evcb_callback = callback;
  ev.ev_evcallback.evcb_arg = argument;
  ev.ev_fd = fd;
  ev.ev_events = events;
  ev.ev_res = 0;
  flags(ev) = EVLIST_INIT;
  ev.ev_.ev_signal.ev_ncalls = 0;
  ev.ev_.ev_signal.ev_pncalls = nullptr;
  ev.ev_timeout_pos.min_heap_idx = -1;

  Closure kind = Closure::kEvent;
  if (events & EV_SIGNAL) {
    if (events & kIoBits) {
      log::warn("event_assign: EV_SIGNAL excludes EV_READ, EV_WRITE and EV_CLOSED");
      return false;
    }
    kind = Closure::kSignal;
  } else if (events & EV_PERSIST) {
    kind = Closure::kPersist;
    period(ev) = {};
  }
  set_closure(callback_of(ev), kind);
  // Compat: the middle one by default (event_priority_test.cpp).
  callback_of(ev).evcb_pri =
      base != nullptr ? static_cast<unsigned char>(base->priorities() / 2) : 0;
  debug_note_setup(ev);
  return true;
}

void forget_event(event& ev) { debug_note_teardown(ev); }

}  // namespace relevent::loop
