// surface/surface.h
#include "surface/surface.h"

#include "bufferevent/hostname.h"
#include "mem/hooks.h"
#include "sync/callbacks.h"
#include "sync/lock.h"
#include "util/resolve.h"

using namespace relevent;

extern "C" {

void relevent_set_resolver(const relevent_resolver* resolver) { bev::set_resolver(resolver); }

evutil_addrinfo* relevent_new_address_info(const sockaddr* address, int length, int socktype,
                                           int protocol) {
  evutil_addrinfo hints = {};
  hints.ai_socktype = socktype;
  hints.ai_protocol = protocol;
  return util::new_address_info(*address, static_cast<socklen_t>(length), hints);
}

void* relevent_allocate(std::size_t size) { return mem::allocate(size); }
void* relevent_allocate_zeroed(std::size_t count, std::size_t size) {
  return mem::allocate_zeroed(count, size);
}
void* relevent_reallocate(void* block, std::size_t size) { return mem::reallocate(block, size); }
void relevent_release(void* block) { mem::release(block); }

int relevent_lock_new(void** lock) {
  sync::Lock made;
  if (!made.init(sync::Lock::Kind::kRecursive)) {
    return -1;
  }
  *lock = made.take();
  return 0;
}

void relevent_lock_free(void* lock) { sync::Lock::free_handle(lock, sync::Lock::Kind::kRecursive); }
void relevent_lock_acquire(void* lock) { sync::Lock::lock_handle(lock); }
void relevent_lock_release(void* lock) { sync::Lock::unlock_handle(lock); }

void relevent_declare_pthread_locks(const evthread_lock_callbacks* callbacks) {
  sync::declare_native(*callbacks);
}

}  // extern "C"
