#include "loop/watch.h"

#include "loop/event_base.h"
#include "mem/create.h"

namespace relevent::loop {

Watchers::~Watchers() {
  for (auto& list : lists_) {
    while (evwatch* const watcher = list.pop_front()) {
      mem::destroy(watcher);
    }
  }
}

void Watchers::remove(evwatch& watcher) {
  if (next_ == &watcher) {
    next_ = WatchLinks::next(watcher);
  }
  list(watcher.kind).remove(watcher);
}

evwatch* EventBase::add_watcher(WatchKind kind, evwatch_callback callback, void* argument) {
  auto* const watcher = mem::create<evwatch>();
  if (watcher == nullptr) {
    return nullptr;
  }
  watcher->base = &self();
  watcher->kind = kind;
  watcher->callback = callback;
  watcher->argument = argument;
  const sync::LockGuard guard(lock_);
  watchers_.add(*watcher);
  return watcher;
}

void EventBase::remove_watcher(evwatch& watcher) {
  {
    const sync::LockGuard guard(lock_);
    watchers_.remove(watcher);
  }
  mem::destroy(&watcher);
}

void EventBase::run_watchers_locked(WatchKind kind, os::Nanoseconds timeout) {
  watchers_.run(kind, [&](evwatch& watcher) RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
    const evwatch_callback callback = watcher.callback;
    void* const argument = watcher.argument;
    const sync::UnlockGuard unlocked(lock_);
    if (kind == WatchKind::kPrepare) {
      const evwatch_prepare_cb_info info{timeout};
      callback.prepare(&watcher, &info, argument);
    } else {
      const evwatch_check_cb_info info{};
      callback.check(&watcher, &info, argument);
    }
  });
}

}  // namespace relevent::loop
