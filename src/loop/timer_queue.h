#pragma once

#include "loop/common_timeout.h"
#include "loop/timer_heap.h"

namespace relevent::loop {

// All events of a base that wait for a time: most in the heap, those with a common timeout in its
// queue. The queue's timer, an internal event, is in the heap for the first of them.
// Fails: reserve() returns false; after it returned true, the next insert() or change() cannot
// fail.
class TimerQueue {
 public:
  CommonTimeouts& common() { return common_; }
  const CommonTimeouts& common() const { return common_; }

  // Room for one insert() or change().
  [[nodiscard]] bool reserve() { return heap_.reserve(); }
  void insert(event& ev);
  void remove(event& ev);
  // ev_timeout becomes `deadline`, for an event that is in.
  void change(event& ev, const timeval& deadline);

  bool empty() const { return heap_.empty(); }
  // When the next event is due. The queue must not be empty.
  Deadline next_deadline() { return deadline_of(*heap_.top()); }
  // Not after that, but perhaps before it: some timers may have been put off or deleted since. It
  // costs nothing to find out.
  Deadline earliest_deadline() const { return heap_.earliest(); }
  // The first event that is due by `now`, or null. It stays in.
  event* due(Deadline now);

  // Calls function(event&) -> bool for each event in the heap, none of the queues, until it is
  // false.
  template <class Function>
  bool for_each_in_heap(Function function) const {
    return heap_.for_each(function);
  }

 private:
  void schedule(CommonTimeout& common);

  TimerHeap heap_;
  CommonTimeouts common_;
};

}  // namespace relevent::loop
