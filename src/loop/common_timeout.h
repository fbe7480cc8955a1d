#pragma once

#include <memory>

#include "loop/deadline.h"
#include "loop/event_access.h"
#include "mem/create.h"
#include "mem/grow_array.h"

namespace relevent::loop {

inline constexpr std::size_t kMaxCommonTimeouts = 256;

// One duration, and the events that wait for it, soonest first. Its timer stands in the heap for
// all.
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
  CommonTimeout* find(const timeval& time) {
    return has_common_tag(time) && common_index(time) < queues_.size() ? queues_[common_index(time)]
                                                                       : nullptr;
  }
  CommonTimeout& at(std::size_t index) { return *queues_[index]; }
  std::size_t size() const { return queues_.size(); }

  ~CommonTimeouts();

  // Sorts an event in, looking from the end: nearly always it is the last.
  static void insert(CommonTimeout& common, event& ev);

 private:
  mem::GrowArray<CommonTimeout*> queues_;
};

}  // namespace relevent::loop
