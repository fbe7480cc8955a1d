// Priorities: how many, which one an event has, and what it means for the order of callbacks.
#include "event_recorder.h"

using namespace event_cases;

namespace {

struct Prioritized {
  explicit Prioritized(int n) { REQUIRE(event_base_priority_init(base.get(), n) == 0); }

  event* make(int priority, const char* name, Recorder::Hook hook = {}) {
    events.push_back(recorder.make(base.get(), -1, 0, name, std::move(hook)));
    REQUIRE(event_priority_set(events.back().get(), priority) == 0);
    return events.back().get();
  }
  void activate(std::initializer_list<event*> which) {
    for (event* ev : which) {
      event_active(ev, EV_TIMEOUT, 1);
    }
  }
  Base base = make_base();
  Recorder recorder;
  std::vector<Event> events;
};

void ignore(evutil_socket_t, short, void*) {}

}  // namespace

TEST_CASE("event_base_priority_init: a base begins with one priority") {
  const Base base = make_base();
  CHECK(event_base_get_npriorities(base.get()) == 1);
  const Event ev(event_new(base.get(), -1, 0, ignore, nullptr));
  CHECK(event_get_priority(ev.get()) == 0);
  CHECK(event_priority_set(ev.get(), 0) == 0);
  CHECK(event_priority_set(ev.get(), 1) == -1);
}

TEST_CASE("event_base_priority_init: takes 1 to 255") {
  const Base base = make_base();
  for (const int n : {1, 2, 3, 255, 4, 1}) {
    CHECK(event_base_priority_init(base.get(), n) == 0);
    CHECK(event_base_get_npriorities(base.get()) == n);
  }
  REQUIRE(event_base_priority_init(base.get(), 7) == 0);
  for (const int n : {0, -1, -1000, EVENT_MAX_PRIORITIES, EVENT_MAX_PRIORITIES + 1, 100'000}) {
    CHECK(event_base_priority_init(base.get(), n) == -1);
    CHECK(event_base_get_npriorities(base.get()) == 7);
  }
}

TEST_CASE("event_base_priority_init: new events get the middle one, older ones keep theirs") {
  const Base base = make_base();
  const Event old(event_new(base.get(), -1, 0, ignore, nullptr));
  for (const int n : {1, 2, 3, 4, 5, 255}) {
    REQUIRE(event_base_priority_init(base.get(), n) == 0);
    const Event fresh(event_new(base.get(), -1, 0, ignore, nullptr));
    CHECK(event_get_priority(fresh.get()) == n / 2);
  }
  CHECK(event_get_priority(old.get()) == 0);
}

TEST_CASE("event_base_priority_init: is refused while events are active, not while pending") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  const Event ev = recorder.make(base.get(), pair.first, EV_READ, "read");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  CHECK(event_base_priority_init(base.get(), 3) == 0);
  event_active(ev.get(), EV_READ, 1);
  CHECK(event_base_priority_init(base.get(), 4) == -1);
  CHECK(event_base_priority_init(base.get(), 3) == -1);
  CHECK(event_base_get_npriorities(base.get()) == 3);
  turn(base);
  CHECK(event_base_priority_init(base.get(), 4) == 0);
  CHECK(event_base_get_npriorities(base.get()) == 4);
}

TEST_CASE("event_priority_set: takes what the base has and nothing else") {
  const Base base = make_base();
  REQUIRE(event_base_priority_init(base.get(), 4) == 0);
  const Event ev(event_new(base.get(), -1, 0, ignore, nullptr));
  for (const int priority : {0, 1, 2, 3}) {
    CHECK(event_priority_set(ev.get(), priority) == 0);
    CHECK(event_get_priority(ev.get()) == priority);
  }
  for (const int priority : {-1, 4, 100, 255, 256, 259}) {
    CHECK(event_priority_set(ev.get(), priority) == -1);
    CHECK(event_get_priority(ev.get()) == 3);
  }
}

TEST_CASE("event_priority_set: is possible while pending but not while active") {
  Prioritized on(3);
  SocketPair pair;
  const Event ev = on.recorder.make(on.base.get(), pair.first, EV_WRITE, "io");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  CHECK(event_priority_set(ev.get(), 0) == 0);
  event* const first = on.make(1, "first");
  on.activate({first});
  turn(on.base);
  CHECK(on.recorder.order() == "io first");

  event_active(ev.get(), EV_WRITE, 1);
  CHECK(event_priority_set(ev.get(), 2) == -1);
  CHECK(event_get_priority(ev.get()) == 0);
  REQUIRE(event_del(ev.get()) == 0);
  CHECK(event_priority_set(ev.get(), 2) == 0);
}

TEST_CASE("event_priority_set: works in the event's own callback") {
  Prioritized on(3);
  event* ev = nullptr;
  ev = on.make(2, "event", [&](const Call&) { CHECK(event_priority_set(ev, 0) == 0); });
  on.activate({ev});
  turn(on.base);
  CHECK(event_get_priority(ev) == 0);
}

TEST_CASE("event priority: urgent events run first, equals in their order of activation") {
  Prioritized on(4);
  event* const a3 = on.make(3, "a3");
  event* const a1 = on.make(1, "a1");
  event* const b1 = on.make(1, "b1");
  event* const a0 = on.make(0, "a0");
  event* const b3 = on.make(3, "b3");
  on.activate({b3, b1, a3, a0, a1});
  CHECK(event_base_dispatch(on.base.get()) == 1);
  CHECK(on.recorder.order() == "a0 b1 a1 b3 a3");
}

TEST_CASE("event priority: descriptors are looked at before less urgent events run") {
  Prioritized on(2);
  SocketPair pair;
  const Event io = on.recorder.make(on.base.get(), pair.first, EV_READ | EV_PERSIST, "io",
                                    [](const Call& call) { drain(call.fd); });
  REQUIRE(event_priority_set(io.get(), 0) == 0);
  REQUIRE(event_add(io.get(), nullptr) == 0);
  event* const lazy = on.make(1, "lazy");
  // Each turn runs one priority only, so the urgent event runs first in the second turn too.
  event* const urgent = on.make(0, "urgent", [&](const Call&) { write_byte(pair.second); });
  on.activate({lazy, urgent});
  turn(on.base);
  CHECK(on.recorder.order() == "urgent io lazy");
}

TEST_CASE("event priority: an urgent event that is always active starves the others") {
  Prioritized on(2);
  SocketPair pair;
  const Event io =
      on.recorder.make(on.base.get(), pair.first, EV_WRITE | EV_PERSIST, "io", [&](const Call&) {
        if (on.recorder.count("io") == 10) {
          event_base_loopbreak(on.base.get());
        }
      });
  REQUIRE(event_priority_set(io.get(), 0) == 0);
  REQUIRE(event_add(io.get(), nullptr) == 0);
  event* const lazy = on.make(1, "lazy");
  on.activate({lazy});
  CHECK(event_base_dispatch(on.base.get()) == 0);
  CHECK(on.recorder.count("io") == 10);
  CHECK(on.recorder.count("lazy") == 0);
  CHECK(active(on.base) == 1);
  REQUIRE(event_del(io.get()) == 0);
  CHECK(event_base_dispatch(on.base.get()) == 1);
  CHECK(on.recorder.count("lazy") == 1);
}

TEST_CASE("event priority: activating a more urgent event interrupts the running priority") {
  Prioritized on(3);
  event* const urgent = on.make(0, "urgent");
  event* const a = on.make(1, "a", [&](const Call&) { on.activate({urgent}); });
  event* const b = on.make(1, "b");
  event* const c = on.make(2, "c");
  on.activate({c, a, b});
  turn(on.base);
  CHECK(on.recorder.order() == "a urgent b c");
}

TEST_CASE("event priority: activating an equal or less urgent event interrupts nothing") {
  Prioritized on(3);
  event* const equal = on.make(1, "equal");
  event* const less = on.make(2, "less");
  event* const a = on.make(1, "a", [&](const Call&) { on.activate({less, equal}); });
  event* const b = on.make(1, "b");
  on.activate({a, b});
  turn(on.base);
  CHECK(on.recorder.order() == "a b equal less");
}

TEST_CASE("event priority: timers of different urgency that are due together run by urgency") {
  Prioritized on(3);
  event* const lazy = on.make(2, "lazy");
  event* const middle = on.make(1, "middle");
  event* const urgent = on.make(0, "urgent");
  const timeval first = ms(1);
  const timeval second = ms(2);
  const timeval third = ms(3);
  REQUIRE(event_add(lazy, &first) == 0);
  REQUIRE(event_add(middle, &second) == 0);
  REQUIRE(event_add(urgent, &third) == 0);
  usleep(50'000);
  CHECK(event_base_dispatch(on.base.get()) == 1);
  CHECK(on.recorder.order() == "urgent middle lazy");
}

TEST_CASE("event priority: all 255 of them work") {
  Prioritized on(255);
  std::string expected;
  for (int i = 254; i >= 0; --i) {
    on.activate({on.make(i, std::to_string(i).c_str())});
  }
  for (int i = 0; i < 255; ++i) {
    expected += (i > 0 ? " " : "") + std::to_string(i);
  }
  CHECK(event_base_dispatch(on.base.get()) == 1);
  CHECK(on.recorder.order() == expected);
}
