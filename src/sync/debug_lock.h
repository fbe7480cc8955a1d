// The layer that evthread_enable_lock_debugging puts in front of the user's lock callbacks. It also
// works without any: then it only counts, so that a single-threaded program can be checked.
#pragma once

#include <event2/thread.h>

namespace relevent::sync {

evthread_lock_callbacks debug_lock_callbacks();

// The user's functions, with a wait that looks through the debugging layer; empty if `user` is.
evthread_condition_callbacks debug_condition_callbacks(const evthread_condition_callbacks& user);

}  // namespace relevent::sync
