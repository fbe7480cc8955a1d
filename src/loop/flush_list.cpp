#include "loop/flush_list.h"

#include "loop/event_base.h"

namespace relevent::loop {

bool FlushItem::add(event_base& base) { return base.add_flush(*this); }

bool FlushItem::cancel(event_base& base) { return base.cancel_flush(*this); }

// An item counts as an event, as the write event does that it stands for.
bool EventBase::add_flush(FlushItem& item) {
  const sync::LockGuard guard(lock_);
  if (!flushes_.add(item)) {
    return false;
  }
  counts_.added.add(1);
  wake_locked();
  return true;
}

bool EventBase::cancel_flush(FlushItem& item) {
  const sync::LockGuard guard(lock_);
  if (!flushes_.remove(item)) {
    return false;
  }
  counts_.added.add(-1);
  return true;
}

// Whether there was anything. What is added meanwhile is left for the next time, so that polling
// has its turn.
bool EventBase::flush_locked() {
  const bool any = !flushes_.empty();
  for (int left = flushes_.size(); left > 0; --left) {
    FlushItem* const item = flushes_.pop_front();
    if (item == nullptr) {
      break;
    }
    counts_.added.add(-1);
    const sync::UnlockGuard unlocked(lock_);
    item->function_(*item);
  }
  return any;
}

}  // namespace relevent::loop
