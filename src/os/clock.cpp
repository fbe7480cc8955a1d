#include "os/clock.h"

#include "base/saturating.h"

namespace relevent::os {
namespace {

timespec read_clock(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return now;
}

}  // namespace

timespec monotonic_time() { return read_clock(CLOCK_MONOTONIC); }
Nanoseconds monotonic_now() { return to_nanoseconds(monotonic_time()); }
Nanoseconds monotonic_now_coarse() { return to_nanoseconds(read_clock(CLOCK_MONOTONIC_COARSE)); }
Nanoseconds wall_now() { return to_nanoseconds(read_clock(CLOCK_REALTIME)); }

Nanoseconds from_timeval(const timeval& time) {
  Nanoseconds seconds = 0;
  if (__builtin_mul_overflow(static_cast<Nanoseconds>(time.tv_sec), kNanosecondsPerSecond,
                             &seconds)) {
    return time.tv_sec > 0 ? INT64_MAX : INT64_MIN;
  }
  return add_saturating(seconds,
                        static_cast<Nanoseconds>(time.tv_usec) * kNanosecondsPerMicrosecond);
}

timeval to_timeval(Nanoseconds time) {
  timeval result{};
  result.tv_sec = time / kNanosecondsPerSecond;
  Nanoseconds rest = time % kNanosecondsPerSecond;
  if (rest < 0) {
    rest += kNanosecondsPerSecond;
    --result.tv_sec;
  }
  result.tv_usec = rest / kNanosecondsPerMicrosecond;
  return result;
}

}  // namespace relevent::os
