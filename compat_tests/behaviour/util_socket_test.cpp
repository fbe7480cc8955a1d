// evutil's settings of sockets and descriptors, and its socket errors.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "support.h"

namespace {

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) { REQUIRE(fd_ >= 0); }
  ~Fd() { ::close(fd_); }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// The value of a socket option, or -errno.
int option(int fd, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, level, name, &value, &size) == 0 ? value : -errno;
}

// "0", or -1 with the errno.
std::pair<int, int> with_errno(int (*function)(evutil_socket_t), int fd) {
  errno = 0;
  const int result = function(fd);
  return {result, result == 0 ? 0 : errno};
}

const std::pair<int, int> kDone{0, 0};

std::pair<int, int> failed(int error) { return {-1, error}; }

// A descriptor that is not open.
int closed_fd() {
  const int fd = ::dup(0);
  if (fd >= 0) {
    ::close(fd);
  }
  return fd;
}

bool has_ipv6() {
  const int fd = ::socket(AF_INET6, SOCK_STREAM, 0);
  if (fd < 0) {
    WARN("no IPv6 on this machine");
    return false;
  }
  ::close(fd);
  return true;
}

sockaddr_in loopback() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int listen_on(int fd, sockaddr_in& address) {
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(fd, 5) != 0) {
    return -1;
  }
  return ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
}

}  // namespace

TEST_CASE("evutil_socketpair: the ends are connected, of the asked type, blocking and inherited") {
  for (const int type : {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET}) {
    evutil_socket_t fds[2] = {-1, -1};
    REQUIRE(evutil_socketpair(AF_UNIX, type, 0, fds) == 0);
    const Fd first(fds[0]);
    const Fd second(fds[1]);
    CHECK(option(first.get(), SOL_SOCKET, SO_TYPE) == type);
    CHECK(option(first.get(), SOL_SOCKET, SO_DOMAIN) == AF_UNIX);
    for (const Fd* const end : {&first, &second}) {
      CHECK((::fcntl(end->get(), F_GETFL) & O_NONBLOCK) == 0);
      CHECK(::fcntl(end->get(), F_GETFD) == 0);
    }
    char text[8] = "";
    REQUIRE(::write(first.get(), "hello", 5) == 5);
    CHECK(::read(second.get(), text, sizeof text) == 5);
    CHECK(std::string(text) == "hello");
    REQUIRE(::write(second.get(), "you", 3) == 3);
    CHECK(::read(first.get(), text, sizeof text) == 3);
  }
}

TEST_CASE("evutil_socketpair: flags of the type are honoured") {
  evutil_socket_t fds[2];
  REQUIRE(evutil_socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
  const Fd first(fds[0]);
  const Fd second(fds[1]);
  CHECK((::fcntl(first.get(), F_GETFL) & O_NONBLOCK) != 0);
  CHECK(::fcntl(second.get(), F_GETFD) == FD_CLOEXEC);
}

TEST_CASE("evutil_socketpair: what cannot be paired") {
  const auto pair = [](int domain, int type, int protocol) {
    evutil_socket_t fds[2];
    errno = 0;
    const int result = evutil_socketpair(domain, type, protocol, fds);
    return std::pair(result, errno);
  };
  CHECK(pair(AF_INET, SOCK_STREAM, 0) == failed(EOPNOTSUPP));
  CHECK(pair(AF_INET, SOCK_DGRAM, 0) == failed(EOPNOTSUPP));
  CHECK(pair(AF_UNSPEC, SOCK_STREAM, 0) == failed(EAFNOSUPPORT));
  CHECK(pair(-1, SOCK_STREAM, 0) == failed(EAFNOSUPPORT));
  CHECK(pair(AF_UNIX, SOCK_STREAM, 99) == failed(EPROTONOSUPPORT));
  CHECK(pair(AF_UNIX, 99, 0) == failed(EINVAL));
  CHECK(evutil_socketpair(AF_UNIX, SOCK_STREAM, 0, nullptr) == -1);
}

TEST_CASE("evutil_make_socket_nonblocking: sets the flag and keeps the others") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const Fd reader(ends[0]);
  const Fd writer(ends[1]);
  const Fd socket(::socket(AF_INET, SOCK_STREAM, 0));
  REQUIRE(::fcntl(writer.get(), F_SETFL, O_APPEND) == 0);
  for (const Fd* const fd : {&reader, &writer, &socket}) {
    const int before = ::fcntl(fd->get(), F_GETFL);
    CHECK(with_errno(evutil_make_socket_nonblocking, fd->get()) == kDone);
    CHECK(with_errno(evutil_make_socket_nonblocking, fd->get()) == kDone);
    CHECK(::fcntl(fd->get(), F_GETFL) == (before | O_NONBLOCK));
  }
  char c;
  CHECK(::read(reader.get(), &c, 1) == -1);
  CHECK(errno == EAGAIN);
}

TEST_CASE("evutil_make_socket_closeonexec: sets the flag") {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM, 0));
  CHECK(::fcntl(socket.get(), F_GETFD) == 0);
  CHECK(with_errno(evutil_make_socket_closeonexec, socket.get()) == kDone);
  CHECK(with_errno(evutil_make_socket_closeonexec, socket.get()) == kDone);
  CHECK(::fcntl(socket.get(), F_GETFD) == FD_CLOEXEC);
}

TEST_CASE("evutil_make_socket_nonblocking: a bad descriptor is an error, and logged") {
  const LogCapture log;
  CHECK(with_errno(evutil_make_socket_nonblocking, closed_fd()) == failed(EBADF));
  CHECK(log.contains(EVENT_LOG_WARN, "F_GETFL"));
  CHECK(log.contains(EVENT_LOG_WARN, std::strerror(EBADF)));
  CHECK(with_errno(evutil_make_socket_nonblocking, -1) == failed(EBADF));
  CHECK(with_errno(evutil_make_socket_closeonexec, -1) == failed(EBADF));
  CHECK(log.contains(EVENT_LOG_WARN, "F_GETFD"));
  CHECK(log.count() == 3);
}

TEST_CASE("evutil_make_listen_socket_reuseable: a port in TIME_WAIT can be bound again") {
  sockaddr_in address = loopback();
  {
    const Fd listener(::socket(AF_INET, SOCK_STREAM, 0));
    CHECK(with_errno(evutil_make_listen_socket_reuseable, listener.get()) == kDone);
    CHECK(option(listener.get(), SOL_SOCKET, SO_REUSEADDR) == 1);
    REQUIRE(listen_on(listener.get(), address) == 0);
    const Fd client(::socket(AF_INET, SOCK_STREAM, 0));
    REQUIRE(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    const Fd accepted(::accept(listener.get(), nullptr, nullptr));
    // The side that closes first keeps the port in TIME_WAIT.
    ::shutdown(accepted.get(), SHUT_RDWR);
  }
  const Fd again(::socket(AF_INET, SOCK_STREAM, 0));
  CHECK(evutil_make_listen_socket_reuseable(again.get()) == 0);
  CHECK(listen_on(again.get(), address) == 0);
}

TEST_CASE("evutil_make_listen_socket_reuseable_port: two listeners on one port") {
  sockaddr_in address = loopback();
  const Fd first(::socket(AF_INET, SOCK_STREAM, 0));
  const Fd second(::socket(AF_INET, SOCK_STREAM, 0));
  CHECK(with_errno(evutil_make_listen_socket_reuseable_port, first.get()) == kDone);
  CHECK(with_errno(evutil_make_listen_socket_reuseable_port, second.get()) == kDone);
  CHECK(option(first.get(), SOL_SOCKET, SO_REUSEPORT) == 1);
  REQUIRE(listen_on(first.get(), address) == 0);
  CHECK(listen_on(second.get(), address) == 0);
}

TEST_CASE("evutil_make_listen_socket_ipv6only: before bind, on IPv6 only") {
  if (!has_ipv6()) {
    return;
  }
  const Fd ipv6(::socket(AF_INET6, SOCK_STREAM, 0));
  const Fd ipv4(::socket(AF_INET, SOCK_STREAM, 0));
  CHECK(with_errno(evutil_make_listen_socket_ipv6only, ipv6.get()) == kDone);
  CHECK(option(ipv6.get(), IPPROTO_IPV6, IPV6_V6ONLY) == 1);
  CHECK(with_errno(evutil_make_listen_socket_ipv6only, ipv4.get()).first == -1);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  if (::bind(ipv6.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    CHECK(with_errno(evutil_make_listen_socket_ipv6only, ipv6.get()) == failed(EINVAL));
  }
}

TEST_CASE("evutil_make_tcp_listen_socket_deferred: TCP only") {
  const Fd tcp(::socket(AF_INET, SOCK_STREAM, 0));
  const Fd udp(::socket(AF_INET, SOCK_DGRAM, 0));
  CHECK(with_errno(evutil_make_tcp_listen_socket_deferred, tcp.get()) == kDone);
  CHECK(option(tcp.get(), IPPROTO_TCP, TCP_DEFER_ACCEPT) > 0);
  CHECK(with_errno(evutil_make_tcp_listen_socket_deferred, udp.get()) == failed(ENOPROTOOPT));
}

TEST_CASE("evutil socket options: descriptors that are no sockets, or not open, without a log") {
  const LogCapture log;
  const Fd null(::open("/dev/null", O_RDONLY));
  for (const auto function :
       {evutil_make_listen_socket_reuseable, evutil_make_listen_socket_reuseable_port,
        evutil_make_listen_socket_ipv6only, evutil_make_tcp_listen_socket_deferred}) {
    CHECK(with_errno(function, null.get()) == failed(ENOTSOCK));
    CHECK(with_errno(function, closed_fd()) == failed(EBADF));
    CHECK(with_errno(function, -1) == failed(EBADF));
  }
  CHECK(log.count() == 0);
}

TEST_CASE("evutil_closesocket: closes once") {
  evutil_socket_t fds[2];
  REQUIRE(evutil_socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
  CHECK(with_errno(evutil_closesocket, fds[0]) == kDone);
  char c;
  CHECK(::read(fds[1], &c, 1) == 0);
  CHECK(with_errno(evutil_closesocket, fds[0]) == failed(EBADF));
  CHECK(EVUTIL_CLOSESOCKET(fds[1]) == 0);
  CHECK(with_errno(evutil_closesocket, -1) == failed(EBADF));
}

TEST_CASE("evutil socket errors: are errno and its text") {
  EVUTIL_SET_SOCKET_ERROR(ECONNREFUSED);
  CHECK(errno == ECONNREFUSED);
  CHECK(EVUTIL_SOCKET_ERROR() == ECONNREFUSED);
  errno = EAGAIN;
  CHECK(EVUTIL_SOCKET_ERROR() == EAGAIN);
  CHECK(evutil_socket_geterror(-1) == EAGAIN);
  CHECK(std::string(evutil_socket_error_to_string(ECONNREFUSED)) == std::strerror(ECONNREFUSED));
  CHECK(EVUTIL_INVALID_SOCKET == -1);
}

TEST_CASE("evutil_make_listen_socket_not_ipv6only: IPv4 as well") {
  INTENDED_DIFFERENCE("an addition of libevent 2.2");
  if (!has_ipv6()) {
    return;
  }
  const Fd ipv6(::socket(AF_INET6, SOCK_STREAM, 0));
  REQUIRE(evutil_make_listen_socket_ipv6only(ipv6.get()) == 0);
  // Called, never pointed to: a pointer would have to be resolved before main, also on 2.1.
  CHECK(with_errno([](int fd) { return evutil_make_listen_socket_not_ipv6only(fd); }, ipv6.get()) ==
        kDone);
  CHECK(option(ipv6.get(), IPPROTO_IPV6, IPV6_V6ONLY) == 0);
  CHECK(evutil_make_listen_socket_not_ipv6only(-1) == -1);
}

TEST_CASE("evutil_set_tcp_keepalive: switches probes on and off") {
  INTENDED_DIFFERENCE("an addition of libevent 2.2");
  const Fd tcp(::socket(AF_INET, SOCK_STREAM, 0));
  CHECK(evutil_set_tcp_keepalive(tcp.get(), 1, 300) == 0);
  CHECK(option(tcp.get(), SOL_SOCKET, SO_KEEPALIVE) == 1);
  CHECK(option(tcp.get(), IPPROTO_TCP, TCP_KEEPIDLE) == 300);
  CHECK(option(tcp.get(), IPPROTO_TCP, TCP_KEEPINTVL) > 0);
  CHECK(option(tcp.get(), IPPROTO_TCP, TCP_KEEPINTVL) <= 300);
  CHECK(option(tcp.get(), IPPROTO_TCP, TCP_KEEPCNT) > 0);
  CHECK(evutil_set_tcp_keepalive(tcp.get(), 0, 300) == 0);
  CHECK(option(tcp.get(), SOL_SOCKET, SO_KEEPALIVE) == 0);
  CHECK(evutil_set_tcp_keepalive(tcp.get(), 1, -1) == -1);
  CHECK(evutil_set_tcp_keepalive(tcp.get(), 1, 100000) == -1);  // above the kernel's limit
  CHECK(evutil_set_tcp_keepalive(-1, 1, 10) == -1);
  CHECK(EVUTIL_SOCKET_ERROR() == EBADF);
}
