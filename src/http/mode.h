#pragma once

#include <cstdint>

namespace relevent::http {

// How much of what RFC 9112 forbids is put up with. Ordered: each mode accepts less than the one
// before. C API: relevent_http_set_mode.
enum class Mode : std::uint8_t {
  kCompat,  // all that libevent 2.1 takes
  kSafe,    // nothing that two programs might understand in two ways
  kStrict,  // the RFC to the letter
};

// The process's mode: as set, else as RELEVENT_HTTP in the environment says, else safe.
// Connections look when they are made. Safe in threads.
Mode current_mode();
void set_mode(Mode mode);

}  // namespace relevent::http
