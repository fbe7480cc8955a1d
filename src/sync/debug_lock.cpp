#include "sync/debug_lock.h"

#include <sys/time.h>

#include "log/log.h"
#include "mem/create.h"
#include "sync/callbacks.h"

namespace relevent::sync {
namespace {

constexpr unsigned kSignature = 0xdeb0b10c;

// A lock as its users see it while debugging is on.
// Lock: the fields below `user_lock` belong to whoever holds the lock.
struct DebugLock {
  unsigned signature = kSignature;
  unsigned kind = 0;
  void* user_lock = nullptr;
  int depth = 0;
  unsigned long owner = 0;
};

DebugLock& checked(void* handle) {
  auto& lock = *static_cast<DebugLock*>(handle);
  RELEVENT_CHECK(lock.signature == kSignature);
  return lock;
}

void* allocate_lock(unsigned kind) {
  auto* const lock = mem::create<DebugLock>();
  if (lock == nullptr) {
    return nullptr;
  }
  lock->kind = kind;
  const auto& user = *user_lock_callbacks();
  if (user.alloc != nullptr) {
    // Recursive, so that a wrong second lock is reported instead of hanging.
    lock->user_lock = user.alloc(kind | EVTHREAD_LOCKTYPE_RECURSIVE);
    if (lock->user_lock == nullptr) {
      mem::destroy(lock);
      return nullptr;
    }
  }
  return lock;
}

void free_lock(void* handle, unsigned kind) {
  DebugLock& lock = checked(handle);
  RELEVENT_CHECK(lock.depth == 0);
  RELEVENT_CHECK(lock.kind == kind);
  const auto& user = *user_lock_callbacks();
  if (user.free != nullptr && lock.user_lock != nullptr) {
    user.free(lock.user_lock, lock.kind | EVTHREAD_LOCKTYPE_RECURSIVE);
  }
  lock.signature = 0;
  mem::destroy(&lock);
}

void mark_locked(DebugLock& lock) {
  ++lock.depth;
  if ((lock.kind & (EVTHREAD_LOCKTYPE_RECURSIVE | EVTHREAD_LOCKTYPE_READWRITE)) == 0) {
    RELEVENT_CHECK(lock.depth == 1);
  }
  if (g_callbacks.thread_id != nullptr) {
    const unsigned long self = thread_id();
    if (lock.depth > 1) {
      RELEVENT_CHECK(lock.owner == self);
    }
    lock.owner = self;
  }
}

int lock_lock(unsigned mode, void* handle) {
  DebugLock& lock = checked(handle);
  const auto& user = *user_lock_callbacks();
  const int result = user.lock != nullptr ? user.lock(mode, lock.user_lock) : 0;
  if (result == 0) {
    mark_locked(lock);
  }
  return result;
}

void mark_unlocked(DebugLock& lock) {
  RELEVENT_CHECK(lock.depth > 0);
  if (g_callbacks.thread_id != nullptr) {
    RELEVENT_CHECK(lock.owner == thread_id());
    if (lock.depth == 1) {
      lock.owner = 0;
    }
  }
  --lock.depth;
}

int unlock_lock(unsigned mode, void* handle) {
  DebugLock& lock = checked(handle);
  mark_unlocked(lock);
  const auto& user = *user_lock_callbacks();
  return user.unlock != nullptr ? user.unlock(mode, lock.user_lock) : 0;
}

int wait_condition(void* condition, void* handle, const timeval* timeout) {
  DebugLock& lock = checked(handle);
  mark_unlocked(lock);
  const int result = user_condition_callbacks()->wait_condition(condition, lock.user_lock, timeout);
  mark_locked(lock);
  return result;
}

}  // namespace

evthread_lock_callbacks debug_lock_callbacks() {
  return {EVTHREAD_LOCK_API_VERSION,
          EVTHREAD_LOCKTYPE_RECURSIVE,
          allocate_lock,
          free_lock,
          lock_lock,
          unlock_lock};
}

evthread_condition_callbacks debug_condition_callbacks(const evthread_condition_callbacks& user) {
  evthread_condition_callbacks callbacks = user;
  if (user.wait_condition != nullptr) {
    callbacks.wait_condition = wait_condition;
  }
  return callbacks;
}

}  // namespace relevent::sync
