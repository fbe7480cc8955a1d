// Making a listener, and what it hands to its callback.
#include <netinet/tcp.h>
#include <sys/un.h>

#include "listener_tools.h"

using namespace event_cases;

namespace {

// A bound socket that does not listen yet.
int bound_socket() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  Address address = loopback();
  REQUIRE(bind(fd, address.get(), address.length) == 0);
  return fd;
}

bool is_listening(int fd) {
  int on = -1;
  socklen_t length = sizeof on;
  CHECK(getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &length) == 0);
  return on == 1;
}

}  // namespace

TEST_CASE("evconnlistener_new_bind: a connection reaches the callback") {
  const Base base = make_base();
  Acceptor acceptor;
  Descriptors clients;
  const Listener listener = acceptor.listen(base);
  REQUIRE(listener);
  CHECK(evconnlistener_get_base(listener.get()) == base.get());
  CHECK(is_listening(evconnlistener_get_fd(listener.get())));
  CHECK(added(base) == 1);

  const int client = clients.keep(connect_to(listener));
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  REQUIRE(acceptor.count() == 1);
  // The address is the client's.
  CHECK(acceptor.peers[0].length == sizeof(sockaddr_in));
  CHECK(evutil_sockaddr_cmp(acceptor.peers[0].get(), address_of(client).get(), 1) == 0);
  // Both ends are connected.
  write_byte(client);
  CHECK(is_nonblocking(acceptor.accepted[0]));
  CHECK(drain(acceptor.accepted[0]) == 1);
}

TEST_CASE("evconnlistener_new_bind: all that waits is accepted in one go, in order") {
  const Base base = make_base();
  Acceptor acceptor;
  Descriptors clients;
  const Listener listener = acceptor.listen(base);
  for (int i = 0; i < 40; ++i) {
    clients.keep(connect_to(listener));
  }
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  REQUIRE(acceptor.count() == 40);
  for (size_t i = 0; i < 40; ++i) {
    CHECK(acceptor.peers[i].port() == address_of(clients[i]).port());
  }
}

TEST_CASE("evconnlistener_new_bind: IPv6") {
  const Base base = make_base();
  Acceptor acceptor;
  Descriptors clients;
  const Listener listener = acceptor.listen(base, LEV_OPT_CLOSE_ON_FREE, -1, loopback(AF_INET6));
  if (!listener) {
    WARN("no IPv6 here: " << strerror(errno));
    return;
  }
  const int client = clients.keep(connect_to(listener));
  event_base_loop(base.get(), EVLOOP_ONCE);
  REQUIRE(acceptor.count() == 1);
  CHECK(acceptor.peers[0].family() == AF_INET6);
  CHECK(acceptor.peers[0].length == sizeof(sockaddr_in6));
  CHECK(evutil_sockaddr_cmp(acceptor.peers[0].get(), address_of(client).get(), 1) == 0);
}

TEST_CASE("evconnlistener_new_bind: AF_UNIX") {
  char directory[] = "/tmp/listenerXXXXXX";
  REQUIRE(mkdtemp(directory) != nullptr);
  const std::string path = std::string(directory) + "/socket";
  Address address;
  auto& un = reinterpret_cast<sockaddr_un&>(address.storage);
  un.sun_family = AF_UNIX;
  std::strcpy(un.sun_path, path.c_str());
  address.length = sizeof un;

  const Base base = make_base();
  Acceptor acceptor;
  Descriptors clients;
  {
    // SO_REUSEADDR and SO_KEEPALIVE do no harm there.
    const Listener listener =
        acceptor.listen(base, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, -1, address);
    REQUIRE(listener);
    clients.keep(connect_to(address));
    clients.keep(connect_to(address));
    event_base_loop(base.get(), EVLOOP_ONCE);
    CHECK(acceptor.count() == 2);
    // The client has no name: only the family is there.
    CHECK(acceptor.peers[0].family() == AF_UNIX);
    CHECK(acceptor.peers[0].length == sizeof(sa_family_t));
  }
  // Nobody removes the path.
  CHECK(unlink(path.c_str()) == 0);
  CHECK(rmdir(directory) == 0);
}

TEST_CASE("evconnlistener_new_bind: what cannot be done") {
  const Base base = make_base();
  Acceptor acceptor;
  const auto bind_to = [&](sockaddr* address, int length, int backlog) {
    errno = 0;
    return Listener(evconnlistener_new_bind(base.get(), Acceptor::callback, &acceptor,
                                            LEV_OPT_CLOSE_ON_FREE, backlog, address, length));
  };
  const int lowest = dup(0);
  close(lowest);

  Address address = loopback();
  CHECK_FALSE(bind_to(address.get(), address.size(), 0));  // a new socket never listens already

  const Listener first = acceptor.listen(base);
  address = address_of(first);
  CHECK_FALSE(bind_to(address.get(), address.size(), -1));
  CHECK(errno == EADDRINUSE);

  CHECK_FALSE(bind_to(nullptr, 0, -1));
  CHECK(errno == EAFNOSUPPORT);
  sockaddr unknown{};
  CHECK_FALSE(bind_to(&unknown, sizeof unknown, -1));
  CHECK(errno == EAFNOSUPPORT);
  address = loopback();
  CHECK_FALSE(bind_to(address.get(), 3, -1));
  CHECK(errno == EINVAL);

  // One descriptor is in use: the listener's. No other was left behind.
  CHECK(evconnlistener_get_fd(first.get()) == lowest);
  const int next = dup(0);
  CHECK(next == lowest + 1);
  close(next);
  CHECK(added(base) == 1);
}

TEST_CASE("evconnlistener_new: with a backlog it listens") {
  const Base base = make_base();
  Acceptor acceptor;
  Descriptors fds;
  const int backlog = GENERATE(-1, 5);
  const int fd = fds.keep(bound_socket());
  const Listener listener(
      evconnlistener_new(base.get(), Acceptor::callback, &acceptor, 0, backlog, fd));
  REQUIRE(listener);
  CHECK(evconnlistener_get_fd(listener.get()) == fd);
  CHECK(is_listening(fd));
  fds.keep(connect_to(listener));
  event_base_loop(base.get(), EVLOOP_ONCE);
  CHECK(acceptor.count() == 1);
}

TEST_CASE("evconnlistener_new: a backlog of 0 is for a socket that listens") {
  const Base base = make_base();
  Acceptor acceptor;
  Descriptors fds;
  const int fd = fds.keep(bound_socket());
  const Listener listener(evconnlistener_new(base.get(), Acceptor::callback, &acceptor, 0, 0, fd));
  REQUIRE(listener);
  CHECK_FALSE(is_listening(fd));
  REQUIRE(listen(fd, 3) == 0);
  fds.keep(connect_to(listener));
  event_base_loop(base.get(), EVLOOP_ONCE);
  CHECK(acceptor.count() == 1);
}

TEST_CASE("evconnlistener_new: a socket that cannot listen stays open") {
  const Base base = make_base();
  Acceptor acceptor;
  Descriptors fds;
  const int fd = fds.keep(socket(AF_INET, SOCK_DGRAM, 0));
  errno = 0;
  CHECK(evconnlistener_new(base.get(), Acceptor::callback, &acceptor, LEV_OPT_CLOSE_ON_FREE, -1,
                           fd) == nullptr);
  CHECK(errno == EOPNOTSUPP);
  CHECK(is_open(fd));
  CHECK(added(base) == 0);
}

TEST_CASE("evconnlistener_new: the queue is as long as asked") {
  const Base base = make_base();
  Acceptor acceptor;
  const int asked = GENERATE(-1, 7);
  const Listener listener = acceptor.listen(base, LEV_OPT_CLOSE_ON_FREE, asked);
  tcp_info info{};
  socklen_t length = sizeof info;
  REQUIRE(getsockopt(evconnlistener_get_fd(listener.get()), IPPROTO_TCP, TCP_INFO, &info,
                     &length) == 0);
  CHECK(info.tcpi_sacked == (asked > 0 ? 7u : 128u));  // the backlog, for a socket that listens
}

TEST_CASE("evconnlistener_new: its event is a plain one, of the middle priority") {
  const Base base = make_base();
  REQUIRE(event_base_priority_init(base.get(), 5) == 0);
  Acceptor acceptor;
  const Listener listener = acceptor.listen(base);
  struct Seen {
    int events = 0;
    int fd = -1;
    int what = 0;
    int priority = -1;
  } seen;
  event_base_foreach_event(
      base.get(),
      [](const event_base*, const event* ev, void* arg) {
        auto* out = static_cast<Seen*>(arg);
        ++out->events;
        out->fd = event_get_fd(ev);
        out->what = event_get_events(ev);
        out->priority = event_get_priority(ev);
        return 0;
      },
      &seen);
  CHECK(seen.events == 1);
  CHECK(seen.fd == evconnlistener_get_fd(listener.get()));
  CHECK(seen.what == (EV_READ | EV_PERSIST));
  CHECK(seen.priority == 2);
}

TEST_CASE("evconnlistener_free: takes the event out, and leaves the socket to its owner") {
  const Base base = make_base();
  Acceptor acceptor;
  Descriptors fds;
  Listener listener = acceptor.listen(base, 0);
  const int fd = fds.keep(evconnlistener_get_fd(listener.get()));
  fds.keep(connect_to(listener));
  listener.reset();
  CHECK(is_open(fd));
  CHECK(is_listening(fd));
  CHECK(added(base) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(acceptor.count() == 0);
  // Another listener can take over, with what waits in the queue.
  const Listener second(evconnlistener_new(base.get(), Acceptor::callback, &acceptor, 0, 0, fd));
  event_base_loop(base.get(), EVLOOP_ONCE);
  CHECK(acceptor.count() == 1);
}

TEST_CASE("evconnlistener_free: one that is due is not called") {
  const Base base = make_base();
  Acceptor acceptor;
  Descriptors fds;
  Listener first = acceptor.listen(base);
  Listener second = acceptor.listen(base);
  fds.keep(connect_to(first));
  fds.keep(connect_to(second));
  acceptor.on_accept = [&](evconnlistener* called) {
    (called == first.get() ? second : first).reset();
  };
  event_base_loop(base.get(), EVLOOP_ONCE);
  CHECK(acceptor.count() == 1);
  CHECK((first == nullptr) != (second == nullptr));
}
