// A resolver's DNS over TCP and EDNS: additions of libevent 2.2.
#include <event2/buffer.h>

#include "dns_tcp_tools.h"

namespace dns_cases {
namespace {

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

}  // namespace
}  // namespace dns_cases
