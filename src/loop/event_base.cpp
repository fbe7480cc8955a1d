#include "loop/event_base.h"

#include <climits>
#include <cstdlib>

#include "log/log.h"
#include "loop/debug_map.h"
#include "loop/once.h"
#include "mem/create.h"

namespace relevent::loop {
namespace {

// A set-uid program must not be steered by whoever starts it.
const char* environment(const char* name) { return ::secure_getenv(name); }

}  // namespace

constinit event_base* g_current_base = nullptr;

// Nobody else knows the base yet, so no lock is needed.
event_base* EventBase::create(const Config& config) RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
  mem::Owned<event_base> base(mem::create<event_base>());
  if (base == nullptr) {
    log::warn("event_base_new: out of memory");
    return nullptr;
  }
  base->flags_ = config.flags;
  base->signals_due_.evcb_cb_union.evcb_selfcb = on_signals;
  base->signals_due_.evcb_arg = base.get();
  set_closure(base->signals_due_, Closure::kDeferred);
  set_flag(base->signals_due_, EVLIST_INTERNAL);
  base->max_dispatch_interval_ = config.max_dispatch_interval;
  base->max_dispatch_callbacks_ = config.max_dispatch_callbacks;
  base->limit_after_priority_ =
      config.max_dispatch_interval == os::kNever && config.max_dispatch_callbacks == INT_MAX
          ? INT_MAX
          : config.limit_callbacks_after_priority;
  if (config.flags & EVENT_BASE_FLAG_NO_CACHE_TIME) {
    base->clock_.disable();
  }
  if (!base->open_backend(config) || !base->active_.set_priorities(1)) {
    return nullptr;
  }
  if (sync::locking_enabled() && !(config.flags & EVENT_BASE_FLAG_NOLOCK)) {
    if (!base->lock_.init(sync::Lock::Kind::kPlain) || !base->callback_done_.init() ||
        base->make_notifiable() != 0) {
      log::warn("event_base_new: cannot set the base up for threads");
      return nullptr;
    }
  }
  return base.release();
}

bool EventBase::open_backend(const Config& config) {
  const bool use_environment = !(config.flags & EVENT_BASE_FLAG_IGNORE_ENV);
  for (const backend::Method* const method : backend::methods()) {
    if (config.avoids(method->name) ||
        (method->features & config.required_features) != config.required_features ||
        (use_environment && environment(method->disabling_variable) != nullptr)) {
      continue;
    }
    backend_.reset(method->create(config.flags));
    if (backend_ != nullptr) {
      break;
    }
  }
  if (backend_ == nullptr) {
    log::warn("event_base_new: no event mechanism available");
    return false;
  }
  if (environment("EVENT_SHOW_METHOD") != nullptr) {
    log::message("libevent using: %s", backend_->name());
  }
  return true;
}

EventBase::~EventBase() {
  for (;;) {
    OnceEvent* const once = once_.pop_front();
    if (once == nullptr) {
      break;
    }
    debug_note_teardown(once->ev);
    mem::destroy(once);
  }
}

void EventBase::shut_down(bool finalize) {
  delete_all_events();
  cancel_active(finalize);
}

void EventBase::delete_all_events() {
  const auto remove = [this](event& ev) RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
    del_locked(ev, DelMode::kNoBlock);
    return true;
  };
  const sync::LockGuard guard(lock_);
  while (flushes_.pop_front() != nullptr) {
    counts_.added.add(-1);
  }
  // Signals first: no handler may use the notifier when it is closed.
  signals_.for_each(remove);
  signals_.disconnect();
  if (notifier_.is_open()) {
    remove_inserted_locked(notified_);
    notifier_.close();
  }
  io_.for_each(remove);
  for (std::size_t i = 0; i < timers_.common().size(); ++i) {
    timers_.common().at(i).queue.for_each(remove);
  }
  while (!timers_.empty()) {
    del_locked(*timers_.due(kMaxDeadline), DelMode::kNoBlock);
  }
}

// What is due will not run any more; what is being finalized is, if asked for.
void EventBase::cancel_active(bool finalize) {
  const sync::LockGuard guard(lock_);
  active_.promote_later();
  for (int priority = 0; priority < active_.priorities(); ++priority) {
    while (event_callback* const callback = active_.list(priority).front()) {
      remove_active_locked(*callback);
      if (is_event(*callback)) {
        debug_note_del(event_of(*callback));
      }
      if (finalize && has(*callback, EVLIST_FINALIZING)) {
        run_one_locked(*callback);
      }
    }
  }
}

int EventBase::set_priorities(int count) {
  const sync::LockGuard guard(lock_);
  if (active_.count() > 0 || count < 1 || count >= EVENT_MAX_PRIORITIES) {
    return -1;
  }
  return count == active_.priorities() || active_.set_priorities(count) ? 0 : -1;
}

int EventBase::priorities() {
  const sync::LockGuard guard(lock_);
  return active_.priorities();
}

Result<void> EventBase::open_notifier_locked() {
  if (notifier_.is_open()) {
    return {};
  }
  if (Result<void> result = notifier_.open(); !result) {
    return result;
  }
  notified_ = {};
  notified_.ev_base = &self();
  notified_.ev_fd = notifier_.fd();
  // Watched for edges, it need not be read after each wake-up.
  const bool edge = notifier_.makes_edges() && (backend_->features() & EV_FEATURE_ET);
  notified_.ev_events = static_cast<short>(EV_READ | EV_PERSIST | (edge ? EV_ET : 0));
  set_flag(callback_of(notified_), EVLIST_INIT | EVLIST_INTERNAL);
  Result<void> result = io_.add(*backend_, notified_);
  if (result) {
    set_flag(callback_of(notified_), EVLIST_INSERTED);
  } else {
    notifier_.close();
  }
  return result;
}

int EventBase::make_notifiable() {
  const sync::LockGuard guard(lock_);
  return open_notifier_locked() ? 0 : -1;
}

int EventBase::reinit() {
  const sync::LockGuard guard(lock_);
  // If this fails, the set is still the parent's, and nothing may be registered with it.
  if (!backend_->reset()) {
    return -1;
  }
  const bool notifiable = notifier_.is_open();
  if (notifiable) {
    // The parent still uses its own through our copy of the descriptor.
    remove_inserted_locked(notified_);
    notifier_.close();
  }
  signals_.forget_pending();
  bool good = io_.replay(*backend_);
  if (notifiable) {
    good = open_notifier_locked() && good;
    if (signals_.pending()) {
      notifier_.notify();  // came in while there was none
    }
  }
  return good ? 0 : -1;
}

}  // namespace relevent::loop
