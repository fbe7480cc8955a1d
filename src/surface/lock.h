#pragma once

#include "base/attributes.h"
#include "base/scoped_lock.h"
#include "surface/surface.h"

namespace relevent {

// A recursive lock from the callbacks in force, for the objects beside core; or nothing at all if
// threading is off when init() runs.
// Owns: the lock object.
class RELEVENT_CAPABILITY("mutex") SurfaceLock {
 public:
  SurfaceLock() = default;
  ~SurfaceLock() { relevent_lock_free(handle_); }
  SurfaceLock(const SurfaceLock&) = delete;
  SurfaceLock& operator=(const SurfaceLock&) = delete;

  // Fails: false when there is no memory.
  [[nodiscard]] bool init() { return relevent_lock_new(&handle_) == 0; }
  void lock() RELEVENT_ACQUIRE() {
    if (handle_ != nullptr) {
      relevent_lock_acquire(handle_);
    }
  }
  void unlock() RELEVENT_RELEASE() {
    if (handle_ != nullptr) {
      relevent_lock_release(handle_);
    }
  }
  // Tells the analysis that the caller holds this lock already.
  void assert_held() const RELEVENT_ASSERT_HELD() {}

 private:
  void* handle_ = nullptr;
};

using SurfaceLockGuard = ScopedLock<SurfaceLock>;

}  // namespace relevent
