// Which of many timers fires when: order, timers made and removed in callbacks, very many.
#include <event2/event_struct.h>

#include <algorithm>
#include <limits>
#include <random>

#include "timer_tools.h"

using namespace event_cases;

TEST_CASE("event_base_loop: timers fire by deadline, not in the order they were added") {
  const Base base = make_base();
  Recorder record;
  std::vector<Event> timers;
  for (const int seconds : {-3, -1, -5, -2, -4}) {
    timers.push_back(record.make(base.get(), -1, 0, std::to_string(-seconds)));
    const timeval wait = {seconds, 0};
    REQUIRE(event_add(timers.back().get(), &wait) == 0);
  }
  CHECK(run_ready(base) == 1);
  CHECK(record.order() == "5 4 3 2 1");
}

TEST_CASE("event_base_loop: a microsecond decides the order") {
  const Base base = make_base();
  Recorder record;
  std::vector<Event> timers;
  const Event adder = record.make(base.get(), -1, 0, "adder", [&](const Call&) {
    for (const int microseconds : {2, 0, 3, 1}) {  // all from the same cached time
      timers.push_back(record.make(base.get(), -1, 0, std::to_string(microseconds)));
      const timeval wait = {-1, microseconds};
      CHECK(event_add(timers.back().get(), &wait) == 0);
    }
  });
  event_active(adder.get(), EV_TIMEOUT, 1);
  CHECK(run_ready(base) == 1);
  CHECK(record.order() == "adder 0 1 2 3");
}

TEST_CASE("event_base_loop: of two timers with the same deadline the older one fires first") {
  const Base base = make_base();
  Recorder record;
  const Event first = record.make(base.get(), -1, 0, "first");
  const Event second = record.make(base.get(), -1, 0, "second");
  const Event adder = record.make(base.get(), -1, 0, "adder", [&](const Call&) {
    const timeval wait = ms(2);
    CHECK(event_add(first.get(), &wait) == 0);
    CHECK(event_add(second.get(), &wait) == 0);
    CHECK(due_us(first.get()) == due_us(second.get()));
  });
  event_active(adder.get(), EV_TIMEOUT, 1);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.order() == "adder first second");
}

TEST_CASE("event_base_loop: many timers with the same deadline fire once each, in one pass") {
  const Base base = make_base();
  Recorder record;
  std::vector<Event> timers;
  const Event adder = record.make(base.get(), -1, 0, "adder", [&](const Call&) {
    for (int i = 0; i < 100; ++i) {
      timers.push_back(record.make(base.get(), -1, 0, std::to_string(i)));
      const timeval wait = ms(2);
      CHECK(event_add(timers.back().get(), &wait) == 0);
    }
  });
  event_active(adder.get(), EV_TIMEOUT, 1);
  REQUIRE(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  REQUIRE(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(record.calls().size() == 101);
  for (int i = 0; i < 100; ++i) {
    CHECK(record.count(std::to_string(i)) == 1);
  }
}

TEST_CASE("event_base_loop: a timer of zero that is added in a callback waits for the next pass") {
  const Base base = make_base();
  Recorder record;
  const Event child = record.make(base.get(), -1, 0, "child");
  const timeval zero = {0, 0};
  const timeval minus = {-1, 0};
  const Event parent = record.make(base.get(), -1, 0, "parent",
                                   [&](const Call&) { CHECK(event_add(child.get(), &zero) == 0); });
  const Event other = record.make(base.get(), -1, 0, "other");
  REQUIRE(event_add(parent.get(), &minus) == 0);
  REQUIRE(event_add(other.get(), &zero) == 0);
  REQUIRE(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(record.order() == "parent other");
  REQUIRE(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(record.order() == "parent other child");
}

TEST_CASE("event_base_loop: an overdue timer that is added in a callback waits as well") {
  const Base base = make_base();
  Recorder record;
  const Event child = record.make(base.get(), -1, 0, "child");
  const timeval minus = {-100, 0};
  const timeval zero = {0, 0};
  const Event parent = record.make(base.get(), -1, 0, "parent", [&](const Call&) {
    CHECK(event_add(child.get(), &minus) == 0);
  });
  const Event other = record.make(base.get(), -1, 0, "other");
  REQUIRE(event_add(parent.get(), &minus) == 0);
  REQUIRE(event_add(other.get(), &zero) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.order() == "parent other child");
}

TEST_CASE("event_base_loop: EVLOOP_NONBLOCK goes on while a timer of zero adds itself again") {
  const Base base = make_base();
  Recorder record;
  Event timer;
  const timeval zero = {0, 0};
  timer = record.make(base.get(), -1, 0, "timer", [&](const Call&) {
    if (record.calls().size() < 1000) {
      CHECK(event_add(timer.get(), &zero) == 0);
    }
  });
  REQUIRE(event_add(timer.get(), &zero) == 0);
  CHECK(event_base_loop(base.get(), EVLOOP_NONBLOCK) == 1);
  CHECK(record.calls().size() == 1000);
}

TEST_CASE("event_base_loop: a timer of zero that adds itself again does not starve a reader") {
  const Base base = make_base();
  const SocketPair sockets;
  Recorder record;
  Event timer;
  const timeval zero = {0, 0};
  timer = record.make(base.get(), -1, 0, "timer", [&](const Call&) {
    if (record.calls().size() < 50) {
      CHECK(event_add(timer.get(), &zero) == 0);
    }
  });
  const Event reader = record.make(base.get(), sockets.first, EV_READ, "reader");
  REQUIRE(event_add(reader.get(), nullptr) == 0);
  REQUIRE(event_add(timer.get(), &zero) == 0);
  write_byte(sockets.second);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.calls()[0].name == "reader");  // ready in the first pass, before the timers
  CHECK(record.count("timer") == 49);
}

TEST_CASE("event_base_loop: readiness is reported before timeouts of the same pass") {
  const Base base = make_base();
  const SocketPair sockets;
  Recorder record;
  const Event timer = record.make(base.get(), -1, 0, "timer");
  const Event reader = record.make(base.get(), sockets.first, EV_READ, "reader");
  const timeval minus = {-1, 0};
  REQUIRE(event_add(timer.get(), &minus) == 0);
  REQUIRE(event_add(reader.get(), nullptr) == 0);
  write_byte(sockets.second);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.order() == "reader timer");
}

TEST_CASE("event_priority_set: among due timers the priority comes before the deadline") {
  const Base base = make_base();
  REQUIRE(event_base_priority_init(base.get(), 3) == 0);
  Recorder record;
  std::vector<Event> timers;
  for (int i = 0; i < 6; ++i) {
    const int priority = 2 - i / 2;
    timers.push_back(record.make(base.get(), -1, 0, std::to_string(priority) + "abcdef"[i]));
    REQUIRE(event_priority_set(timers.back().get(), priority) == 0);
    const timeval wait = {-10 + i, 0};
    REQUIRE(event_add(timers.back().get(), &wait) == 0);
  }
  CHECK(run_ready(base) == 1);
  CHECK(record.order() == "0e 0f 1c 1d 2a 2b");
}

namespace {

// Counts the calls, and those that came before one with an earlier deadline.
struct Firing {
  std::int64_t last = std::numeric_limits<std::int64_t>::min();
  int calls = 0;
  int wrong_order = 0;
};

struct Target {
  Firing* firing;
  std::int64_t due;
};

void on_firing(evutil_socket_t, short, void* arg) {
  auto* target = static_cast<Target*>(arg);
  Firing& firing = *target->firing;
  ++firing.calls;
  firing.wrong_order += target->due < firing.last;
  firing.last = target->due;
}

}  // namespace

TEST_CASE("event_add: a million timers fire in order, the deleted ones never") {
  constexpr int kCount = 1'000'000;
  const Base base = make_base();
  Firing firing;
  std::vector<Target> targets(kCount, Target{&firing, 0});
  const auto timers = std::make_unique<event[]>(kCount);
  std::mt19937 random(12345);
  int failed = 0;  // a CHECK for each would take most of the time
  for (size_t i = 0; i < kCount; ++i) {
    // Overdue by up to 1000 s, in steps that are longer than it takes to add them all.
    const int seconds = static_cast<int>(random() % 10) * 100;
    targets[i].due = -seconds;
    failed += evtimer_assign(&timers[i], base.get(), on_firing, &targets[i]) != 0;
    const timeval wait = {-seconds, 0};
    failed += event_add(&timers[i], &wait) != 0;
  }
  CHECK(added(base) == kCount);
  int deleted = 0;
  for (size_t i = 0; i < kCount; i += 3) {
    deleted += event_del(&timers[i]) == 0;
  }
  CHECK(failed == 0);
  CHECK(added(base) == kCount - deleted);
  CHECK(run_ready(base) == 1);
  CHECK(firing.calls == kCount - deleted);
  CHECK(firing.wrong_order == 0);
  CHECK(added(base) == 0);
  CHECK(event_base_get_max_events(base.get(), EVENT_BASE_COUNT_ADDED, 0) == kCount);
}

TEST_CASE("event_add: timers moved about at random still fire in the order of their deadlines") {
  constexpr size_t kCount = 3000;
  const Base base = make_base();
  Firing firing;
  std::vector<Target> targets(kCount, Target{&firing, 0});
  std::vector<Event> timers;
  for (Target& target : targets) {
    timers.emplace_back(evtimer_new(base.get(), on_firing, &target));
  }
  std::mt19937 random(777);
  std::vector<bool> pending(kCount, false);
  int failed = 0;
  for (int step = 0; step < 60'000; ++step) {
    const size_t i = random() % kCount;
    if (random() % 4 == 0) {
      failed += event_del(timers[i].get()) != 0;
      pending[i] = false;
    } else {
      targets[i].due = -static_cast<std::int64_t>(random() % 100'000) * 10;
      const timeval wait = {targets[i].due, 0};
      failed += event_add(timers[i].get(), &wait) != 0;
      pending[i] = true;
    }
  }
  const auto expected = std::count(pending.begin(), pending.end(), true);
  CHECK(failed == 0);
  CHECK(added(base) == expected);
  CHECK(run_ready(base) == 1);
  CHECK(firing.calls == expected);
  CHECK(firing.wrong_order == 0);
}
