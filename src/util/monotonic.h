#pragma once

#include "os/clock.h"

namespace relevent::util {

// Time that never runs backwards.
// Lock: none; one thread at a time.
// C API: struct evutil_monotonic_timer.
class MonotonicTimer {
 public:
  enum class Source {
    kWallClock,  // held where it is while the wall clock is behind; what a new timer uses
    kCoarse,     // some milliseconds late, and cheaper
    kPrecise,
  };

  void configure(Source source);
  os::Nanoseconds now();

  // For tests: what the wall clock's reading makes of this timer's.
  os::Nanoseconds from_wall_clock(os::Nanoseconds reading);

 private:
  Source source_ = Source::kWallClock;
  os::Nanoseconds last_ = 0;    // of the wall clock, corrected
  os::Nanoseconds offset_ = 0;  // makes up for the wall clock's steps back
};

}  // namespace relevent::util
