// Calling the user back, at once or from the loop.
#include <cerrno>
#include <utility>

#include "bufferevent/core.h"
#include "bufferevent/extras.h"

namespace relevent::bev {

void Core::set_callbacks(bufferevent_data_cb read, bufferevent_data_cb write,
                         bufferevent_event_cb event, void* argument) {
  readcb = read;
  writecb = write;
  errorcb = event;
  cbarg = argument;
}

// False if memory runs out: then the call is made at once, which is better than not at all.
bool Core::schedule_deferred() {
  Extras* const extras = make_extras();
  if (extras == nullptr) {
    return false;
  }
  if (!extras->scheduled) {
    extras->scheduled = true;
    extras->deferred.set_priority(ev_read.ev_evcallback.evcb_pri);
    ++references_;
    extras->deferred.schedule(base());
  }
  return true;
}

// Nobody is left to be called. The base may never run again, which would have dropped the
// reference.
void Core::cancel_deferred() {
  if (extras_ == nullptr || !extras_->scheduled || !extras_->deferred.cancel(base())) {
    return;
  }
  extras_->scheduled = false;
  extras_->read_due = false;
  extras_->write_due = false;
  extras_->events_due = 0;
  --references_;
}

void Core::call_read(int options) {
  if (must_defer(options) && schedule_deferred()) {
    extras_->read_due = true;
    return;
  }
  readcb(this, cbarg);
  check_full_input();
}

// Compat: as long as the input stays at its high watermark, which has stopped reading, the user is
// called again and again from the loop: a callback that takes a part each time gets to see it all.
void Core::check_full_input() {
  if ((enabled & EV_READ) != 0 && input_is_full() && make_extras() != nullptr) {
    trigger(EV_READ, BEV_OPT_DEFER_CALLBACKS);
  }
}

void Core::call_write(int options) {
  if (must_defer(options) && schedule_deferred()) {
    extras_->write_due = true;
    return;
  }
  writecb(this, cbarg);
}

void Core::run_event(short what, int error, int options) {
  if (errorcb == nullptr) {
    return;
  }
  if (must_defer(options) && schedule_deferred()) {
    extras_->events_due = static_cast<short>(extras_->events_due | what);
    if (error != 0) {
      extras_->error_due = error;
    }
    return;
  }
  errno = error;
  errorcb(this, what, cbarg);
}

void Core::run_deferred(event_callback*, void* argument) RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
  Core& core = *static_cast<Core*>(argument);
  core.lock().lock();
  core.run_pending();
  bool last;
  core.release_and_unlock(last);  // what schedule_deferred() took
}

// A connection before its data, and its end last. What one callback makes due for a later one is
// called now; the rest comes next time.
void Core::run_pending() {
  Extras& extras = *extras_;
  const bool unlocked = (options_ & BEV_OPT_UNLOCK_CALLBACKS) != 0;
  // The function and its argument are read before the lock is given up.
  const auto call = [this, unlocked](auto function, auto... arguments)
                        RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
                          void* const argument = cbarg;
                          if (unlocked) {
                            const sync::UnlockGuard guard(lock());
                            function(this, arguments..., argument);
                          } else {
                            function(this, arguments..., argument);
                          }
                        };
  extras.scheduled = false;
  if ((extras.events_due & BEV_EVENT_CONNECTED) != 0) {
    extras.events_due = static_cast<short>(extras.events_due & ~BEV_EVENT_CONNECTED);
    if (errorcb != nullptr) {
      call(errorcb, short{BEV_EVENT_CONNECTED});
    }
  }
  if (std::exchange(extras.read_due, false) && readcb != nullptr) {
    call(readcb);
    check_full_input();
  }
  if (std::exchange(extras.write_due, false) && writecb != nullptr) {
    call(writecb);
  }
  const short events = std::exchange(extras.events_due, short{0});
  const int error = std::exchange(extras.error_due, 0);
  if (events != 0 && errorcb != nullptr) {
    errno = error;
    call(errorcb, events);
  }
}

}  // namespace relevent::bev
