// Thread callbacks of a user's own: POSIX ones that count and check what they are asked for.
#pragma once

#include <event2/event.h>
#include <event2/thread.h>
#include <pthread.h>

#include <atomic>
#include <catch2/catch.hpp>

// In no public header, but exported: the tables in use.
extern "C" {
evthread_lock_callbacks* evthread_get_lock_callbacks(void);
evthread_condition_callbacks* evthread_get_condition_callbacks(void);
}

namespace event_cases::counting {

struct Lock {
  pthread_mutex_t mutex;
  unsigned type;
  int depth = 0;  // changed by the holder only
};

struct Counts {
  std::atomic<int> locks_made = 0;
  std::atomic<int> locks_freed = 0;
  std::atomic<int> locked = 0;
  std::atomic<int> unlocked = 0;
  std::atomic<int> conditions_made = 0;
  std::atomic<int> conditions_freed = 0;
  std::atomic<int> signals = 0;
  std::atomic<int> waits = 0;
  std::atomic<int> ids = 0;
  std::atomic<int> mistakes = 0;  // wrong type, freed while held, unlocked by no holder, ...

  int live_locks() const { return locks_made - locks_freed; }
  int live_conditions() const { return conditions_made - conditions_freed; }
};

inline Counts counts;

// A recursive mutex whatever the type is: the flag is a wish for it, its absence no promise.
inline void* make_lock(unsigned type) {
  ++counts.locks_made;
  counts.mistakes += (type & ~unsigned{EVTHREAD_LOCKTYPE_RECURSIVE}) != 0;
  auto* lock = new Lock;
  lock->type = type;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&lock->mutex, &attributes);
  pthread_mutexattr_destroy(&attributes);
  return lock;
}

inline void free_lock(void* object, unsigned type) {
  auto* lock = static_cast<Lock*>(object);
  ++counts.locks_freed;
  counts.mistakes += lock->type != type || lock->depth != 0;
  counts.mistakes += pthread_mutex_destroy(&lock->mutex) != 0;
  delete lock;
}

inline int lock(unsigned mode, void* object) {
  auto* lock = static_cast<Lock*>(object);
  counts.mistakes += (mode & ~unsigned{EVTHREAD_TRY}) != 0;  // no lock is a read-write one
  const int failed = (mode & EVTHREAD_TRY) != 0 ? pthread_mutex_trylock(&lock->mutex)
                                                : pthread_mutex_lock(&lock->mutex);
  if (failed == 0) {
    ++counts.locked;
    ++lock->depth;
  }
  return failed;
}

inline int unlock(unsigned mode, void* object) {
  auto* lock = static_cast<Lock*>(object);
  counts.mistakes += mode != 0 || lock->depth <= 0;
  ++counts.unlocked;
  --lock->depth;
  return pthread_mutex_unlock(&lock->mutex);
}

inline void* make_condition(unsigned type) {
  ++counts.conditions_made;
  counts.mistakes += type != 0;
  auto* condition = new pthread_cond_t;
  pthread_cond_init(condition, nullptr);
  return condition;
}

inline void free_condition(void* object) {
  ++counts.conditions_freed;
  counts.mistakes += pthread_cond_destroy(static_cast<pthread_cond_t*>(object)) != 0;
  delete static_cast<pthread_cond_t*>(object);
}

inline int signal_condition(void* object, int broadcast) {
  ++counts.signals;
  auto* condition = static_cast<pthread_cond_t*>(object);
  return broadcast != 0 ? pthread_cond_broadcast(condition) : pthread_cond_signal(condition);
}

inline int wait_condition(void* condition, void* object, const timeval* timeout) {
  auto* lock = static_cast<Lock*>(object);
  ++counts.waits;
  counts.mistakes += lock->depth != 1 || timeout != nullptr;
  lock->depth = 0;
  const int failed = pthread_cond_wait(static_cast<pthread_cond_t*>(condition), &lock->mutex);
  lock->depth = 1;
  return failed != 0 ? -1 : 0;
}

inline unsigned long thread_id() {
  ++counts.ids;
  return static_cast<unsigned long>(pthread_self());
}

constexpr evthread_lock_callbacks kLocks = {
    EVTHREAD_LOCK_API_VERSION, EVTHREAD_LOCKTYPE_RECURSIVE, make_lock, free_lock, lock, unlock,
};
constexpr evthread_condition_callbacks kConditions = {
    EVTHREAD_CONDITION_API_VERSION,
    make_condition,
    free_condition,
    signal_condition,
    wait_condition,
};

inline void use_all() {
  REQUIRE(evthread_set_lock_callbacks(&kLocks) == 0);
  REQUIRE(evthread_set_condition_callbacks(&kConditions) == 0);
  evthread_set_id_callback(thread_id);
}

}  // namespace event_cases::counting
