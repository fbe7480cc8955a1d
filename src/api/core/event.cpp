// event2/event.h: events.
#include <event2/event.h>
#include <event2/event_struct.h>

#include "log/log.h"
#include "loop/assign.h"
#include "loop/debug_map.h"
#include "loop/event_base.h"
#include "mem/create.h"

using namespace relevent;
using relevent::loop::DelMode;
using relevent::loop::EventBase;

namespace {

// Its address stands for "the event itself" as callback argument.
constinit char g_self_argument = 0;

// The base of the event; null, with a warning, if it has none.
event_base* base_of(const event* ev, const char* function) {
  if (RELEVENT_UNLIKELY(ev->ev_base == nullptr)) {
    log::warn("%s: event has no event_base set.", function);
    return nullptr;
  }
  return ev->ev_base;
}

int del(event* ev, DelMode mode) {
  event_base* const base = base_of(ev, "event_del");
  return base != nullptr ? base->del(*ev, mode) : -1;
}

int finalize(loop::FinalizeMode mode, event* ev, event_finalize_callback_fn callback,
             const char* function) {
  event_base* const base = base_of(ev, function);
  return base != nullptr ? base->finalize(mode, *ev, callback) : -1;
}

}  // namespace

extern "C" {

void* event_self_cbarg() { return &g_self_argument; }

int event_assign(event* ev, event_base* base, evutil_socket_t fd, short events,
                 event_callback_fn callback, void* argument) {
  if (argument == &g_self_argument) {
    argument = ev;
  }
  return loop::assign_event(*ev, base, fd, events, callback, argument) ? 0 : -1;
}

event* event_new(event_base* base, evutil_socket_t fd, short events, event_callback_fn callback,
                 void* argument) {
  mem::Owned<event> ev(mem::create<event>());
  if (ev == nullptr || event_assign(ev.get(), base, fd, events, callback, argument) != 0) {
    return nullptr;
  }
  return ev.release();
}

void event_free(event* ev) {
  // Compat: freeing an event that has no base only warns (event_lifecycle_test.cpp).
  event_del(ev);
  loop::forget_event(*ev);
  mem::release(ev);
}

void event_debug_unassign(event* ev) {
  loop::debug_check_not_added(*ev, "event_debug_unassign");
  loop::forget_event(*ev);
  loop::clear_flag(ev->ev_evcallback, EVLIST_INIT);
}

int event_add(event* ev, const timeval* timeout) {
  event_base* const base = base_of(ev, "event_add");
  return base != nullptr ? base->add(*ev, timeout) : -1;
}

int event_remove_timer(event* ev) {
  event_base* const base = base_of(ev, "event_remove_timer");
  return base != nullptr ? base->remove_timer(*ev) : -1;
}

int event_del(event* ev) { return del(ev, DelMode::kAuto); }
int event_del_block(event* ev) { return del(ev, DelMode::kBlock); }
int event_del_noblock(event* ev) { return del(ev, DelMode::kNoBlock); }

int event_finalize(unsigned, event* ev, event_finalize_callback_fn callback) {
  return finalize(loop::FinalizeMode::kKeep, ev, callback, "event_finalize");
}

int event_free_finalize(unsigned, event* ev, event_finalize_callback_fn callback) {
  return finalize(loop::FinalizeMode::kFree, ev, callback, "event_free_finalize");
}

void event_active(event* ev, int result, short times) {
  event_base* const base = base_of(ev, "event_active");
  if (base != nullptr) {
    base->activate(*ev, result, times);
  }
}

int event_pending(const event* ev, short events, timeval* deadline) {
  event_base* const base = base_of(ev, "event_pending");
  return base != nullptr ? base->pending(*ev, events, deadline) : 0;
}

int event_initialized(const event* ev) { return loop::has(*ev, EVLIST_INIT); }

int event_base_set(event_base* base, event* ev) {
  // Only what nobody knows of yet can change hands.
  if (loop::flags(*ev) != EVLIST_INIT) {
    return -1;
  }
  loop::debug_check_setup(*ev, "event_base_set");
  ev->ev_base = base;
  ev->ev_evcallback.evcb_pri = static_cast<unsigned char>(base->priorities() / 2);
  return 0;
}

int event_priority_set(event* ev, int priority) {
  loop::debug_check_setup(*ev, "event_priority_set");
  if (loop::has(*ev, EVLIST_ACTIVE) || priority < 0 || priority >= ev->ev_base->priorities()) {
    return -1;
  }
  ev->ev_evcallback.evcb_pri = static_cast<unsigned char>(priority);
  return 0;
}

evutil_socket_t event_get_fd(const event* ev) {
  loop::debug_check_setup(*ev, "event_get_fd");
  return ev->ev_fd;
}

event_base* event_get_base(const event* ev) {
  loop::debug_check_setup(*ev, "event_get_base");
  return ev->ev_base;
}

short event_get_events(const event* ev) {
  loop::debug_check_setup(*ev, "event_get_events");
  return ev->ev_events;
}

event_callback_fn event_get_callback(const event* ev) {
  loop::debug_check_setup(*ev, "event_get_callback");
  return ev->ev_evcallback.evcb_cb_union.evcb_callback;
}

void* event_get_callback_arg(const event* ev) {
  loop::debug_check_setup(*ev, "event_get_callback_arg");
  return ev->ev_evcallback.evcb_arg;
}

int event_get_priority(const event* ev) {
  loop::debug_check_setup(*ev, "event_get_priority");
  return ev->ev_evcallback.evcb_pri;
}

void event_get_assignment(const event* ev, event_base** base, evutil_socket_t* fd, short* events,
                          event_callback_fn* callback, void** argument) {
  loop::debug_check_setup(*ev, "event_get_assignment");
  if (base != nullptr) *base = ev->ev_base;
  if (fd != nullptr) *fd = ev->ev_fd;
  if (events != nullptr) *events = ev->ev_events;
  if (callback != nullptr) *callback = ev->ev_evcallback.evcb_cb_union.evcb_callback;
  if (argument != nullptr) *argument = ev->ev_evcallback.evcb_arg;
}

size_t event_get_struct_event_size() { return sizeof(event); }

}  // extern "C"
