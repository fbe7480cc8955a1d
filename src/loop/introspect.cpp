// What can be asked of a base, and activating events by what they wait for.
#include "loop/event_base.h"

namespace relevent::loop {

event* EventBase::running_event() {
  const sync::LockGuard guard(lock_);
  return state_.running && in_loop_thread_locked() ? state_.running_event : nullptr;
}

void EventBase::add_virtual() {
  const sync::LockGuard guard(lock_);
  counts_.virtuals.add(1);
}

void EventBase::del_virtual() {
  const sync::LockGuard guard(lock_);
  counts_.virtuals.add(-1);
  if (counts_.virtuals.now == 0) {
    wake_locked();
  }
}

// Calls visit(event&) -> bool for every event once, until it returns false: by descriptor, by
// signal, by time, then what is only active.
template <class Visit>
void EventBase::visit_all_locked(Visit visit) {
  const auto visit_timer = [&](event& ev) {
    return has(ev, EVLIST_INSERTED | EVLIST_INTERNAL) || visit(ev);
  };
  if (!io_.for_each(visit) || !signals_.for_each(visit) || !timers_.for_each_in_heap(visit_timer)) {
    return;
  }
  for (std::size_t i = 0; i < timers_.common().size(); ++i) {
    CommonTimeoutList& queue = timers_.common().at(i).queue;
    for (event* ev = queue.front(); ev != nullptr;) {
      event* const following = CommonTimeoutList::next(*ev);
      if (!visit_timer(*ev)) {
        return;
      }
      ev = following;
    }
  }
  for (int priority = 0; priority < active_.priorities(); ++priority) {
    for (event_callback* callback = active_.list(priority).front(); callback != nullptr;) {
      event_callback* const following = ActiveList::next(*callback);
      if (is_event(*callback) && !has(*callback, EVLIST_INSERTED | EVLIST_TIMEOUT) &&
          !visit(event_of(*callback))) {
        return;
      }
      callback = following;
    }
  }
}

int EventBase::for_each_event(event_base_foreach_event_cb function, void* argument) {
  const sync::LockGuard guard(lock_);
  int result = 0;
  visit_all_locked([&](event& ev) {
    result = function(&self(), &ev, argument);
    return result == 0;
  });
  return result;
}

void EventBase::activate_by_fd(int fd, short events) {
  const sync::LockGuard guard(lock_);
  // Compat: with EV_TIMEOUT the other kinds are not looked at (event_active_by_test.cpp).
  if (!(events & EV_TIMEOUT)) {
    io_.activate(fd, events & kIoBits,
                 [this](event& ev, short what)
                     RELEVENT_NO_THREAD_SAFETY_ANALYSIS { activate_locked(ev, what, 1); });
  } else {
    const auto visit = [&](event& ev) RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
      if (ev.ev_fd == fd && !has(ev, EVLIST_INTERNAL)) {
        activate_locked(ev, EV_TIMEOUT, 1);
      }
      return true;
    };
    timers_.for_each_in_heap(visit);
    for (std::size_t i = 0; i < timers_.common().size(); ++i) {
      timers_.common().at(i).queue.for_each(visit);
    }
  }
}

void EventBase::activate_by_signal(int signal) {
  const sync::LockGuard guard(lock_);
  signals_.activate(signal, [this](event& ev) RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
    activate_locked(ev, EV_SIGNAL, 1);
  });
}

namespace {

const char* when(short events, short bit, const char* text) { return events & bit ? text : ""; }

}  // namespace

void EventBase::dump_inserted_locked(std::FILE* output, const event& ev) {
  std::fprintf(output, "  %p [%s %ld]%s%s%s%s%s%s%s", static_cast<const void*>(&ev),
               is_signal(ev) ? "sig" : "fd ", static_cast<long>(ev.ev_fd),
               when(ev.ev_events, EV_READ, " Read"), when(ev.ev_events, EV_WRITE, " Write"),
               when(ev.ev_events, EV_CLOSED, " EOF"), when(ev.ev_events, EV_SIGNAL, " Signal"),
               when(ev.ev_events, EV_PERSIST, " Persist"), when(ev.ev_events, EV_ET, " ET"),
               has(ev, EVLIST_INTERNAL) ? " Internal" : "");
  if (has(ev, EVLIST_TIMEOUT)) {
    const timeval deadline = wall_deadline_locked(ev);
    std::fprintf(output, " Timeout=%ld.%06ld", static_cast<long>(deadline.tv_sec),
                 static_cast<long>(deadline.tv_usec));
  }
  std::fputc('\n', output);
}

void EventBase::dump_active_locked(std::FILE* output, const event& ev) {
  std::fprintf(
      output, "  %p [%s %ld, priority=%d]%s%s%s%s%s active%s%s\n", static_cast<const void*>(&ev),
      is_signal(ev) ? "sig" : "fd ", static_cast<long>(ev.ev_fd), ev.ev_evcallback.evcb_pri,
      when(ev.ev_res, EV_READ, " Read"), when(ev.ev_res, EV_WRITE, " Write"),
      when(ev.ev_res, EV_CLOSED, " EOF"), when(ev.ev_res, EV_SIGNAL, " Signal"),
      when(ev.ev_res, EV_TIMEOUT, " Timeout"), has(ev, EVLIST_INTERNAL) ? " [Internal]" : "",
      has(ev, EVLIST_ACTIVE_LATER) ? " [NextTime]" : "");
}

// Compat: the format of the lines (event_dump_test.cpp).
void EventBase::dump(std::FILE* output) {
  const sync::LockGuard guard(lock_);
  std::fprintf(output, "Inserted events:\n");
  visit_all_locked([&](event& ev) RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
    if (has(ev, EVLIST_INSERTED | EVLIST_TIMEOUT)) {
      dump_inserted_locked(output, ev);
    }
    return true;
  });
  std::fprintf(output, "Active events:\n");
  visit_all_locked([&](event& ev) RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
    if (has(ev, EVLIST_ACTIVE | EVLIST_ACTIVE_LATER)) {
      dump_active_locked(output, ev);
    }
    return true;
  });
}

}  // namespace relevent::loop
