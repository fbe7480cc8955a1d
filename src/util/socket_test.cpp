#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <cerrno>

#include "os/own_fd.h"
#include "util/socket_error.h"
#include "util/socket_options.h"
#include "util/socket_pair.h"

using namespace relevent;

namespace {

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  REQUIRE(::getsockopt(fd, level, name, &value, &size) == 0);
  return value;
}

}  // namespace

TEST_CASE("util: socket errors are classified") {
  for (const int error : {EINTR, EAGAIN, EWOULDBLOCK}) {
    CHECK(util::is_retriable_io_error(error));
    CHECK(util::is_retriable_accept_error(error));
  }
  CHECK(util::is_retriable_accept_error(ECONNABORTED));
  CHECK_FALSE(util::is_retriable_accept_error(EMFILE));
  CHECK_FALSE(util::is_retriable_io_error(ECONNRESET));
  CHECK(util::is_connect_in_progress(EINPROGRESS));
  CHECK(util::is_connect_in_progress(EINTR));
  CHECK_FALSE(util::is_connect_in_progress(ECONNREFUSED));
  CHECK(util::is_connect_refused(ECONNREFUSED));
  CHECK_FALSE(util::is_connect_refused(ETIMEDOUT));
}

TEST_CASE("util: keepalive times") {
  const os::OwnFd fd(::socket(AF_INET, SOCK_STREAM, 0));
  const int default_idle = option(fd.get(), IPPROTO_TCP, TCP_KEEPIDLE);
  REQUIRE(util::set_tcp_keepalive(fd.get(), true, 0));
  CHECK(option(fd.get(), SOL_SOCKET, SO_KEEPALIVE) == 1);
  CHECK(option(fd.get(), IPPROTO_TCP, TCP_KEEPIDLE) == default_idle);
  REQUIRE(util::set_tcp_keepalive(fd.get(), true, 90));
  CHECK(option(fd.get(), IPPROTO_TCP, TCP_KEEPIDLE) == 90);
  CHECK(option(fd.get(), IPPROTO_TCP, TCP_KEEPINTVL) == 30);
  CHECK(option(fd.get(), IPPROTO_TCP, TCP_KEEPCNT) == 3);
  REQUIRE(util::set_tcp_keepalive(fd.get(), true, 1));
  CHECK(option(fd.get(), IPPROTO_TCP, TCP_KEEPINTVL) == 1);
  CHECK(util::set_tcp_keepalive(fd.get(), true, -1).error() == EINVAL);
  REQUIRE(util::set_tcp_keepalive(fd.get(), false, -1));
  CHECK(option(fd.get(), SOL_SOCKET, SO_KEEPALIVE) == 0);
}

TEST_CASE("util: a failed call gives its errno") {
  CHECK(util::set_reuse_address(-1).error() == EBADF);
  CHECK(util::close_socket(-1).error() == EBADF);
  int fds[2];
  CHECK(util::make_socket_pair(AF_INET, SOCK_STREAM, 0, fds).error() == EOPNOTSUPP);
  CHECK(util::make_socket_pair(AF_UNIX, SOCK_STREAM, 0, nullptr).error() == EFAULT);
}
