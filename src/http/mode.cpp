#include "http/mode.h"

#include <atomic>
#include <cstdlib>
#include <cstring>

namespace relevent::http {

namespace {

constexpr int kUnknown = -1;
constinit std::atomic<int> g_mode = kUnknown;

Mode mode_of_environment() {
  // Null in a set-user-ID program, whose caller must not loosen its rules.
  const char* const name = ::secure_getenv("RELEVENT_HTTP");
  if (name != nullptr && std::strcmp(name, "compat") == 0) {
    return Mode::kCompat;
  }
  return name != nullptr && std::strcmp(name, "strict") == 0 ? Mode::kStrict : Mode::kSafe;
}

}  // namespace

Mode current_mode() {
  int mode = g_mode.load(std::memory_order_relaxed);
  if (mode == kUnknown) {
    // Whoever sets a mode at the same time wins.
    const int found = static_cast<int>(mode_of_environment());
    mode = g_mode.compare_exchange_strong(mode, found, std::memory_order_relaxed) ? found : mode;
  }
  return static_cast<Mode>(mode);
}

void set_mode(Mode mode) { g_mode.store(static_cast<int>(mode), std::memory_order_relaxed); }

}  // namespace relevent::http
