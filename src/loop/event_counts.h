#pragma once

#include <algorithm>

namespace relevent::loop {

// How many events a base has, and had at most.
// Compat: an event counts once for each of: a descriptor or signal, a timeout, being active. The
// library's own events do not count (event_dump_test.cpp).
class EventCounts {
 public:
  struct Counter {
    int now = 0;
    int most = 0;

    void add(int step) {
      now += step;
      if (step > 0) {
        most = std::max(most, now);
      }
    }
  };

  Counter added;
  Counter active;
  // Work that keeps the loop going without being an event.
  Counter virtuals;

  bool any() const { return added.now > 0 || virtuals.now > 0; }
};

}  // namespace relevent::loop
