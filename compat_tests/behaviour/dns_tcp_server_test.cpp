// DNS server ports on a listener: an addition of libevent 2.2.
#include "dns_tcp_tools.h"

namespace dns_cases {
namespace {

// A server port on a listener.
struct TcpPort {
  const Base base = make_base();
  evdns_server_port* port = nullptr;
  sockaddr_in address = {};
  std::vector<evdns_server_request*> held;
  bool holds = false;
  int requests = 0;

  TcpPort() {
    Listener listener = listen_at(base, loopback(), nullptr, nullptr);
    REQUIRE(listener != nullptr);
    address = address_of(listener);
    port = evdns_add_server_port_with_listener(base.get(), listener.get(), 0, on_request, this);
    REQUIRE(port != nullptr);
    listener.release();
  }
  ~TcpPort() {
    if (port != nullptr) {
      evdns_close_server_port(port);
    }
    spin(base);
  }
  static void on_request(evdns_server_request* request, void* arg) {
    auto& self = *static_cast<TcpPort*>(arg);
    ++self.requests;
    if (self.holds) {
      self.held.push_back(request);
      return;
    }
    for (int i = 0; i < 200; ++i) {
      CHECK(evdns_server_request_add_a_reply(request, request->questions[0]->name, 1, "abcd", 9) ==
            0);
    }
    CHECK(evdns_server_request_respond(request, 0) == 0);
  }
  // A client, which is connected when this returns.
  int connect() const {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    REQUIRE(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    const timeval limit = ms(5000);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return fd;
  }
};

Bytes tcp_query(const std::string& name) {
  Bytes message("ID\1\0\0\1\0\0\0\0\0\0", 12);
  return framed(message + wire_name(name) + Bytes("\0\1\0\1", 4));
}

TEST_CASE("evdns_add_server_port_with_listener serves whole replies over TCP") {
  INTENDED_DIFFERENCE("libevent 2.2");
  TcpPort server;
  const OwnResolver dns(evdns_base_new(server.base.get(), 0));
  evdns_base_nameserver_sockaddr_add(dns.get(), reinterpret_cast<sockaddr*>(&server.address),
                                     sizeof server.address, 0);
  evdns_base_set_option(dns.get(), "use-vc", "");
  Results results(server.base);
  results.ask(dns.get(), "a.b");
  results.ask(dns.get(), "c.d");
  results.wait(2);
  CHECK(results.all.at(0).count == 200);
  CHECK(results.all.at(1).count == 200);
}

TEST_CASE("evdns TCP server requests outlive their connection and their port") {
  INTENDED_DIFFERENCE("libevent 2.2");
  TcpPort server;
  server.holds = true;
  const int first = server.connect();
  const int second = server.connect();
  for (const int fd : {first, second}) {
    const Bytes query = tcp_query("a.b");
    CHECK(write(fd, query.data(), query.size()) == static_cast<ssize_t>(query.size()));
  }
  while (server.held.size() < 2) {
    event_base_loop(server.base.get(), EVLOOP_ONCE);
  }
  close(first);
  spin(server.base);
  evdns_close_server_port(std::exchange(server.port, nullptr));
  spin(server.base);
  for (evdns_server_request* request : server.held) {
    CHECK(evdns_server_request_respond(request, 0) == 0);
  }
  spin(server.base);
  char reply[64];
  CHECK(read(second, reply, sizeof reply) == static_cast<ssize_t>(tcp_query("a.b").size()));
  close(second);
  spin(server.base);
}

TEST_CASE("evdns TCP server sends what was replied before its port is closed") {
  INTENDED_DIFFERENCE("libevent 2.2");
  TcpPort server;
  server.holds = true;
  const int client = server.connect();
  const Bytes query = tcp_query("a.b");
  CHECK(write(client, query.data(), query.size()) == static_cast<ssize_t>(query.size()));
  while (server.held.empty()) {
    event_base_loop(server.base.get(), EVLOOP_ONCE);
  }
  CHECK(evdns_server_request_respond(server.held.at(0), 0) == 0);
  evdns_close_server_port(std::exchange(server.port, nullptr));
  CHECK(write(client, query.data(), query.size()) == static_cast<ssize_t>(query.size()));
  spin(server.base);
  char reply[64];
  CHECK(read(client, reply, sizeof reply) == static_cast<ssize_t>(query.size()));
  close(client);
  spin(server.base);
}

TEST_CASE("evdns TCP server closes the connection of who asks on without reading") {
  INTENDED_DIFFERENCE("libevent 2.2");
  TcpPort server;
  server.holds = true;
  const int fd = server.connect();
  const Bytes query = tcp_query("a.b");
  const Bytes text(60000, 'x');
  bool closed = false;
  const std::int64_t limit = now_ms() + 8000;
  while (!closed && now_ms() < limit) {
    closed = send(fd, query.data(), query.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0;
    run_for(server.base, 1);
    for (evdns_server_request* request : server.held) {
      evdns_server_request_add_reply(request, EVDNS_ANSWER_SECTION, "a.b", 16, EVDNS_CLASS_INET, 1,
                                     static_cast<int>(text.size()), 0, text.data());
      CHECK(evdns_server_request_respond(request, 0) == 0);
    }
    server.held.clear();
  }
  CHECK(closed);
  close(fd);
}

TEST_CASE("evdns TCP server closes the connection of who sends junk") {
  INTENDED_DIFFERENCE("libevent 2.2");
  TcpPort server;
  const int fd = server.connect();
  const Bytes junk = framed("no query");
  CHECK(write(fd, junk.data(), junk.size()) == static_cast<ssize_t>(junk.size()));
  run_for(server.base, 20);
  char byte;
  CHECK(read(fd, &byte, 1) == 0);
  CHECK(server.requests == 0);
  close(fd);
}

TEST_CASE("evdns_server_port_set_option limits clients and their idle time") {
  INTENDED_DIFFERENCE("libevent 2.2");
  TcpPort server;
  CHECK(evdns_server_port_set_option(server.port, EVDNS_SOPT_TCP_MAX_CLIENTS, 0) == -1);
  CHECK(evdns_server_port_set_option(server.port, EVDNS_SOPT_TCP_MAX_CLIENTS, 1) == 0);
  CHECK(evdns_server_port_set_option(server.port, EVDNS_SOPT_TCP_IDLE_TIMEOUT, 60) == 0);
  const int first = server.connect();
  const int second = server.connect();
  const Bytes query = tcp_query("a.b");
  CHECK(write(second, query.data(), query.size()) == static_cast<ssize_t>(query.size()));
  run_for(server.base, 30);
  CHECK(server.requests == 0);
  close(first);
  while (server.requests == 0) {
    event_base_loop(server.base.get(), EVLOOP_ONCE);
  }
  CHECK(evdns_server_port_set_option(server.port, EVDNS_SOPT_TCP_IDLE_TIMEOUT, 1) == 0);
  run_for(server.base, 1300);
  char reply[8192];
  ssize_t size = 0;
  do {
    size = read(second, reply, sizeof reply);
  } while (size > 0);
  CHECK(size == 0);
  close(second);
}

}  // namespace
}  // namespace dns_cases
