// What event_assign does to the memory of an event.
#pragma once

#include <event2/event.h>

namespace relevent::loop {

// Prepares an event that is not in use. Argument null or base null are allowed.
// Fails: false, with a warning, for EV_SIGNAL together with EV_READ, EV_WRITE or EV_CLOSED.
bool assign_event(event& ev, event_base* base, int fd, short events, event_callback_fn callback,
                  void* argument);

// The event's memory will not be used as an event any more.
void forget_event(event& ev);

}  // namespace relevent::loop
