// One base, several threads: calls from outside the loop's thread reach it at once.
#include "thread_tools.h"

using namespace event_cases;

TEST_CASE("event_active: from another thread wakes the loop", "[threads]") {
  const Base base = make_threaded_base();
  Recorder record;
  std::thread::id where;
  const Event user = record.make(base.get(), -1, 0, "user", [&](const Call&) {
    where = std::this_thread::get_id();
    event_base_loopbreak(base.get());
  });
  const Event far = record.make(base.get(), -1, 0, "far");
  const timeval hour = {3600, 0};
  REQUIRE(event_add(far.get(), &hour) == 0);
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    event_active(user.get(), EV_WRITE, 1);
  });
  CHECK(event_base_dispatch(base.get()) == 0);
  other.join();
  CHECK(record.order() == "user");
  CHECK(record.what("user") == EV_WRITE);
  CHECK(where == std::this_thread::get_id());
}

TEST_CASE("event_add: a timer from another thread shortens the wait", "[threads]") {
  const Base base = make_threaded_base();
  Recorder record;
  Flag fired;
  const Event far = record.make(base.get(), -1, 0, "far");
  const Event near = record.make(base.get(), -1, 0, "near", [&](const Call&) { fired.set(); });
  const timeval hour = {3600, 0};
  const timeval soon = ms(20);
  REQUIRE(event_add(far.get(), &hour) == 0);
  LoopThread loop(base.get());
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const std::int64_t begin = now_us();
  REQUIRE(event_add(near.get(), &soon) == 0);
  CHECK(fired.wait());
  CHECK(now_us() - begin >= 20'000 - kTickUs);
  CHECK(loop.stop() == 0);
  CHECK(record.order() == "near");
}

TEST_CASE("event_add: a reader from another thread is watched at once", "[threads]") {
  for (const char* method : {"epoll", "poll", "select"}) {
    INFO(method);
    REQUIRE(evthread_use_pthreads() == 0);
    const Base base = make_base_with(method);
    REQUIRE(base);
    const SocketPair sockets;
    Recorder record;
    Flag fired;
    const Event reader = record.make(base.get(), sockets.first, EV_READ, "reader",
                                     [&](const Call&) { fired.set(); });
    LoopThread loop(base.get());
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    REQUIRE(event_add(reader.get(), nullptr) == 0);
    write_byte(sockets.second);
    CHECK(fired.wait());
    CHECK(loop.stop() == 0);
    CHECK(record.order() == "reader");
  }
}

TEST_CASE("event_del: from another thread, then nothing comes any more", "[threads]") {
  const Base base = make_threaded_base();
  const SocketPair sockets;
  Recorder record;
  Flag reached;
  const Event reader = record.make(base.get(), sockets.first, EV_READ | EV_PERSIST, "reader");
  const Event user = record.make(base.get(), -1, 0, "user", [&](const Call&) { reached.set(); });
  REQUIRE(event_add(reader.get(), nullptr) == 0);
  LoopThread loop(base.get());
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  REQUIRE(event_del(reader.get()) == 0);
  write_byte(sockets.second);
  event_active(user.get(), EV_READ, 1);
  CHECK(reached.wait());
  CHECK(loop.stop() == 0);
  CHECK(record.order() == "user");
}

TEST_CASE("event_del: of the last reader from another thread ends a dispatch", "[threads]") {
  const Base base = make_threaded_base();
  const SocketPair sockets;
  Recorder record;
  const Event reader = record.make(base.get(), sockets.first, EV_READ, "reader");
  REQUIRE(event_add(reader.get(), nullptr) == 0);
  int deleted = -2;
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    deleted = event_del(reader.get());
  });
  CHECK(event_base_dispatch(base.get()) == 1);
  other.join();
  CHECK(deleted == 0);
  CHECK(record.calls().empty());
}

TEST_CASE("event_del: of the last timer from another thread ends a dispatch, if only when due",
          "[threads]") {
  const Base base = make_threaded_base();
  Recorder record;
  const Event timer = record.make(base.get(), -1, 0, "timer");
  const timeval wait = ms(2000);
  REQUIRE(event_add(timer.get(), &wait) == 0);
  int deleted = -2;
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    deleted = event_del(timer.get());
  });
  CHECK(event_base_dispatch(base.get()) == 1);
  other.join();
  CHECK(deleted == 0);
  CHECK(record.calls().empty());
}

TEST_CASE("event_base_loopbreak: from another thread ends the loop", "[threads]") {
  const Base base = make_threaded_base();
  Recorder record;
  Flag in_loop;  // before the loop begins, a break would be forgotten
  const Event user = record.make(base.get(), -1, 0, "user", [&](const Call&) { in_loop.set(); });
  event_active(user.get(), EV_READ, 1);
  int result = -2;
  std::thread other([&] {
    in_loop.wait();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    result = event_base_loopbreak(base.get());
  });
  CHECK(event_base_loop(base.get(), EVLOOP_NO_EXIT_ON_EMPTY) == 0);
  other.join();
  CHECK(result == 0);
  CHECK(event_base_got_break(base.get()) == 1);
  CHECK(event_base_got_exit(base.get()) == 0);
}

TEST_CASE("event_base_loopexit: from another thread ends the loop, at once or later", "[threads]") {
  const Base base = make_threaded_base();
  const timeval soon = ms(20);
  for (const timeval* const wait : {static_cast<const timeval*>(nullptr), &soon}) {
    int result = -2;
    std::thread other([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      result = event_base_loopexit(base.get(), wait);
    });
    CHECK(event_base_loop(base.get(), EVLOOP_NO_EXIT_ON_EMPTY) == 0);
    other.join();
    CHECK(result == 0);
    CHECK(event_base_got_exit(base.get()) == 1);
    CHECK(event_base_got_break(base.get()) == 0);
  }
}

TEST_CASE("event_base_once: from several threads, each exactly once", "[threads]") {
  const Base base = make_threaded_base();
  std::atomic<int> calls = 0;
  std::atomic<int> failed = 0;
  LoopThread loop(base.get());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        const timeval wait = {0, i % 3 * 1000};
        failed +=
            event_base_once(
                base.get(), -1, EV_TIMEOUT,
                [](evutil_socket_t, short, void* arg) { ++*static_cast<std::atomic<int>*>(arg); },
                &calls, i % 5 == 0 ? nullptr : &wait) != 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(eventually([&] { return calls == 2000; }));
  CHECK(loop.stop() == 0);
  CHECK(calls == 2000);
  CHECK(failed == 0);
}

TEST_CASE("event_active: no wake-up is lost in twenty thousand", "[threads]") {
  // Ping-pong: a lost wake-up would leave both waiting.
  const Base base = make_threaded_base();
  Recorder record;
  std::atomic<int> rounds = 0;
  constexpr int kRounds = 20'000;
  const Event user(event_new(
      base.get(), -1, 0,
      [](evutil_socket_t, short, void* arg) { ++*static_cast<std::atomic<int>*>(arg); }, &rounds));
  LoopThread loop(base.get());
  bool lost = false;
  for (int i = 0; i < kRounds && !lost; ++i) {
    event_active(user.get(), EV_READ, 1);
    const std::int64_t end = now_ms() + 5000;
    while (rounds != i + 1 && !lost) {
      std::this_thread::yield();
      lost = now_ms() > end;
    }
  }
  CHECK_FALSE(lost);
  CHECK(loop.stop() == 0);
  CHECK(rounds == kRounds);
}

TEST_CASE("event_active: two loops in two threads play ping-pong", "[threads]") {
  struct Player {
    Base base = make_threaded_base();
    Event ev;
    Player* other = nullptr;
    bool ends = false;  // whether the last call is this one's
    int calls = 0;
  } players[2];
  constexpr int kCalls = 5000;
  for (int i = 0; i < 2; ++i) {
    players[i].other = &players[1 - i];
    players[i].ends = i == 1;
    players[i].ev.reset(event_new(
        players[i].base.get(), -1, 0,
        [](evutil_socket_t, short, void* arg) {
          auto* self = static_cast<Player*>(arg);
          if (++self->calls == kCalls) {
            event_base_loopexit(self->base.get(), nullptr);
          }
          if (!self->ends || self->calls < kCalls) {
            event_active(self->other->ev.get(), EV_READ, 1);
          }
        },
        &players[i]));
  }
  event_active(players[0].ev.get(), EV_READ, 1);
  LoopThread first(players[0].base.get());
  LoopThread second(players[1].base.get());
  CHECK(first.join() == 0);
  CHECK(second.join() == 0);
  CHECK(players[0].calls == kCalls);
  CHECK(players[1].calls == kCalls);
}

TEST_CASE("EVENT_BASE_FLAG_NOLOCK: one thread at a time may use the base", "[threads]") {
  const Base base = make_threaded_base(EVENT_BASE_FLAG_NOLOCK);
  Recorder record;
  for (int i = 0; i < 3; ++i) {
    std::thread other([&] {
      const Event timer = record.make(base.get(), -1, 0, "timer");
      const timeval wait = ms(1);
      CHECK(event_add(timer.get(), &wait) == 0);
      CHECK(event_base_dispatch(base.get()) == 1);
      CHECK(event_del(timer.get()) == 0);
    });
    other.join();
  }
  CHECK(record.count("timer") == 3);
}

TEST_CASE("event_base_dispatch: bases in many threads do not know of each other", "[threads]") {
  REQUIRE(evthread_use_pthreads() == 0);
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&wrong] {
      for (int i = 0; i < 20; ++i) {
        const Base base = make_base();
        Recorder record;
        const Event timer = record.make(base.get(), -1, EV_PERSIST, "timer", [&](const Call&) {
          if (record.calls().size() == 3) {
            event_base_loopbreak(base.get());
          }
        });
        const timeval wait = {0, 500};
        event_add(timer.get(), &wait);
        wrong += event_base_dispatch(base.get()) != 0 || record.calls().size() != 3;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(wrong == 0);
}
