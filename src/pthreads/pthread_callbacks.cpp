#include "pthreads/pthread_callbacks.h"

#include <event2/event.h>
#include <event2/thread.h>
#include <pthread.h>
#include <sys/time.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include "surface/surface.h"

namespace relevent::pthreads {
namespace {

constinit pthread_mutex_t g_mutex = PTHREAD_MUTEX_INITIALIZER;
constinit bool g_used = false;
constinit LockProtocol g_protocol = LockProtocol::kPlain;

bool init_mutex(pthread_mutex_t& mutex, bool recursive) {
  pthread_mutexattr_t attributes;
  if (pthread_mutexattr_init(&attributes) != 0) {
    return false;
  }
  bool good = true;
  if (recursive) {
    good = pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE) == 0;
  }
  if (good && g_protocol == LockProtocol::kPriorityInherit) {
    good = pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT) == 0;
  }
  good = good && pthread_mutex_init(&mutex, &attributes) == 0;
  pthread_mutexattr_destroy(&attributes);
  return good;
}

void* allocate_lock(unsigned kind) {
  auto* const mutex = static_cast<pthread_mutex_t*>(relevent_allocate(sizeof(pthread_mutex_t)));
  if (mutex != nullptr && !init_mutex(*mutex, kind & EVTHREAD_LOCKTYPE_RECURSIVE)) {
    relevent_release(mutex);
    return nullptr;
  }
  return mutex;
}

void free_lock(void* lock, unsigned) {
  pthread_mutex_destroy(static_cast<pthread_mutex_t*>(lock));
  relevent_release(lock);
}

int lock_lock(unsigned mode, void* lock) {
  auto* const mutex = static_cast<pthread_mutex_t*>(lock);
  return mode & EVTHREAD_TRY ? pthread_mutex_trylock(mutex) : pthread_mutex_lock(mutex);
}

int unlock_lock(unsigned, void* lock) {
  return pthread_mutex_unlock(static_cast<pthread_mutex_t*>(lock));
}

unsigned long thread_id() {
  // pthread_self() of two threads that live at the same time differ.
  return static_cast<unsigned long>(pthread_self());
}

void* allocate_condition(unsigned) {
  auto* const condition = static_cast<pthread_cond_t*>(relevent_allocate(sizeof(pthread_cond_t)));
  if (condition != nullptr && pthread_cond_init(condition, nullptr) != 0) {
    relevent_release(condition);
    return nullptr;
  }
  return condition;
}

void free_condition(void* condition) {
  pthread_cond_destroy(static_cast<pthread_cond_t*>(condition));
  relevent_release(condition);
}

int signal_condition(void* condition, int broadcast) {
  auto* const cond = static_cast<pthread_cond_t*>(condition);
  return (broadcast ? pthread_cond_broadcast(cond) : pthread_cond_signal(cond)) == 0 ? 0 : -1;
}

// 0, 1 when the time is up, -1 on errors.
int wait_condition(void* condition, void* lock, const timeval* timeout) {
  auto* const cond = static_cast<pthread_cond_t*>(condition);
  auto* const mutex = static_cast<pthread_mutex_t*>(lock);
  if (timeout == nullptr) {
    return pthread_cond_wait(cond, mutex) == 0 ? 0 : -1;
  }
  timeval now{};
  gettimeofday(&now, nullptr);
  timeval end{};
  timeradd(&now, timeout, &end);
  const timespec deadline{end.tv_sec, end.tv_usec * 1000};
  const int result = pthread_cond_timedwait(cond, mutex, &deadline);
  return result == ETIMEDOUT ? 1 : result == 0 ? 0 : -1;
}

constexpr evthread_lock_callbacks kLocks = {EVTHREAD_LOCK_API_VERSION,
                                            EVTHREAD_LOCKTYPE_RECURSIVE,
                                            allocate_lock,
                                            free_lock,
                                            lock_lock,
                                            unlock_lock};
constexpr evthread_condition_callbacks kConditions = {EVTHREAD_CONDITION_API_VERSION,
                                                      allocate_condition, free_condition,
                                                      signal_condition, wait_condition};

}  // namespace

bool use_pthreads(LockProtocol protocol) {
  pthread_mutex_lock(&g_mutex);
  // Once the priority protocol was asked for, it stays.
  const bool good = !g_used || protocol != LockProtocol::kPriorityInherit || protocol == g_protocol;
  if (good) {
    if (!g_used) {
      g_protocol = protocol;
    }
    g_used = true;
    // Compat: other callbacks that are set already stay, and that is no error
    // (thread_callbacks_test.cpp).
    evthread_set_lock_callbacks(&kLocks);
    evthread_set_condition_callbacks(&kConditions);
    evthread_set_id_callback(thread_id);
    relevent_declare_pthread_locks(&kLocks);
  }
  pthread_mutex_unlock(&g_mutex);
  return good;
}

}  // namespace relevent::pthreads
