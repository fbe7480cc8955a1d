#pragma once

#include "base/intrusive_list.h"

struct event_base;

namespace relevent::loop {

// Work that is done once at the end of an iteration, before the loop polls and before it returns:
// output that was gathered, and leaves now in one system call.
//
// It lives inside the object that it works for. Whoever adds it keeps that object alive until the
// function was called or cancel() has returned true.
// Lock: any thread may add and cancel; the base's lock is taken inside, and none of the base is
// held while the function runs. The loop is woken if it waits in another thread.
// Callbacks: the function is no user code and calls none of the loop's.
class FlushItem {
 public:
  using Function = void (*)(FlushItem& item);

  constexpr explicit FlushItem(Function function) : function_(function) {}
  FlushItem(const FlushItem&) = delete;
  FlushItem& operator=(const FlushItem&) = delete;

  // Whether it was not added before.
  bool add(event_base& base);
  // Whether it was added, and its function will not run.
  bool cancel(event_base& base);
  // Does the work now instead, if it was added.
  void run_early(event_base& base) {
    if (cancel(base)) {
      function_(*this);
    }
  }

 private:
  friend class FlushList;
  friend class EventBase;
  struct Links {
    static FlushItem*& next(FlushItem& item) { return item.next_; }
    static FlushItem**& prev(FlushItem& item) { return item.prev_; }
  };

  Function function_;
  FlushItem* next_ = nullptr;
  FlushItem** prev_ = nullptr;  // null: not in a list
};

// The items of one base, in the order in which they were added.
// Lock: the base's is held.
class FlushList {
 public:
  bool empty() const { return size_ == 0; }
  int size() const { return size_; }

  bool add(FlushItem& item) {
    if (item.prev_ != nullptr) {
      return false;
    }
    items_.push_back(item);
    ++size_;
    return true;
  }

  bool remove(FlushItem& item) {
    if (item.prev_ == nullptr) {
      return false;
    }
    items_.remove(item);
    --size_;
    return true;
  }

  FlushItem* pop_front() {
    FlushItem* const item = items_.front();
    if (item != nullptr) {
      remove(*item);
    }
    return item;
  }

 private:
  IntrusiveList<FlushItem, FlushItem::Links> items_;
  int size_ = 0;
};

}  // namespace relevent::loop
