// Questions about descriptors.
#pragma once

#include <fcntl.h>

namespace event_cases {

inline bool is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }
inline bool is_nonblocking(int fd) { return (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0; }
inline bool closes_on_exec(int fd) { return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0; }

}  // namespace event_cases
