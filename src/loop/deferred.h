#pragma once

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/attributes.h"

namespace relevent::loop {

// A piece of work that the loop runs soon, from its active queue, with no lock held: how layers
// above call their users back without recursion.
//
// It lives inside the object that it works for, which has to stay alive while it is scheduled or
// running (keep a reference). Scheduling twice runs it once.
// Lock: any thread may schedule; nothing is held while the function runs.
class Deferred {
 public:
  using Function = void (*)(event_callback*, void* argument);

  Deferred() = default;
  Deferred(const Deferred&) = delete;
  Deferred& operator=(const Deferred&) = delete;

  // A priority of the base, 0 the most urgent.
  void init(unsigned char priority, Function function, void* argument);
  // Only while it is not scheduled.
  void set_priority(unsigned char priority) { callback_.evcb_pri = priority; }

  // Whether it was not scheduled before. The loop is woken if it waits in another thread.
  bool schedule(event_base& base);
  // Takes it off the queue; false if it was not there, or is about to run.
  bool cancel(event_base& base);
  // Runs `finalizer` once in the loop, after all that is scheduled already, and never the function
  // again. The finalizer may free the object. C API: none.
  void finalize(event_base& base, Function finalizer);

 private:
  event_callback callback_{};
};

}  // namespace relevent::loop
