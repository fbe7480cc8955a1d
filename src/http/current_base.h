#pragma once

#include <event2/event.h>
#include <event2/event_struct.h>

namespace relevent::http {

// The base that event_init() made last, or null.
inline event_base* current_base() {
  event probe{};
  return event_assign(
             &probe, nullptr, -1, 0, [](int, short, void*) {}, nullptr) == 0
             ? event_get_base(&probe)
             : nullptr;
}

}  // namespace relevent::http
