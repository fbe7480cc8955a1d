#include "sync/lock.h"

#include <utility>

#include "sync/condition.h"

namespace relevent::sync {

bool Lock::init(Kind kind) {
  if (!locking_enabled()) {
    return true;
  }
  handle_ = g_callbacks.lock.alloc(static_cast<unsigned>(kind));
  kind_ = kind;
  owned_ = handle_ != nullptr;
  return owned_;
}

void Lock::adopt(void* handle) {
  reset();
  handle_ = handle;
}

void Lock::reset() {
  void* const handle = std::exchange(handle_, nullptr);
  if (std::exchange(owned_, false)) {
    free_handle(handle, kind_);
  }
}

void Lock::free_handle(void* handle, Kind kind) {
  if (handle != nullptr && g_callbacks.lock.free != nullptr) {
    g_callbacks.lock.free(handle, static_cast<unsigned>(kind));
  }
}

bool Lock::try_lock() {
  return handle_ == nullptr || g_callbacks.lock.lock(EVTHREAD_TRY, handle_) == 0;
}

bool Condition::init() {
  if (g_callbacks.condition.alloc_condition == nullptr) {
    return true;
  }
  handle_ = g_callbacks.condition.alloc_condition(0);
  return handle_ != nullptr;
}

void Condition::reset() {
  void* const handle = std::exchange(handle_, nullptr);
  if (handle != nullptr && g_callbacks.condition.free_condition != nullptr) {
    g_callbacks.condition.free_condition(handle);
  }
}

void Condition::signal_all() {
  if (handle_ != nullptr) {
    g_callbacks.condition.signal_condition(handle_, 1);
  }
}

void Condition::wait(Lock& lock) {
  if (handle_ != nullptr) {
    g_callbacks.condition.wait_condition(handle_, lock.handle(), nullptr);
  }
}

}  // namespace relevent::sync
