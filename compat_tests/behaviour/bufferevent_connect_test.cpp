// Connecting: by address, by name, and sockets that connect already.
#include <arpa/inet.h>
#include <sys/un.h>

#include "bufferevent_tools.h"
#include "listener_tools.h"

using namespace event_cases;

namespace {

// A socket that listens on the loopback.
struct Server {
  explicit Server(int family = AF_INET) : fd(socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    Address wanted = loopback(family);
    usable = fd >= 0 && bind(fd, wanted.get(), wanted.length) == 0 && listen(fd, 10) == 0;
    if (usable) {
      address = address_of(fd);
    }
  }
  ~Server() { stop(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void stop() {
    if (fd >= 0) {
      close(std::exchange(fd, -1));
    }
  }
  int port() const { return ntohs(address.port()); }
  // The next connection, non-blocking; -1 if there is none.
  int accept_one() { return accept4(fd, nullptr, nullptr, SOCK_NONBLOCK); }

  int fd;
  bool usable = false;
  Address address;
};

// An address on which nobody listens, nor can begin to.
struct Refusing {
  Refusing() : fd(socket(AF_INET, SOCK_STREAM, 0)) {
    Address wanted = loopback();
    REQUIRE(bind(fd, wanted.get(), wanted.length) == 0);
    address = address_of(fd);
  }
  ~Refusing() { close(fd); }
  Refusing(const Refusing&) = delete;
  Refusing& operator=(const Refusing&) = delete;

  int fd;
  Address address;
};

struct Client {
  explicit Client(int fd = -1, int options = BEV_OPT_CLOSE_ON_FREE)
      : bev(make_bufferevent(base, fd, options)), subject(journal.watch(bev)) {}

  int connect(Address& address) {
    return bufferevent_socket_connect(bev.get(), address.get(), address.size());
  }
  int connect(const char* name, int port, int family = AF_UNSPEC) {
    return bufferevent_socket_connect_hostname(bev.get(), nullptr, family, name, port);
  }
  bool wait_for_event() {
    return run_until(base, [this] { return !subject.events.empty(); });
  }
  std::string calls() {
    settle(base);
    std::string text = journal.text();
    journal.clear();
    return text;
  }

  Base base = make_base();
  Journal journal;
  Bufferevent bev;
  Journal::Subject& subject;
};

}  // namespace

TEST_CASE("bufferevent_socket_connect: makes a socket and connects it") {
  Server server;
  Client client;
  CHECK(client.connect(server.address) == 0);
  const int fd = bufferevent_getfd(client.bev.get());
  REQUIRE(fd >= 0);
  CHECK(is_nonblocking(fd));
  CHECK(client.journal.text().empty());
  REQUIRE(client.wait_for_event());
  CHECK(client.subject.events == std::vector<short>{BEV_EVENT_CONNECTED});
  Address peer;
  CHECK(getpeername(fd, peer.get(), &peer.length) == 0);
  CHECK(peer.port() == server.address.port());
}

TEST_CASE("bufferevent_socket_connect: the event comes before all others, once") {
  Server server;
  Client client;
  CHECK(client.connect(server.address) == 0);
  bufferevent_enable(client.bev.get(), EV_READ | EV_WRITE);
  write_text(client.bev, "early");
  REQUIRE(client.wait_for_event());
  const int accepted = server.accept_one();
  REQUIRE(accepted >= 0);
  CHECK(run_until(client.base, [&] { return client.subject.writes == 1; }));
  CHECK(take(accepted) == "early");
  write_text(accepted, "reply");
  CHECK(run_until(client.base, [&] { return client.subject.reads == 1; }));
  CHECK(client.calls() == "connected write read");
  close(accepted);
}

TEST_CASE("bufferevent_socket_connect: connected, with nothing to write") {
  Server server;
  Client client;
  CHECK(client.connect(server.address) == 0);
  REQUIRE(client.wait_for_event());
  CHECK(client.calls() == "connected");
  CHECK(client.calls().empty());
}

TEST_CASE("bufferevent_socket_connect: written in the connected callback") {
  Server server;
  Client client;
  client.subject.on_event = [](bufferevent* bev, short) { write_text(bev, "hello"); };
  CHECK(client.connect(server.address) == 0);
  REQUIRE(run_until(client.base, [&] { return client.subject.writes == 1; }));
  CHECK(client.calls() == "connected write");
  const int accepted = server.accept_one();
  CHECK(take(accepted) == "hello");
  close(accepted);
}

TEST_CASE("bufferevent_socket_connect: refused") {
  Refusing refusing;
  Client client;
  CHECK(client.connect(refusing.address) == 0);
  REQUIRE(client.wait_for_event());
  CHECK(client.calls() == "error");
  CHECK(client.subject.error == ECONNREFUSED);
  CHECK(client.calls().empty());
}

TEST_CASE("bufferevent_socket_connect: refused, and tried again with another socket") {
  Refusing refusing;
  Server server;
  Client client;
  client.subject.on_event = [&](bufferevent* bev, short what) {
    if (what == BEV_EVENT_ERROR) {
      close(bufferevent_getfd(bev));
      CHECK(bufferevent_setfd(bev, -1) == 0);
      CHECK(bufferevent_socket_connect(bev, server.address.get(), server.address.size()) == 0);
    }
  };
  CHECK(client.connect(refusing.address) == 0);
  CHECK(run_until(client.base, [&] { return client.subject.events.size() == 2; }));
  CHECK(client.calls() == "error connected");
}

TEST_CASE("bufferevent_socket_connect: what cannot even be begun") {
  Client client;
  Address address = loopback();
  reinterpret_cast<sockaddr_in&>(address.storage).sin_addr.s_addr = INADDR_BROADCAST;
  reinterpret_cast<sockaddr_in&>(address.storage).sin_port = htons(9);
  errno = 0;
  CHECK(client.connect(address) == -1);
  CHECK((errno == EACCES || errno == ENETUNREACH));
  CHECK(client.calls().empty());
}

TEST_CASE("bufferevent_socket_connect: an unknown family") {
  Client client;
  sockaddr unknown{};
  unknown.sa_family = 0xff;
  CHECK(bufferevent_socket_connect(client.bev.get(), &unknown, sizeof unknown) == -1);
  CHECK(client.calls().empty());
  CHECK(bufferevent_getfd(client.bev.get()) == -1);
}

TEST_CASE("bufferevent_socket_connect: neither socket nor address") {
  Client client;
  CHECK(bufferevent_socket_connect(client.bev.get(), nullptr, 0) == -1);
  CHECK(client.calls().empty());
}

TEST_CASE("bufferevent_socket_connect: with a socket of the caller's") {
  Server server;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  Client client(fd);
  CHECK(client.connect(server.address) == 0);
  CHECK(bufferevent_getfd(client.bev.get()) == fd);
  REQUIRE(client.wait_for_event());
  CHECK(client.calls() == "connected");
}

TEST_CASE("bufferevent_socket_connect: without an address, the socket is connecting") {
  Server server;
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int begun = connect(fd, server.address.get(), server.address.length);
  CHECK((begun == 0 || errno == EINPROGRESS));
  Client client(fd);
  CHECK(bufferevent_socket_connect(client.bev.get(), nullptr, 0) == 0);
  REQUIRE(client.wait_for_event());
  CHECK(client.calls() == "connected");
}

TEST_CASE("bufferevent_socket_connect: without an address, the socket is connected") {
  SocketPair sockets;
  Client client(std::exchange(sockets.first, -1));
  CHECK(bufferevent_socket_connect(client.bev.get(), nullptr, 0) == 0);
  REQUIRE(client.wait_for_event());
  CHECK(client.calls() == "connected");
  bufferevent_enable(client.bev.get(), EV_READ);
  write_text(sockets.second, "x");
  CHECK(client.calls() == "read");
}

TEST_CASE("bufferevent_socket_connect: over a local socket, done at once") {
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  Address address;
  address.get()->sa_family = AF_UNIX;
  REQUIRE(bind(fd, address.get(), sizeof(sa_family_t)) == 0);
  REQUIRE(listen(fd, 1) == 0);
  address = address_of(fd);
  Client client;
  CHECK(client.connect(address) == 0);
  CHECK(client.journal.text().empty());  // the callback comes from the loop
  REQUIRE(client.wait_for_event());
  settle(client.base);
  CHECK(client.subject.events == std::vector<short>{BEV_EVENT_CONNECTED});
  close(fd);
}

TEST_CASE("bufferevent_socket_connect: a local socket that is not there") {
  Client client;
  Address address;
  auto& un = reinterpret_cast<sockaddr_un&>(address.storage);
  un.sun_family = AF_UNIX;
  std::strcpy(un.sun_path, "/nonexistent/socket");
  address.length = sizeof un;
  errno = 0;
  CHECK(client.connect(address) == -1);
  CHECK(errno == ENOENT);
  CHECK(client.calls().empty());
}

TEST_CASE("bufferevent_socket_connect: IPv6") {
  Server server(AF_INET6);
  if (!server.usable) {
    WARN("no IPv6 here");
    return;
  }
  Client client;
  CHECK(client.connect(server.address) == 0);
  REQUIRE(client.wait_for_event());
  CHECK(client.calls() == "connected");
}

TEST_CASE("bufferevent_socket_connect: freed while it connects") {
  Server server;
  Client client;
  CHECK(client.connect(server.address) == 0);
  const int fd = bufferevent_getfd(client.bev.get());
  client.bev.reset();
  CHECK(client.calls().empty());
  CHECK_FALSE(is_open(fd));
}

TEST_CASE("bufferevent_socket_connect: freed by the connected callback") {
  Server server;
  Client client;
  write_text(client.bev, "never sent");
  client.subject.on_event = [&](bufferevent*, short) { client.bev.reset(); };
  CHECK(client.connect(server.address) == 0);
  REQUIRE(client.wait_for_event());
  CHECK(client.calls() == "connected");
}

TEST_CASE("bufferevent_socket_connect: with deferred callbacks") {
  Client client(-1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
  SECTION("connected") {
    Server server;
    CHECK(client.connect(server.address) == 0);
    REQUIRE(client.wait_for_event());
    CHECK(client.calls() == "connected");
  }
  SECTION("refused") {
    Refusing refusing;
    CHECK(client.connect(refusing.address) == 0);
    REQUIRE(client.wait_for_event());
    CHECK(client.calls() == "error");
    CHECK(client.subject.error == ECONNREFUSED);
  }
}

TEST_CASE("bufferevent_socket_connect: while writing is disabled") {
  Server server;
  Client client;
  bufferevent_disable(client.bev.get(), EV_WRITE);
  write_text(client.bev, "kept");
  CHECK(client.connect(server.address) == 0);
  REQUIRE(client.wait_for_event());
  CHECK(client.calls() == "connected");
  CHECK(output_length(client.bev) == 4);
  bufferevent_enable(client.bev.get(), EV_WRITE);
  CHECK(run_until(client.base, [&] { return client.subject.writes == 1; }));
}

TEST_CASE("bufferevent_socket_connect_hostname: numbers") {
  Server server;
  Client client;
  CHECK(client.connect("127.0.0.1", server.port()) == 0);
  REQUIRE(client.wait_for_event());
  CHECK(client.calls() == "connected");
  CHECK(bufferevent_socket_get_dns_error(client.bev.get()) == 0);
}

TEST_CASE("bufferevent_socket_connect_hostname: localhost") {
  Server server;
  Client client;
  CHECK(client.connect("localhost", server.port(), AF_INET) == 0);
  REQUIRE(client.wait_for_event());
  CHECK(client.calls() == "connected");
}

TEST_CASE("bufferevent_socket_connect_hostname: IPv6 numbers") {
  Server server(AF_INET6);
  if (!server.usable) {
    WARN("no IPv6 here");
    return;
  }
  Client client;
  CHECK(client.connect("::1", server.port()) == 0);
  REQUIRE(client.wait_for_event());
  CHECK(client.calls() == "connected");
}

TEST_CASE("bufferevent_socket_connect_hostname: nobody listens there") {
  Refusing refusing;
  Client client;
  CHECK(client.connect("127.0.0.1", ntohs(refusing.address.port())) == 0);
  REQUIRE(client.wait_for_event());
  CHECK(client.calls() == "error");
  CHECK(client.subject.error == ECONNREFUSED);
  CHECK(bufferevent_socket_get_dns_error(client.bev.get()) == 0);
}

TEST_CASE("bufferevent_socket_connect_hostname: a name that cannot be looked up") {
  Server server;
  Client client;
  // Not a number of that family; needs no network.
  const int result = client.connect("127.0.0.1", server.port(), AF_INET6);
  CHECK(result == 0);
  REQUIRE(client.wait_for_event());
  CHECK(client.calls() == "error");
  const int error = bufferevent_socket_get_dns_error(client.bev.get());
  CHECK(error != 0);
  CHECK(evutil_gai_strerror(error) != nullptr);
  // The next attempt forgets it.
  client.subject.events.clear();
  CHECK(client.connect("127.0.0.1", server.port()) == 0);
  CHECK(bufferevent_socket_get_dns_error(client.bev.get()) == 0);
  REQUIRE(client.wait_for_event());
  CHECK(client.calls() == "connected");
}

TEST_CASE("bufferevent_socket_connect_hostname: what is refused at once") {
  Client client;
  CHECK(client.connect("127.0.0.1", 0) == -1);
  CHECK(client.connect("127.0.0.1", 65536) == -1);
  CHECK(client.connect("127.0.0.1", -1) == -1);
  CHECK(client.connect("localhost", 80, AF_UNIX) == -1);
  CHECK(client.calls().empty());
  CHECK(bufferevent_socket_get_dns_error(client.bev.get()) == 0);
}

TEST_CASE("bufferevent_socket_get_dns_error: of one that never looked a name up") {
  Client client;
  CHECK(bufferevent_socket_get_dns_error(client.bev.get()) == 0);
}

TEST_CASE("bufferevent_socket_connect_hostname_hints: takes more hints", "[relevent]") {
  INTENDED_DIFFERENCE("bufferevent_socket_connect_hostname_hints is new in 2.2");
  Server server;
  Client client;
  evutil_addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_protocol = IPPROTO_TCP;
  hints.ai_flags = EVUTIL_AI_NUMERICHOST;
  CHECK(bufferevent_socket_connect_hostname_hints(client.bev.get(), nullptr, &hints, "localhost",
                                                  server.port()) == 0);
  REQUIRE(client.wait_for_event());
  CHECK(client.calls() == "error");
  CHECK(bufferevent_socket_get_dns_error(client.bev.get()) == EVUTIL_EAI_NONAME);
  client.subject.events.clear();
  CHECK(bufferevent_socket_connect_hostname_hints(client.bev.get(), nullptr, &hints, "127.0.0.1",
                                                  server.port()) == 0);
  REQUIRE(client.wait_for_event());
  CHECK(client.calls() == "connected");
}
