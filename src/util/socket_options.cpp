#include "util/socket_options.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "log/log.h"

namespace relevent::util {
namespace {

Result<void> outcome(int result) {
  return result == 0 ? Result<void>() : Result<void>::failure(errno);
}

Result<void> set_option(int fd, int level, int name, int value) {
  return outcome(::setsockopt(fd, level, name, &value, sizeof value));
}

// Adds a flag to those that `get` reads and `set` writes. Compat: a failure is logged as well.
Result<void> add_flag(int fd, int get, const char* get_name, int set, const char* set_name,
                      int flag) {
  const int flags = ::fcntl(fd, get);
  if (flags < 0) {
    const int error = errno;
    log::warn_errno(error, "fcntl(%d, %s)", fd, get_name);
    return Result<void>::failure(error);
  }
  if ((flags & flag) == 0 && ::fcntl(fd, set, flags | flag) < 0) {
    const int error = errno;
    log::warn_errno(error, "fcntl(%d, %s)", fd, set_name);
    return Result<void>::failure(error);
  }
  return {};
}

constexpr int kProbes = 3;

}  // namespace

Result<void> set_nonblocking(int fd) {
  return add_flag(fd, F_GETFL, "F_GETFL", F_SETFL, "F_SETFL", O_NONBLOCK);
}

Result<void> set_close_on_exec(int fd) {
  return add_flag(fd, F_GETFD, "F_GETFD", F_SETFD, "F_SETFD", FD_CLOEXEC);
}

Result<void> set_reuse_address(int fd) { return set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1); }

Result<void> set_reuse_port(int fd) { return set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1); }

Result<void> set_ipv6_only(int fd, bool on) {
  return set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, on ? 1 : 0);
}

Result<void> set_deferred_accept(int fd) {
  // The value is a time in seconds; the kernel rounds it up to its first retransmission.
  return set_option(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 1);
}

Result<void> set_tcp_keepalive(int fd, bool on, int idle_seconds) {
  if (on && idle_seconds < 0) {
    return Result<void>::failure(EINVAL);
  }
  const Result<void> switched = set_option(fd, SOL_SOCKET, SO_KEEPALIVE, on ? 1 : 0);
  if (!switched || !on || idle_seconds == 0) {
    return switched;
  }
  const int interval = idle_seconds >= kProbes ? idle_seconds / kProbes : 1;
  if (const Result<void> set = set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, idle_seconds); !set) {
    return set;
  }
  if (const Result<void> set = set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, interval); !set) {
    return set;
  }
  return set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, kProbes);
}

Result<void> close_socket(int fd) { return outcome(::close(fd)); }

}  // namespace relevent::util
