// TLS bufferevents that several threads use.
#include <event2/thread.h>

#include <thread>

#include "tls_tools.h"

using namespace event_cases;

TEST_CASE("tls: several threads write while the loop runs", "[threads]") {
  REQUIRE(evthread_use_pthreads() == 0);
  constexpr int kThreads = 3;
  constexpr size_t kWrites = 300;
  TlsScene scene({.way = GENERATE(from_range(all_ways())),
                  .options = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_THREADSAFE |
                             GENERATE(0, int{BEV_OPT_DEFER_CALLBACKS},
                                      BEV_OPT_DEFER_CALLBACKS | BEV_OPT_UNLOCK_CALLBACKS)});
  REQUIRE(scene.shake_hands());
  size_t got = 0;
  scene.server_calls->on_read = [&](bufferevent* bev) { got += take_input(bev).size(); };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&scene] {
      for (size_t k = 0; k < kWrites; ++k) {
        bufferevent_write(scene.client.get(), "12345678", 8);
      }
    });
  }
  const bool all = run_until(scene.base, [&] { return got == kThreads * kWrites * 8; });
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(all);
}

TEST_CASE("tls: one thread frees what the loop of another works on", "[threads]") {
  REQUIRE(evthread_use_pthreads() == 0);
  TlsScene scene({.way = GENERATE(from_range(all_ways())),
                  .options = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_THREADSAFE});
  REQUIRE(scene.shake_hands());
  write_text(scene.client, std::string(200'000, 'x'));
  std::thread other([&scene] { scene.client.reset(); });
  scene.settle();
  other.join();
  scene.settle();
  CHECK_FALSE(scene.client);
}
