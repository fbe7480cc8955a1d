#include "util/monotonic.h"

#include "base/saturating.h"

namespace relevent::util {

void MonotonicTimer::configure(Source source) {
  source_ = source;
  last_ = 0;
  offset_ = 0;
}

os::Nanoseconds MonotonicTimer::now() {
  switch (source_) {
    case Source::kCoarse:
      return os::monotonic_now_coarse();
    case Source::kPrecise:
      return os::monotonic_now();
    case Source::kWallClock:
      break;
  }
  return from_wall_clock(os::wall_now());
}

os::Nanoseconds MonotonicTimer::from_wall_clock(os::Nanoseconds reading) {
  os::Nanoseconds corrected = add_saturating(reading, offset_);
  if (corrected < last_) {
    offset_ = add_saturating(offset_, last_ - corrected);
    corrected = last_;
  }
  last_ = corrected;
  return corrected;
}

}  // namespace relevent::util
