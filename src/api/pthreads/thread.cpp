// event2/thread.h: the part that libevent_pthreads provides.
#include <event2/thread.h>

#include "pthreads/pthread_callbacks.h"

using relevent::pthreads::LockProtocol;
using relevent::pthreads::use_pthreads;

extern "C" {

int evthread_use_pthreads() { return use_pthreads(LockProtocol::kPlain) ? 0 : -1; }

int evthread_use_pthreads_with_flags(int flags) {
  if (flags & ~EVTHREAD_PTHREAD_PRIO_INHERIT) {
    return -1;
  }
  return use_pthreads(flags & EVTHREAD_PTHREAD_PRIO_INHERIT ? LockProtocol::kPriorityInherit
                                                            : LockProtocol::kPlain)
             ? 0
             : -1;
}

}  // extern "C"
