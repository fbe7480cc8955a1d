#pragma once

#include <pthread.h>

#include "base/attributes.h"

namespace relevent::sync {

// A lock for state that belongs to the process: usable before main, free of the callbacks, and
// never freed. For cold paths.
class RELEVENT_CAPABILITY("mutex") GlobalMutex {
 public:
  constexpr GlobalMutex() = default;
  void lock() RELEVENT_ACQUIRE() { pthread_mutex_lock(&mutex_); }
  void unlock() RELEVENT_RELEASE() { pthread_mutex_unlock(&mutex_); }

 private:
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
};

class RELEVENT_SCOPED_CAPABILITY GlobalGuard {
 public:
  explicit GlobalGuard(GlobalMutex& mutex) RELEVENT_ACQUIRE(mutex) : mutex_(mutex) {
    mutex_.lock();
  }
  ~GlobalGuard() RELEVENT_RELEASE() { mutex_.unlock(); }
  GlobalGuard(const GlobalGuard&) = delete;
  GlobalGuard& operator=(const GlobalGuard&) = delete;

 private:
  GlobalMutex& mutex_;
};

}  // namespace relevent::sync
