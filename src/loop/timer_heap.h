#pragma once

#include <cstddef>
#include <cstdint>

#include "loop/deadline.h"
#include "loop/event_access.h"

namespace relevent::loop {

// The events that wait for a time, soonest first; equal times in the order they were added, as long
// as there are no more than 4,096 of them and none was put off meanwhile.
//
// A 4-ary heap whose keys stand beside the event pointers, so that sifting reads no event, and
// whose four children share a cache line. Deletion only empties a slot; a later deadline of an
// event that is in the heap is noted in the event and looked at when the old one comes up. Both
// make the common case of a timeout that is pushed on and never fires cost next to nothing.
//
// Owns: the array. An event knows its slot by ev_timeout_pos.min_heap_idx, -1 when it has none.
// Fails: reserve() returns false; after it returned true, push() cannot fail.
class TimerHeap {
 public:
  TimerHeap() = default;
  ~TimerHeap();
  TimerHeap(const TimerHeap&) = delete;
  TimerHeap& operator=(const TimerHeap&) = delete;

  // Room for one more event.
  [[nodiscard]] bool reserve() { return size_ < capacity_ || grow(); }
  // The event is due at its ev_timeout.
  void push(event& ev);
  void remove(event& ev);
  // ev_timeout of an event in the heap was changed.
  void update(event& ev);

  // The event that is due first, or null.
  event* top();
  // No event is due before this; there may be none that is due so soon either. The heap must not be
  // empty.
  Deadline earliest() const { return deadline_of(slots_[0].key); }
  bool empty() const { return size_ == empty_slots_; }
  std::size_t size() const { return size_ - empty_slots_; }

  template <class Function>
  bool for_each(Function function) const;

 private:
  using Key = std::uint64_t;
  struct Slot {
    Key key;
    event* ev;  // null: deleted
  };

  Key make_key(Deadline deadline);
  static Deadline deadline_of(Key key);
  std::size_t least_of(std::size_t first) const;
  void sift_up(std::size_t index, Slot slot);
  void sift_down(std::size_t index, Slot slot);
  void place(std::size_t index, Slot slot);
  [[nodiscard]] bool grow();
  void pop_top();
  void compact();
  [[nodiscard]] bool set_capacity(std::size_t capacity);

  void* block_ = nullptr;
  Slot* slots_ = nullptr;  // inside block_, so that slot 1 begins a cache line
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::size_t empty_slots_ = 0;
  std::uint32_t sequence_ = 0;
};

template <class Function>
bool TimerHeap::for_each(Function function) const {
  for (std::size_t i = 0; i < size_; ++i) {
    if (slots_[i].ev != nullptr && !function(*slots_[i].ev)) {
      return false;
    }
  }
  return true;
}

}  // namespace relevent::loop
