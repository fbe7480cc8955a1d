#pragma once

#include "surface/lock.h"

namespace relevent::dns {

// What a resolver or a server shares with its sockets and requests: one lock, and a count of those
// that may still use it. User code frees a resolver while others of its events wait for the lock in
// another thread, so memory goes only with the last of them; they see that they are `retired` and
// do nothing.
// Lock: lock() guards the owner and everything that belongs to it. It is never held
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
    if (is_last_user()) {
      destroy_(this);
    }
  }

 protected:
  ~Shared() = default;

 private:
  bool is_last_user() {
    const SurfaceLockGuard guard(lock_);
    return --users_ == 0;
  }

  SurfaceLock lock_;
  Destroy destroy_;
  unsigned users_ = 1;
};

}  // namespace relevent::dns
