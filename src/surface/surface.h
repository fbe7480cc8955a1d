// The private C surface: what our shared objects ask of each other beyond the public API. Exported
// by core; no promise to anybody else.
#pragma once

#include <event2/thread.h>
#include <event2/util.h>

#include <cstddef>

#include "base/attributes.h"

struct evdns_base;

extern "C" {

// How evdns looks names up for bufferevents.
struct relevent_resolver {
  // Calls `done` once with 0 or EVUTIL_EAI_*, and the addresses, which `done` frees. Null if it has
  // done so already.
  void* (*look_up)(evdns_base* base, const char* name, const char* service,
                   const evutil_addrinfo* hints,
                   void (*done)(int error, evutil_addrinfo* addresses, void* argument),
                   void* argument);
  // `done` is called with EVUTIL_EAI_CANCEL, now or from the loop.
  void (*cancel)(void* request);
};

// To be called by evdns when a program makes its first evdns_base. The table has to last.
RELEVENT_API void relevent_set_resolver(const relevent_resolver* resolver);

// A result for evutil_freeaddrinfo, without flags and canonical name; its owner may add one from
// the hooks' memory. Null without memory.
RELEVENT_API evutil_addrinfo* relevent_new_address_info(const sockaddr* address, int length,
                                                        int socktype, int protocol);

// Memory from the hooks of event_set_mem_functions; null with errno ENOMEM when there is none.
// surface/memory.h has owners for it.
RELEVENT_API void* relevent_allocate(std::size_t size);
RELEVENT_API void* relevent_allocate_zeroed(std::size_t count, std::size_t size);
RELEVENT_API void* relevent_reallocate(void* block, std::size_t size);
RELEVENT_API void relevent_release(void* block);

// A recursive lock by the lock callbacks in force; surface/lock.h has the class for it. `lock`
// becomes null if threading is off. 0, or -1 without memory.
RELEVENT_API int relevent_lock_new(void** lock);
RELEVENT_API void relevent_lock_free(void* lock);
RELEVENT_API void relevent_lock_acquire(void* lock);
RELEVENT_API void relevent_lock_release(void* lock);

// Says that every lock of these callbacks is a pthread_mutex_t, if they are the ones in force, so
// that core may lock it without an indirect call.
RELEVENT_API void relevent_declare_pthread_locks(const evthread_lock_callbacks* callbacks);

}  // extern "C"
