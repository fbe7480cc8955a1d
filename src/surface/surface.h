// The private C surface: what our shared objects ask of each other beyond the public API. Exported
// by core; no promise to anybody else.
#pragma once

#include <event2/thread.h>

#include <cstddef>

#include "base/attributes.h"

extern "C" {

// Memory from the hooks of event_set_mem_functions.
RELEVENT_API void* relevent_allocate(std::size_t size);
RELEVENT_API void relevent_release(void* block);

// Says that every lock of these callbacks is a pthread_mutex_t, if they are the ones in force, so that
// core may lock it without an indirect call.
RELEVENT_API void relevent_declare_pthread_locks(const evthread_lock_callbacks* callbacks);

}  // extern "C"
