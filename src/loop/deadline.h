// Times of the loop: microseconds, the resolution of a timeval.
#pragma once

#include <sys/time.h>

#include <algorithm>
#include <cstdint>

#include "base/saturating.h"
#include "loop/event_access.h"

namespace relevent::loop {

// Microseconds of the monotonic clock.
using Deadline = std::int64_t;

// Deadlines are kept within 71 years of the system's start; what is outside is at the end.
inline constexpr int kDeadlineBits = 52;
inline constexpr Deadline kMaxDeadline = (Deadline{1} << (kDeadlineBits - 1)) - 1;
inline constexpr Deadline kMinDeadline = -kMaxDeadline - 1;

inline constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;

// A common timeout is marked in the upper bits of tv_usec, which a proper timeval never uses: 0x5
// in the top four, the queue's number in the next eight. Compat: programs can see them
// (timer_common_test.cpp).
inline constexpr long kMicrosecondMask = 0x000fffff;
inline constexpr long kCommonMagic = 0x50000000;
inline constexpr long kCommonMagicMask = 0xf0000000;
inline constexpr int kCommonIndexShift = 20;

inline bool has_common_tag(const timeval& time) {
  return (time.tv_usec & kCommonMagicMask) == kCommonMagic;
}
inline std::size_t common_index(const timeval& time) {
  return static_cast<std::size_t>((time.tv_usec >> kCommonIndexShift) & 0xff);
}
inline long untagged_microseconds(const timeval& time) {
  return has_common_tag(time) ? time.tv_usec & kMicrosecondMask : time.tv_usec;
}

// Without the tag bits of a common timeout; saturates.
inline std::int64_t to_microseconds(const timeval& time) {
  std::int64_t seconds = 0;
  if (__builtin_mul_overflow(static_cast<std::int64_t>(time.tv_sec), kMicrosecondsPerSecond,
                             &seconds)) {
    return time.tv_sec > 0 ? INT64_MAX : INT64_MIN;
  }
  return add_saturating(seconds, untagged_microseconds(time));
}

inline timeval to_timeval(std::int64_t microseconds) {
  timeval time{};
  time.tv_sec = microseconds / kMicrosecondsPerSecond;
  time.tv_usec = microseconds % kMicrosecondsPerSecond;
  if (time.tv_usec < 0) {
    time.tv_usec += kMicrosecondsPerSecond;
    --time.tv_sec;
  }
  return time;
}

// The sum of two times, the second of which may be anything but marked; saturates.
inline timeval add_times(const timeval& a, const timeval& b) {
  timeval sum{};
  sum.tv_usec = a.tv_usec + b.tv_usec;
  time_t carry = 0;
  if (sum.tv_usec >= kMicrosecondsPerSecond || sum.tv_usec < 0) {
    carry = sum.tv_usec / kMicrosecondsPerSecond - (sum.tv_usec < 0);
    sum.tv_usec -= carry * kMicrosecondsPerSecond;
  }
  sum.tv_sec = add_saturating(add_saturating(a.tv_sec, b.tv_sec), carry);
  return sum;
}

// When an event with a timeout is due.
inline Deadline deadline_of(const event& ev) {
  return std::clamp(to_microseconds(ev.ev_timeout), kMinDeadline, kMaxDeadline);
}

}  // namespace relevent::loop
