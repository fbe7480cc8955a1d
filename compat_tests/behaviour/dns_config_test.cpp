// Options, search lists, resolv.conf, hosts and the cache; the old functions on one resolver.
#include <event2/dns_compat.h>
#include <event2/event_compat.h>
#include <unistd.h>

#include "dns_tools.h"

namespace dns_cases {
namespace {

using Names = std::vector<std::string>;

// A file with this text, removed at the end.
class File {
 public:
  explicit File(const std::string& text) {
    const int fd = mkstemp(path_);
    REQUIRE(fd >= 0);
    CHECK(write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    close(fd);
  }
  ~File() { unlink(path_); }
  const char* path() const { return path_; }

 private:
  char path_[32] = "/tmp/dns_config_XXXXXX";
};

TEST_CASE("evdns_base_set_option takes what makes sense") {
  const Base base = make_base();
  const OwnResolver dns = make_resolver(base, {});
  struct {
    const char* name;
    Names good;
    Names bad;
  } const cases[] = {
      {"ndots", {"2", ""}, {"-1", "x", "3x"}},
      {"ndots:", {"2"}, {"x"}},
      {"timeout", {"5", "0.1", "1e9"}, {"0", "-1", "x", "5x", ""}},
      {"attempts", {"3", "0", "1000"}, {"-1", "x"}},
      {"max-timeouts", {"0", "-5", "300"}, {"x"}},
      {"max-inflight", {"0", "-3", "65001"}, {"x"}},
      {"randomize-case", {"0", "1", "2", ""}, {"x"}},
      {"bind-to", {"127.0.0.1", "::1"}, {"junk", "", "127.0.0.1:0"}},
      {"initial-probe-timeout", {"0.5", "4000"}, {"0", "x", "-1"}},
      {"getaddrinfo-allow-skew", {"3"}, {"0", "x", "-1"}},
      {"so-rcvbuf", {"0", "65536"}, {"-1", "x"}},
      {"so-sndbuf", {"0", "65536"}, {"-1", "x"}},
      {"no-such-option", {"", "x"}, {}},
  };
  for (const auto& c : cases) {
    for (const std::string& value : c.good) {
      INFO(c.name << " " << value);
      CHECK(evdns_base_set_option(dns.get(), c.name, value.c_str()) == 0);
    }
    for (const std::string& value : c.bad) {
      INFO(c.name << " " << value);
      CHECK(evdns_base_set_option(dns.get(), c.name, value.c_str()) == -1);
    }
  }
}

TEST_CASE("evdns_base_set_option has the options of libevent 2.2") {
  INTENDED_DIFFERENCE("libevent 2.2");
  const Base base = make_base();
  const OwnResolver dns = make_resolver(base, {});
  for (const char* name : {"max-probe-timeout", "probe-backoff-factor", "tcp-idle-timeout",
                           "edns-udp-size", "getaddrinfo-cache"}) {
    CHECK(evdns_base_set_option(dns.get(), name, "3") == 0);
    CHECK(evdns_base_set_option(dns.get(), name, "x") == -1);
  }
  CHECK(evdns_base_set_option(dns.get(), "use-vc", nullptr) == 0);
  CHECK(evdns_base_set_option(dns.get(), "ignore-tc", "") == 0);
}

TEST_CASE("evdns option bind-to does not keep nameservers on this host from being asked") {
  const Base base = make_base();
  Server server(base, always({a("1.1.1.1")}));
  const OwnResolver dns = make_resolver(base, {});
  CHECK(evdns_base_set_option(dns.get(), "bind-to", "192.0.2.77") == 0);
  CHECK(evdns_base_nameserver_ip_add(dns.get(), server.text().c_str()) == 0);
  Results results(base);
  results.ask(dns.get(), "a.b");
  CHECK(results.take().result == DNS_ERR_NONE);
  CHECK(server.peer().sin_addr.s_addr == htonl(INADDR_LOOPBACK));
}

// The names that a query for this one asks for, when none exists.
Names searched(evdns_base* dns, const Base& base, Server& server, const char* name, int flags = 0) {
  Results results(base);
  server.queries.clear();
  REQUIRE(results.ask(dns, name, flags) != nullptr);
  CHECK(results.take().result == DNS_ERR_NOTEXIST);
  return server.names();
}

TEST_CASE("evdns_base_search_add puts domains in front") {
  const Base base = make_base();
  Server server(base, refuse(3));
  const OwnResolver dns = make_resolver(base, {&server});
  evdns_base_search_add(dns.get(), "a.com");
  evdns_base_search_add(dns.get(), "..b.com");
  const auto ask = [&](const char* name, int flags = 0) {
    return searched(dns.get(), base, server, name, flags);
  };
  CHECK(ask("www") == Names{"www.b.com", "www.a.com", "www"});
  CHECK(ask("www.x") == Names{"www.x", "www.x.b.com", "www.x.a.com"});
  CHECK(ask("www.") == Names{"www", "www.b.com", "www.a.com"});
  CHECK(ask("www", DNS_QUERY_NO_SEARCH) == Names{"www"});
  evdns_base_search_ndots_set(dns.get(), 2);
  CHECK(ask("www.x") == Names{"www.x.b.com", "www.x.a.com", "www.x"});
  evdns_base_set_option(dns.get(), "ndots", "0");
  CHECK(ask("www") == Names{"www", "www.b.com", "www.a.com"});
  evdns_base_search_clear(dns.get());
  CHECK(ask("www") == Names{"www"});
}

TEST_CASE("evdns search with an empty host name is refused") {
  const Base base = make_base();
  Server server(base, refuse(3));
  const OwnResolver dns = make_resolver(base, {&server});
  evdns_base_search_add(dns.get(), "a.com");
  Results results(base);
  CHECK(results.ask(dns.get(), "") == nullptr);
  CHECK(results.ask(dns.get(), std::string(64, 'x').c_str()) == nullptr);
  spin(base);
  CHECK(results.all.empty());
}

TEST_CASE("evdns search goes on unless the nameserver does not answer") {
  const Base base = make_base();
  struct {
    Server::Script script;
    size_t queries;
    int result;
  } const cases[] = {{always({}), 3, DNS_ERR_NODATA},
                     {refuse(1), 3, DNS_ERR_FORMAT},
                     {refuse(5), 3, DNS_ERR_REFUSED},
                     {mute(), 1, DNS_ERR_TIMEOUT}};
  for (const auto& c : cases) {
    Server server(base, c.script);
    const OwnResolver dns = make_resolver(base, {&server});
    evdns_base_set_option(dns.get(), "attempts", "1");
    evdns_base_search_add(dns.get(), "a.com");
    evdns_base_search_add(dns.get(), "b.com");
    Results results(base);
    results.ask(dns.get(), "www");
    CHECK(results.take().result == c.result);
    CHECK(server.queries.size() == c.queries);
  }
}

TEST_CASE("evdns searches keep the list they began with") {
  const Base base = make_base();
  Server server(base, refuse(3));
  const OwnResolver dns = make_resolver(base, {&server});
  evdns_base_search_add(dns.get(), "a.com");
  Results results(base);
  results.ask(dns.get(), "www");
  evdns_base_search_clear(dns.get());
  CHECK(results.take().result == DNS_ERR_NOTEXIST);
  CHECK(server.names() == Names{"www.a.com", "www"});
}

TEST_CASE("evdns_base_resolv_conf_parse takes what its flags name") {
  const Base base = make_base();
  struct {
    const char* text;
    int flags;
    int result;
    int nameservers;
    Names asked;
  } const cases[] = {
      {"nameserver 1.2.3.4\nnameserver 5.6.7.8\nsearch a.com b.com\n",
       DNS_OPTIONS_ALL,
       0,
       2,
       {"www.a.com", "www.b.com", "www"}},
      {"nameserver 1.2.3.4\nsearch a.com", DNS_OPTION_SEARCH, 0, 0, {"www.a.com", "www"}},
      {"nameserver 1.2.3.4\nsearch a.com", DNS_OPTION_NAMESERVERS, 0, 1, {"www"}},
      {"search a.com", 0, 0, 0, {"www"}},
      {"", DNS_OPTION_NAMESERVERS, 6, 1, {"www"}},
      {"", DNS_OPTION_NAMESERVERS | DNS_OPTION_NAMESERVERS_NO_DEFAULT, 0, 0, {"www"}},
      {"search a.com\ndomain d.com\n", DNS_OPTION_SEARCH, 0, 0, {"www.d.com", "www"}},
      {"domain d.com e.com\n", DNS_OPTION_SEARCH, 0, 0, {"www.d.com", "www"}},
      {"domain d.com\nsearch\tb.com\n", DNS_OPTION_SEARCH, 0, 0, {"www.b.com", "www"}},
      {"search s.com\noptions rotate ndots:0 timeout:x\n",
       DNS_OPTIONS_ALL,
       6,
       1,
       {"www", "www.s.com"}},
      {"#nameserver 9.9.9.9\n;foo\n  nameserver   1.1.1.1  \n\tnameserver 2.2.2.2 # c\nnameserver\n"
       "nameserver x\nNAMESERVER 3.3.3.3\nnameserver 4.4.4.4 5.5.5.5\nsortlist 1.2.3.4\n",
       DNS_OPTION_NAMESERVERS,
       0,
       3,
       {"www"}},
      {"nameserver ::1\nnameserver fe80::1%lo\nnameserver 1.1.1.1:55",
       DNS_OPTION_NAMESERVERS,
       0,
       3,
       {"www"}},
  };
  for (const auto& c : cases) {
    INFO(c.text << " " << c.flags);
    const File file(c.text);
    Server server(base, refuse(3));
    const OwnResolver dns = make_resolver(base, {});
    CHECK(evdns_base_resolv_conf_parse(dns.get(), c.flags, file.path()) == c.result);
    CHECK(evdns_base_count_nameservers(dns.get()) == c.nameservers);
    evdns_base_clear_nameservers_and_suspend(dns.get());
    evdns_base_nameserver_ip_add(dns.get(), server.text().c_str());
    CHECK(searched(dns.get(), base, server, "www") == c.asked);
  }
}

TEST_CASE("evdns_base_resolv_conf_parse takes ndots before the search list too") {
  INTENDED_DIFFERENCE("in the reference a line search sets ndots back");
  const Base base = make_base();
  const File file("options ndots:2\nsearch s.com\n");
  Server server(base, refuse(3));
  const OwnResolver dns = make_resolver(base, {&server});
  evdns_base_resolv_conf_parse(dns.get(), DNS_OPTION_SEARCH, file.path());
  CHECK(searched(dns.get(), base, server, "w.x") == Names{"w.x.s.com", "w.x"});
}

TEST_CASE("evdns_base_resolv_conf_parse without a file uses the defaults") {
  const Base base = make_base();
  const OwnResolver dns = make_resolver(base, {});
  CHECK(evdns_base_resolv_conf_parse(dns.get(), DNS_OPTION_SEARCH, "/no/such/file") == 1);
  CHECK(evdns_base_count_nameservers(dns.get()) == 0);
  CHECK(evdns_base_resolv_conf_parse(dns.get(), DNS_OPTION_NAMESERVERS, "/tmp") == 2);
  CHECK(evdns_base_count_nameservers(dns.get()) == 0);
  CHECK(evdns_base_resolv_conf_parse(dns.get(), DNS_OPTION_NAMESERVERS, "/no/such/file") == 1);
  CHECK(evdns_base_count_nameservers(dns.get()) == 1);
}

TEST_CASE("evdns_base_new warns of flags it does not know") {
  const Base base = make_base();
  LogCapture log;
  const OwnResolver dns(evdns_base_new(base.get(), 2));
  REQUIRE(dns != nullptr);
  CHECK(log.contains(EVENT_LOG_WARN, "Unrecognized flag passed to evdns_base_new()"));
}

// The IPv4 address that a look-up finds at once, or "" if it asks.
std::string host_address(evdns_base* dns, const char* name, int family = AF_INET) {
  evutil_addrinfo hints = {};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  std::string found;
  auto* const request = evdns_getaddrinfo(
      dns, name, "80", &hints,
      [](int, evutil_addrinfo* list, void* arg) {
        for (evutil_addrinfo* info = list; info != nullptr; info = info->ai_next) {
          char text[64] = "";
          const auto& in = *reinterpret_cast<const sockaddr_in*>(info->ai_addr);
          const auto& in6 = *reinterpret_cast<const sockaddr_in6*>(info->ai_addr);
          evutil_inet_ntop(
              info->ai_family,
              info->ai_family == AF_INET ? static_cast<const void*>(&in.sin_addr) : &in6.sin6_addr,
              text, sizeof text);
          *static_cast<std::string*>(arg) += text + std::string(" ");
        }
        if (list != nullptr) {
          evutil_freeaddrinfo(list);
        }
      },
      &found);
  const bool asks = request != nullptr;
  if (asks) {
    evdns_getaddrinfo_cancel(request);
    event_loop(EVLOOP_NONBLOCK);
  }
  return found;
}

TEST_CASE("evdns_base_load_hosts answers look-ups from a file") {
  event_base* const current = event_init();  // the loop of host_address()
  {
    const File file(
        "1.2.3.4 foo bar\n::7 foo\n5.6.7.8\tFOO # comment\nbad foo\n9.9.9.9\n1.1.1.1:5 foo\n"
        "# 7.7.7.7 foo\n6.6.6.6 last");
    const std::unique_ptr<evdns_base, FreeResolver> dns(evdns_base_new(current, 0));
    CHECK(evdns_base_load_hosts(dns.get(), file.path()) == 0);
    CHECK(host_address(dns.get(), "Foo") == "1.2.3.4 5.6.7.8 ");
    CHECK(host_address(dns.get(), "foo", AF_INET6) == "::7 ");
    CHECK(host_address(dns.get(), "foo", AF_UNSPEC) == "1.2.3.4 ::7 5.6.7.8 ");
    CHECK(host_address(dns.get(), "last") == "6.6.6.6 ");
    CHECK(host_address(dns.get(), "foo.").empty());
    CHECK(host_address(dns.get(), "localhost").empty());
    CHECK(evdns_base_load_hosts(dns.get(), nullptr) == 0);
    CHECK(host_address(dns.get(), "localhost", AF_UNSPEC) == "127.0.0.1 ::1 ");
    evdns_base_clear_host_addresses(dns.get());
    CHECK(host_address(dns.get(), "foo").empty());
    CHECK(evdns_base_load_hosts(dns.get(), "/no/such/file") < 0);
    CHECK(host_address(dns.get(), "localhost") == "127.0.0.1 ");
  }
  event_base_free(current);
}

TEST_CASE("evdns_cache_write makes entries that evdns_getaddrinfo finds") {
  INTENDED_DIFFERENCE("libevent 2.2");
  event_base* const current = event_init();
  {
    const std::unique_ptr<evdns_base, FreeResolver> dns(evdns_base_new(current, 0));
    evutil_addrinfo hints = {};
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    evutil_addrinfo* list = nullptr;
    REQUIRE(evutil_getaddrinfo("1.2.3.4", "99", &hints, &list) == 0);
    char name[] = "Cached.example";
    evdns_cache_write(dns.get(), name, list, 100);
    CHECK(host_address(dns.get(), "cached.EXAMPLE") == "1.2.3.4 ");
    evutil_addrinfo* found = nullptr;
    REQUIRE(evdns_cache_lookup(dns.get(), name, &hints, 80, &found) == 0);
    CHECK(ntohs(reinterpret_cast<sockaddr_in*>(found->ai_addr)->sin_port) == 80);
    evutil_freeaddrinfo(found);
    hints.ai_family = AF_INET6;
    CHECK(evdns_cache_lookup(dns.get(), name, &hints, 80, &found) == EVUTIL_EAI_ADDRFAMILY);
    CHECK(found == nullptr);
    hints.ai_family = AF_INET;
    hints.ai_flags = EVUTIL_AI_CANONNAME;
    CHECK(evdns_cache_lookup(dns.get(), name, &hints, 80, &found) == -1);
    hints.ai_flags = 0;
    evdns_cache_write(dns.get(), name, list, 0);
    CHECK(evdns_cache_lookup(dns.get(), name, &hints, 80, &found) == -1);
    evutil_freeaddrinfo(list);
  }
  event_base_free(current);
}

TEST_CASE("evdns option getaddrinfo-cache keeps answers") {
  INTENDED_DIFFERENCE("libevent 2.2 has the cache; here it has to be asked for");
  const Base base = make_base();
  Server server(base, [](const Query& query) {
    return std::vector<Bytes>{
        query.answer({query.type == EVDNS_TYPE_A ? a("1.1.1.1") : aaaa("::5")})};
  });
  const auto nothing = [](int, evutil_addrinfo* list, void*) { evutil_freeaddrinfo(list); };
  const std::pair<const char*, size_t> cases[] = {{"0", 4}, {"1", 2}};
  for (const auto& [value, queries] : cases) {
    server.queries.clear();
    const OwnResolver dns = make_resolver(base, {&server});
    CHECK(evdns_base_set_option(dns.get(), "getaddrinfo-cache", value) == 0);
    for (int i = 0; i < 2; ++i) {
      if (evdns_getaddrinfo(dns.get(), "a.b", "80", nullptr, nothing, nullptr) != nullptr) {
        run_for(base, 50);
      }
    }
    CHECK(server.queries.size() == queries);
  }
}

TEST_CASE("evdns_set_log_fn gets the messages") {
  const Base base = make_base();
  static int warnings;
  static int others;
  warnings = others = 0;
  evdns_set_log_fn([](int is_warning, const char* text) {
    REQUIRE(text != nullptr);
    ++(is_warning != 0 ? warnings : others);
  });
  const OwnResolver dns = make_resolver(base, {});
  evdns_base_nameserver_ip_add(dns.get(), "junk");
  evdns_set_log_fn(nullptr);
  CHECK(warnings == 1);
  CHECK(others > 0);
  evdns_set_transaction_id_fn(nullptr);
  evdns_set_random_bytes_fn(nullptr);
}

TEST_CASE("evdns functions of libevent 1.4 work on one resolver") {
  const Base base(event_init());
  Server server(base, always({a("1.1.1.1")}));
  CHECK(evdns_get_global_base() == nullptr);
  CHECK(evdns_nameserver_ip_add(server.text().c_str()) == 0);
  REQUIRE(evdns_get_global_base() != nullptr);
  CHECK(evdns_count_nameservers() == 1);
  CHECK(evdns_set_option("timeout", "0.1", DNS_OPTIONS_ALL) == 0);
  CHECK(evdns_set_option("timeout", "x", DNS_OPTIONS_ALL) == -1);
  evdns_search_add("a.com");
  evdns_search_ndots_set(1);
  Results results(base);
  CHECK(evdns_resolve_ipv4("www", 0, Results::callback, &results) == 0);
  CHECK(results.take().result == DNS_ERR_NONE);
  evdns_search_clear();
  CHECK(evdns_resolve_ipv6("www", 0, Results::callback, &results) == 0);
  CHECK(results.take().result == DNS_ERR_NODATA);
  const in_addr v4 = {};
  const in6_addr v6 = {};
  CHECK(evdns_resolve_reverse(&v4, 0, Results::callback, &results) == 0);
  CHECK(results.take().result == DNS_ERR_NODATA);
  CHECK(evdns_resolve_reverse_ipv6(&v6, 0, Results::callback, &results) == 0);
  CHECK(results.take().result == DNS_ERR_NODATA);
  CHECK(evdns_resolve_ipv4(std::string(64, 'x').c_str(), 0, Results::callback, &results) == -1);
  CHECK(evdns_clear_nameservers_and_suspend() == 0);
  CHECK(evdns_nameserver_add(htonl(0x7f000001)) == 0);
  CHECK(evdns_resume() == 0);
  CHECK(evdns_resolv_conf_parse(0, "/no/such/file") == 1);
  CHECK(server.names().front() == "www.a.com");
  evdns_shutdown(1);
  CHECK(evdns_get_global_base() == nullptr);
  evdns_shutdown(1);
}

}  // namespace
}  // namespace dns_cases
