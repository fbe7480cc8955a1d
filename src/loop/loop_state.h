#pragma once

#include "loop/event_access.h"

namespace relevent::loop {

inline constexpr int kNoPriority = -1;

// What a loop is doing, for callbacks and other threads that ask.
// Lock: the base's.
struct LoopState {
  bool running = false;
  bool polling = false;    // somebody waits in the backend, or is about to
  bool woken = false;      // the notifier has been set for this wait
  bool busy = false;       // the last poll made something due
  bool exit = false;       // loopexit
  bool broken = false;     // loopbreak
  bool restarted = false;  // loopcontinue, or something more urgent became due
  unsigned long owner_thread = 0;
  int running_priority = kNoPriority;
  int deferred_in_iteration = 0;

  event_callback* running_callback = nullptr;  // may be freed by itself: only to compare
  event* running_event = nullptr;              // the same, if it is an event
  short signal_calls = 0;      // how often the running signal event is still to be called
  unsigned callbacks_run = 0;  // so a thread that waits can tell one run from the next
  int waiters = 0;             // threads that wait for running_callback to end
};

}  // namespace relevent::loop
