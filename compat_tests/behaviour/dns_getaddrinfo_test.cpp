// evdns_getaddrinfo.
#include "dns_tools.h"

namespace dns_cases {
namespace {

using Strings = std::vector<std::string>;

// What a look-up ended with: "1.2.3.4:80/tcp", and so on.
struct Lookups {
  explicit Lookups(const Base& its_base) : base(its_base) {}

  const Base& base;
  std::vector<int> errors;
  Strings found;
  std::string canonical;

  static void callback(int error, evutil_addrinfo* list, void* arg) {
    auto& self = *static_cast<Lookups*>(arg);
    self.errors.push_back(error);
    for (const evutil_addrinfo* info = list; info != nullptr; info = info->ai_next) {
      self.found.push_back(text_of(*info));
      if (info->ai_canonname != nullptr) {
        self.canonical += info->ai_canonname;
      }
    }
    if (list != nullptr) {
      evutil_freeaddrinfo(list);
    }
    event_base_loopbreak(self.base.get());
  }

  evdns_getaddrinfo_request* start(evdns_base* dns, const char* node, const char* service,
                                   int family = AF_UNSPEC, int socktype = SOCK_STREAM,
                                   int flags = 0, int protocol = 0) {
    evutil_addrinfo hints = {};
    hints.ai_family = family;
    hints.ai_socktype = socktype;
    hints.ai_flags = flags;
    hints.ai_protocol = protocol;
    errors.clear();
    found.clear();
    canonical.clear();
    return evdns_getaddrinfo(dns, node, service, &hints, callback, this);
  }
  int wait() {
    if (errors.empty()) {
      const timeval limit = ms(8000);
      event_base_loopexit(base.get(), &limit);
      event_base_dispatch(base.get());
    }
    CHECK(errors.size() == 1);
    return errors.empty() ? -1 : errors.front();
  }

 private:
  static std::string text_of(const evutil_addrinfo& info) {
    char text[64] = "";
    const auto& in = *reinterpret_cast<const sockaddr_in*>(info.ai_addr);
    const auto& in6 = *reinterpret_cast<const sockaddr_in6*>(info.ai_addr);
    evutil_inet_ntop(
        info.ai_family,
        info.ai_family == AF_INET ? static_cast<const void*>(&in.sin_addr) : &in6.sin6_addr, text,
        sizeof text);
    const char* const kind = info.ai_protocol == IPPROTO_TCP   ? "/tcp"
                             : info.ai_protocol == IPPROTO_UDP ? "/udp"
                                                               : "/other";
    return text + std::string("#") + std::to_string(ntohs(in.sin_port)) + kind;
  }
};

// An answer for each family; nothing for those that are empty.
Server::Script both(std::vector<Bytes> v4, std::vector<Bytes> v6) {
  return [v4, v6](const Query& query) {
    const auto& answers = query.type == EVDNS_TYPE_A ? v4 : v6;
    return answers.empty() ? std::vector<Bytes>{} : std::vector<Bytes>{query.answer(answers)};
  };
}

TEST_CASE("evdns_getaddrinfo asks for both families and lists IPv4 first") {
  const Base base = make_base();
  std::optional<Query> held;
  Server server(base, [&](const Query& query) -> std::vector<Bytes> {
    if (query.type == EVDNS_TYPE_A) {
      held = query;
      return {};
    }
    return {query.answer({aaaa("::5")}), held.value().answer({a("1.1.1.1"), a("2.2.2.2")})};
  });
  const OwnResolver dns = make_resolver(base, {&server});
  Lookups lookups(base);
  REQUIRE(lookups.start(dns.get(), "x.y", "http") != nullptr);
  CHECK(lookups.errors.empty());
  CHECK(lookups.wait() == 0);
  CHECK(lookups.found == Strings{"1.1.1.1#80/tcp", "2.2.2.2#80/tcp", "::5#80/tcp"});
  CHECK(server.queries.size() == 2);
}

TEST_CASE("evdns_getaddrinfo heeds the hints") {
  const Base base = make_base();
  Server server(base, both({a("1.1.1.1")}, {aaaa("::5")}));
  const OwnResolver dns = make_resolver(base, {&server});
  Lookups lookups(base);
  lookups.start(dns.get(), "x.y", "80", AF_INET, 0);
  CHECK(lookups.wait() == 0);
  CHECK(lookups.found == Strings{"1.1.1.1#80/tcp", "1.1.1.1#80/udp"});
  lookups.start(dns.get(), "x.y", "domain", AF_INET6, SOCK_DGRAM);
  CHECK(lookups.wait() == 0);
  CHECK(lookups.found == Strings{"::5#53/udp"});
  lookups.start(dns.get(), "x.y", nullptr, AF_INET, SOCK_RAW);
  CHECK(lookups.wait() == 0);
  CHECK(lookups.found == Strings{"1.1.1.1#0/other"});
  lookups.start(dns.get(), "x.y", "7", AF_INET, 0, 0, IPPROTO_UDP);
  CHECK(lookups.wait() == 0);
  CHECK(lookups.found == Strings{"1.1.1.1#7/udp"});
}

TEST_CASE("evdns_getaddrinfo answers at once what needs no nameserver") {
  const Base base = make_base();
  Server server(base, mute());
  const OwnResolver dns = make_resolver(base, {&server});
  Lookups lookups(base);
  struct {
    const char* node;
    const char* service;
    int family;
    int flags;
    int error;
    Strings found;
  } const cases[] = {
      {nullptr, nullptr, AF_UNSPEC, 0, EVUTIL_EAI_NONAME, {}},
      {"x.y", "80", AF_UNIX, 0, EVUTIL_EAI_FAMILY, {}},
      {"x.y", "no-such-service", AF_UNSPEC, 0, EVUTIL_EAI_NONAME, {}},
      {"x.y", "65536", AF_UNSPEC, 0, EVUTIL_EAI_NONAME, {}},
      {"x.y", "-1", AF_UNSPEC, 0, EVUTIL_EAI_NONAME, {}},
      {"x.y", "", AF_UNSPEC, 0, EVUTIL_EAI_NONAME, {}},
      {"x.y", "http", AF_UNSPEC, EVUTIL_AI_NUMERICSERV, EVUTIL_EAI_NONAME, {}},
      {"x.y", "80", AF_UNSPEC, EVUTIL_AI_NUMERICHOST, EVUTIL_EAI_NONAME, {}},
      {nullptr, "80", AF_UNSPEC, 0, 0, {"127.0.0.1#80/tcp", "::1#80/tcp"}},
      {nullptr, "80", AF_UNSPEC, EVUTIL_AI_PASSIVE, 0, {"0.0.0.0#80/tcp", "::#80/tcp"}},
      {nullptr, "80", AF_INET6, EVUTIL_AI_PASSIVE, 0, {"::#80/tcp"}},
      {"1.2.3.4", "80", AF_UNSPEC, 0, 0, {"1.2.3.4#80/tcp"}},
      {"1.2.3.4", nullptr, AF_INET, EVUTIL_AI_NUMERICHOST, 0, {"1.2.3.4#0/tcp"}},
      {"fe80::1%lo", "80", AF_UNSPEC, 0, 0, {"fe80::1#80/tcp"}},
      {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
       "80",
       AF_UNSPEC,
       0,
       EVUTIL_EAI_FAIL,
       {}},
  };
  for (const auto& c : cases) {
    INFO((c.node != nullptr ? c.node : "null")
         << " " << (c.service != nullptr ? c.service : "null"));
    CHECK(lookups.start(dns.get(), c.node, c.service, c.family, SOCK_STREAM, c.flags) == nullptr);
    CHECK(lookups.errors == std::vector<int>{c.error});
    CHECK(lookups.found == c.found);
  }
  CHECK(lookups.start(nullptr, "1.2.3.4", "80") == nullptr);
  CHECK(lookups.errors == std::vector<int>{EVUTIL_EAI_FAIL});
  spin(base);
  CHECK(server.queries.empty());
}

TEST_CASE("evdns_getaddrinfo asks for an address of the family that is not wanted") {
  const Base base = make_base();
  Server server(base, both({a("1.1.1.1")}, {aaaa("::5")}));
  const OwnResolver dns = make_resolver(base, {&server});
  Lookups lookups(base);
  lookups.start(dns.get(), "1.2.3.4", "80", AF_INET6);
  CHECK(lookups.wait() == 0);
  CHECK(server.names() == Strings{"1.2.3.4"});
}

TEST_CASE("evdns_getaddrinfo gives the canonical name if the answer has one") {
  const Base base = make_base();
  Server server(base, both({cname("real.name"), a("1.1.1.1")}, {aaaa("::5")}));
  const OwnResolver dns = make_resolver(base, {&server});
  Lookups lookups(base);
  lookups.start(dns.get(), "x.y", "80", AF_UNSPEC, SOCK_STREAM, EVUTIL_AI_CANONNAME);
  CHECK(lookups.wait() == 0);
  CHECK(lookups.canonical == "real.name");
  lookups.start(dns.get(), "x.y", "80");
  lookups.wait();
  CHECK(lookups.canonical.empty());
}

TEST_CASE("evdns_getaddrinfo takes one family when the other has nothing") {
  const Base base = make_base();
  const auto error_for = [](unsigned type, unsigned rcode) {
    return [=](const Query& query) {
      return std::vector<Bytes>{query.type == type     ? query.error(rcode)
                                : type == EVDNS_TYPE_A ? query.answer({aaaa("::5")})
                                                       : query.answer({a("1.1.1.1")})};
    };
  };
  Lookups lookups(base);
  for (const unsigned rcode : {0U, 1U, 3U}) {
    Server no4(base, error_for(EVDNS_TYPE_A, rcode));
    Server no6(base, error_for(EVDNS_TYPE_AAAA, rcode));
    const OwnResolver dns4 = make_resolver(base, {&no4});
    const OwnResolver dns6 = make_resolver(base, {&no6});
    lookups.start(dns4.get(), "x.y", "80");
    CHECK(lookups.wait() == 0);
    CHECK(lookups.found == Strings{"::5#80/tcp"});
    lookups.start(dns6.get(), "x.y", "80");
    CHECK(lookups.wait() == 0);
    CHECK(lookups.found == Strings{"1.1.1.1#80/tcp"});
  }
}

TEST_CASE("evdns_getaddrinfo errors say whether the name exists") {
  const Base base = make_base();
  Lookups lookups(base);
  struct {
    Server::Script script;
    int error;
  } const cases[] = {{refuse(3), EVUTIL_EAI_NONAME},
                     {always({}), EVUTIL_EAI_FAIL},
                     {refuse(2), EVUTIL_EAI_FAIL},
                     {refuse(5), EVUTIL_EAI_FAIL},
                     {mute(), EVUTIL_EAI_FAIL}};
  for (const auto& c : cases) {
    Server server(base, c.script);
    const OwnResolver dns = make_resolver(base, {&server});
    CHECK(lookups.start(dns.get(), "x.y", "80") != nullptr);
    CHECK(lookups.wait() == c.error);
  }
}

TEST_CASE("evdns_getaddrinfo does not wait long for the slower family") {
  const Base base = make_base();
  Server server(base, both({a("1.1.1.1")}, {}));
  const OwnResolver dns = make_resolver(base, {&server});
  evdns_base_set_option(dns.get(), "timeout", "60");
  evdns_base_set_option(dns.get(), "getaddrinfo-allow-skew", "0.05");
  Lookups lookups(base);
  lookups.start(dns.get(), "x.y", "80");
  CHECK(lookups.wait() == 0);
  CHECK(lookups.found == Strings{"1.1.1.1#80/tcp"});
}

TEST_CASE("evdns_getaddrinfo searches with each family") {
  const Base base = make_base();
  Server server(base, refuse(3));
  const OwnResolver dns = make_resolver(base, {&server});
  evdns_base_search_add(dns.get(), "a.b");
  Lookups lookups(base);
  lookups.start(dns.get(), "w", "80");
  CHECK(lookups.wait() == EVUTIL_EAI_NONAME);
  CHECK(server.names() == Strings{"w.a.b", "w.a.b", "w", "w"});
}

TEST_CASE("evdns_getaddrinfo_cancel calls back once from the loop") {
  const Base base = make_base();
  Server server(base, both({a("1.1.1.1")}, {}));
  const OwnResolver dns = make_resolver(base, {&server});
  evdns_base_set_option(dns.get(), "timeout", "60");
  Lookups lookups(base);
  auto* request = lookups.start(dns.get(), "x.y", "80");
  SECTION("at once") {}
  SECTION("with half an answer") {
    while (server.queries.size() < 2) {
      event_base_loop(base.get(), EVLOOP_ONCE);
    }
    spin(base);
  }
  CHECK(lookups.errors.empty());
  evdns_getaddrinfo_cancel(request);
  CHECK(lookups.errors.empty());
  CHECK(lookups.wait() == EVUTIL_EAI_CANCEL);
  spin(base);
  CHECK(lookups.errors.size() == 1);
}

TEST_CASE("evdns_base_free fails look-ups or forgets them") {
  const Base base = make_base();
  Server server(base, both({a("1.1.1.1")}, {}));
  for (const bool half : {false, true}) {
    for (const bool fail : {false, true}) {
      OwnResolver dns = make_resolver(base, {&server});
      evdns_base_set_option(dns.get(), "timeout", "60");
      Lookups lookups(base);
      server.queries.clear();
      lookups.start(dns.get(), "x.y", "80");
      while (half && server.queries.size() < 2) {
        event_base_loop(base.get(), EVLOOP_ONCE);
      }
      spin(base, half ? 5 : 0);
      evdns_base_free(dns.release(), fail ? 1 : 0);
      spin(base);
      if (!fail) {
        CHECK(lookups.errors.empty());
      } else if (!half) {
        CHECK(lookups.errors == std::vector<int>{EVUTIL_EAI_FAIL});
      } else {
        CHECK(lookups.errors.size() == 1);
      }
    }
  }
}

}  // namespace
}  // namespace dns_cases
