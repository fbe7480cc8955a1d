#pragma once

#include <event2/thread.h>
#include <pthread.h>

#include <utility>

#include "base/attributes.h"
#include "base/scoped_lock.h"
#include "sync/callbacks.h"

namespace relevent::sync {

// A lock from the callbacks in force, or nothing at all: if threading is off when init() runs,
// every operation is a test of one pointer.
// Owns: the lock object, unless it was adopted.
class RELEVENT_CAPABILITY("mutex") Lock {
 public:
  Lock() = default;
  ~Lock() { reset(); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  enum class Kind : unsigned char { kPlain = 0, kRecursive = EVTHREAD_LOCKTYPE_RECURSIVE };

  // Allocates a lock if threading is enabled. Fails: false when there is no memory.
  [[nodiscard]] bool init(Kind kind);
  // Uses a lock that somebody else owns and frees.
  void adopt(void* handle);
  // Makes `heir`, which has adopted this lock, its owner; it stays usable here as an adopted one.
  // Nothing happens if this is not the owner: `heir` may be.
  void hand_over(Lock& heir) {
    if (std::exchange(owned_, false)) {
      heir.kind_ = kind_;
      heir.owned_ = true;
    }
  }
  // Frees the lock, if it is ours.
  void reset();
  // Gives the handle up to the caller, who frees it.
  void* take() {
    owned_ = false;
    return std::exchange(handle_, nullptr);
  }
  static void free_handle(void* handle, Kind kind);

  bool enabled() const { return handle_ != nullptr; }
  void* handle() const { return handle_; }

  void lock() RELEVENT_ACQUIRE() { lock_handle(handle_); }
  void unlock() RELEVENT_RELEASE() { unlock_handle(handle_); }

  // For whoever keeps a bare handle; null does nothing.
  static void lock_handle(void* handle) {
    if (handle != nullptr) {
      if (RELEVENT_LIKELY(g_callbacks.native)) {
        pthread_mutex_lock(static_cast<pthread_mutex_t*>(handle));
      } else {
        g_callbacks.lock.lock(0, handle);
      }
    }
  }
  static void unlock_handle(void* handle) {
    if (handle != nullptr) {
      if (RELEVENT_LIKELY(g_callbacks.native)) {
        pthread_mutex_unlock(static_cast<pthread_mutex_t*>(handle));
      } else {
        g_callbacks.lock.unlock(0, handle);
      }
    }
  }

  // Whether the lock was free, and is held now.
  [[nodiscard]] bool try_lock() RELEVENT_TRY_ACQUIRE(true);

  // Tells the analysis that the caller holds this lock already.
  void assert_held() const RELEVENT_ASSERT_HELD() {}

 private:
  void* handle_ = nullptr;
  Kind kind_ = Kind::kPlain;
  bool owned_ = false;
};

using LockGuard = ScopedLock<Lock>;

// Gives a held lock up for a scope, and takes it again at its end.
class RELEVENT_SCOPED_CAPABILITY UnlockGuard {
 public:
  explicit UnlockGuard(Lock& lock) RELEVENT_RELEASE(lock) : lock_(lock) { lock_.unlock(); }
  ~UnlockGuard() RELEVENT_RELEASE() { lock_.lock(); }
  UnlockGuard(const UnlockGuard&) = delete;
  UnlockGuard& operator=(const UnlockGuard&) = delete;

 private:
  Lock& lock_;
};

}  // namespace relevent::sync
