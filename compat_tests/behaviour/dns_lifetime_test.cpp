// What users may do to resolvers and requests from callbacks, and when others work on them too.
#include <event2/thread.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "dns_tools.h"
#include "tracked_memory.h"

namespace dns_cases {
namespace {

using event_cases::TrackedMemory;

struct Canceller {
  evdns_getaddrinfo_request* request = nullptr;
  int calls = 0;
  event_base* base;

  static void callback(int, evutil_addrinfo* found, void* argument) {
    auto& self = *static_cast<Canceller*>(argument);
    ++self.calls;
    CHECK(TrackedMemory::holds(self.request));
    evdns_getaddrinfo_cancel(self.request);
    if (found != nullptr) {
      evutil_freeaddrinfo(found);
    }
    event_base_loopbreak(self.base);
  }
};

TEST_CASE("evdns_getaddrinfo_cancel in the callback of its own request does nothing") {
  const TrackedMemory memory;
  const Base base = make_base();
  Server server(base, always({a("1.1.1.1")}));
  const OwnResolver dns = make_resolver(base, {&server});
  Canceller canceller;
  canceller.base = base.get();
  evutil_addrinfo hints = {};
  hints.ai_family = AF_INET;
  canceller.request =
      evdns_getaddrinfo(dns.get(), "a.b", nullptr, &hints, Canceller::callback, &canceller);
  REQUIRE(canceller.request != nullptr);
  run_for(base, 5000);
  spin(base);
  CHECK(canceller.calls == 1);
}

TEST_CASE("evdns_base_free drops the look-up of a bufferevent that is freed after it") {
  INTENDED_DIFFERENCE("the reference loses the memory of both");
  const TrackedMemory memory;
  const Base base = make_base();
  Server server(base, mute());
  spin(base);
  const size_t live = TrackedMemory::live();
  for (const bool cancels_first : {false, true}) {
    OwnResolver dns = make_resolver(base, {&server});
    bufferevent* const bev = bufferevent_socket_new(base.get(), -1, 0);
    REQUIRE(bufferevent_socket_connect_hostname(bev, dns.get(), AF_UNSPEC, "a.b", 80) == 0);
    spin(base);
    if (cancels_first) {
      bufferevent_free(bev);
      dns.reset();
    } else {
      dns.reset();
      spin(base);
      bufferevent_free(bev);
    }
    spin(base);
  }
  // The event_base keeps what it needed for descriptors and timers.
  CHECK(TrackedMemory::live() <= live + 4);
}

// A thread logs, and so holds the lock, until the loop's thread waits for it in the timer; then it
// cancels what the timer is for.
struct Interlock {
  Resolver* dns = nullptr;
  evdns_request* request = nullptr;
  std::atomic<bool> loop_waits{false};
  std::atomic<bool> holds_lock{false};
  std::thread::id other;
};
Interlock* g_interlock = nullptr;

TEST_CASE("evdns_cancel_request waits for no timer that waits for the resolver", "[threads]") {
  INTENDED_DIFFERENCE("the reference waits for the timer with its lock held, and so for ever");
  REQUIRE(evthread_use_pthreads() == 0);
  const Base base = make_base();
  Server server(base, mute());
  const OwnResolver dns = make_resolver(base, {&server});
  evdns_base_set_option(dns.get(), "timeout", "0.01");
  Interlock interlock;
  g_interlock = &interlock;
  interlock.dns = dns.get();
  Results results(base);
  interlock.request = results.ask(dns.get(), "a.b");
  evdns_set_log_fn([](int, const char*) {
    Interlock& it = *g_interlock;
    if (std::this_thread::get_id() != it.other || it.holds_lock.exchange(true)) {
      return;
    }
    while (!it.loop_waits) {
      std::this_thread::yield();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    evdns_cancel_request(it.dns, it.request);
  });
  std::atomic<bool> go{false};
  std::thread other([&] {
    interlock.other = std::this_thread::get_id();
    go = true;
    evdns_base_nameserver_ip_add(dns.get(), "127.0.0.1:9");
  });
  // The loop comes to the timer when the lock is held.
  Event gate(evtimer_new(
      base.get(),
      [](evutil_socket_t, short, void*) {
        while (!g_interlock->holds_lock) {
          std::this_thread::yield();
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        g_interlock->loop_waits = true;
      },
      nullptr));
  event_active(gate.get(), EV_TIMEOUT, 1);
  results.wait();
  other.join();
  evdns_set_log_fn(nullptr);
  CHECK(results.all.front().result == DNS_ERR_CANCEL);
}

TEST_CASE("evdns requests of several threads share a search list", "[threads]") {
  INTENDED_DIFFERENCE("the reference now and then loses a request on a busy machine");
  REQUIRE(evthread_use_pthreads() == 0);
  const Base base = make_base();
  Server server(base, always({a("1.1.1.1")}));
  const OwnResolver dns = make_resolver(base, {&server});
  evdns_base_search_add(dns.get(), "search.list");
  constexpr size_t kRequests = 100;
  Results results(base);
  std::thread other([&] {
    for (size_t i = 0; i < kRequests; ++i) {
      results.ask(dns.get(), "a");
    }
  });
  results.wait(kRequests);
  other.join();
}

}  // namespace
}  // namespace dns_cases
