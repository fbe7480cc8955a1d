// Taking an event or a deferred callback out of service without waiting for other threads.
#include "loop/debug_map.h"
#include "loop/event_base.h"

namespace relevent::loop {

void EventBase::finalize_locked(event_callback& callback, Closure closure) {
  if (is_event(callback)) {
    del_locked(event_of(callback), DelMode::kNoBlock);
    event_of(callback).ev_res = EV_FINALIZE;
  } else if (has(callback, EVLIST_ACTIVE | EVLIST_ACTIVE_LATER)) {
    remove_active_locked(callback);
  }
  set_closure(callback, closure);
  activate_callback_locked(callback);
  set_flag(callback, EVLIST_FINALIZING);
}

int EventBase::finalize(FinalizeMode mode, event& ev, event_finalize_callback_fn callback) {
  const sync::LockGuard guard(lock_);
  debug_check_setup(ev, "event_finalize");
  ev.ev_evcallback.evcb_cb_union.evcb_evfinalize = callback;
  finalize_locked(callback_of(ev), mode == FinalizeMode::kFree ? Closure::kFinalizeAndFree
                                                               : Closure::kFinalizeEvent);
  return 0;
}

}  // namespace relevent::loop
