#include "loop/once.h"

#include "loop/assign.h"
#include "loop/event_base.h"
#include "mem/create.h"

namespace relevent::loop {

// The event lives until the user's callback is over, so that it can be seen as the running one.
void EventBase::run_once_event(int fd, short what, void* argument) {
  auto* const once = static_cast<OnceEvent*>(argument);
  once->callback(fd, what, once->argument);
  EventBase& base = *once->ev.ev_base;
  {
    const sync::LockGuard guard(base.lock_);
    base.once_.remove(*once);
  }
  forget_event(once->ev);
  mem::destroy(once);
}

int EventBase::once(int fd, short events, event_callback_fn callback, void* argument,
                    const timeval* timeout) {
  if (events & (EV_SIGNAL | EV_PERSIST)) {
    return -1;
  }
  mem::Owned<OnceEvent> once(mem::create<OnceEvent>());
  if (once == nullptr) {
    return -1;
  }
  once->callback = callback;
  once->argument = argument;
  const bool timer_only = (events & (EV_TIMEOUT | kIoBits)) == EV_TIMEOUT;
  if (!timer_only && (events & kIoBits) == 0) {
    return -1;
  }
  const auto kept = static_cast<short>(events & kIoBits);
  if (!assign_event(once->ev, &self(), timer_only ? -1 : fd, timer_only ? short{0} : kept,
                    run_once_event, once.get())) {
    return -1;
  }
  const sync::LockGuard guard(lock_);
  if (timer_only && (timeout == nullptr || !evutil_timerisset(timeout))) {
    activate_locked(once->ev, EV_TIMEOUT, 1);
  } else if (add_locked(once->ev, timeout, false) != 0) {
    forget_event(once->ev);
    return -1;
  }
  once_.push_front(*once.release());
  return 0;
}

}  // namespace relevent::loop
