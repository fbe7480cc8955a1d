#pragma once

#include "base/result.h"

namespace relevent::util {

// Two connected sockets, stored at `fds`. Which domains can be paired is up to the system: Linux
// pairs AF_UNIX only. C API: evutil_socketpair.
Result<void> make_socket_pair(int domain, int type, int protocol, int* fds);

}  // namespace relevent::util
