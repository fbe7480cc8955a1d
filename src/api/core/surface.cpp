// surface/surface.h
#include "surface/surface.h"

#include "bufferevent/hostname.h"
#include "mem/hooks.h"
#include "sync/callbacks.h"

using namespace relevent;

extern "C" {

void relevent_set_resolver(const relevent_resolver* resolver) { bev::set_resolver(resolver); }

void* relevent_allocate(std::size_t size) { return mem::allocate(size); }
void relevent_release(void* block) { mem::release(block); }

void relevent_declare_pthread_locks(const evthread_lock_callbacks* callbacks) {
  sync::declare_native(*callbacks);
}

}  // extern "C"
