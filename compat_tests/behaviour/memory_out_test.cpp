// Out of memory: a call fails with NULL or -1, leaves everything as it was, and leaks nothing.
#include <event2/event_struct.h>
#include <event2/thread.h>

#include "child.h"
#include "signal_tools.h"
#include "tracked_memory.h"

using namespace event_cases;

namespace {

// Fails each of the call's requests in turn (and then all from it on) until it succeeds. A call
// that fails must leave as many blocks as there were; after one that succeeds `undo` must.
template <class Call, class Undo>
void fail_each_request(Call call, Undo undo) {
  const LogCapture quiet;
  for (const bool all_after : {false, true}) {
    for (long n = 0;; ++n) {
      REQUIRE(n < 1000);
      INFO("request " << n << (all_after ? " and all after it" : ""));
      const size_t before = TrackedMemory::live();
      TrackedMemory::fail_after(n, all_after);
      const bool done = call();
      const bool failed_once = TrackedMemory::failures() > 0;
      TrackedMemory::never_fail();
      CHECK((done || failed_once));
      if (done) {
        undo();
      }
      CHECK(TrackedMemory::live() == before);
      if (!failed_once) {
        break;  // it had all it asked for
      }
    }
  }
  CHECK(TrackedMemory::strangers() == 0);
}

}  // namespace

TEST_CASE("event_base_new: out of memory gives NULL and no leak") {
  const TrackedMemory memory;
  Base base;
  fail_each_request(
      [&] {
        base = make_base();
        return base != nullptr;
      },
      [&] {
        {
          Recorder record;
          const Event timer = record.make(base.get(), -1, 0, "timer");
          event_active(timer.get(), EV_READ, 1);
          CHECK(run_ready(base) == 1);
        }
        base.reset();
      });
}

TEST_CASE("event_base_new_with_config: out of memory gives NULL and no leak, on any backend") {
  const TrackedMemory memory;
  for (const char* method : {"epoll", "poll", "select"}) {
    INFO(method);
    const Config config(event_config_new());
    for (const char** name = event_get_supported_methods(); *name != nullptr; ++name) {
      if (std::strcmp(*name, method) != 0) {
        REQUIRE(event_config_avoid_method(config.get(), *name) == 0);
      }
    }
    Base base;
    fail_each_request(
        [&] {
          base.reset(event_base_new_with_config(config.get()));
          return base != nullptr;
        },
        [&] { base.reset(); });
  }
}

TEST_CASE("event_base_new: out of memory with threads enabled") {
  const TrackedMemory memory;
  REQUIRE(evthread_use_pthreads() == 0);
  Base base;
  fail_each_request(
      [&] {
        base = make_base();
        return base != nullptr;
      },
      [&] { base.reset(); });
}

TEST_CASE("event_config_new: out of memory gives NULL and no leak") {
  const TrackedMemory memory;
  Config config;
  fail_each_request(
      [&] {
        config.reset(event_config_new());
        return config != nullptr;
      },
      [&] { config.reset(); });
}

TEST_CASE("event_config_avoid_method: out of memory gives -1") {
  const TrackedMemory memory;
  Config config;
  fail_each_request(
      [&] {
        config.reset(event_config_new());
        const bool done =
            config != nullptr && event_config_avoid_method(config.get(), "select") == 0;
        if (!done) {
          config.reset();
        }
        return done;
      },
      [&] { config.reset(); });
}

TEST_CASE("event_new: out of memory gives NULL and no leak") {
  const TrackedMemory memory;
  const Base base = make_base();
  Event ev;
  fail_each_request(
      [&] {
        ev.reset(evtimer_new(base.get(), Recorder::callback, nullptr));
        return ev != nullptr;
      },
      [&] { ev.reset(); });
}

TEST_CASE("event_add: out of memory gives -1, and the timer is not pending") {
  const TrackedMemory memory;
  Base base = make_base();
  Recorder record;
  std::vector<event> timers(300);  // enough for the store to grow several times
  const timeval soon = {0, 1};
  const LogCapture quiet;
  for (event& timer : timers) {
    REQUIRE(evtimer_assign(&timer, base.get(), Recorder::callback, record.argument("timer")) == 0);
  }
  int pending = 0;
  int refused = 0;
  for (event& timer : timers) {
    memory.fail_after(0, true);
    const int result = event_add(&timer, &soon);
    memory.never_fail();
    CHECK((result == 0) == (event_pending(&timer, EV_TIMEOUT, nullptr) != 0));
    CHECK(added(base) == pending + (result == 0));
    if (result != 0) {
      ++refused;
      REQUIRE(event_add(&timer, &soon) == 0);
    }
    ++pending;
  }
  CHECK((refused > 0 || on_relevent()));  // how often it asks is its own affair
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.calls().size() == timers.size());
}

TEST_CASE("event_add: out of memory leaves a reader not pending") {
  const TrackedMemory memory;
  for (const char* method : {"epoll", "poll", "select"}) {
    INFO(method);
    const Base base = make_base_with(method);
    const LogCapture quiet;
    Recorder record;
    std::vector<std::unique_ptr<SocketPair>> sockets;
    std::vector<Event> readers;
    int refused = 0;
    for (int i = 0; i < 60; ++i) {
      sockets.push_back(std::make_unique<SocketPair>());
      readers.push_back(record.make(base.get(), sockets.back()->first, EV_READ, "reader"));
      event* const reader = readers.back().get();
      memory.fail_after(0, true);
      const int result = event_add(reader, nullptr);
      memory.never_fail();
      CHECK((result == 0) == (event_pending(reader, EV_READ, nullptr) != 0));
      CHECK(added(base) == i + (result == 0));
      refused += result != 0;
      CHECK((result == 0 || event_add(reader, nullptr) == 0));
      write_byte(sockets.back()->second);
    }
    CHECK((refused > 0 || on_relevent()));  // how often it asks is its own affair
    CHECK(event_base_dispatch(base.get()) == 1);
    CHECK(record.calls().size() == 60);
  }
}

TEST_CASE("event_add: out of memory leaves a signal event not pending and no handler") {
  const TrackedMemory memory;
  const Base base = make_base();
  const Handler mine(SIGUSR1);
  Recorder record;
  const Event ev = record.make(base.get(), SIGUSR1, EV_SIGNAL, "usr1");
  const LogCapture quiet;
  int result = -1;
  int refused = 0;
  for (long n = 0; result != 0 && n < 20; ++n) {
    memory.fail_after(n, true);
    result = event_add(ev.get(), nullptr);
    memory.never_fail();
    refused += result != 0;
    CHECK((event_pending(ev.get(), EV_SIGNAL, nullptr) != 0) == (result == 0));
    CHECK(mine.installed() == (result != 0));
  }
  CHECK(result == 0);
  CHECK((refused > 0 || on_relevent()));  // how often it asks is its own affair
  raise(SIGUSR1);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.order() == "usr1");
  CHECK(mine.installed());
}

TEST_CASE("event_base_once: out of memory gives -1, no call and no leak") {
  const TrackedMemory memory;
  Base base = make_base();
  Recorder record;
  const timeval soon = {0, 1};
  const LogCapture quiet;
  int result = -1;
  int refused = 0;
  for (long n = 0; result != 0 && n < 20; ++n) {
    const int before = added(base);
    memory.fail_after(n, true);
    result = event_base_once(base.get(), -1, EV_TIMEOUT, Recorder::callback,
                             record.argument("once"), &soon);
    memory.never_fail();
    refused += result != 0;
    CHECK(added(base) == before + (result == 0));
  }
  CHECK(result == 0);
  CHECK((refused > 0 || on_relevent()));  // how often it asks is its own affair
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.order() == "once");
  base.reset();
  libevent_global_shutdown();
  CHECK(memory.live() == 0);
}

TEST_CASE("event_base_init_common_timeout: out of memory gives NULL and no leak") {
  const TrackedMemory memory;
  Base base = make_base();
  const LogCapture quiet;
  const timeval wait = {5, 0};
  const timeval* common = nullptr;
  for (long n = 0; common == nullptr && n < 20; ++n) {
    memory.fail_after(n, true);
    common = event_base_init_common_timeout(base.get(), &wait);
    memory.never_fail();
  }
  REQUIRE(common != nullptr);
  CHECK(event_base_init_common_timeout(base.get(), &wait) == common);
  base.reset();
  libevent_global_shutdown();
  CHECK(memory.live() == 0);
}

TEST_CASE("event_base_priority_init: out of memory gives -1 and keeps what there was") {
  const TrackedMemory memory;
  const Base base = make_base();
  const LogCapture quiet;
  memory.fail_after(0, true);
  CHECK(event_base_priority_init(base.get(), 50) == -1);
  memory.never_fail();
  CHECK(event_base_priority_init(base.get(), 50) == 0);
  CHECK(event_base_get_npriorities(base.get()) == 50);
}
