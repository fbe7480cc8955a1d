#pragma once

#include "loop/deadline.h"
#include "os/clock.h"

namespace relevent::loop {

// The time that all callbacks of one iteration see, read once after polling.
class ClockCache {
 public:
  // Without a cache every question reads the clock (EVENT_BASE_FLAG_NO_CACHE_TIME).
  void disable() { enabled_ = false; }

  void update() {
    if (enabled_) {
      const timespec time = os::monotonic_time();
      now_ = os::to_nanoseconds(time);
      now_tv_ = {time.tv_sec, time.tv_nsec / os::kNanosecondsPerMicrosecond};
      now_us_ = now_tv_.tv_sec * kMicrosecondsPerSecond + now_tv_.tv_usec;
      valid_ = true;
    }
  }
  void clear() { valid_ = false; }
  bool valid() const { return valid_; }

  os::Nanoseconds now() const { return valid_ ? now_ : os::monotonic_now(); }
  Deadline now_us() const {
    return valid_ ? now_us_ : os::monotonic_now() / os::kNanosecondsPerMicrosecond;
  }
  timeval now_tv() const { return valid_ ? now_tv_ : to_timeval(now_us()); }

  // What to add to the monotonic clock for wall-clock time, in microseconds; up to five seconds
  // old.
  std::int64_t wall_offset_us() {
    const os::Nanoseconds now = os::monotonic_now();
    if (now >= next_sync_) {
      offset_ = (os::wall_now() - now) / os::kNanosecondsPerMicrosecond;
      next_sync_ = now + kSyncInterval;
    }
    return offset_;
  }

 private:
  static constexpr os::Nanoseconds kSyncInterval = 5 * os::kNanosecondsPerSecond;

  os::Nanoseconds now_ = 0;
  Deadline now_us_ = 0;
  timeval now_tv_{};
  std::int64_t offset_ = 0;
  os::Nanoseconds next_sync_ = 0;
  bool valid_ = false;
  bool enabled_ = true;
};

}  // namespace relevent::loop
