// Settings of descriptors and sockets. Each returns the errno of the failed call.
// C API: evutil_make_socket_nonblocking and its siblings.
#pragma once

#include "base/result.h"

namespace relevent::util {

Result<void> set_nonblocking(int fd);
Result<void> set_close_on_exec(int fd);

// For listeners. The address can be bound again right after it was closed.
Result<void> set_reuse_address(int fd);
// Several sockets may listen on the same port, and share its connections.
Result<void> set_reuse_port(int fd);
// IPv6 only, or IPv4 as well. Before bind().
Result<void> set_ipv6_only(int fd, bool on);
// Connections are accepted once they have sent something.
Result<void> set_deferred_accept(int fd);

// Probes an idle TCP connection after `idle_seconds`, three times within as long again. With 0
// seconds the system's times stay in force. `idle_seconds` does not matter when switching off.
// Fails: EINVAL for a negative time.
Result<void> set_tcp_keepalive(int fd, bool on, int idle_seconds);

Result<void> close_socket(int fd);

}  // namespace relevent::util
