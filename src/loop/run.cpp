// The loop. Its phases, in order: flush output; make postponed work due; prepare watchers; poll;
// check watchers; expire timers; run what is due.
#include <algorithm>
#include <climits>

#include "base/saturating.h"
#include "log/log.h"
#include "loop/event_base.h"

namespace relevent::loop {

// Marks the base as running for a scope.
class RunScope {
 public:
  explicit RunScope(EventBase& base) : base_(base) {
    base_.state_.running = true;
    base_.state_.owner_thread = sync::thread_id();
    base_.state_.exit = base_.state_.broken = false;
  }
  ~RunScope() {
    base_.clock_.clear();
    base_.state_.running = false;
    base_.state_.running_priority = kNoPriority;
  }
  RunScope(const RunScope&) = delete;
  RunScope& operator=(const RunScope&) = delete;

 private:
  EventBase& base_;
};

int EventBase::run(int loop_flags) {
  const sync::LockGuard guard(lock_);
  if (state_.running) {
    log::warn("event_base_loop: reentrant invocation: this base is in its loop already");
    return -1;
  }
  const RunScope scope(*this);
  const int result = run_locked(loop_flags);
  flush_locked();
  return result;
}

int EventBase::run_locked(int loop_flags) {
  for (;;) {
    state_.restarted = false;
    state_.deferred_in_iteration = 0;
    const bool flushed = flush_locked();
    if (state_.exit || state_.broken) {
      return 0;
    }
    if (!anything_to_do_locked(loop_flags)) {
      return flushed && (loop_flags & EVLOOP_ONCE) ? 0 : 1;
    }
    if (flushed && (loop_flags & EVLOOP_ONCE)) {
      loop_flags |= EVLOOP_NONBLOCK;  // this was the event to wait for
    }
    active_.promote_later();
    if (watchers_.any(WatchKind::kPrepare)) {
      run_watchers_locked(WatchKind::kPrepare, poll_timeout_locked(loop_flags));
    }
    if (!poll_locked(loop_flags)) {
      return -1;
    }
    if (watchers_.any(WatchKind::kCheck)) {
      run_watchers_locked(WatchKind::kCheck, 0);
    }
    expire_timers_locked();
    state_.busy = active_.count() > 0;
    if (state_.busy) {
      const int run = run_active_locked();
      if ((loop_flags & EVLOOP_ONCE) && active_.count() == 0 && run != 0) {
        return 0;
      }
    } else if (loop_flags & EVLOOP_NONBLOCK) {
      return 0;
    }
  }
}

bool EventBase::anything_to_do_locked(int loop_flags) {
  return (loop_flags & EVLOOP_NO_EXIT_ON_EMPTY) || counts_.any() || active_.count() > 0;
}

os::Nanoseconds EventBase::poll_timeout_locked(int loop_flags) {
  // A watcher may have activated events or broken the loop since it was asked whether to go on.
  if (active_.count() > 0 || !flushes_.empty() || state_.broken || (loop_flags & EVLOOP_NONBLOCK)) {
    return 0;
  }
  if (timers_.empty()) {
    return os::kNever;
  }
  // A busy loop may wake up once for a timer that has been put off or deleted meanwhile, if that
  // spares it to look for the next one each time.
  const Deadline deadline = state_.busy ? timers_.earliest_deadline() : timers_.next_deadline();
  if (deadline == kMaxDeadline) {
    return os::kNever;
  }
  return std::max<os::Nanoseconds>(deadline * os::kNanosecondsPerMicrosecond - os::monotonic_now(),
                                   0);
}

// The one place where the loop waits. False if the system refuses.
bool EventBase::poll_locked(int loop_flags) {
  io_.flush(*backend_);
  clock_.clear();
  Result<void> result = backend_->prepare(poll_timeout_locked(loop_flags));
  if (result) {
    state_.polling = true;
    {
      const sync::UnlockGuard unlocked(lock_);
      result = backend_->wait();
    }
    state_.polling = state_.woken = false;
  }
  clock_.update();
  if (!result) {
    log::warn_errno(result.error(), "%s: cannot wait for events", backend_->name());
    return false;
  }
  io_.dispatch(*backend_, [this](event& ev, short what) RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
    if (&ev == &notified_) {
      if (!(ev.ev_events & EV_ET)) {
        notifier_.drain();
      }
      // Signals come behind what is due by then; events that are due by hand keep their calls.
      if (signals_.pending() && !has(signals_due_, EVLIST_ACTIVE)) {
        push_active_locked(signals_due_);
      }
    } else {
      activate_locked(ev, what, 1);
    }
  });
  return true;
}

void EventBase::on_signals(event_callback*, void* argument) {
  EventBase& base = *static_cast<event_base*>(argument);
  const sync::LockGuard guard(base.lock_);
  base.signals_.dispatch([&base](event& ev, int times) RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
    base.activate_locked(ev, EV_SIGNAL, static_cast<short>(std::min(times, SHRT_MAX)));
  });
}

void EventBase::expire_timers_locked() {
  if (timers_.empty()) {
    return;
  }
  const Deadline now = clock_.now_us();
  while (event* const ev = timers_.due(now)) {
    remove_timeout_locked(*ev);
    // An event with a period stays where it is, and is armed anew before its callback runs.
    if (has(*ev, EVLIST_INSERTED) && !has_period(*ev)) {
      remove_inserted_locked(*ev);
    }
    activate_locked(*ev, EV_TIMEOUT, 1);
  }
}

// How many callbacks ran, not counting the library's own; -1 after loopbreak.
int EventBase::run_active_locked() {
  os::Nanoseconds end = os::kNever;
  if (max_dispatch_interval_ != os::kNever) {
    clock_.update();
    end = add_saturating(clock_.now(), max_dispatch_interval_);
  }
  int run = 0;
  for (int priority = 0; priority < active_.priorities(); ++priority) {
    if (active_.list(priority).empty()) {
      continue;
    }
    state_.running_priority = priority;
    run = priority < limit_after_priority_
              ? run_queue_locked(priority, INT_MAX, os::kNever)
              : run_queue_locked(priority, max_dispatch_callbacks_, end);
    // Less urgent ones wait until nothing more urgent is ready.
    if (run != 0) {
      break;
    }
  }
  state_.running_priority = kNoPriority;
  return run;
}

int EventBase::run_queue_locked(int priority, int max_callbacks, os::Nanoseconds end) {
  int count = 0;
  while (event_callback* const callback = active_.list(priority).front()) {
    if (!has(*callback, EVLIST_INTERNAL)) {
      ++count;
    }
    run_one_locked(*callback);
    if (state_.broken) {
      return -1;
    }
    if (count >= max_callbacks) {
      return count;
    }
    if (count > 0 && end != os::kNever) {
      clock_.update();
      if (clock_.now() >= end) {
        return count;
      }
    }
    if (state_.restarted) {
      break;
    }
  }
  return count;
}

int EventBase::break_loop() {
  const sync::LockGuard guard(lock_);
  state_.broken = true;
  wake_locked();
  return 0;
}

int EventBase::continue_loop() {
  const sync::LockGuard guard(lock_);
  state_.restarted = true;
  wake_locked();
  return 0;
}

void EventBase::exit_loop() {
  const sync::LockGuard guard(lock_);
  state_.exit = true;
}

bool EventBase::got_exit() {
  const sync::LockGuard guard(lock_);
  return state_.exit;
}

bool EventBase::got_break() {
  const sync::LockGuard guard(lock_);
  return state_.broken;
}

int EventBase::cached_wall_time(timeval& time) {
  const sync::LockGuard guard(lock_);
  time = clock_.valid() ? to_timeval(clock_.now_us() + clock_.wall_offset_us())
                        : os::to_timeval(os::wall_now());
  return 0;
}

int EventBase::update_cached_time() {
  const sync::LockGuard guard(lock_);
  if (state_.running) {
    clock_.update();
  }
  return 0;
}

}  // namespace relevent::loop
