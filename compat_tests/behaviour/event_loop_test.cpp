// event_base_loop: its flags, its return values, and what one call runs.
#include "event_recorder.h"

using namespace event_cases;

namespace {

// Events of priority 0 to 2 that are active, the least urgent first.
struct ThreePriorities {
  ThreePriorities() {
    REQUIRE(event_base_priority_init(base.get(), 3) == 0);
    for (int i = 2; i >= 0; --i) {
      events.push_back(recorder.make(base.get(), -1, 0, std::to_string(i)));
      REQUIRE(event_priority_set(events.back().get(), i) == 0);
      event_active(events.back().get(), EV_TIMEOUT, 1);
    }
  }
  Base base = make_base();
  Recorder recorder;
  std::vector<Event> events;
};

}  // namespace

TEST_CASE("event_base_loop: without events it returns 1 at once") {
  const Base base = make_base();
  const int flags = GENERATE(0, EVLOOP_ONCE, EVLOOP_NONBLOCK, EVLOOP_ONCE | EVLOOP_NONBLOCK);
  CAPTURE(flags);
  CHECK(event_base_loop(base.get(), flags) == 1);
  CHECK(event_base_loop(base.get(), flags) == 1);
  CHECK(event_base_dispatch(base.get()) == 1);
}

TEST_CASE("event_base_loop: NO_EXIT_ON_EMPTY with NONBLOCK returns 0 without events") {
  const Base base = make_base();
  CHECK(event_base_loop(base.get(), EVLOOP_NO_EXIT_ON_EMPTY | EVLOOP_NONBLOCK) == 0);
  CHECK(event_base_loop(base.get(), EVLOOP_NO_EXIT_ON_EMPTY | EVLOOP_NONBLOCK | EVLOOP_ONCE) == 0);
}

TEST_CASE("event_base_loop: NO_EXIT_ON_EMPTY goes on until it is told to stop") {
  const Base base = make_base();
  Recorder recorder;
  const timeval brief = ms(30);
  const Event ev = recorder.make(base.get(), -1, 0, "event");
  event_active(ev.get(), EV_TIMEOUT, 1);
  const std::int64_t start = now_ms();
  REQUIRE(event_base_loopexit(base.get(), &brief) == 0);
  CHECK(event_base_loop(base.get(), EVLOOP_NO_EXIT_ON_EMPTY) == 0);
  CHECK(now_ms() - start >= 25);
  CHECK(recorder.order() == "event");
  CHECK(event_base_got_exit(base.get()) != 0);
}

TEST_CASE("event_base_loop: NO_EXIT_ON_EMPTY is ended by a callback's loopbreak") {
  const Base base = make_base();
  Recorder recorder;
  const Event ev = recorder.make(base.get(), -1, 0, "timer",
                                 [&](const Call&) { event_base_loopbreak(base.get()); });
  const timeval brief = ms(5);
  REQUIRE(event_add(ev.get(), &brief) == 0);
  CHECK(event_base_loop(base.get(), EVLOOP_NO_EXIT_ON_EMPTY) == 0);
  CHECK(recorder.order() == "timer");
}

TEST_CASE("event_base_loop: returns 1 when the last event is done") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  const Event io = recorder.make(base.get(), pair.first, EV_WRITE, "io");
  const Event timer = recorder.make(base.get(), -1, 0, "timer");
  const timeval brief = ms(20);
  REQUIRE(event_add(io.get(), nullptr) == 0);
  REQUIRE(event_add(timer.get(), &brief) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(recorder.order() == "io timer");
}

TEST_CASE("event_base_loop: returns 1 after a callback deleted the last event") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  Event io;
  io = recorder.make(base.get(), pair.first, EV_WRITE | EV_PERSIST, "io", [&](const Call&) {
    if (recorder.count("io") == 3) {
      event_del(io.get());
    }
  });
  REQUIRE(event_add(io.get(), nullptr) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(recorder.count("io") == 3);
}

TEST_CASE("event_base_loop: ONCE waits for an event and returns 0 after its round") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  const Event timer = recorder.make(base.get(), -1, EV_PERSIST, "timer",
                                    [&](const Call&) { write_byte(pair.second); });
  const Event io = recorder.make(base.get(), pair.first, EV_READ | EV_PERSIST, "io",
                                 [](const Call& call) { drain(call.fd); });
  const timeval brief = ms(20);
  REQUIRE(event_add(timer.get(), &brief) == 0);
  REQUIRE(event_add(io.get(), nullptr) == 0);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(recorder.order() == "timer");
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(recorder.count("io") == 1);
}

TEST_CASE("event_base_loop: ONCE returns 0 even if nothing is left afterwards") {
  const Base base = make_base();
  Recorder recorder;
  const Event timer = recorder.make(base.get(), -1, 0, "timer");
  const timeval brief = ms(5);
  REQUIRE(event_add(timer.get(), &brief) == 0);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(recorder.order() == "timer");
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 1);
}

TEST_CASE("event_base_loop: ONCE ends with a loopexit although no event came") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  const Event io = recorder.make(base.get(), pair.first, EV_READ, "io");
  REQUIRE(event_add(io.get(), nullptr) == 0);
  const timeval brief = ms(5);
  event_base_loopexit(base.get(), &brief);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(recorder.calls().empty());
}

TEST_CASE("event_base_loop: NONBLOCK does not wait, and returns 0 while events are pending") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  const Event io = recorder.make(base.get(), pair.first, EV_READ, "io");
  const Event timer = recorder.make(base.get(), -1, 0, "timer");
  const timeval delay = ms(60'000);
  REQUIRE(event_add(io.get(), nullptr) == 0);
  REQUIRE(event_add(timer.get(), &delay) == 0);
  const std::int64_t start = now_ms();
  CHECK(event_base_loop(base.get(), EVLOOP_NONBLOCK) == 0);
  CHECK(now_ms() - start < 30'000);
  CHECK(recorder.calls().empty());
  write_byte(pair.second);
  CHECK(event_base_loop(base.get(), EVLOOP_NONBLOCK) == 0);
  CHECK(recorder.order() == "io");
}

TEST_CASE("event_base_loop: NONBLOCK goes on while something is ready") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  const Event io =
      recorder.make(base.get(), pair.first, EV_READ | EV_PERSIST, "io", [&](const Call& call) {
        if (recorder.count("io") == 3) {
          drain(call.fd);
        }
      });
  REQUIRE(event_add(io.get(), nullptr) == 0);
  write_byte(pair.second);
  CHECK(event_base_loop(base.get(), EVLOOP_NONBLOCK) == 0);
  CHECK(recorder.count("io") == 3);
}

TEST_CASE("event_base_loop: NONBLOCK returns 1 if what it ran was the last") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  const Event io = recorder.make(base.get(), pair.first, EV_WRITE, "io");
  REQUIRE(event_add(io.get(), nullptr) == 0);
  CHECK(event_base_loop(base.get(), EVLOOP_NONBLOCK) == 1);
  REQUIRE(event_add(io.get(), nullptr) == 0);
  CHECK(event_base_loop(base.get(), EVLOOP_NONBLOCK | EVLOOP_ONCE) == 0);
  CHECK(recorder.count("io") == 2);
}

TEST_CASE("event_base_loop: every flag runs the active events of all priorities") {
  const int flags = GENERATE(0, EVLOOP_ONCE, EVLOOP_NONBLOCK, EVLOOP_ONCE | EVLOOP_NONBLOCK);
  CAPTURE(flags);
  ThreePriorities with;
  CHECK(active(with.base) == 3);
  CHECK(event_base_loop(with.base.get(), flags) == ((flags & EVLOOP_ONCE) != 0 ? 0 : 1));
  CHECK(with.recorder.order() == "0 1 2");
  CHECK(active(with.base) == 0);
}

TEST_CASE("event_base_loop: ONCE runs what its callbacks make active too") {
  const Base base = make_base();
  Recorder recorder;
  const Event second = recorder.make(base.get(), -1, 0, "second");
  const Event first = recorder.make(
      base.get(), -1, 0, "first", [&](const Call&) { event_active(second.get(), EV_TIMEOUT, 1); });
  event_active(first.get(), EV_TIMEOUT, 1);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(recorder.order() == "first second");
}

TEST_CASE("event_base_loop: is refused within a callback of the same base") {
  const Base base = make_base();
  const LogCapture log;
  Recorder recorder;
  int inner[3] = {7, 7, 7};
  const Event ev = recorder.make(base.get(), -1, 0, "event", [&](const Call&) {
    inner[0] = event_base_loop(base.get(), EVLOOP_NONBLOCK);
    inner[1] = event_base_dispatch(base.get());
    inner[2] = event_base_loop(base.get(), EVLOOP_ONCE);
  });
  event_active(ev.get(), EV_TIMEOUT, 1);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(recorder.count("event") == 1);
  CHECK(inner[0] == -1);
  CHECK(inner[1] == -1);
  CHECK(inner[2] == -1);
  CHECK(log.count() == 3);
  CHECK(log.contains(EVENT_LOG_WARN, "event_base_loop"));
  // The refusal does no harm to the base.
  event_active(ev.get(), EV_TIMEOUT, 1);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(recorder.count("event") == 2);
}

TEST_CASE("event_base_loop: another base may loop within a callback") {
  const Base outer = make_base();
  const Base inner = make_base();
  Recorder recorder;
  const Event second = recorder.make(inner.get(), -1, 0, "inner");
  const timeval brief = ms(5);
  REQUIRE(event_add(second.get(), &brief) == 0);
  const Event first = recorder.make(outer.get(), -1, 0, "outer", [&](const Call&) {
    CHECK(event_base_dispatch(inner.get()) == 1);
    CHECK(event_base_get_running_event(outer.get()) != nullptr);
  });
  event_active(first.get(), EV_TIMEOUT, 1);
  CHECK(event_base_dispatch(outer.get()) == 1);
  CHECK(recorder.order() == "outer inner");
}

TEST_CASE("event_base_loop: a base loops again and again") {
  const Base base = make_base();
  Recorder recorder;
  const Event ev = recorder.make(base.get(), -1, 0, "event");
  for (int i = 1; i <= 100; ++i) {
    event_active(ev.get(), EV_TIMEOUT, 1);
    CHECK(event_base_dispatch(base.get()) == 1);
    REQUIRE(recorder.count("event") == i);
  }
}
