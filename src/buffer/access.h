// How the parts of Evbuffer enter and leave a buffer.
#pragma once

#include "buffer/evbuffer.h"

namespace relevent::buffer {

// Holds the lock of a buffer, and keeps it alive, for a scope.
class RELEVENT_SCOPED_CAPABILITY Access {
 public:
  explicit Access(Evbuffer& buffer)
      RELEVENT_ACQUIRE(buffer.lock_) RELEVENT_NO_THREAD_SAFETY_ANALYSIS
      : buffer_(buffer.guarded_ ? &buffer : nullptr) {
    if (RELEVENT_UNLIKELY(buffer_ != nullptr)) {
      buffer_->enter();
    }
  }
  ~Access() RELEVENT_RELEASE() RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
    if (RELEVENT_UNLIKELY(buffer_ != nullptr)) {
      buffer_->leave();
    }
  }
  Access(const Access&) = delete;
  Access& operator=(const Access&) = delete;

 private:
  Evbuffer* const buffer_;
};

// The same for two different buffers: the one at the lower address is locked first.
class RELEVENT_SCOPED_CAPABILITY PairAccess {
 public:
  PairAccess(Evbuffer& a, Evbuffer& b)
      RELEVENT_ACQUIRE(a.lock_, b.lock_) RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
    if (RELEVENT_UNLIKELY(a.guarded_ || b.guarded_)) {
      first_ = &a < &b ? &a : &b;
      second_ = &a < &b ? &b : &a;
      first_->enter();
      second_->enter();
    }
  }
  ~PairAccess() RELEVENT_RELEASE() RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
    if (RELEVENT_UNLIKELY(first_ != nullptr)) {
      second_->leave();
      first_->leave();
    }
  }
  PairAccess(const PairAccess&) = delete;
  PairAccess& operator=(const PairAccess&) = delete;

 private:
  Evbuffer* first_ = nullptr;
  Evbuffer* second_ = nullptr;
};

}  // namespace relevent::buffer
