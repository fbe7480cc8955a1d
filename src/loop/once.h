#pragma once

#include "loop/event_access.h"

namespace relevent::loop {

// An event of event_base_once, which frees itself when it has run. The base frees those that never
// do.
struct OnceEvent {
  event ev;
  event_callback_fn callback;
  void* argument;
  OnceEvent* next_link;
  OnceEvent** prev_link;
};

struct OnceLinks {
  static OnceEvent*& next(OnceEvent& once) { return once.next_link; }
  static OnceEvent**& prev(OnceEvent& once) { return once.prev_link; }
};

}  // namespace relevent::loop
