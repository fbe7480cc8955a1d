#include "loop/deferred.h"

#include "loop/event_base.h"

namespace relevent::loop {
namespace {

// More deferred work than this in one iteration waits for the next one, after polling.
constexpr int kMaxDeferredPerIteration = 32;

}  // namespace

void Deferred::init(unsigned char priority, Function function, void* argument) {
  callback_ = {};
  callback_.evcb_pri = priority;
  callback_.evcb_cb_union.evcb_selfcb = function;
  callback_.evcb_arg = argument;
  set_closure(callback_, Closure::kDeferred);
}

bool Deferred::schedule(event_base& base) { return base.schedule(callback_); }

bool Deferred::cancel(event_base& base) { return base.cancel(callback_); }

void Deferred::finalize(event_base& base, Function finalizer) {
  callback_.evcb_cb_union.evcb_cbfinalize = finalizer;
  base.finalize_callback(callback_);
}

bool EventBase::schedule(event_callback& callback) {
  const sync::LockGuard guard(lock_);
  if (has(callback, EVLIST_ACTIVE | EVLIST_ACTIVE_LATER | EVLIST_FINALIZING)) {
    return false;
  }
  if (state_.deferred_in_iteration >= kMaxDeferredPerIteration) {
    push_later_locked(callback);
    wake_locked();
    return true;
  }
  ++state_.deferred_in_iteration;
  return activate_callback_locked(callback);
}

bool EventBase::cancel(event_callback& callback) {
  const sync::LockGuard guard(lock_);
  if (!has(callback, EVLIST_ACTIVE | EVLIST_ACTIVE_LATER) || has(callback, EVLIST_FINALIZING)) {
    return false;
  }
  remove_active_locked(callback);
  return true;
}

void EventBase::finalize_callback(event_callback& callback) {
  const sync::LockGuard guard(lock_);
  finalize_locked(callback, Closure::kFinalizeCallback);
}

}  // namespace relevent::loop
