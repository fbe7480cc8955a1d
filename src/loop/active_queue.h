#pragma once

#include "base/attributes.h"
#include "loop/event_access.h"
#include "mem/hooks.h"

namespace relevent::loop {

// Callbacks that are due, one list for each priority, 0 the most urgent; and those that have to
// wait for the next iteration, so that deferred work that schedules more work cannot starve
// polling.
// Owns: the lists, not the callbacks.
// Fails: set_priorities() returns false and changes nothing.
class ActiveQueue {
 public:
  ActiveQueue() = default;
  ~ActiveQueue() { mem::release(lists_); }
  ActiveQueue(const ActiveQueue&) = delete;
  ActiveQueue& operator=(const ActiveQueue&) = delete;

  [[nodiscard]] bool set_priorities(int count);
  int priorities() const { return priorities_; }

  // These keep EVLIST_ACTIVE and EVLIST_ACTIVE_LATER of the callback.
  void push(event_callback& callback) {
    set_flag(callback, EVLIST_ACTIVE);
    // The number of priorities may have been lowered since the callback got its own.
    if (RELEVENT_UNLIKELY(callback.evcb_pri >= priorities_)) {
      callback.evcb_pri = static_cast<unsigned char>(priorities_ - 1);
    }
    lists_[callback.evcb_pri].push_back(callback);
    ++count_;
  }
  void push_later(event_callback& callback) {
    set_flag(callback, EVLIST_ACTIVE_LATER);
    later_.push_back(callback);
    ++count_;
  }
  void remove(event_callback& callback) {
    ActiveList& list = has(callback, EVLIST_ACTIVE) ? lists_[callback.evcb_pri] : later_;
    list.remove(callback);
    clear_flag(callback, EVLIST_ACTIVE | EVLIST_ACTIVE_LATER);
    --count_;
  }

  // Makes those for the next iteration due.
  void promote_later();

  // How many there are, of both sorts.
  int count() const { return count_; }
  ActiveList& list(int priority) { return lists_[priority]; }

 private:
  ActiveList* lists_ = nullptr;
  ActiveList later_;
  int priorities_ = 0;
  int count_ = 0;
};

}  // namespace relevent::loop
