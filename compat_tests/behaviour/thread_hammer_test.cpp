// Many threads at one base at once: nothing is lost, nothing comes after it was deleted.
#include <random>

#include "thread_tools.h"

using namespace event_cases;

namespace {

constexpr int kThreads = 4;

// Runs `work(number of the thread)` in several threads and waits for them.
template <class Work>
void in_threads(Work work) {
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back(work, t);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

void count_call(evutil_socket_t, short, void* arg) { ++*static_cast<std::atomic<int>*>(arg); }

}  // namespace

TEST_CASE("event_base_loop: threads add and delete timers at random", "[threads]") {
  const Base base = make_threaded_base();
  std::atomic<int> calls = 0;
  std::atomic<int> failed = 0;
  LoopThread loop(base.get());
  REQUIRE(loop.is_running());
  in_threads([&](int t) {
    std::mt19937 random(static_cast<unsigned>(t));
    std::vector<Event> events;
    for (int i = 0; i < 20; ++i) {
      events.emplace_back(
          event_new(base.get(), -1, i % 2 == 0 ? EV_PERSIST : 0, count_call, &calls));
    }
    for (int i = 0; i < 4000; ++i) {
      event* ev = events[random() % events.size()].get();
      const timeval wait = {0, static_cast<int>(random() % 2000) + 1};
      switch (random() % 4) {
        case 0:
          failed += event_del(ev) != 0;
          break;
        case 1:
          event_active(ev, EV_READ, 1);
          break;
        default:
          failed += event_add(ev, &wait) != 0;
      }
      if (i % 50 == 0) {
        std::this_thread::sleep_for(std::chrono::microseconds(200));
      }
    }
    for (const Event& ev : events) {
      failed += event_del(ev.get()) != 0;
    }
  });
  CHECK(loop.stop() == 0);
  CHECK(failed == 0);
  CHECK(calls > 0);
  CHECK(added(base) == 0);
  CHECK(active(base) == 0);
}

TEST_CASE("event_base_loop: threads add and delete readers on descriptors of their own",
          "[threads]") {
  for (const char* method : {"epoll", "poll", "select"}) {
    INFO(method);
    REQUIRE(evthread_use_pthreads() == 0);
    const Base base = make_base_with(method);
    REQUIRE(base);
    std::atomic<int> failed = 0;
    std::atomic<int> read_back = 0;
    LoopThread loop(base.get());
    in_threads([&](int) {
      for (int i = 0; i < 60; ++i) {
        evutil_socket_t fds[2];  // closed below: the next round gets their numbers again
        failed += evutil_socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0;
        failed += evutil_make_socket_nonblocking(fds[0]) != 0;
        Flag got;
        const Event reader(event_new(
            base.get(), fds[0], EV_READ,
            [](evutil_socket_t fd, short, void* arg) {
              drain(fd);
              static_cast<Flag*>(arg)->set();
            },
            &got));
        failed += event_add(reader.get(), nullptr) != 0;
        failed += write(fds[1], "x", 1) != 1;
        read_back += got.wait();
        failed += event_del(reader.get()) != 0;
        close(fds[0]);
        close(fds[1]);
      }
    });
    CHECK(loop.stop() == 0);
    CHECK(failed == 0);
    CHECK(read_back == 60 * kThreads);
    CHECK(added(base) == 0);
  }
}

TEST_CASE("event_del: once it returned no call comes, however often that is tried", "[threads]") {
  const Base base = make_threaded_base();
  LoopThread loop(base.get());
  std::atomic<int> late = 0;
  in_threads([&](int) {
    for (int i = 0; i < 300; ++i) {
      struct Context {
        std::atomic<bool> deleted = false;
        std::atomic<int>* late;
      };
      auto context = std::make_unique<Context>();
      context->late = &late;
      const Event ev(event_new(
          base.get(), -1, EV_PERSIST,
          [](evutil_socket_t, short, void* arg) {
            auto* c = static_cast<Context*>(arg);
            *c->late += c->deleted;
          },
          context.get()));
      const timeval wait = {0, 50};
      event_add(ev.get(), &wait);
      event_active(ev.get(), EV_READ, 1);
      if (i % 3 == 0) {
        std::this_thread::yield();
      }
      event_del(ev.get());
      context->deleted = true;
      std::this_thread::yield();
      context->deleted = false;
      event_active(ev.get(), EV_READ, 1);
      event_del(ev.get());
      context->deleted = true;
      std::this_thread::yield();
    }
  });
  CHECK(loop.stop() == 0);
  CHECK(late == 0);
  CHECK(added(base) == 0);
  CHECK(active(base) == 0);
}

TEST_CASE("event_active: activations from many threads all lead to a call", "[threads]") {
  const Base base = make_threaded_base();
  std::atomic<int> calls[kThreads] = {};
  std::vector<Event> events;
  for (std::atomic<int>& count : calls) {
    events.emplace_back(event_new(base.get(), -1, 0, count_call, &count));
  }
  LoopThread loop(base.get());
  std::atomic<int> stuck = 0;
  in_threads([&](int t) {
    // Each waits for its own call before it asks for the next one.
    for (int i = 0; i < 2000 && stuck == 0; ++i) {
      event_active(events[static_cast<size_t>(t)].get(), EV_READ, 1);
      stuck += !eventually([&] { return calls[t] == i + 1; });
    }
  });
  CHECK(stuck == 0);
  CHECK(loop.stop() == 0);
  for (const std::atomic<int>& count : calls) {
    CHECK(count == 2000);
  }
}

TEST_CASE("event_base_loop: common timeouts from several threads", "[threads]") {
  const Base base = make_threaded_base();
  const timeval wait = ms(2);
  const timeval* common = event_base_init_common_timeout(base.get(), &wait);
  REQUIRE(common != nullptr);
  std::atomic<int> calls = 0;
  LoopThread loop(base.get());
  in_threads([&](int) {
    std::vector<Event> events;
    for (int i = 0; i < 200; ++i) {
      events.emplace_back(event_new(base.get(), -1, 0, count_call, &calls));
      event_add(events.back().get(), common);
    }
    eventually([&] {
      return std::none_of(events.begin(), events.end(), [](const Event& ev) {
        return event_pending(ev.get(), EV_TIMEOUT, nullptr) != 0;
      });
    });
    events.clear();
  });
  CHECK(loop.stop() == 0);
  CHECK(calls == 200 * kThreads);
}

TEST_CASE("event_base_loop: questions from other threads disturb nobody", "[threads]") {
  const Base base = make_threaded_base();
  std::atomic<int> calls = 0;
  const Event beat(event_new(base.get(), -1, EV_PERSIST, count_call, &calls));
  const timeval period = {0, 300};
  REQUIRE(event_add(beat.get(), &period) == 0);
  LoopThread loop(base.get());
  std::atomic<int> wrong = 0;
  in_threads([&](int) {
    for (int i = 0; i < 1000; ++i) {
      timeval tv;
      wrong += event_pending(beat.get(), EV_TIMEOUT, &tv) != EV_TIMEOUT;
      wrong += event_base_get_num_events(base.get(), EVENT_BASE_COUNT_ADDED) < 0;
      wrong += event_base_get_max_events(base.get(), EVENT_BASE_COUNT_ADDED, 0) < 1;
      wrong += event_base_gettimeofday_cached(base.get(), &tv) != 0;
      wrong += event_base_got_break(base.get()) != 0;
      wrong +=
          event_base_foreach_event(
              base.get(), [](const event_base*, const event*, void*) { return 0; }, nullptr) != 0;
    }
  });
  CHECK(eventually([&] { return calls > 10; }));
  CHECK(loop.stop() == 0);
  CHECK(wrong == 0);
}

TEST_CASE("evthread_use_pthreads: from several threads at once", "[threads]") {
  INTENDED_DIFFERENCE("the reference sets its callbacks without care for other threads");
  std::atomic<int> failed = 0;
  in_threads([&](int) { failed += evthread_use_pthreads() != 0; });
  CHECK(failed == 0);
  const Base base = make_base();
  LoopThread loop(base.get());
  CHECK(loop.stop() == 0);
}
