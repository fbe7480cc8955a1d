// The threading functions that the user (or libevent_pthreads) supplied, and the lock debugging
// layer that may sit in front of them.
#pragma once

#include <event2/thread.h>

#include "base/attributes.h"

namespace relevent::sync {

// What every lock operation goes through. `native` says that lock handles are pthread mutexes of
// libevent_pthreads, so that no indirect call is needed.
struct Callbacks {
  evthread_lock_callbacks lock{};
  evthread_condition_callbacks condition{};
  unsigned long (*thread_id)() = nullptr;
  bool native = false;
};

extern constinit Callbacks g_callbacks;

inline bool locking_enabled() { return g_callbacks.lock.lock != nullptr; }

// The id of the calling thread, or 0 without an id callback.
inline unsigned long thread_id() {
  return g_callbacks.thread_id != nullptr ? g_callbacks.thread_id() : 0;
}

// Install callbacks; null clears them. Setting the same ones again is allowed, others are refused.
// C API: evthread_set_lock_callbacks, evthread_set_condition_callbacks, evthread_set_id_callback.
bool set_lock_callbacks(const evthread_lock_callbacks* callbacks);
bool set_condition_callbacks(const evthread_condition_callbacks* callbacks);
void set_thread_id_callback(unsigned long (*callback)());

// The user's own tables, also while lock debugging wraps them. Never null.
// C API: evthread_get_lock_callbacks, evthread_get_condition_callbacks.
evthread_lock_callbacks* user_lock_callbacks();
evthread_condition_callbacks* user_condition_callbacks();

// Whoever installed these very callbacks promises that each lock handle is a pthread_mutex_t*.
void declare_native(const evthread_lock_callbacks& callbacks);

// Checks every lock operation from now on: unlocking what is not held, locking a plain lock twice.
// C API: evthread_enable_lock_debugging.
void enable_lock_debugging();

}  // namespace relevent::sync
