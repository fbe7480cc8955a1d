#include "listener/listening_socket.h"

#include <event2/listener.h>

#include <cerrno>

#include "util/socket_options.h"

namespace relevent::listener {
namespace {

using Setting = Result<void> (*)(int fd);

// What a flag asks of the socket, in the order in which it is set.
constexpr struct {
  unsigned flag;
  Setting set;
} kSettings[] = {
    {LEV_OPT_REUSEABLE, util::set_reuse_address},
    {LEV_OPT_REUSEABLE_PORT, util::set_reuse_port},
    {LEV_OPT_DEFERRED_ACCEPT, util::set_deferred_accept},
    {LEV_OPT_BIND_IPV6ONLY, [](int fd) { return util::set_ipv6_only(fd, true); }},
    {LEV_OPT_BIND_IPV4_AND_IPV6, [](int fd) { return util::set_ipv6_only(fd, false); }},
};

Result<void> keep_alive(int fd) { return util::set_tcp_keepalive(fd, true, 0); }

}  // namespace

Result<os::OwnFd> bind_socket(const sockaddr& address, socklen_t length, unsigned flags) {
  constexpr unsigned kBothFamilies = LEV_OPT_BIND_IPV6ONLY | LEV_OPT_BIND_IPV4_AND_IPV6;
  if ((flags & kBothFamilies) == kBothFamilies) {
    return Result<os::OwnFd>::failure(EINVAL);
  }
  const int close_on_exec = (flags & LEV_OPT_CLOSE_ON_EXEC) != 0 ? SOCK_CLOEXEC : 0;
  os::OwnFd fd(::socket(address.sa_family, SOCK_STREAM | SOCK_NONBLOCK | close_on_exec, 0));
  if (!fd.valid()) {
    return Result<os::OwnFd>::failure(errno);
  }
  // Compat: accepted connections inherit it (listener_flags_test.cpp).
  Result<void> set = keep_alive(fd.get());
  for (const auto& setting : kSettings) {
    if (set && (flags & setting.flag) != 0) {
      set = setting.set(fd.get());
    }
  }
  if (!set) {
    return Result<os::OwnFd>::failure(set.error());
  }
  if (::bind(fd.get(), &address, length) != 0) {
    return Result<os::OwnFd>::failure(errno);
  }
  return fd;
}

}  // namespace relevent::listener
