// BEV_OPT_THREADSAFE: bufferevents that other threads than the loop's use.
#include <event2/thread.h>

#include "bufferevent_tools.h"
#include "thread_tools.h"

using namespace event_cases;

namespace {

// Collects, under the bufferevent's lock, what it reads.
struct Collector {
  std::atomic<size_t> got = 0;
  std::atomic<int> events = 0;
  std::atomic<int> last_event = 0;

  static void read(bufferevent* bev, void* arg) {
    auto* self = static_cast<Collector*>(arg);
    evbuffer* input = bufferevent_get_input(bev);
    const size_t length = evbuffer_get_length(input);
    evbuffer_drain(input, length);
    self->got += length;
  }
  static void event(bufferevent*, short what, void* arg) {
    auto* self = static_cast<Collector*>(arg);
    self->last_event = what;
    ++self->events;
  }
  void watch(const Bufferevent& bev) { bufferevent_setcb(bev.get(), read, nullptr, event, this); }
};

}  // namespace

TEST_CASE("BEV_OPT_THREADSAFE: writes from another thread wake the loop", "[threads]") {
  const Base base = make_threaded_base();
  SocketPair sockets;
  Bufferevent bev = make_bufferevent(base, sockets.first, BEV_OPT_THREADSAFE);
  LoopThread loop(base.get());
  REQUIRE(loop.is_running());
  for (int i = 0; i < 20; ++i) {
    write_text(bev, "x");
    std::string got;
    CHECK(eventually([&] {
      got += take(sockets.second);
      return got == "x";
    }));
  }
  loop.stop();
}

TEST_CASE("BEV_OPT_THREADSAFE: several threads write, nothing is lost", "[threads]") {
  const Base base = make_threaded_base();
  SocketPair sockets;
  Collector collector;
  Bufferevent writer = make_bufferevent(base, sockets.first, BEV_OPT_THREADSAFE);
  Bufferevent reader = make_bufferevent(base, sockets.second, BEV_OPT_THREADSAFE);
  collector.watch(reader);
  bufferevent_enable(reader.get(), EV_READ);
  LoopThread loop(base.get());
  constexpr int kThreads = 4;
  constexpr int kWrites = 500;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kWrites; ++n) {
        bufferevent_write(writer.get(), "0123456789", 10);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(eventually([&] { return collector.got == size_t{kThreads} * kWrites * 10; }));
  loop.stop();
}

TEST_CASE("BEV_OPT_THREADSAFE: enabled and disabled by another thread", "[threads]") {
  const Base base = make_threaded_base();
  SocketPair sockets;
  Collector collector;
  Bufferevent bev = make_bufferevent(base, sockets.first, BEV_OPT_THREADSAFE);
  collector.watch(bev);
  LoopThread loop(base.get());
  std::atomic<bool> stop = false;
  std::thread toggler([&] {
    while (!stop) {
      bufferevent_enable(bev.get(), EV_READ);
      bufferevent_disable(bev.get(), EV_READ);
    }
    bufferevent_enable(bev.get(), EV_READ);
  });
  size_t sent = 0;
  for (int i = 0; i < 100; ++i) {
    write_text(sockets.second, "0123456789");
    sent += 10;
  }
  stop = true;
  toggler.join();
  CHECK(eventually([&] { return collector.got == sent; }));
  loop.stop();
}

TEST_CASE("BEV_OPT_THREADSAFE: input drained by another thread lets it read on", "[threads]") {
  const Base base = make_threaded_base();
  SocketPair sockets;
  Bufferevent bev = make_bufferevent(base, sockets.first, BEV_OPT_THREADSAFE);
  bufferevent_setwatermark(bev.get(), EV_READ, 0, 100);
  bufferevent_enable(bev.get(), EV_READ);
  LoopThread loop(base.get());
  write_text(sockets.second, std::string(10'000, 'r'));
  size_t got = 0;
  CHECK(eventually([&] {
    char data[64];
    const size_t n = bufferevent_read(bev.get(), data, sizeof data);
    got += n;
    return got == 10'000;
  }));
  loop.stop();
}

TEST_CASE("bufferevent_lock: keeps the loop out", "[threads]") {
  const Base base = make_threaded_base();
  SocketPair sockets;
  Collector collector;
  Bufferevent bev = make_bufferevent(base, sockets.first, BEV_OPT_THREADSAFE);
  collector.watch(bev);
  bufferevent_enable(bev.get(), EV_READ);
  LoopThread loop(base.get());
  REQUIRE(loop.is_running());
  bufferevent_lock(bev.get());
  bufferevent_lock(bev.get());  // it is recursive
  write_text(sockets.second, "x");
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  CHECK(collector.got == 0);
  CHECK(input_length(bev) == 0);
  bufferevent_unlock(bev.get());
  bufferevent_unlock(bev.get());
  CHECK(eventually([&] { return collector.got == 1; }));
  loop.stop();
}

TEST_CASE("bufferevent_lock: without a lock it does nothing") {
  const SocketScene scene;
  bufferevent_lock(scene.bev.get());
  bufferevent_unlock(scene.bev.get());
}

TEST_CASE("BEV_OPT_THREADSAFE: freed by another thread", "[threads]") {
  const Base base = make_threaded_base();
  LoopThread loop(base.get());
  for (int i = 0; i < 100; ++i) {
    SocketPair sockets;
    const int options =
        BEV_OPT_THREADSAFE | BEV_OPT_CLOSE_ON_FREE | (i % 2 == 0 ? BEV_OPT_DEFER_CALLBACKS : 0);
    Bufferevent bev = make_bufferevent(base, std::exchange(sockets.first, -1), options);
    bufferevent_enable(bev.get(), EV_READ);
    write_text(sockets.second, "x");
    write_text(bev, "y");
    if (i % 3 == 0) {
      std::this_thread::yield();
    }
    bev.reset();
  }
  CHECK(loop.is_running());
  loop.stop();
}

TEST_CASE("BEV_OPT_THREADSAFE: the connected event of a connect from another thread", "[threads]") {
  const Base base = make_threaded_base();
  LoopThread loop(base.get());
  REQUIRE(loop.is_running());
  for (int i = 0; i < 50; ++i) {
    SocketPair sockets;
    Collector collector;
    // Connected already: the event is due at once.
    Bufferevent bev = make_bufferevent(base, sockets.first, BEV_OPT_THREADSAFE);
    collector.watch(bev);
    CHECK(bufferevent_socket_connect(bev.get(), nullptr, 0) == 0);
    CHECK(eventually([&] { return collector.events == 1; }));
    CHECK(collector.last_event == BEV_EVENT_CONNECTED);
    bufferevent_lock(bev.get());
    bufferevent_setcb(bev.get(), nullptr, nullptr, nullptr, nullptr);
    bufferevent_unlock(bev.get());
  }
  loop.stop();
}

TEST_CASE("BEV_OPT_UNLOCK_CALLBACKS: the callback holds no lock", "[threads]") {
  const Base base = make_threaded_base();
  SocketPair sockets;
  struct Scene {
    Flag entered;
    Flag leave;
  } scene;
  const int options = BEV_OPT_THREADSAFE | BEV_OPT_DEFER_CALLBACKS | BEV_OPT_UNLOCK_CALLBACKS;
  Bufferevent bev = make_bufferevent(base, sockets.first, options);
  bufferevent_setcb(
      bev.get(),
      [](bufferevent*, void* arg) {
        auto* s = static_cast<Scene*>(arg);
        s->entered.set();
        s->leave.wait();
      },
      nullptr, nullptr, &scene);
  bufferevent_enable(bev.get(), EV_READ);
  LoopThread loop(base.get());
  write_text(sockets.second, "x");
  REQUIRE(scene.entered.wait());
  // While it runs, another thread can do all this.
  CHECK(input_length(bev) == 1);
  write_text(bev, "y");
  bufferevent_disable(bev.get(), EV_READ);
  scene.leave.set();
  std::string got;
  CHECK(eventually([&] {
    got += take(sockets.second);
    return got == "y";
  }));
  loop.stop();
}

TEST_CASE("BEV_OPT_THREADSAFE: pairs with a thread at each end", "[threads]") {
  const Base base = make_threaded_base();
  bufferevent* ends[2];
  REQUIRE(bufferevent_pair_new(base.get(), BEV_OPT_THREADSAFE, ends) == 0);
  Bufferevent a(ends[0]);
  Bufferevent b(ends[1]);
  Collector at_a;
  Collector at_b;
  at_a.watch(a);
  at_b.watch(b);
  bufferevent_enable(a.get(), EV_READ);
  bufferevent_enable(b.get(), EV_READ);
  LoopThread loop(base.get());
  const auto write_many = [](bufferevent* bev) {
    for (int n = 0; n < 500; ++n) {
      bufferevent_write(bev, "0123456789", 10);
    }
  };
  std::thread first([&] { write_many(a.get()); });
  std::thread second([&] { write_many(b.get()); });
  first.join();
  second.join();
  CHECK(eventually([&] { return at_a.got == 5000 && at_b.got == 5000; }));
  loop.stop();
  a.reset();
  b.reset();
  settle(base);
}

TEST_CASE("BEV_OPT_THREADSAFE: a rate-limit group over two loops", "[threads]") {
  const Base first = make_threaded_base();
  const Base second = make_threaded_base();
  const timeval tick = ms(10);
  ev_token_bucket_cfg* limit = ev_token_bucket_cfg_new(5000, 5000, 5000, 5000, &tick);
  bufferevent_rate_limit_group* group = bufferevent_rate_limit_group_new(first.get(), limit);
  REQUIRE(group != nullptr);
  SocketPair one;
  SocketPair two;
  Collector collectors[2];
  Bufferevent bevs[2] = {make_bufferevent(first, one.first, BEV_OPT_THREADSAFE),
                         make_bufferevent(second, two.first, BEV_OPT_THREADSAFE)};
  for (int i = 0; i < 2; ++i) {
    collectors[i].watch(bevs[i]);
    CHECK(bufferevent_add_to_rate_limit_group(bevs[i].get(), group) == 0);
    bufferevent_enable(bevs[i].get(), EV_READ);
  }
  {
    LoopThread loop_one(first.get());
    LoopThread loop_two(second.get());
    write_text(one.second, std::string(50'000, '1'));
    write_text(two.second, std::string(50'000, '2'));
    CHECK(eventually([&] { return collectors[0].got == 50'000 && collectors[1].got == 50'000; }));
    loop_one.stop();
    loop_two.stop();
  }
  for (Bufferevent& bev : bevs) {
    bufferevent_remove_from_rate_limit_group(bev.get());
    bev.reset();
  }
  settle(first);
  settle(second);
  bufferevent_rate_limit_group_free(group);
  ev_token_bucket_cfg_free(limit);
}
