// Clocks, in nanoseconds.
#pragma once

#include <sys/time.h>

#include <cstdint>
#include <ctime>

namespace relevent::os {

using Nanoseconds = std::int64_t;

inline constexpr Nanoseconds kNanosecondsPerSecond = 1'000'000'000;
inline constexpr Nanoseconds kNanosecondsPerMicrosecond = 1'000;
inline constexpr Nanoseconds kNever = INT64_MAX;

// CLOCK_MONOTONIC.
timespec monotonic_time();
Nanoseconds monotonic_now();
// CLOCK_MONOTONIC_COARSE: some milliseconds late, and cheaper.
Nanoseconds monotonic_now_coarse();
// CLOCK_REALTIME.
Nanoseconds wall_now();

constexpr Nanoseconds to_nanoseconds(const timespec& time) {
  return static_cast<Nanoseconds>(time.tv_sec) * kNanosecondsPerSecond + time.tv_nsec;
}

// Saturates.
Nanoseconds from_timeval(const timeval& time);
timeval to_timeval(Nanoseconds time);

}  // namespace relevent::os
