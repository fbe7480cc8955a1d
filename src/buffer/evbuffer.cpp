// The life of an evbuffer, and its settings.
#include "buffer/evbuffer.h"

#include "mem/create.h"

namespace relevent::buffer {

// What the size of the small members is for; see the class.
static_assert(sizeof(void*) != 8 || sizeof(Evbuffer) <= 48);

evbuffer* Evbuffer::create() {
  void* const memory = mem::allocate(sizeof(evbuffer));
  return memory == nullptr ? nullptr : ::new (memory) evbuffer(Place::kHeap);
}

Evbuffer::~Evbuffer() { mem::destroy(extras_); }

void Evbuffer::free() {
  if (RELEVENT_LIKELY(alone())) {
    mem::destroy(handle());
    return;
  }
  lock_.lock();
  if (extras_ != nullptr) {
    extras_->freed = true;
  }
  leave();
}

void Evbuffer::destroy_and_unlock() {
  // The last reference stays while clean-up functions run.
  content_.clear();
  mem::destroy(extras_);
  extras_ = nullptr;
  lock_.unlock();
  if (place_ == Place::kHeap) {
    mem::destroy(handle());
  }
}

bool Evbuffer::enable_locking(void* lock) {
  if (lock_.enabled()) {
    return false;
  }
  if (lock != nullptr) {
    lock_.adopt(lock);
  } else if (!lock_.init(sync::Lock::Kind::kRecursive) || !lock_.enabled()) {
    return false;
  }
  guarded_ = true;
  return true;
}

void Evbuffer::set_flags(std::uint64_t flags, bool on) {
  const sync::LockGuard guard(lock_);
  if ((flags & EVBUFFER_FLAG_DRAINS_TO_FD) != 0) {
    drains_to_fd_ = on;
  }
}

void Evbuffer::freeze(bool front, bool on) {
  const sync::LockGuard guard(lock_);
  if (front) {
    front_frozen_ = on;
  } else {
    end_frozen_ = on;
  }
}

std::size_t Evbuffer::contiguous() {
  const sync::LockGuard guard(lock_);
  return content_.contiguous();
}

bool Evbuffer::make_extras() {
  if (extras_ == nullptr) {
    extras_ = mem::create<Extras>();
    if (extras_ == nullptr) {
      return false;
    }
    heard_ = true;
    // Callbacks may free the buffer; a part of a bufferevent stays where it is until the loop runs.
    if (place_ == Place::kHeap && !guarded_) {
      guarded_ = true;
    }
  }
  return true;
}

std::size_t Evbuffer::read_limit() const {
  return extras_ == nullptr ? Extras{}.max_read : extras_->max_read;
}

std::size_t Evbuffer::max_read() {
  const sync::LockGuard guard(lock_);
  return read_limit();
}

bool Evbuffer::set_max_read(std::size_t limit) {
  const sync::LockGuard guard(lock_);
  if (limit > EV_INT32_MAX || !make_extras()) {
    return false;
  }
  extras_->max_read = limit;
  return true;
}

}  // namespace relevent::buffer
