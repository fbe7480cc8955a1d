#include "loop/timer_heap.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "log/log.h"
#include "mem/hooks.h"

namespace relevent::loop {
namespace {

constexpr std::size_t kArity = 4;
constexpr std::size_t kMinCapacity = 32;
constexpr std::size_t kCacheLine = 64;

// A key is the deadline with a running number below it, which keeps equal deadlines in order.
constexpr int kSequenceBits = 12;
constexpr std::uint32_t kSequenceMask = (1U << kSequenceBits) - 1;
static_assert(kDeadlineBits + kSequenceBits == 64);

std::size_t parent(std::size_t index) { return (index - 1) / kArity; }
std::size_t first_child(std::size_t index) { return index * kArity + 1; }

}  // namespace

TimerHeap::~TimerHeap() { mem::release(block_); }

TimerHeap::Key TimerHeap::make_key(Deadline deadline) {
  sequence_ = (sequence_ + 1) & kSequenceMask;
  return static_cast<Key>(deadline - kMinDeadline) << kSequenceBits | sequence_;
}

Deadline TimerHeap::deadline_of(Key key) {
  return static_cast<Deadline>(key >> kSequenceBits) + kMinDeadline;
}

bool TimerHeap::grow() {
  if (empty_slots_ > size_ / 4) {
    compact();
    return true;
  }
  if (set_capacity(std::max(kMinCapacity, capacity_ * 2))) {
    return true;
  }
  compact();
  return size_ < capacity_;
}

bool TimerHeap::set_capacity(std::size_t capacity) {
  // reallocate() would lose the alignment.
  void* const block = mem::allocate(capacity * sizeof(Slot) + 2 * kCacheLine);
  if (block == nullptr) {
    return false;
  }
  const auto address = reinterpret_cast<std::uintptr_t>(block) + kCacheLine;
  auto* const slots =
      reinterpret_cast<Slot*>(address / kCacheLine * kCacheLine + kCacheLine - sizeof(Slot));
  if (size_ > 0) {
    std::memcpy(slots, slots_, size_ * sizeof(Slot));
  }
  mem::release(block_);
  block_ = block;
  slots_ = slots;
  capacity_ = capacity;
  return true;
}

void TimerHeap::place(std::size_t index, Slot slot) {
  slots_[index] = slot;
  if (slot.ev != nullptr) {
    slot.ev->ev_timeout_pos.min_heap_idx = static_cast<int>(index);
  }
}

void TimerHeap::sift_up(std::size_t index, Slot slot) {
  while (index > 0 && slot.key < slots_[parent(index)].key) {
    place(index, slots_[parent(index)]);
    index = parent(index);
  }
  place(index, slot);
}

// The child with the least key among those that begin at `first`.
std::size_t TimerHeap::least_of(std::size_t first) const {
  const auto lesser = [this](std::size_t a, std::size_t b) {
    return slots_[b].key < slots_[a].key ? b : a;
  };
  if (RELEVENT_LIKELY(first + kArity <= size_)) {
    // Two independent comparisons, then one: no loop, and no branch to guess.
    static_assert(kArity == 4);
    return lesser(lesser(first, first + 1), lesser(first + 2, first + 3));
  }
  std::size_t least = first;
  for (std::size_t child = first + 1; child < size_; ++child) {
    least = lesser(least, child);
  }
  return least;
}

void TimerHeap::sift_down(std::size_t index, Slot slot) {
  for (;;) {
    const std::size_t first = first_child(index);
    if (first >= size_) {
      break;
    }
    const std::size_t least = least_of(first);
    if (slot.key <= slots_[least].key) {
      break;
    }
    place(index, slots_[least]);
    index = least;
  }
  place(index, slot);
}

void TimerHeap::push(event& ev) {
  RELEVENT_CHECK(size_ < capacity_);
  const Slot slot{make_key(loop::deadline_of(ev)), &ev};
  sift_up(size_++, slot);
}

void TimerHeap::remove(event& ev) {
  const auto index = static_cast<std::size_t>(ev.ev_timeout_pos.min_heap_idx);
  ev.ev_timeout_pos.min_heap_idx = -1;
  if (index + 1 == size_) {
    --size_;
  } else {
    slots_[index].ev = nullptr;
    ++empty_slots_;
  }
  if (empty_slots_ > size_ / 2 && size_ > kMinCapacity) {
    compact();
  } else if (size_ == empty_slots_) {
    size_ = empty_slots_ = 0;
  }
}

void TimerHeap::update(event& ev) {
  const auto index = static_cast<std::size_t>(ev.ev_timeout_pos.min_heap_idx);
  const Deadline deadline = loop::deadline_of(ev);
  // A later one is found out when this slot comes up.
  if (deadline < deadline_of(slots_[index].key)) {
    sift_up(index, {make_key(deadline), &ev});
  }
}

void TimerHeap::pop_top() {
  const Slot last = slots_[--size_];
  if (size_ > 0) {
    sift_down(0, last);
  }
}

event* TimerHeap::top() {
  while (size_ > 0) {
    const Slot slot = slots_[0];
    if (slot.ev == nullptr) {
      --empty_slots_;
      pop_top();
      continue;
    }
    const Deadline deadline = loop::deadline_of(*slot.ev);
    if (deadline <= deadline_of(slot.key)) {
      return slot.ev;
    }
    sift_down(0, {make_key(deadline), slot.ev});
  }
  return nullptr;
}

// Drops the empty slots, gives capacity back, and restores the heap's order.
void TimerHeap::compact() {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < size_; ++i) {
    if (slots_[i].ev != nullptr) {
      slots_[kept++] = slots_[i];
    }
  }
  size_ = kept;
  empty_slots_ = 0;
  if (size_ < capacity_ / 4 && capacity_ > kMinCapacity) {
    static_cast<void>(set_capacity(std::max(kMinCapacity, capacity_ / 2)));
  }
  for (std::size_t i = 0; i < size_; ++i) {
    slots_[i].ev->ev_timeout_pos.min_heap_idx = static_cast<int>(i);
  }
  if (size_ > 1) {
    for (std::size_t i = parent(size_ - 1) + 1; i-- > 0;) {
      sift_down(i, slots_[i]);
    }
  }
}

}  // namespace relevent::loop
