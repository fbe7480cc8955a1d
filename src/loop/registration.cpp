// Adding, deleting and activating events.
#include <cerrno>

#include "log/log.h"
#include "loop/debug_map.h"
#include "loop/event_base.h"

namespace relevent::loop {
int EventBase::add(event& ev, const timeval* timeout) {
  const sync::LockGuard guard(lock_);
  return add_locked(ev, timeout, false);
}

int EventBase::del(event& ev, DelMode mode) {
  const sync::LockGuard guard(lock_);
  return del_locked(ev, mode);
}

void EventBase::activate(event& ev, int result, short times) {
  const sync::LockGuard guard(lock_);
  debug_check_setup(ev, "event_active");
  if (is_signal(ev)) {
    // Compat: not while its callback runs in another thread (thread_del_test.cpp).
    wait_for_callback_locked(callback_of(ev));
  }
  activate_locked(ev, result, times);
}

int EventBase::add_locked(event& ev, const timeval* timeout, bool absolute) {
  debug_check_setup(ev, "event_add");
  RELEVENT_DEBUG("event_add: event %p (%s %d)%s%s%s%s%s", static_cast<void*>(&ev),
                 is_signal(ev) ? "signal" : "fd", ev.ev_fd, ev.ev_events & EV_READ ? " read" : "",
                 ev.ev_events & EV_WRITE ? " write" : "", ev.ev_events & EV_CLOSED ? " closed" : "",
                 timeout != nullptr ? " timeout" : "", absolute ? " again" : "");
  if (has(ev, EVLIST_FINALIZING)) {
    return -1;
  }
  // From here on nothing fails but the insertion itself.
  if (timeout != nullptr && !timers_.reserve()) {
    return -1;
  }
  bool news = false;
  if ((is_io(ev) || is_signal(ev)) &&
      !has(ev, EVLIST_INSERTED | EVLIST_ACTIVE | EVLIST_ACTIVE_LATER)) {
    if (Result<void> result = insert_locked(ev); !result) {
      errno = result.error();
      return -1;
    }
    news = true;
  }
  if (timeout != nullptr) {
    if (closure(callback_of(ev)) == Closure::kPersist && !absolute) {
      period(ev) = *timeout;
    }
    // A timeout that was about to be reported has been pushed on before anybody saw it.
    if (has(ev, EVLIST_ACTIVE) && (ev.ev_res & EV_TIMEOUT)) {
      forget_signal_calls_locked(ev);
      remove_active_locked(callback_of(ev));
    }
    set_timeout_locked(ev, *timeout, absolute);
    // A loop that waits has to know of a deadline before all others.
    news = news || (state_.polling && timers_.next_deadline() >= deadline_of(ev));
  }
  if (news) {
    wake_locked();
  }
  debug_note_add(ev);
  return 0;
}

Result<void> EventBase::insert_locked(event& ev) {
  if (is_io(ev)) {
    // Compat: without a descriptor it counts as added, and waits for its timeout only
    // (event_fd_end_test.cpp).
    if (ev.ev_fd >= 0) {
      if (Result<void> result = io_.add(*backend_, ev); !result) {
        log::warn_errno(result.error(), "%s: cannot watch descriptor %d", backend_->name(),
                        ev.ev_fd);
        return result;
      }
    }
  } else {
    if (Result<void> result = open_notifier_locked(); !result) {
      return result;
    }
    if (Result<void> result = signals_.add(notifier_, ev); !result) {
      log::warn_errno(result.error(), "sigaction: cannot catch signal %d", ev.ev_fd);
      return result;
    }
  }
  set_flag(callback_of(ev), EVLIST_INSERTED);
  counts_.added.add(1);
  return {};
}

void EventBase::remove_inserted_locked(event& ev) {
  if (is_signal(ev)) {
    signals_.remove(ev);
  } else if (ev.ev_fd >= 0) {
    io_.remove(*backend_, ev);
  }
  clear_flag(callback_of(ev), EVLIST_INSERTED);
  if (!has(ev, EVLIST_INTERNAL)) {
    counts_.added.add(-1);
  }
}

void EventBase::set_timeout_locked(event& ev, const timeval& timeout, bool absolute) {
  timeval deadline = timeout;
  if (!absolute) {
    const CommonTimeout* const common = timers_.common().find(timeout);
    const timeval plain{timeout.tv_sec, untagged_microseconds(timeout)};
    deadline = add_times(clock_.now_tv(), plain);
    if (common != nullptr) {
      deadline.tv_usec |= common->duration.tv_usec & ~kMicrosecondMask;
    }
  }
  if (has(ev, EVLIST_TIMEOUT)) {
    timers_.change(ev, deadline);
    return;
  }
  ev.ev_timeout = deadline;
  timers_.insert(ev);
  set_flag(callback_of(ev), EVLIST_TIMEOUT);
  counts_.added.add(1);
}

void EventBase::remove_timeout_locked(event& ev) {
  timers_.remove(ev);
  clear_flag(callback_of(ev), EVLIST_TIMEOUT);
  counts_.added.add(-1);
}

int EventBase::del_locked(event& ev, DelMode mode) {
  if (mode != DelMode::kFinalize && has(ev, EVLIST_FINALIZING)) {
    return 0;
  }
  debug_check_setup(ev, "event_del", "a non-setup");
  RELEVENT_DEBUG("event_del: event %p (%s %d)", static_cast<void*>(&ev),
                 is_signal(ev) ? "signal" : "fd", ev.ev_fd);
  forget_signal_calls_locked(ev);
  bool news = false;
  if (has(ev, EVLIST_TIMEOUT)) {
    // The loop may wait for this event alone.
    news = true;
    remove_timeout_locked(ev);
  }
  if (has(ev, EVLIST_ACTIVE | EVLIST_ACTIVE_LATER)) {
    remove_active_locked(callback_of(ev));
  }
  if (has(ev, EVLIST_INSERTED)) {
    news = true;
    remove_inserted_locked(ev);
  }
  if (news) {
    wake_locked();
  }
  debug_note_del(ev);
  if (mode == DelMode::kBlock || (mode == DelMode::kAuto && !(ev.ev_events & EV_FINALIZE))) {
    wait_for_callback_locked(callback_of(ev));
  }
  return 0;
}

int EventBase::remove_timer(event& ev) {
  const sync::LockGuard guard(lock_);
  debug_check_setup(ev, "event_remove_timer");
  if (has(ev, EVLIST_TIMEOUT)) {
    remove_timeout_locked(ev);
    if (closure(callback_of(ev)) == Closure::kPersist) {
      period(ev) = {};
    }
  }
  return 0;
}

void EventBase::activate_locked(event& ev, int result, short times) {
  RELEVENT_DEBUG("event_active: event %p (%s %d), result 0x%x", static_cast<void*>(&ev),
                 is_signal(ev) ? "signal" : "fd", ev.ev_fd, static_cast<unsigned>(result));
  if (RELEVENT_UNLIKELY(has(ev, EVLIST_FINALIZING | EVLIST_ACTIVE | EVLIST_ACTIVE_LATER))) {
    if (has(ev, EVLIST_FINALIZING)) {
      return;
    }
    result |= ev.ev_res;
    if (has(ev, EVLIST_ACTIVE)) {
      ev.ev_res = static_cast<short>(result);
      return;
    }
  }
  ev.ev_res = static_cast<short>(result);
  if (RELEVENT_UNLIKELY(is_signal(ev))) {
    ev.ev_.ev_signal.ev_ncalls = times;
  }
  activate_callback_locked(callback_of(ev));
}

int EventBase::pending(const event& ev, short which, timeval* deadline) {
  const sync::LockGuard guard(lock_);
  debug_check_setup(ev, "event_pending");
  int found = 0;
  if (has(ev, EVLIST_INSERTED)) {
    found |= ev.ev_events & (kIoBits | EV_SIGNAL);
  }
  if (has(ev, EVLIST_ACTIVE | EVLIST_ACTIVE_LATER)) {
    found |= ev.ev_res;
  }
  if (has(ev, EVLIST_TIMEOUT)) {
    found |= EV_TIMEOUT;
  }
  found &= which & (EV_TIMEOUT | kIoBits | EV_SIGNAL);
  if (deadline != nullptr && (found & EV_TIMEOUT) && has(ev, EVLIST_TIMEOUT)) {
    *deadline = wall_deadline_locked(ev);
  }
  return found;
}

timeval EventBase::wall_deadline_locked(const event& ev) {
  return to_timeval(add_saturating(to_microseconds(ev.ev_timeout), clock_.wall_offset_us()));
}

const timeval* EventBase::init_common_timeout(const timeval& duration) {
  const sync::LockGuard guard(lock_);
  const CommonTimeout* const common = timers_.common().find_or_create(self(), duration);
  return common != nullptr ? &common->duration : nullptr;
}

// --- Other threads ---

bool EventBase::in_loop_thread_locked() const {
  return !state_.running || state_.owner_thread == sync::thread_id();
}

void EventBase::wake_waiting_locked() {
  if (!state_.woken && notifier_.is_open() && !in_loop_thread_locked()) {
    state_.woken = true;
    notifier_.notify();
  }
}

void EventBase::wait_for_running_locked() {
  if (!callback_done_.enabled() || in_loop_thread_locked()) {
    return;
  }
  const unsigned run = state_.callbacks_run;
  while (state_.running_callback != nullptr && state_.callbacks_run == run) {
    ++state_.waiters;
    callback_done_.wait(lock_);
  }
}

}  // namespace relevent::loop
