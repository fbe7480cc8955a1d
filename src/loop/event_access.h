// The fields of the public `struct event` under the names the loop uses, and the links of the lists
// that events are in.
#pragma once

#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/util.h>

#include <cstddef>

#include "base/intrusive_list.h"
#include "os/clock.h"

namespace relevent::loop {

// What a callback is run as; kept in evcb_closure.
enum class Closure : unsigned char {
  kEvent,             // an event that is gone from its maps when it runs
  kSignal,            // a signal event: called as often as the signal came
  kPersist,           // an event that stays, and whose timeout is armed anew
  kDeferred,          // a deferred callback
  kFinalizeCallback,  // the finalizer of a deferred callback
  kFinalizeEvent,     // event_finalize
  kFinalizeAndFree,   // event_free_finalize
};

// An event begins with its callback; the flag tells callbacks that are events from those that are
// not.
inline bool is_event(const event_callback& callback) { return callback.evcb_flags & EVLIST_INIT; }
inline event& event_of(event_callback& callback) {
  return *static_cast<event*>(static_cast<void*>(&callback));
}
inline event_callback& callback_of(event& ev) { return ev.ev_evcallback; }

inline short& flags(event& ev) { return ev.ev_evcallback.evcb_flags; }
inline short flags(const event& ev) { return ev.ev_evcallback.evcb_flags; }
inline bool has(const event_callback& callback, int flag) { return callback.evcb_flags & flag; }
inline bool has(const event& ev, int flag) { return flags(ev) & flag; }
inline void set_flag(event_callback& callback, int flag) {
  callback.evcb_flags = static_cast<short>(callback.evcb_flags | flag);
}
inline void clear_flag(event_callback& callback, int flag) {
  callback.evcb_flags = static_cast<short>(callback.evcb_flags & ~flag);
}

inline Closure closure(const event_callback& callback) {
  return static_cast<Closure>(callback.evcb_closure);
}
inline void set_closure(event_callback& callback, Closure closure) {
  callback.evcb_closure = static_cast<unsigned char>(closure);
}

inline constexpr short kIoBits = EV_READ | EV_WRITE | EV_CLOSED;
inline bool is_io(const event& ev) { return ev.ev_events & kIoBits; }
inline bool is_signal(const event& ev) { return ev.ev_events & EV_SIGNAL; }

// The period of a persistent event that has a timeout; zero without one. Signals have no room for
// it.
inline timeval& period(event& ev) { return ev.ev_.ev_io.ev_timeout; }

inline bool has_period(const event& ev) {
  return closure(ev.ev_evcallback) == Closure::kPersist &&
         evutil_timerisset(&ev.ev_.ev_io.ev_timeout);
}

template <class T, class Link>
T* owner_of(Link* link, std::size_t offset) {
  return static_cast<T*>(static_cast<void*>(static_cast<char*>(static_cast<void*>(link)) - offset));
}

struct ActiveLinks {
  static event_callback*& next(event_callback& cb) { return cb.evcb_active_next.tqe_next; }
  static event_callback**& prev(event_callback& cb) { return cb.evcb_active_next.tqe_prev; }
};
struct IoLinks {
  static event*& next(event& ev) { return ev.ev_.ev_io.ev_io_next.le_next; }
  static event**& prev(event& ev) { return ev.ev_.ev_io.ev_io_next.le_prev; }
};
struct SignalLinks {
  static event*& next(event& ev) { return ev.ev_.ev_signal.ev_signal_next.le_next; }
  static event**& prev(event& ev) { return ev.ev_.ev_signal.ev_signal_next.le_prev; }
};
struct CommonTimeoutLinks {
  static event*& next(event& ev) { return ev.ev_timeout_pos.ev_next_with_common_timeout.tqe_next; }
  static event**& prev(event& ev) { return ev.ev_timeout_pos.ev_next_with_common_timeout.tqe_prev; }
  static event* owner(event** link) {
    return owner_of<event>(link, offsetof(event, ev_timeout_pos));
  }
};

using ActiveList = IntrusiveList<event_callback, ActiveLinks>;
using IoList = IntrusiveList<event, IoLinks>;
using SignalList = IntrusiveList<event, SignalLinks>;
using CommonTimeoutList = IntrusiveList<event, CommonTimeoutLinks>;

}  // namespace relevent::loop
