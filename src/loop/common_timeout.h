#pragma once

#include <memory>

#include "loop/event_access.h"
#include "mem/create.h"
#include "mem/grow_array.h"

namespace relevent::loop {

// A common timeout is marked in the upper bits of tv_usec, which a proper timeval never uses: 0x5 in
// the top four, the queue's number in the next eight. Compat: programs can see them
// (timer_common_test.cpp).
inline constexpr long kMicrosecondMask = 0x000fffff;
inline constexpr long kCommonMagic = 0x50000000;
inline constexpr long kCommonMagicMask = 0xf0000000;
inline constexpr int kCommonIndexShift = 20;
inline constexpr std::size_t kMaxCommonTimeouts = 256;

inline bool has_common_tag(const timeval& time) {
  return (time.tv_usec & kCommonMagicMask) == kCommonMagic;
}
inline std::size_t common_index(const timeval& time) {
  return static_cast<std::size_t>((time.tv_usec >> kCommonIndexShift) & 0xff);
}
inline long untagged_microseconds(const timeval& time) {
  return has_common_tag(time) ? time.tv_usec & kMicrosecondMask : time.tv_usec;
}

// One duration, and the events that wait for it, soonest first. Its timer stands in the heap for all.
struct CommonTimeout {
  timeval duration{};  // tagged
  CommonTimeoutList queue;
  event timer{};
};

// The durations given to event_base_init_common_timeout.
// Owns: the queues, not the events in them.
class CommonTimeouts {
 public:
  // Stays valid as long as the base. Fails: null, without memory or with all 256 in use.
  CommonTimeout* find_or_create(event_base& base, const timeval& duration);
  // Null if the time is not marked, or not by this base.
  CommonTimeout* find(const timeval& time);
  CommonTimeout& at(std::size_t index) { return *queues_[index]; }
  std::size_t size() const { return queues_.size(); }

  ~CommonTimeouts();

  // Sorts an event in, looking from the end: nearly always it is the last.
  static void insert(CommonTimeout& common, event& ev);

 private:
  mem::GrowArray<CommonTimeout*> queues_;
};

}  // namespace relevent::loop
