#pragma once

#include "base/attributes.h"

namespace relevent {

// Holds a lock, anything with lock() and unlock(), for a scope.
template <class Mutex>
class RELEVENT_SCOPED_CAPABILITY ScopedLock {
 public:
  explicit ScopedLock(Mutex& mutex) RELEVENT_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~ScopedLock() RELEVENT_RELEASE() { mutex_.unlock(); }
  ScopedLock(const ScopedLock&) = delete;
  ScopedLock& operator=(const ScopedLock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace relevent
