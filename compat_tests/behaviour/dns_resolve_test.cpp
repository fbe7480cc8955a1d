// Queries of one type: what is sent, what is handed over, and how they end.
#include "dns_tools.h"

namespace dns_cases {
namespace {

std::string labels(std::initializer_list<size_t> lengths) {
  std::string name;
  for (const size_t length : lengths) {
    name += (name.empty() ? "" : ".") + std::string(length, 'a');
  }
  return name;
}

TEST_CASE("evdns_base_resolve_ipv4 hands the addresses over from the loop with the shortest ttl") {
  const Base base = make_base();
  Server server(base, always({cname("real.example", 3), a("1.2.3.4", 77), a("5.6.7.8", 33)}));
  const OwnResolver dns = make_resolver(base, {&server});
  Results results(base);
  REQUIRE(results.ask(dns.get(), "www.example") != nullptr);
  CHECK(results.all.empty());
  const auto one = results.take();
  CHECK(one.result == DNS_ERR_NONE);
  CHECK(one.type == DNS_IPv4_A);
  CHECK(one.ttl == 33);
  CHECK(one.found == std::vector<std::string>{"1.2.3.4", "5.6.7.8"});
  // What was asked: one question, recursion wanted, and nothing else.
  const Bytes& query = server.queries.at(0).message;
  CHECK(query.substr(2, 10) == Bytes("\x01\0\0\x01\0\0\0\0\0\0", 10));
  CHECK(server.queries.at(0).name == "www.example");
  CHECK(query.size() == server.queries.at(0).question_end);
}

TEST_CASE("evdns_base_resolve_ipv6 and resolve_reverse ask for their types") {
  const Base base = make_base();
  Server server(base, [](const Query& query) {
    return std::vector<Bytes>{query.answer(
        {query.type == EVDNS_TYPE_AAAA ? aaaa("2001:db8::7", 9)
                                       : record(EVDNS_TYPE_PTR, 50, wire_name("Host.example"))})};
  });
  const OwnResolver dns = make_resolver(base, {&server});
  evdns_base_search_add(dns.get(), "search.example");  // has no effect on addresses
  Results results(base);
  evdns_base_resolve_ipv6(dns.get(), "six.example", 0, Results::callback, &results);
  auto one = results.take();
  CHECK(one.type == DNS_IPv6_AAAA);
  CHECK(one.found == std::vector<std::string>{"2001:db8::7"});
  const in_addr v4 = {htonl(0x01020304)};
  evdns_base_resolve_reverse(dns.get(), &v4, 0, Results::callback, &results);
  one = results.take();
  CHECK(one.type == DNS_PTR);
  CHECK(one.ttl == 50);
  CHECK(one.found == std::vector<std::string>{"Host.example"});
  in6_addr v6 = {};
  v6.s6_addr[0] = 0xfe;
  v6.s6_addr[15] = 0x12;
  evdns_base_resolve_reverse_ipv6(dns.get(), &v6, 0, Results::callback, &results);
  results.take();
  CHECK(server.names() ==
        std::vector<std::string>{"six.example", "4.3.2.1.in-addr.arpa",
                                 "2.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.e.f."
                                 "ip6.arpa"});
}

TEST_CASE("evdns_base_resolve_reverse hands over the first host only") {
  const Base base = make_base();
  Server server(base, always({record(EVDNS_TYPE_PTR, 50, wire_name("a.b")),
                              record(EVDNS_TYPE_PTR, 40, wire_name("c.d"))}));
  const OwnResolver dns = make_resolver(base, {&server});
  Results results(base);
  const in_addr v4 = {htonl(0x01020304)};
  evdns_base_resolve_reverse(dns.get(), &v4, 0, Results::callback, &results);
  const auto one = results.take();
  CHECK(one.ttl == 50);
  CHECK(one.found == std::vector<std::string>{"a.b"});
}

TEST_CASE("evdns_base_resolve_ipv4 takes names up to their limits") {
  const Base base = make_base();
  Server server(base, always({a("1.1.1.1")}));
  const OwnResolver dns = make_resolver(base, {&server});
  Results results(base);
  for (const std::string& name :
       {labels({63}), labels({63, 63, 63, 61}), labels({63, 63, 63, 61}) + ".", std::string("a."),
        std::string("1.2.3.4"), std::string("a b"), std::string()}) {
    REQUIRE(results.ask(dns.get(), name.c_str()) != nullptr);
    CHECK(results.take().result == DNS_ERR_NONE);
  }
  CHECK(results.ask(dns.get(), labels({64}).c_str()) == nullptr);
  CHECK(results.ask(dns.get(), labels({63, 63, 63, 63, 1}).c_str()) == nullptr);
  CHECK(results.all.empty());
}

TEST_CASE("evdns_base_resolve_ipv4 refuses names that no message can hold") {
  INTENDED_DIFFERENCE("the reference sends them as they are; no server can read that");
  const Base base = make_base();
  Server server(base, mute());
  const OwnResolver dns = make_resolver(base, {&server});
  Results results(base);
  for (const std::string& name :
       {std::string("a..b"), std::string(".a"), std::string("a.."), labels({63, 63, 63, 62})}) {
    CHECK(results.ask(dns.get(), name.c_str()) == nullptr);
  }
  spin(base);
  CHECK(server.queries.empty());
}

TEST_CASE("evdns result codes come from the answer") {
  const Base base = make_base();
  const Bytes soa_data = wire_name("ns") + wire_name("me") + Bytes(19, '\0') + "\x16";
  const Bytes soa = record(EVDNS_TYPE_SOA, 44, soa_data);
  struct {
    const char* what;
    Server::Script script;
    int result;
    int ttl;
  } const cases[] = {
      {"FORMERR", refuse(1), DNS_ERR_FORMAT, 0},
      {"NXDOMAIN", refuse(3), DNS_ERR_NOTEXIST, 0},
      {"NOTIMP", refuse(4), DNS_ERR_NOTIMPL, 0},
      {"REFUSED", refuse(5), DNS_ERR_REFUSED, 0},
      {"a code of later RFCs", refuse(9), DNS_ERR_UNKNOWN, 0},
      {"nothing", always({}), DNS_ERR_NODATA, 0},
      {"another type", always({aaaa("::1")}), DNS_ERR_NODATA, 0},
      {"a canonical name only", always({cname("x.y")}), DNS_ERR_NODATA, 0},
      {"truncated",
       [](const Query& q) { return std::vector<Bytes>{q.answer({a("1.1.1.1")}, 0x8380)}; },
       DNS_ERR_TRUNCATED, 0},
      {"three bytes of address", always({record(EVDNS_TYPE_A, 5, "abc")}), DNS_ERR_UNKNOWN, 0},
      {"no name, to be kept as the zone says",
       [&](const Query& q) { return std::vector<Bytes>{q.answer({}, 0x8183, {soa})}; },
       DNS_ERR_NOTEXIST, 22},
      {"no data, to be kept as the zone says",
       [&](const Query& q) { return std::vector<Bytes>{q.answer({}, 0x8180, {soa})}; },
       DNS_ERR_NODATA, 22},
      {"a ttl beyond 31 bits", always({a("1.1.1.1", 0xffffffff)}), DNS_ERR_NONE, 0},
      {"the longest ttl", always({a("1.1.1.1", 0x7fffffff)}), DNS_ERR_NONE, 0x7fffffff},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    Server server(base, c.script);
    const OwnResolver dns = make_resolver(base, {&server});
    Results results(base);
    results.ask(dns.get(), "name.example");
    const auto one = results.take();
    CHECK(one.result == c.result);
    CHECK(one.ttl == c.ttl);
    if (c.result != DNS_ERR_NONE) {
      CHECK(one.type == 0);
      CHECK(one.count == 0);
    }
  }
}

TEST_CASE("evdns passes over more than 32 addresses") {
  INTENDED_DIFFERENCE("the reference keeps 32 of them; libevent 2.2 keeps all");
  const Base base = make_base();
  Server server(base, always({record(EVDNS_TYPE_A, 5, Bytes(160, 'x'))}));
  const OwnResolver dns = make_resolver(base, {&server});
  Results results(base);
  results.ask(dns.get(), "many.example");
  CHECK(results.take().count == 40);
}

TEST_CASE("evdns DNS_CNAME_CALLBACK tells the canonical name in a second call") {
  INTENDED_DIFFERENCE("libevent 2.2");
  const Base base = make_base();
  Server server(base, always({cname("real.example"), a("1.1.1.1")}));
  const OwnResolver dns = make_resolver(base, {&server});
  Results results(base);
  results.ask(dns.get(), "alias.example", DNS_CNAME_CALLBACK);
  results.wait(2);
  CHECK(results.all.at(0).type == DNS_IPv4_A);
  CHECK(results.all.at(1).type == DNS_CNAME);
  CHECK(results.all.at(1).found == std::vector<std::string>{"real.example"});
}

TEST_CASE("evdns_err_to_string has a text for every value") {
  CHECK(std::string(evdns_err_to_string(DNS_ERR_NONE)) == "no error");
  CHECK(std::string(evdns_err_to_string(DNS_ERR_TIMEOUT)) == "request timed out");
  CHECK(std::string(evdns_err_to_string(DNS_ERR_NODATA)) == "no records in the reply");
  CHECK(std::string(evdns_err_to_string(64)) == "[Unknown error code]");
}

TEST_CASE("evdns queries can be cancelled at every stage") {
  const Base base = make_base();
  Server server(base, mute());
  Results results(base);
  SECTION("in flight") {
    const OwnResolver dns = make_resolver(base, {&server});
    evdns_request* const request = results.ask(dns.get(), "a.b");
    spin(base);
    evdns_cancel_request(dns.get(), request);
    CHECK(results.all.empty());
    CHECK(results.take().result == DNS_ERR_CANCEL);
  }
  SECTION("waiting for a nameserver; the resolver is not named") {
    const OwnResolver dns = make_resolver(base, {});
    evdns_cancel_request(nullptr, results.ask(dns.get(), "a.b"));
    CHECK(results.take().result == DNS_ERR_CANCEL);
  }
  SECTION("in a callback of another one") {
    const OwnResolver dns = make_resolver(base, {&server});
    evdns_request* const first = results.ask(dns.get(), "a.b");
    evdns_request* const second = results.ask(dns.get(), "c.d");
    results.hook = [&](const Results::One&) {
      if (results.all.size() == 1) {
        evdns_cancel_request(dns.get(), second);
      }
    };
    evdns_cancel_request(dns.get(), first);
    results.wait(2);
    CHECK(results.all.back().result == DNS_ERR_CANCEL);
  }
}

TEST_CASE("evdns_base_free fails requests from the loop or forgets them") {
  const Base base = make_base();
  Server server(base, mute());
  for (const bool fail : {false, true}) {
    OwnResolver dns = make_resolver(base, {&server});
    evdns_base_set_option(dns.get(), "max-inflight", "1");
    Results results(base);
    results.ask(dns.get(), "in.flight");
    results.ask(dns.get(), "wai.ting");
    spin(base);
    evdns_base_free(dns.release(), fail ? 1 : 0);
    CHECK(results.all.empty());
    spin(base);
    REQUIRE(results.all.size() == (fail ? 2 : 0));
    for (const auto& one : results.all) {
      CHECK(one.result == DNS_ERR_SHUTDOWN);
    }
  }
}

TEST_CASE("evdns_base_free may be called in a callback") {
  const Base base = make_base();
  Server server(base, always({a("1.1.1.1")}));
  OwnResolver dns = make_resolver(base, {&server});
  Results results(base);
  results.hook = [&](const Results::One&) {
    if (dns) {
      evdns_base_free(dns.release(), 0);
    }
  };
  results.ask(dns.get(), "a.b");
  results.ask(dns.get(), "c.d");
  results.wait(1);
  CHECK(results.all.front().result == DNS_ERR_NONE);
}

TEST_CASE("evdns_base_new with EVDNS_BASE_DISABLE_WHEN_INACTIVE lets the loop end") {
  const Base base = make_base();
  const Base other = make_base();
  Server server(other, always({a("1.1.1.1")}));
  const OwnResolver dns = make_resolver(base, {&server}, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
  CHECK(event_base_loop(base.get(), 0) == 1);
  Results results(base);
  results.ask(dns.get(), "a.b");
  while (server.queries.empty()) {
    event_base_loop(other.get(), EVLOOP_ONCE);
  }
  results.expected = 2;  // do not break the loop
  CHECK(event_base_loop(base.get(), 0) == 1);
  CHECK(results.all.size() == 1);
}

}  // namespace
}  // namespace dns_cases
