// Resolvers and servers that several threads use.
#include <event2/thread.h>

#include <atomic>
#include <thread>

#include "dns_tools.h"

namespace dns_cases {
namespace {

TEST_CASE("evdns requests may be made and cancelled from other threads", "[threads]") {
  INTENDED_DIFFERENCE("the reference now and then loses a request on a busy machine");
  REQUIRE(evthread_use_pthreads() == 0);
  const Base base = make_base();
  Server server(base, [count = 0](const Query& query) mutable {
    return ++count % 3 == 0 ? std::vector<Bytes>{}
                            : std::vector<Bytes>{query.answer({a("1.1.1.1")})};
  });
  OwnResolver dns = make_resolver(base, {&server});
  evdns_base_set_option(dns.get(), "timeout", "0.01");
  static std::atomic<int> answered;
  answered = 0;
  const auto count = [](int, char, int, int, void*, void*) { ++answered; };
  constexpr int kThreads = 3;
  constexpr int kRequests = 60;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kRequests; ++i) {
        evdns_base_resolve_ipv4(dns.get(), "a.b", 0, count, nullptr);
        evdns_base_count_nameservers(dns.get());
      }
    });
  }
  const std::int64_t limit = now_ms() + 9000;
  while (answered < kThreads * kRequests && now_ms() < limit) {
    const timeval turn = ms(20);
    event_base_loopexit(base.get(), &turn);
    event_base_dispatch(base.get());
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(answered == kThreads * kRequests);
}

TEST_CASE("evdns_base_free may come from another thread than the loop's", "[threads]") {
  INTENDED_DIFFERENCE("the reference crashes now and then when its loop runs in another thread");
  REQUIRE(evthread_use_pthreads() == 0);
  for (int round = 0; round < 20; ++round) {
    const Base base = make_base();
    Server server(base, always({a("1.1.1.1")}));
    OwnResolver dns = make_resolver(base, {&server});
    std::atomic<bool> done{false};
    const auto nothing = [](int, char, int, int, void*, void*) {};
    for (int i = 0; i < 20; ++i) {
      evdns_base_resolve_ipv4(dns.get(), "a.b", 0, nothing, nullptr);
    }
    std::thread other([&] {
      evdns_base_free(dns.release(), 0);
      done = true;
      event_base_loopbreak(base.get());
    });
    while (!done) {
      const timeval turn = ms(5);
      event_base_loopexit(base.get(), &turn);
      event_base_dispatch(base.get());
    }
    other.join();
    spin(base);
  }
}

}  // namespace
}  // namespace dns_cases
