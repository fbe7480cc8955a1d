// DNS over TCP, EDNS and server ports on a listener: additions of libevent 2.2.
#include <event2/buffer.h>
#include <event2/listener.h>

#include "dns_tools.h"

namespace dns_cases {
namespace {

using Listener = std::unique_ptr<evconnlistener, FreeWith<evconnlistener_free>>;

Bytes framed(const Bytes& message) {
  Bytes out;
  put16(out, static_cast<unsigned>(message.size()));
  return out + message;
}

// Null if the port is taken.
Listener listen_at(const Base& base, const sockaddr_in& address, evconnlistener_cb callback,
                   void* arg) {
  return Listener(
      evconnlistener_new_bind(base.get(), callback, arg, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE,
                              -1, reinterpret_cast<const sockaddr*>(&address), sizeof address));
}
sockaddr_in address_of(const Listener& listener) {
  sockaddr_in in = {};
  socklen_t length = sizeof in;
  getsockname(evconnlistener_get_fd(listener.get()), reinterpret_cast<sockaddr*>(&in), &length);
  return in;
}

// A scripted nameserver on TCP, and one on UDP with the same port. What the script returns is
// written as it is.
class TcpServer {
 public:
  TcpServer(const Base& base, std::optional<Server>& udp, const Server::Script& udp_script,
            Server::Script script)
      : base_(base), script_(std::move(script)) {
    for (int tries = 0; tries < 50 && listener_ == nullptr; ++tries) {
      udp.emplace(base, udp_script);
      listener_ = listen_at(base, udp->address(), accept, this);
    }
    REQUIRE(listener_ != nullptr);
  }
  ~TcpServer() {
    for (bufferevent* client : clients_) {
      bufferevent_free(client);
    }
  }
  std::vector<Query> queries;
  size_t connections() const { return clients_.size(); }

 private:
  static void accept(evconnlistener*, evutil_socket_t fd, sockaddr*, int, void* arg) {
    auto& self = *static_cast<TcpServer*>(arg);
    bufferevent* const client = bufferevent_socket_new(self.base_.get(), fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(client, read, nullptr, nullptr, arg);
    bufferevent_enable(client, EV_READ);
    self.clients_.push_back(client);
  }
  static void read(bufferevent* client, void* arg) {
    auto& self = *static_cast<TcpServer*>(arg);
    evbuffer* const input = bufferevent_get_input(client);
    unsigned char size[2];
    while (evbuffer_copyout(input, size, 2) == 2 &&
           evbuffer_get_length(input) >= 2U + size[0] * 256U + size[1]) {
      Bytes message(size[0] * 256U + size[1], '\0');
      evbuffer_drain(input, 2);
      evbuffer_remove(input, message.data(), message.size());
      self.queries.emplace_back(message);
      for (const Bytes& bytes : self.script_(Query(message))) {
        bufferevent_write(client, bytes.data(), bytes.size());
      }
    }
  }

  const Base& base_;
  Server::Script script_;
  std::vector<bufferevent*> clients_;
  Listener listener_;
};

Server::Script truncated() {
  return
      [](const Query& query) { return std::vector<Bytes>{query.answer({a("6.6.6.6")}, 0x8380)}; };
}
Server::Script framed_answer(const Bytes& answer) {
  return
      [answer](const Query& query) { return std::vector<Bytes>{framed(query.answer({answer}))}; };
}

TEST_CASE("evdns does not ask over TCP for a truncated answer unless told to") {
  const Base base = make_base();
  std::optional<Server> udp;
  const TcpServer tcp(base, udp, truncated(), framed_answer(a("1.1.1.1")));
  const OwnResolver dns = make_resolver(base, {&*udp});
  Results results(base);
  results.ask(dns.get(), "a.b");
  CHECK(results.take().result == DNS_ERR_TRUNCATED);
  CHECK(udp->queries.size() == 1);

  int error = 0;
  const auto on_end = [](int code, evutil_addrinfo* found, void* out) {
    CHECK(found == nullptr);
    *static_cast<int*>(out) = code;
  };
  evutil_addrinfo hints = {};
  hints.ai_family = AF_INET;
  evdns_getaddrinfo(dns.get(), "a.b", nullptr, &hints, on_end, &error);
  while (error == 0) {
    event_base_loop(base.get(), EVLOOP_ONCE);
  }
  CHECK(error == EVUTIL_EAI_FAIL);
  CHECK(udp->queries.size() == 2);
  CHECK(tcp.connections() == 0);
}

TEST_CASE("evdns asks over TCP when that is wanted") {
  INTENDED_DIFFERENCE("libevent 2.2");
  const Base base = make_base();
  std::optional<Server> udp;
  TcpServer tcp(base, udp, truncated(), framed_answer(a("1.1.1.1")));
  const OwnResolver dns = make_resolver(base, {&*udp});
  Results results(base);
  SECTION("by a flag of the query") {
    results.ask(dns.get(), "a.b", DNS_QUERY_USEVC);
    CHECK(results.take().found == std::vector<std::string>{"1.1.1.1"});
    CHECK(udp->queries.empty());
  }
  SECTION("by the option use-vc; one connection serves several queries") {
    evdns_base_set_option(dns.get(), "use-vc", "");
    results.ask(dns.get(), "a.b");
    results.ask(dns.get(), "c.d");
    results.wait(2);
    CHECK(udp->queries.empty());
    CHECK(tcp.queries.size() == 2);
    CHECK(tcp.connections() == 1);
  }
  SECTION("for a truncated answer") {
    evdns_base_set_option(dns.get(), "ignore-tc", "0");
    results.ask(dns.get(), "a.b");
    CHECK(results.take().found == std::vector<std::string>{"1.1.1.1"});
    CHECK(udp->queries.size() == 1);
  }
  SECTION("but not if the query takes what is there") {
    evdns_base_set_option(dns.get(), "ignore-tc", "0");
    results.ask(dns.get(), "a.b", DNS_QUERY_IGNTC);
    CHECK(results.take().found == std::vector<std::string>{"6.6.6.6"});
    CHECK(tcp.queries.empty());
  }
}

TEST_CASE("evdns over TCP ends in bounded time when the connection fails") {
  INTENDED_DIFFERENCE("libevent 2.2");
  const Base base = make_base();
  Server udp(base, truncated());
  const OwnResolver dns = make_resolver(base, {&udp});
  evdns_base_set_option(dns.get(), "timeout", "60");
  evdns_base_set_option(dns.get(), "ignore-tc", "0");
  Results results(base);
  results.ask(dns.get(), "nobody.listens");
  CHECK(results.take().result == DNS_ERR_TRUNCATED);
  results.ask(dns.get(), "nobody.listens", DNS_QUERY_USEVC);
  CHECK(results.take().result == DNS_ERR_TIMEOUT);
}

TEST_CASE("evdns takes answers over TCP in pieces") {
  INTENDED_DIFFERENCE("libevent 2.2");
  const Base base = make_base();
  std::optional<Server> udp;
  TcpServer tcp(base, udp, mute(), [](const Query& query) {
    const Bytes answer = framed(query.answer({a("1.1.1.1")}));
    std::vector<Bytes> bytes;
    for (const char c : framed(query.message) + framed("short") + answer) {
      bytes.push_back(Bytes(1, c));  // what is no answer comes before
    }
    return bytes;
  });
  const OwnResolver dns = make_resolver(base, {&*udp});
  Results results(base);
  results.ask(dns.get(), "a.b", DNS_QUERY_USEVC);
  CHECK(results.take().result == DNS_ERR_NONE);
}

TEST_CASE("evdns takes the largest answer that ends in a name") {
  INTENDED_DIFFERENCE("libevent 2.2");
  const Base base = make_base();
  std::optional<Server> udp;
  bool cut = false;
  TcpServer tcp(base, udp, mute(), [&](const Query& query) {
    const Bytes name = record(EVDNS_TYPE_PTR, 9, wire_name("last.name"));
    const size_t used = query.answer({}).size() + 2 * 12 + name.size();
    const size_t room = 65535 - used;
    Bytes answer = query.answer({record(EVDNS_TYPE_TXT, 1, Bytes(40000, 'x')),
                                 record(EVDNS_TYPE_TXT, 1, Bytes(room - 40000, 'y')), name});
    CHECK(answer.size() == 65535);
    answer.back() = cut ? '\x3f' : '\0';  // the root, or a label that would go on behind the end
    return std::vector<Bytes>{framed(answer)};
  });
  const OwnResolver dns = make_resolver(base, {&*udp});
  evdns_base_set_option(dns.get(), "timeout", "5");
  evdns_base_set_option(dns.get(), "use-vc", "");
  const in_addr in = {};
  for (const bool value : {false, true}) {
    cut = value;
    Results results(base);
    evdns_base_resolve_reverse(dns.get(), &in, 0, Results::callback, &results);
    CHECK(results.take().result == (cut ? DNS_ERR_UNKNOWN : DNS_ERR_NONE));
  }
}

TEST_CASE("evdns option edns-udp-size offers larger answers") {
  INTENDED_DIFFERENCE("libevent 2.2");
  const Base base = make_base();
  bool understands = true;
  Server server(base, [&](const Query& query) {
    const bool has_opt = query.message.size() > query.question_end;
    return std::vector<Bytes>{has_opt && !understands
                                  ? query.error(1)
                                  : query.answer({record(EVDNS_TYPE_A, 1, Bytes(2000, 'x'))})};
  });
  const OwnResolver dns = make_resolver(base, {&server});
  evdns_base_set_option(dns.get(), "edns-udp-size", "4096");
  Results results(base);
  results.ask(dns.get(), "a.b");
  CHECK(results.take().count == 500);
  CHECK(server.queries.back().message.substr(server.queries.back().question_end) ==
        Bytes("\0\0\x29\x10\0\0\0\0\0\0\0", 11));
  understands = false;  // a server from before EDNS
  results.ask(dns.get(), "a.b");
  CHECK(results.take().count == 500);
  CHECK(server.queries.size() == 3);
}

// A server port on a listener.
struct TcpPort {
  const Base base = make_base();
  evdns_server_port* port = nullptr;
  sockaddr_in address = {};
  std::vector<evdns_server_request*> held;
  bool holds = false;
  int requests = 0;

  TcpPort() {
    sockaddr_in in = {};
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    Listener listener = listen_at(base, in, nullptr, nullptr);
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
