#pragma once

#include <event2/event.h>

#include "mem/create.h"
#include "mem/grow_array.h"
#include "os/clock.h"

namespace relevent::loop {

// What a new base shall be like.
// Owns: the names of the methods to avoid.
// C API: event_config_*.
class Config {
 public:
  Config() = default;
  ~Config();
  Config(const Config&) = delete;
  Config& operator=(const Config&) = delete;

  [[nodiscard]] bool avoid_method(const char* name);
  bool avoids(const char* name) const;

  int required_features = 0;
  int cpus_hint = 0;  // Compat: kept, as elsewhere only Windows has a use for it
  int flags = 0;      // EVENT_BASE_FLAG_*
  os::Nanoseconds max_dispatch_interval = os::kNever;
  int max_dispatch_callbacks = 0x7fffffff;
  int limit_callbacks_after_priority = 0;

 private:
  mem::GrowArray<char*> avoided_;
};

}  // namespace relevent::loop

struct event_config final : relevent::loop::Config {};
