// The flags LEV_OPT_*.
#include <netinet/tcp.h>

#include "listener_tools.h"

using namespace event_cases;

namespace {

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  CHECK(getsockopt(fd, level, name, &value, &length) == 0);
  return value;
}

// Accepts one connection with a listener of these flags.
int accept_one(Acceptor& acceptor, unsigned flags) {
  const Base base = make_base();
  Descriptors clients;
  const Listener listener = acceptor.listen(base, flags | LEV_OPT_CLOSE_ON_FREE);
  REQUIRE(listener);
  clients.keep(connect_to(listener));
  event_base_loop(base.get(), EVLOOP_ONCE);
  REQUIRE(acceptor.count() == 1);
  return acceptor.accepted[0];
}

}  // namespace

TEST_CASE("LEV_OPT: the socket without any flag") {
  const Base base = make_base();
  Acceptor acceptor;
  Descriptors fds;
  const Listener listener = acceptor.listen(base, 0);
  const int fd = fds.keep(evconnlistener_get_fd(listener.get()));
  CHECK(is_nonblocking(fd));
  CHECK_FALSE(closes_on_exec(fd));
  CHECK(option(fd, SOL_SOCKET, SO_KEEPALIVE) == 1);
  CHECK(option(fd, SOL_SOCKET, SO_REUSEADDR) == 0);
  CHECK(option(fd, SOL_SOCKET, SO_REUSEPORT) == 0);
  CHECK(option(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT) == 0);
  CHECK(option(fd, IPPROTO_TCP, TCP_NODELAY) == 0);
}

TEST_CASE("LEV_OPT: accepted sockets keep their peers under observation") {
  Acceptor acceptor;
  CHECK(option(accept_one(acceptor, 0), SOL_SOCKET, SO_KEEPALIVE) == 1);
}

TEST_CASE("LEV_OPT_LEAVE_SOCKETS_BLOCKING: what is accepted blocks, the listener's socket not") {
  Acceptor without;
  CHECK(is_nonblocking(accept_one(without, 0)));
  Acceptor with;
  CHECK_FALSE(is_nonblocking(accept_one(with, LEV_OPT_LEAVE_SOCKETS_BLOCKING)));

  const Base base = make_base();
  const Listener listener =
      with.listen(base, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_LEAVE_SOCKETS_BLOCKING);
  CHECK(is_nonblocking(evconnlistener_get_fd(listener.get())));
}

TEST_CASE("LEV_OPT_CLOSE_ON_EXEC: counts for both sockets") {
  Acceptor without;
  CHECK_FALSE(closes_on_exec(accept_one(without, 0)));
  Acceptor with;
  CHECK(closes_on_exec(accept_one(with, LEV_OPT_CLOSE_ON_EXEC)));

  const Base base = make_base();
  const Listener listener = with.listen(base, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC);
  CHECK(closes_on_exec(evconnlistener_get_fd(listener.get())));
}

TEST_CASE("LEV_OPT_CLOSE_ON_FREE: the socket goes with the listener") {
  const Base base = make_base();
  Acceptor acceptor;
  Descriptors clients;
  Listener listener = acceptor.listen(base, LEV_OPT_CLOSE_ON_FREE);
  const int fd = evconnlistener_get_fd(listener.get());
  Address address = address_of(listener);
  const int waiting = clients.keep(connect_to(listener));
  listener.reset();
  CHECK_FALSE(is_open(fd));
  CHECK(is_hung_up(waiting));
  const int late = clients.keep(socket(AF_INET, SOCK_STREAM, 0));
  CHECK(connect(late, address.get(), address.length) == -1);
  CHECK(errno == ECONNREFUSED);
}

TEST_CASE("LEV_OPT_CLOSE_ON_FREE: what was accepted stays open") {
  const Base base = make_base();
  Acceptor acceptor;
  Descriptors clients;
  {
    const Listener listener = acceptor.listen(base, LEV_OPT_CLOSE_ON_FREE);
    clients.keep(connect_to(listener));
    event_base_loop(base.get(), EVLOOP_ONCE);
  }
  REQUIRE(acceptor.count() == 1);
  CHECK(is_open(acceptor.accepted[0]));
  CHECK(is_quiet(clients[0]));
}

TEST_CASE("LEV_OPT_REUSEABLE: a port with old connections can be bound again") {
  const Base base = make_base();
  Acceptor acceptor;
  Descriptors clients;
  Address address;
  {
    const Listener listener = acceptor.listen(base, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE);
    CHECK(option(evconnlistener_get_fd(listener.get()), SOL_SOCKET, SO_REUSEADDR) == 1);
    address = address_of(listener);
    clients.keep(connect_to(listener));
    event_base_loop(base.get(), EVLOOP_ONCE);
    acceptor.accepted.close_all();  // the server's side is the first to close
  }
  clients.close_all();
  CHECK_FALSE(acceptor.listen(base, LEV_OPT_CLOSE_ON_FREE, -1, address));
  CHECK(errno == EADDRINUSE);
  CHECK(acceptor.listen(base, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, -1, address));
}

TEST_CASE("LEV_OPT_REUSEABLE_PORT: several listeners share a port") {
  const Base base = make_base();
  Acceptor acceptor;
  Descriptors clients;
  constexpr unsigned kFlags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE_PORT;
  const Listener first = acceptor.listen(base, kFlags);
  CHECK(option(evconnlistener_get_fd(first.get()), SOL_SOCKET, SO_REUSEPORT) == 1);
  CHECK(option(evconnlistener_get_fd(first.get()), SOL_SOCKET, SO_REUSEADDR) == 0);
  const Listener second = acceptor.listen(base, kFlags, -1, address_of(first));
  REQUIRE(second);
  for (int i = 0; i < 20; ++i) {
    clients.keep(connect_to(first));
  }
  event_base_loop(base.get(), EVLOOP_NONBLOCK);
  CHECK(acceptor.count() == 20);
  CHECK_FALSE(acceptor.listen(base, LEV_OPT_CLOSE_ON_FREE, -1, address_of(first)));
}

TEST_CASE("LEV_OPT_DISABLED: nothing is accepted until it is enabled") {
  const Base base = make_base();
  Acceptor acceptor;
  Descriptors clients;
  const Listener listener = acceptor.listen(base, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_DISABLED);
  CHECK(added(base) == 0);
  clients.keep(connect_to(listener));  // it listens all the same
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(acceptor.count() == 0);
  CHECK(evconnlistener_enable(listener.get()) == 0);
  CHECK(added(base) == 1);
  event_base_loop(base.get(), EVLOOP_ONCE);
  CHECK(acceptor.count() == 1);
}

TEST_CASE("LEV_OPT_DEFERRED_ACCEPT: a silent client is not reported") {
  const Base base = make_base();
  Acceptor acceptor;
  Descriptors clients;
  const Listener listener = acceptor.listen(base, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_DEFERRED_ACCEPT);
  CHECK(option(evconnlistener_get_fd(listener.get()), IPPROTO_TCP, TCP_DEFER_ACCEPT) == 1);
  clients.keep(connect_to(listener));
  CHECK(turn(base) == 0);
  CHECK(acceptor.count() == 0);
  write_byte(clients[0]);
  event_base_loop(base.get(), EVLOOP_ONCE);
  REQUIRE(acceptor.count() == 1);
  CHECK(drain(acceptor.accepted[0]) == 1);
}

TEST_CASE("LEV_OPT_BIND_IPV6ONLY: the port stays free for IPv4") {
  const Base base = make_base();
  Acceptor acceptor;
  Address any = loopback(AF_INET6);
  reinterpret_cast<sockaddr_in6&>(any.storage).sin6_addr = in6addr_any;
  // Another process may have the port that IPv6 gets, so it may take some.
  bool free_for_four = false;
  for (int i = 0; i < 20 && !free_for_four; ++i) {
    const Listener six =
        acceptor.listen(base, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_BIND_IPV6ONLY, -1, any);
    if (!six) {
      WARN("no IPv6 here: " << strerror(errno));
      return;
    }
    CHECK(option(evconnlistener_get_fd(six.get()), IPPROTO_IPV6, IPV6_V6ONLY) == 1);
    Address four = loopback();
    reinterpret_cast<sockaddr_in&>(four.storage).sin_port = address_of(six).port();
    free_for_four = acceptor.listen(base, LEV_OPT_CLOSE_ON_FREE, -1, four) != nullptr;
  }
  CHECK(free_for_four);
}

TEST_CASE("LEV_OPT: flags that the address cannot have make it fail") {
  const Base base = make_base();
  Acceptor acceptor;
  CHECK_FALSE(acceptor.listen(base, LEV_OPT_BIND_IPV6ONLY));
  CHECK(errno == ENOPROTOOPT);
  Address unnamed;
  unnamed.get()->sa_family = AF_UNIX;
  unnamed.length = sizeof(sa_family_t);
  CHECK_FALSE(acceptor.listen(base, LEV_OPT_DEFERRED_ACCEPT, -1, unnamed));
  CHECK(errno == EOPNOTSUPP);
}

TEST_CASE("LEV_OPT_BIND_IPV4_AND_IPV6: one listener for both", "[relevent]") {
  INTENDED_DIFFERENCE("LEV_OPT_BIND_IPV4_AND_IPV6 is new in 2.2");
  const Base base = make_base();
  Acceptor acceptor;
  Descriptors clients;
  Address any = loopback(AF_INET6);
  reinterpret_cast<sockaddr_in6&>(any.storage).sin6_addr = in6addr_any;
  constexpr unsigned kFlags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_BIND_IPV4_AND_IPV6;
  CHECK_FALSE(acceptor.listen(base, kFlags | LEV_OPT_BIND_IPV6ONLY, -1, any));
  CHECK(errno == EINVAL);
  const Listener both = acceptor.listen(base, kFlags, -1, any);
  if (!both) {
    WARN("no IPv6 here: " << strerror(errno));
    return;
  }
  CHECK(option(evconnlistener_get_fd(both.get()), IPPROTO_IPV6, IPV6_V6ONLY) == 0);
  Address four = loopback();
  reinterpret_cast<sockaddr_in&>(four.storage).sin_port = address_of(both).port();
  clients.keep(connect_to(four));
  event_base_loop(base.get(), EVLOOP_ONCE);
  REQUIRE(acceptor.count() == 1);
  CHECK(acceptor.peers[0].family() == AF_INET6);  // ::ffff:127.0.0.1
}
