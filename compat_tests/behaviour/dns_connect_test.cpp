// bufferevent_socket_connect_hostname with an evdns_base.
#include <event2/thread.h>

#include <thread>

#include "dns_tcp_tools.h"

namespace dns_cases {
namespace {

// A listener and a bufferevent that connects to it by name.
struct Connecting {
  const Base base = make_base();
  std::vector<short> events;
  bufferevent* bev = nullptr;
  Listener listener;
  int port = 0;

  explicit Connecting(int options = 0) {
    const auto hang_up = [](evconnlistener*, evutil_socket_t fd, sockaddr*, int, void*) {
      close(fd);
    };
    listener = listen_at(base, loopback(), hang_up, nullptr);
    REQUIRE(listener != nullptr);
    port = ntohs(address().sin_port);
    bev = bufferevent_socket_new(base.get(), -1, BEV_OPT_CLOSE_ON_FREE | options);
    bufferevent_setcb(
        bev, nullptr, nullptr,
        [](bufferevent*, short what, void* arg) {
          auto& self = *static_cast<Connecting*>(arg);
          self.events.push_back(what);
          event_base_loopbreak(self.base.get());
        },
        this);
  }
  ~Connecting() { bufferevent_free(bev); }
  sockaddr_in address() const { return address_of(listener); }
  void wait() {
    if (events.empty()) {
      const timeval limit = ms(8000);
      event_base_loopexit(base.get(), &limit);
      event_base_dispatch(base.get());
    }
  }
};

TEST_CASE("bufferevent_socket_connect_hostname asks the evdns_base") {
  Connecting c;
  Server server(c.base, always({a("127.0.0.1")}));
  const OwnResolver dns = make_resolver(c.base, {&server});
  REQUIRE(bufferevent_socket_connect_hostname(c.bev, dns.get(), AF_INET, "host.example", c.port) ==
          0);
  CHECK(c.events.empty());
  c.wait();
  CHECK(c.events == std::vector<short>{BEV_EVENT_CONNECTED});
  CHECK(bufferevent_socket_get_dns_error(c.bev) == 0);
  CHECK(server.names() == std::vector<std::string>{"host.example"});
}

TEST_CASE("bufferevent_socket_connect_hostname with a number needs no nameserver") {
  Connecting c;
  const OwnResolver dns = make_resolver(c.base, {});
  REQUIRE(bufferevent_socket_connect_hostname(c.bev, dns.get(), AF_UNSPEC, "127.0.0.1", c.port) ==
          0);
  c.wait();
  CHECK(c.events == std::vector<short>{BEV_EVENT_CONNECTED});
}

TEST_CASE("bufferevent_socket_get_dns_error tells why the name was not found") {
  Connecting c;
  Server server(c.base, refuse(3));
  const OwnResolver dns = make_resolver(c.base, {&server});
  REQUIRE(bufferevent_socket_connect_hostname(c.bev, dns.get(), AF_UNSPEC, "no.such", c.port) == 0);
  c.wait();
  CHECK(c.events == std::vector<short>{BEV_EVENT_ERROR});
  CHECK(bufferevent_socket_get_dns_error(c.bev) == EVUTIL_EAI_NONAME);
}

TEST_CASE("bufferevent_free cancels the look-up of its evdns_base") {
  Connecting c;
  Server server(c.base, mute());
  const OwnResolver dns = make_resolver(c.base, {&server});
  bufferevent* const bev = bufferevent_socket_new(c.base.get(), -1, BEV_OPT_CLOSE_ON_FREE);
  int events = 0;
  bufferevent_setcb(
      bev, nullptr, nullptr, [](bufferevent*, short, void* arg) { ++*static_cast<int*>(arg); },
      &events);
  REQUIRE(bufferevent_socket_connect_hostname(bev, dns.get(), AF_INET, "a.b", c.port) == 0);
  spin(c.base);
  bufferevent_free(bev);
  spin(c.base);
  CHECK(events == 0);
}

TEST_CASE("bufferevent_socket_connect takes the place of a look-up that runs") {
  Connecting c;
  Server server(c.base, mute());
  const OwnResolver dns = make_resolver(c.base, {&server});
  REQUIRE(bufferevent_socket_connect_hostname(c.bev, dns.get(), AF_INET, "a.b", c.port) == 0);
  spin(c.base);
  const sockaddr_in address = c.address();
  REQUIRE(bufferevent_socket_connect(c.bev, reinterpret_cast<const sockaddr*>(&address),
                                     sizeof address) == 0);
  c.wait();
  spin(c.base);
  CHECK(c.events == std::vector<short>{BEV_EVENT_CONNECTED});
  CHECK(bufferevent_socket_get_dns_error(c.bev) == EVUTIL_EAI_CANCEL);
}

TEST_CASE("bufferevent_setfd gives up a look-up whose answer waits for the lock", "[threads]") {
  INTENDED_DIFFERENCE("the reference connects all the same");
  REQUIRE(evthread_use_pthreads() == 0);
  const bool asks_again = GENERATE(false, true);
  Connecting c(BEV_OPT_THREADSAFE);
  Server server(c.base, always({a("127.0.0.1")}));
  const OwnResolver dns = make_resolver(c.base, {&server});
  // Where nobody listens any more.
  const sockaddr_in closed = address_of(listen_at(c.base, loopback(), nullptr, nullptr));
  bufferevent_lock(c.bev);
  // The first look-up's port refuses, so that it shows whose answer is used.
  REQUIRE(bufferevent_socket_connect_hostname(c.bev, dns.get(), AF_INET, "a.b",
                                              ntohs(closed.sin_port)) == 0);
  std::thread loop([&] {
    const timeval limit = ms(asks_again ? 8000 : 300);
    event_base_loopexit(c.base.get(), &limit);
    event_base_dispatch(c.base.get());
  });
  usleep(100'000);  // the loop has the answer, and waits
  bufferevent_setfd(c.bev, -1);
  if (asks_again) {
    CHECK(bufferevent_socket_connect_hostname(c.bev, dns.get(), AF_INET, "c.d", c.port) == 0);
  }
  bufferevent_unlock(c.bev);
  loop.join();
  CHECK(c.events == (asks_again ? std::vector<short>{BEV_EVENT_CONNECTED} : std::vector<short>{}));
}

}  // namespace
}  // namespace dns_cases
