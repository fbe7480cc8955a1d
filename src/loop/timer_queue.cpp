#include "loop/timer_queue.h"

namespace relevent::loop {

// Keeps the queue's timer in the heap at the time of its first event.
void TimerQueue::schedule(CommonTimeout& common) {
  event& timer = common.timer;
  const event* const first = common.queue.front();
  const bool scheduled = timer.ev_timeout_pos.min_heap_idx >= 0;
  if (first == nullptr) {
    if (scheduled) {
      heap_.remove(timer);
    }
    return;
  }
  timer.ev_timeout = {first->ev_timeout.tv_sec, first->ev_timeout.tv_usec & kMicrosecondMask};
  if (scheduled) {
    heap_.update(timer);
  } else {
    heap_.push(timer);
  }
}

void TimerQueue::insert(event& ev) {
  CommonTimeout* const common = common_.find(ev.ev_timeout);
  if (common == nullptr) {
    heap_.push(ev);
    return;
  }
  CommonTimeouts::insert(*common, ev);
  if (common->queue.front() == &ev) {
    schedule(*common);
  }
}

void TimerQueue::remove(event& ev) {
  CommonTimeout* const common = common_.find(ev.ev_timeout);
  if (common == nullptr) {
    heap_.remove(ev);
    return;
  }
  const bool was_first = common->queue.front() == &ev;
  common->queue.remove(ev);
  // The timer of a queue that has become empty goes: nothing must be due then. That of another
  // is put right when it comes up.
  if (was_first && common->queue.empty()) {
    schedule(*common);
  }
}

void TimerQueue::change(event& ev, const timeval& deadline) {
  CommonTimeout* const from = common_.find(ev.ev_timeout);
  CommonTimeout* const to = common_.find(deadline);
  if (from != to) {
    remove(ev);
    ev.ev_timeout = deadline;
    ev.ev_timeout_pos.min_heap_idx = -1;
    insert(ev);
    return;
  }
  if (from == nullptr) {
    ev.ev_timeout = deadline;
    heap_.update(ev);
    return;
  }
  from->queue.remove(ev);
  ev.ev_timeout = deadline;
  CommonTimeouts::insert(*from, ev);
  if (from->queue.front() == &ev) {
    schedule(*from);
  }
}

event* TimerQueue::due(Deadline now) {
  while (!heap_.empty() && heap_.earliest() <= now) {
    event* const first = heap_.top();
    if (first == nullptr || deadline_of(*first) > now) {
      return nullptr;
    }
    if (!has(*first, EVLIST_INTERNAL)) {
      return first;
    }
    CommonTimeout& common = common_.at(static_cast<std::size_t>(first->ev_fd));
    event* const waiting = common.queue.front();
    // The timer may still stand for an event that has gone; others may be due before the next one.
    if (waiting != nullptr && deadline_of(*waiting) == deadline_of(*first)) {
      return waiting;
    }
    schedule(common);
  }
  return nullptr;
}

}  // namespace relevent::loop
