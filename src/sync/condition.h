#pragma once

#include <sys/time.h>

#include "sync/lock.h"

namespace relevent::sync {

// A condition variable from the callbacks in force. Without them it is never waited for.
// Owns: the condition object.
class Condition {
 public:
  Condition() = default;
  ~Condition() { reset(); }
  Condition(const Condition&) = delete;
  Condition& operator=(const Condition&) = delete;

  // Fails: false when there is no memory. Does nothing without condition callbacks.
  [[nodiscard]] bool init();
  void reset();

  bool enabled() const { return handle_ != nullptr; }
  void signal_all();
  // Gives `lock` up while it waits. The caller holds it exactly once.
  void wait(Lock& lock) RELEVENT_REQUIRES(lock);

 private:
  void* handle_ = nullptr;
};

}  // namespace relevent::sync
