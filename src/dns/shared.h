#pragma once

#include "surface/lock.h"

namespace relevent::dns {

// What a resolver or a server shares with its sockets and requests: one lock, and a count of those
// that may still use it. User code frees a resolver while others of its events wait for the lock in
// another thread, so memory goes only with the last of them; they see that they are `retired` and
// do nothing. Lock: lock() guards the owner and everything that belongs to it. It is never held
// while user code runs.
class Shared {
 public:
  using Destroy = void (*)(Shared*);
  explicit Shared(Destroy destroy) : destroy_(destroy) {}
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  [[nodiscard]] bool init_lock() { return lock_.init(); }
  SurfaceLock& lock() RELEVENT_RETURN_CAPABILITY(lock_) { return lock_; }

  void add_user_locked() { ++users_; }
  // Gives one use up; the last one destroys. The lock is not held.
  void drop_user() {
    lock_.lock();
    const bool last = --users_ == 0;
    lock_.unlock();
    if (last) {
      destroy_(this);
    }
  }

 protected:
  ~Shared() = default;

 private:
  SurfaceLock lock_;
  Destroy destroy_;
  unsigned users_ = 1;
};

// Holds the lock of a Shared for a scope.
class RELEVENT_SCOPED_CAPABILITY SharedGuard {
 public:
  explicit SharedGuard(Shared& shared) RELEVENT_ACQUIRE(shared.lock()) : lock_(shared.lock()) {
    lock_.lock();
  }
  ~SharedGuard() RELEVENT_RELEASE() { lock_.unlock(); }
  SharedGuard(const SharedGuard&) = delete;
  SharedGuard& operator=(const SharedGuard&) = delete;

 private:
  SurfaceLock& lock_;
};

}  // namespace relevent::dns
