// Sums that stop at the ends of their range.
#pragma once

#include <cstdint>

namespace relevent {

inline std::int64_t add_saturating(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) {
    return b > 0 ? INT64_MAX : INT64_MIN;
  }
  return sum;
}

}  // namespace relevent
