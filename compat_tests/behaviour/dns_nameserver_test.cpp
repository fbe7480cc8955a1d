// Nameservers: adding them, their turns, and what happens when they lose, delay, forge or garble.
#include "dns_tools.h"

namespace dns_cases {
namespace {

using Names = std::vector<std::string>;

std::string nameserver_text(evdns_base* dns, int index) {
  sockaddr_storage address = {};
  const int size = evdns_base_get_nameserver_addr(dns, index, reinterpret_cast<sockaddr*>(&address),
                                                  sizeof address);
  if (size < 0) {
    return "none";
  }
  CHECK(size == static_cast<int>(address.ss_family == AF_INET ? sizeof(sockaddr_in)
                                                              : sizeof(sockaddr_in6)));
  char text[64] = "";
  const void* bytes = address.ss_family == AF_INET
                          ? static_cast<void*>(&reinterpret_cast<sockaddr_in&>(address).sin_addr)
                          : &reinterpret_cast<sockaddr_in6&>(address).sin6_addr;
  evutil_inet_ntop(address.ss_family, bytes, text, sizeof text);
  return text + std::string("#") +
         std::to_string(ntohs(reinterpret_cast<sockaddr_in&>(address).sin_port));
}

TEST_CASE("evdns_base_nameserver_ip_add takes addresses with and without port") {
  const Base base = make_base();
  const OwnResolver dns = make_resolver(base, {});
  LogCapture log;
  struct {
    const char* text;
    int result;
  } const cases[] = {{"127.0.0.1", 0},
                     {"127.0.0.1:53", 3},
                     {"127.0.0.1:5353", 0},
                     {"::1", 0},
                     {"[::1]", 3},
                     {"[::1]:99", 0},
                     {"fe80::1%lo", 0},
                     {"[fe80::1%lo]:53", 3},
                     {"1.2.3", 4},
                     {"x", 4},
                     {"", 4},
                     {"[::1]:x", 4},
                     {"127.0.0.1:0", 4},
                     {"127.0.0.1:99999", 4},
                     {"fe80::1%nope", 4}};
  for (const auto& c : cases) {
    INFO(c.text);
    CHECK(evdns_base_nameserver_ip_add(dns.get(), c.text) == c.result);
  }
  CHECK(log.contains(EVENT_LOG_WARN, "Unable to parse nameserver address 1.2.3"));
  CHECK(evdns_base_count_nameservers(dns.get()) == 5);
  CHECK(nameserver_text(dns.get(), 0) == "127.0.0.1#53");
  CHECK(nameserver_text(dns.get(), 1) == "fe80::1#53");  // behind the first
  CHECK(nameserver_text(dns.get(), 4) == "127.0.0.1#5353");
  CHECK(nameserver_text(dns.get(), 5) == "none");
}

TEST_CASE("evdns_base_nameserver_add and sockaddr_add refuse doubles") {
  const Base base = make_base();
  const OwnResolver dns = make_resolver(base, {});
  CHECK(evdns_base_nameserver_add(dns.get(), htonl(0x7f000002)) == 0);
  CHECK(evdns_base_nameserver_add(dns.get(), htonl(0x7f000002)) == 3);
  CHECK(nameserver_text(dns.get(), 0) == "127.0.0.2#53");
  sockaddr_in in = {};
  in.sin_family = AF_INET;
  in.sin_port = htons(53);
  in.sin_addr.s_addr = htonl(0x7f000002);
  const auto* const sa = reinterpret_cast<const sockaddr*>(&in);
  CHECK(evdns_base_nameserver_sockaddr_add(dns.get(), sa, sizeof in, 0) == 3);
  sockaddr_in small = in;
  CHECK(evdns_base_get_nameserver_addr(dns.get(), 0, reinterpret_cast<sockaddr*>(&small), 4) ==
        sizeof in);
  CHECK(evdns_base_clear_nameservers_and_suspend(dns.get()) == 0);
  CHECK(evdns_base_count_nameservers(dns.get()) == 0);
  CHECK(evdns_base_resume(dns.get()) == 0);
}

TEST_CASE("evdns_base_nameserver_sockaddr_add refuses what is no internet address") {
  INTENDED_DIFFERENCE("the reference adds nameservers that it can never ask");
  const Base base = make_base();
  const OwnResolver dns = make_resolver(base, {});
  sockaddr_storage address = {};
  address.ss_family = AF_UNIX;
  const auto* const sa = reinterpret_cast<const sockaddr*>(&address);
  CHECK(evdns_base_nameserver_sockaddr_add(dns.get(), sa, 110, 0) != 0);
  address.ss_family = AF_INET;
  CHECK(evdns_base_nameserver_sockaddr_add(dns.get(), sa, 4, 0) != 0);
  address.ss_family = AF_INET6;
  CHECK(evdns_base_nameserver_sockaddr_add(dns.get(), sa, sizeof(sockaddr_in), 0) != 0);
  CHECK(evdns_base_get_nameserver_addr(dns.get(), -1, nullptr, 0) == -1);
  CHECK(evdns_base_get_nameserver_fd(dns.get(), 0) == -1);
}

TEST_CASE("evdns asks the nameservers in turn") {
  const Base base = make_base();
  Server first(base, always({a("1.1.1.1")}));
  Server second(base, always({a("1.1.1.1")}));
  Server third(base, always({a("1.1.1.1")}));
  const OwnResolver dns = make_resolver(base, {&first, &second, &third});
  Results results(base);
  for (const char* name : {"q0", "q1", "q2", "q3", "q4"}) {
    results.ask(dns.get(), name);
    results.take();
  }
  CHECK(first.names() == Names{"q0", "q3"});
  CHECK(third.names() == Names{"q1", "q4"});
  CHECK(second.names() == Names{"q2"});
}

TEST_CASE("evdns asks another nameserver when no answer comes and fails in the end") {
  const Base base = make_base();
  Server first(base, mute());
  Server second(base, mute());
  const OwnResolver dns = make_resolver(base, {&first, &second});
  evdns_base_set_option(dns.get(), "timeout", "0.03");
  evdns_base_set_option(dns.get(), "attempts", "4");
  LogCapture log;
  Results results(base);
  results.ask(dns.get(), "lost");
  CHECK(results.take().result == DNS_ERR_TIMEOUT);
  CHECK(first.queries.size() == 2);
  CHECK(second.queries.size() == 2);
  CHECK(log.contains(EVENT_LOG_MSG, "has failed: request timed out."));
}

TEST_CASE("evdns takes an answer to a repeated query") {
  const Base base = make_base();
  int count = 0;
  Server server(base, [&](const Query& query) {
    return ++count < 2 ? std::vector<Bytes>{} : std::vector<Bytes>{query.answer({a("1.1.1.1")})};
  });
  const OwnResolver dns = make_resolver(base, {&server});
  Results results(base);
  results.ask(dns.get(), "lost.once");
  CHECK(results.take().result == DNS_ERR_NONE);
}

TEST_CASE("evdns moves on at once when a nameserver fails or refuses") {
  INTENDED_DIFFERENCE(
      "the reference waits for the time limit after a refusal, and reports a time "
      "limit when all servers failed");
  const Base base = make_base();
  for (const unsigned rcode : {2U, 4U, 5U}) {
    Server bad(base, refuse(rcode));
    Server good(base, always({a("1.1.1.1")}));
    const OwnResolver dns = make_resolver(base, {&bad, &good});
    evdns_base_set_option(dns.get(), "timeout", "60");
    Results results(base);
    results.ask(dns.get(), "a.b");
    CHECK(results.take().result == DNS_ERR_NONE);
    CHECK(bad.queries.size() == 1);
  }
  Server bad(base, refuse(2));
  const OwnResolver dns = make_resolver(base, {&bad});
  evdns_base_set_option(dns.get(), "timeout", "60");
  Results results(base);
  results.ask(dns.get(), "a.b");
  CHECK(results.take().result == DNS_ERR_SERVERFAILED);
}

TEST_CASE("evdns probes a nameserver that failed until it is back") {
  const Base base = make_base();
  bool alive = false;
  Server server(base, [&](const Query& query) {
    return alive ? std::vector<Bytes>{query.answer({a("1.1.1.1")})} : std::vector<Bytes>{};
  });
  const OwnResolver dns = make_resolver(base, {&server});
  evdns_base_set_option(dns.get(), "attempts", "1");
  evdns_base_set_option(dns.get(), "timeout", "0.05");
  evdns_base_set_option(dns.get(), "max-timeouts", "1");
  evdns_base_set_option(dns.get(), "initial-probe-timeout", "0.05");
  LogCapture log;
  Results results(base);
  results.ask(dns.get(), "a.b");
  CHECK(results.take().result == DNS_ERR_TIMEOUT);
  CHECK(log.contains(EVENT_LOG_MSG, "All nameservers have failed"));
  while (server.queries.size() < 3) {  // the query and two probes
    event_base_loop(base.get(), EVLOOP_ONCE);
  }
  CHECK(server.queries.back().type == EVDNS_TYPE_A);
  alive = true;
  while (!log.contains(EVENT_LOG_MSG, "is back up")) {
    event_base_loop(base.get(), EVLOOP_ONCE);
  }
}

TEST_CASE("evdns option max-inflight limits the queries under way") {
  const Base base = make_base();
  Server server(base, mute());
  const OwnResolver dns = make_resolver(base, {&server});
  Results results(base);
  SECTION("64 unless set") {
    for (int i = 0; i < 70; ++i) {
      results.ask(dns.get(), "a.b");
    }
    spin(base);
    CHECK(server.queries.size() == 64);
  }
  SECTION("one at a time") {
    evdns_base_set_option(dns.get(), "max-inflight", "1");
    evdns_base_set_option(dns.get(), "attempts", "1");
    evdns_base_set_option(dns.get(), "timeout", "0.02");
    for (const char* name : {"q1", "q2", "q3"}) {
      results.ask(dns.get(), name);
    }
    spin(base);
    CHECK(server.names() == Names{"q1"});
    results.wait(3);
    CHECK(server.names() == Names{"q1", "q2", "q3"});
  }
  SECTION("a hundred") {
    evdns_base_set_option(dns.get(), "max-inflight", "100");
    for (int i = 0; i < 100; ++i) {
      results.ask(dns.get(), "a.b");
    }
    spin(base);
    CHECK(server.queries.size() == 100);
  }
}

TEST_CASE("evdns_base_clear_nameservers_and_suspend keeps queries for new nameservers") {
  const Base base = make_base();
  Server old(base, mute());
  Server fresh(base, always({a("1.1.1.1")}));
  const OwnResolver dns = make_resolver(base, {&old});
  Results results(base);
  results.ask(dns.get(), "a.b");
  spin(base);
  CHECK(old.queries.size() == 1);
  evdns_base_clear_nameservers_and_suspend(dns.get());
  evdns_base_nameserver_ip_add(dns.get(), fresh.text().c_str());
  run_for(base, 20);
  CHECK(fresh.queries.empty());
  evdns_base_resume(dns.get());
  CHECK(results.take().result == DNS_ERR_NONE);
  CHECK(fresh.queries.size() == 1);
}

// What answers a query and then the right one: the first must not be taken.
struct Forgery {
  const char* what;
  std::function<Bytes(const Query&)> forge;
};

void check_forgery(const Forgery& forgery) {
  INFO(forgery.what);
  const Base base = make_base();
  Server server(base, [&](const Query& query) {
    return std::vector<Bytes>{forgery.forge(query), query.answer({a("1.1.1.1")})};
  });
  const OwnResolver dns = make_resolver(base, {&server});
  Results results(base);
  results.ask(dns.get(), "victim.example");
  CHECK(results.take().found == Names{"1.1.1.1"});
}

Bytes with_question(const Query& query, const Bytes& question, unsigned count = 1) {
  Bytes out = query.message.substr(0, 2);
  put16(out, 0x8180);
  put16(out, count);
  put16(out, 1);
  put16(out, 0);
  put16(out, 0);
  return out + question + a("6.6.6.6");
}

TEST_CASE("evdns ignores answers with a wrong id and packets that are no answers") {
  check_forgery({"another id", [](const Query& query) {
                   Bytes forged = query.answer({a("6.6.6.6")});
                   forged[0] = static_cast<char>(forged[0] ^ 1);
                   return forged;
                 }});
  check_forgery({"a query", [](const Query& query) { return query.message; }});
  for (const size_t size : {0U, 3U, 11U}) {
    check_forgery({"short", [size](const Query& q) { return q.answer({}).substr(0, size); }});
  }
}

TEST_CASE("evdns ignores answers to another question") {
  INTENDED_DIFFERENCE(
      "the reference fails the query, or takes the answer if only type or class "
      "differ; RFC 5452 has them discarded");
  const Bytes tail("\0\x01\0\x01", 4);
  const Forgery forgeries[] = {
      {"another name", [&](const Query& q) { return with_question(q, wire_name("x") + tail); }},
      {"another type",
       [&](const Query& q) {
         return with_question(q, wire_name(q.name) + Bytes("\0\x1c\0\x01", 4));
       }},
      {"another class",
       [&](const Query& q) {
         return with_question(q, wire_name(q.name) + Bytes("\0\x01\0\x03", 4));
       }},
      {"none", [&](const Query& q) { return with_question(q, "", 0); }},
      {"two", [&](const Query& q) { return with_question(q, q.question() + q.question(), 2); }},
      {"cut in the question", [&](const Query& q) { return q.answer({}).substr(0, 20); }},
  };
  for (const Forgery& forgery : forgeries) {
    check_forgery(forgery);
  }
}

TEST_CASE("evdns ignores answers from another address") {
  INTENDED_DIFFERENCE("the reference takes an answer from another port of the nameserver's host");
  const Base base = make_base();
  Server server(base, mute());
  Server forger(base, mute());
  const OwnResolver dns = make_resolver(base, {&server});
  LogCapture log;
  Results results(base);
  results.ask(dns.get(), "victim.example");
  spin(base);
  REQUIRE(server.queries.size() == 1);
  // The forger knows it all, the port too.
  const Query query = server.queries[0];
  server.send_last_from(forger, query.answer({a("6.6.6.6")}));
  spin(base);
  CHECK(results.all.empty());
  CHECK(log.contains(EVENT_LOG_WARN, "Address mismatch"));
  server.send_last(query.answer({a("1.1.1.1")}));
  CHECK(results.take().found == Names{"1.1.1.1"});
}

TEST_CASE("evdns randomizes the case of names unless told not to") {
  const Base base = make_base();
  Server server(base, always({a("1.1.1.1")}));
  const OwnResolver dns = make_resolver(base, {&server});
  const std::string name(60, 'x');
  Results results(base);
  results.ask(dns.get(), name.c_str());
  CHECK(results.take().result == DNS_ERR_NONE);
  CHECK(server.queries.back().message.substr(13, 60) != name);
  CHECK(server.queries.back().name == name);
  evdns_base_set_option(dns.get(), "randomize-case", "0");
  results.ask(dns.get(), name.c_str());
  CHECK(results.take().result == DNS_ERR_NONE);
  CHECK(server.queries.back().message.substr(13, 60) == name);
}

TEST_CASE("evdns recovers from a nameserver that does not preserve case") {
  const Base base = make_base();
  Server server(base, [](const Query& query) {
    Bytes answer = query.answer({a("1.1.1.1")});
    for (size_t i = 12; i < query.question_end; ++i) {
      answer[i] = static_cast<char>(std::tolower(answer[i]));
    }
    return std::vector<Bytes>{answer};
  });
  const OwnResolver dns = make_resolver(base, {&server});
  evdns_base_set_option(dns.get(), "timeout", "60");
  const std::string name(60, 'x');
  Results results(base);
  for (int i = 0; i < 2; ++i) {
    results.ask(dns.get(), name.c_str());
    CHECK(results.take().result == DNS_ERR_NONE);
  }
  if (on_relevent()) {  // which asks again with another id; the reference takes any case
    REQUIRE(server.queries.size() == 3);
    CHECK(server.queries[0].message.substr(0, 2) != server.queries[1].message.substr(0, 2));
    CHECK(server.queries[2].message.substr(13, 60) == name);
  }
}

TEST_CASE("evdns ids differ from query to query") {
  const Base base = make_base();
  Server server(base, mute());
  const OwnResolver dns = make_resolver(base, {&server});
  Results results(base);
  for (int i = 0; i < 40; ++i) {
    results.ask(dns.get(), "a.b");
  }
  spin(base);
  REQUIRE(server.queries.size() == 40);
  int steps = 0;
  for (size_t i = 1; i < 40; ++i) {
    const unsigned before = get16(server.queries[i - 1].message, 0);
    const unsigned id = get16(server.queries[i].message, 0);
    CHECK(id != before);
    steps += id == before + 1 ? 1 : 0;
  }
  CHECK(steps < 20);
}

// The names that the issue of malformed packets is about.
TEST_CASE("evdns answers with a label that points at itself fail") {
  const Base base = make_base();
  Server server(base, [](const Query& query) {
    Bytes self = "\xc0";
    self += static_cast<char>(query.question_end);
    return std::vector<Bytes>{query.answer({record(EVDNS_TYPE_A, 1, "abcd", self)})};
  });
  const OwnResolver dns = make_resolver(base, {&server});
  Results results(base);
  results.ask(dns.get(), "a.b");
  CHECK(results.take().result == DNS_ERR_UNKNOWN);
}

TEST_CASE("evdns answers with a label past the end of the packet fail") {
  const Base base = make_base();
  for (const Bytes& owner : {Bytes("\xc0\xff", 2),
                             Bytes("\x3f"
                                   "ab",
                                   3),
                             Bytes("\x40"
                                   "a",
                                   2)}) {
    Server server(base, [&](const Query& query) {
      Bytes answer = query.answer({""});
      return std::vector<Bytes>{answer + owner};
    });
    const OwnResolver dns = make_resolver(base, {&server});
    Results results(base);
    results.ask(dns.get(), "a.b");
    CHECK(results.take().result == DNS_ERR_UNKNOWN);
  }
}

TEST_CASE("evdns survives garbled answers") {
  const Base base = make_base();
  unsigned seed = 1;
  Server server(base, [&](const Query& query) {
    Bytes answer = query.answer({cname("real.example"), a("1.1.1.1"), a("2.2.2.2")});
    for (int i = 0; i < 4; ++i) {
      seed = seed * 1103515245 + 12345;
      answer[query.question_end + (seed >> 16) % (answer.size() - query.question_end)] =
          static_cast<char>(seed >> 8);
    }
    return std::vector<Bytes>{answer.substr(0, answer.size() - (seed >> 20) % 9)};
  });
  const OwnResolver dns = make_resolver(base, {&server});
  evdns_base_set_option(dns.get(), "max-inflight", "1000");
  Results results(base);
  for (int i = 0; i < 300; ++i) {
    results.ask(dns.get(), "a.b");
  }
  results.wait(300);
}

}  // namespace
}  // namespace dns_cases
