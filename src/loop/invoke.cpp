// The one place where the loop calls user code.
#include "log/log.h"
#include "loop/assign.h"
#include "loop/event_base.h"
#include "mem/create.h"

namespace relevent::loop {

// Names the callback that runs, and gives the lock up while it does.
class CallScope {
 public:
  CallScope(EventBase& base, event_callback& callback) RELEVENT_NO_THREAD_SAFETY_ANALYSIS
      : base_(base) {
    base_.state_.running_callback = &callback;
    base_.state_.running_event = is_event(callback) ? &event_of(callback) : nullptr;
    ++base_.state_.callbacks_run;
    base_.lock_.unlock();
  }
  ~CallScope() RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
    base_.lock_.lock();
    base_.state_.running_callback = nullptr;
    base_.state_.running_event = nullptr;
    if (base_.state_.waiters != 0) {
      base_.state_.waiters = 0;
      base_.callback_done_.signal_all();
    }
  }
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;

 private:
  EventBase& base_;
};

// `callback` may be gone when this returns.
void EventBase::run_one_locked(event_callback& callback) {
  const Closure kind = closure(callback);
  if (is_event(callback)) {
    run_event_locked(event_of(callback), kind);
    return;
  }
  if (has(callback, EVLIST_ACTIVE)) {
    remove_active_locked(callback);
  }
  // The object may be freed by what is called, so nothing is read from it after that.
  const auto function = kind == Closure::kFinalizeCallback ? callback.evcb_cb_union.evcb_cbfinalize
                                                           : callback.evcb_cb_union.evcb_selfcb;
  void* const argument = callback.evcb_arg;
  const CallScope scope(*this, callback);
  function(&callback, argument);
}

void EventBase::run_event_locked(event& ev, Closure kind) {
  event_callback& callback = callback_of(ev);
  if (has(ev, EVLIST_FINALIZING) || (ev.ev_events & EV_PERSIST)) {
    if (has(ev, EVLIST_ACTIVE)) {
      remove_active_locked(callback);
    }
  } else {
    del_locked(ev, DelMode::kNoBlock);
  }
  const int fd = ev.ev_fd;
  const short result = ev.ev_res;
  void* const argument = callback.evcb_arg;
  switch (kind) {
    case Closure::kSignal:
      run_signal_locked(ev);
      break;
    case Closure::kPersist:
      if (evutil_timerisset(&period(ev))) {
        rearm_locked(ev);
      }
      [[fallthrough]];
    case Closure::kEvent: {
      const event_callback_fn function = callback.evcb_cb_union.evcb_callback;
      const CallScope scope(*this, callback);
      function(fd, result, argument);
      break;
    }
    case Closure::kFinalizeEvent:
    case Closure::kFinalizeAndFree: {
      const event_finalize_callback_fn function = callback.evcb_cb_union.evcb_evfinalize;
      const CallScope scope(*this, callback);
      function(&ev, argument);
      if (kind == Closure::kFinalizeAndFree) {
        forget_event(ev);
        mem::release(&ev);
      }
      break;
    }
    case Closure::kDeferred:
    case Closure::kFinalizeCallback:
      break;  // not events
  }
}

// Calls back once for each time the signal came, unless the event is deleted or the loop broken
// before that. The event may be freed meanwhile, so the count lives in the base, where event_del
// can reach it.
void EventBase::run_signal_locked(event& ev) {
  event_callback& callback = callback_of(ev);
  const event_callback_fn function = callback.evcb_cb_union.evcb_callback;
  void* const argument = callback.evcb_arg;
  const int fd = ev.ev_fd;
  const short result = ev.ev_res;
  state_.signal_calls = ev.ev_.ev_signal.ev_ncalls;
  while (state_.signal_calls > 0 && !state_.broken) {
    --state_.signal_calls;
    const CallScope scope(*this, callback);
    function(fd, result, argument);
  }
}

// Arms the timeout of a persistent event: on its schedule after a timeout, from now after anything
// else, and from now too if the schedule has been missed.
void EventBase::rearm_locked(event& ev) {
  const timeval interval = period(ev);
  const std::int64_t length = to_microseconds(interval);
  const Deadline now = clock_.now_us();
  const Deadline start = ev.ev_res & EV_TIMEOUT ? to_microseconds(ev.ev_timeout) : now;
  Deadline next = add_saturating(start, length);
  if (next < now) {
    next = add_saturating(now, length);
  }
  timeval deadline = to_timeval(next);
  if (timers_.common().find(interval) != nullptr) {
    deadline.tv_usec |= interval.tv_usec & ~kMicrosecondMask;
  }
  if (add_locked(ev, &deadline, true) != 0) {
    log::warn("event %p: no memory to arm its timeout again", static_cast<void*>(&ev));
  }
}

}  // namespace relevent::loop
