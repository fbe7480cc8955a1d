#include "sync/callbacks.h"

#include "log/log.h"
#include "sync/debug_lock.h"

namespace relevent::sync {
namespace {

// What the user installed; differs from g_callbacks only while lock debugging is on.
constinit evthread_lock_callbacks g_user_lock{};
constinit evthread_condition_callbacks g_user_condition{};
constinit bool g_debugging = false;

bool same(const evthread_lock_callbacks& a, const evthread_lock_callbacks& b) {
  return a.lock_api_version == b.lock_api_version &&
         a.supported_locktypes == b.supported_locktypes && a.alloc == b.alloc && a.free == b.free &&
         a.lock == b.lock && a.unlock == b.unlock;
}

bool same(const evthread_condition_callbacks& a, const evthread_condition_callbacks& b) {
  return a.condition_api_version == b.condition_api_version &&
         a.alloc_condition == b.alloc_condition && a.free_condition == b.free_condition &&
         a.signal_condition == b.signal_condition && a.wait_condition == b.wait_condition;
}

void publish() {
  g_callbacks.native = false;
  if (g_debugging) {
    g_callbacks.lock = debug_lock_callbacks();
    g_callbacks.condition = debug_condition_callbacks(g_user_condition);
  } else {
    g_callbacks.lock = g_user_lock;
    g_callbacks.condition = g_user_condition;
  }
}

}  // namespace

constinit Callbacks g_callbacks;

bool set_lock_callbacks(const evthread_lock_callbacks* callbacks) {
  if (callbacks == nullptr) {
    if (g_user_lock.alloc != nullptr) {
      log::warn("the lock callbacks are removed while locks made by them may still be in use");
    }
    g_user_lock = {};
    g_debugging = false;
    publish();
    return true;
  }
  if (g_user_lock.alloc != nullptr) {
    if (same(g_user_lock, *callbacks)) {
      return true;
    }
    log::warn("the lock callbacks are set already and cannot be changed any more");
    return false;
  }
  if (callbacks->alloc == nullptr || callbacks->free == nullptr || callbacks->lock == nullptr ||
      callbacks->unlock == nullptr) {
    return false;
  }
  // Callbacks that cannot make a lock are found out here, not at the first object.
  void* const trial = callbacks->alloc(0);
  if (trial == nullptr) {
    return false;
  }
  callbacks->free(trial, 0);
  g_user_lock = *callbacks;
  publish();
  return true;
}

bool set_condition_callbacks(const evthread_condition_callbacks* callbacks) {
  if (callbacks == nullptr) {
    if (g_user_condition.alloc_condition != nullptr) {
      log::warn("the condition callbacks are removed while conditions may still be in use");
    }
    g_user_condition = {};
    publish();
    return true;
  }
  if (g_user_condition.alloc_condition != nullptr) {
    if (same(g_user_condition, *callbacks)) {
      return true;
    }
    log::warn("the condition callbacks are set already and cannot be changed any more");
    return false;
  }
  if (callbacks->alloc_condition == nullptr || callbacks->free_condition == nullptr ||
      callbacks->signal_condition == nullptr || callbacks->wait_condition == nullptr) {
    return true;  // Compat: not taken, and no error (thread_callbacks_test.cpp)
  }
  const bool native = g_callbacks.native;
  g_user_condition = *callbacks;
  publish();
  g_callbacks.native = native;
  return true;
}

void set_thread_id_callback(unsigned long (*callback)()) {
  // Setting it again must not disturb threads that use it.
  if (g_callbacks.thread_id != callback) {
    g_callbacks.thread_id = callback;
  }
}

evthread_lock_callbacks* user_lock_callbacks() { return &g_user_lock; }
evthread_condition_callbacks* user_condition_callbacks() { return &g_user_condition; }

void declare_native(const evthread_lock_callbacks& callbacks) {
  if (!g_debugging && !g_callbacks.native && same(g_callbacks.lock, callbacks)) {
    g_callbacks.native = true;
  }
}

void enable_lock_debugging() {
  if (!g_debugging) {
    g_debugging = true;
    publish();
  }
}

}  // namespace relevent::sync
