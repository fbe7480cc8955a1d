#pragma once

#include <sys/time.h>

#include "loop/timer_heap.h"
#include "os/clock.h"

namespace relevent::loop {

// The time that all callbacks of one iteration see, read once after polling.
class ClockCache {
 public:
  // Without a cache every question reads the clock (EVENT_BASE_FLAG_NO_CACHE_TIME).
  void disable() { enabled_ = false; }

  void update() {
    if (enabled_) {
      now_ = os::monotonic_now();
      valid_ = true;
    }
  }
  void clear() { valid_ = false; }
  bool valid() const { return valid_; }

  os::Nanoseconds now() const { return valid_ ? now_ : os::monotonic_now(); }

  // The cached moment as wall-clock time.
  os::Nanoseconds wall(os::Nanoseconds monotonic) {
    const os::Nanoseconds now = os::monotonic_now();
    if (now >= next_sync_) {
      offset_ = os::wall_now() - now;
      next_sync_ = now + kSyncInterval;
    }
    return monotonic + offset_;
  }

 private:
  // How old the difference between the clocks may get.
  static constexpr os::Nanoseconds kSyncInterval = 5 * os::kNanosecondsPerSecond;

  os::Nanoseconds now_ = 0;
  os::Nanoseconds offset_ = 0;
  os::Nanoseconds next_sync_ = 0;
  bool valid_ = false;
  bool enabled_ = true;
};

// Rounded up, so that nothing is due too early.
inline Deadline to_deadline(os::Nanoseconds time) { return (time + 999) / 1000; }

}  // namespace relevent::loop
