#pragma once

#include <pthread.h>

#include "base/attributes.h"
#include "base/scoped_lock.h"

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

using GlobalGuard = ScopedLock<GlobalMutex>;

}  // namespace relevent::sync
