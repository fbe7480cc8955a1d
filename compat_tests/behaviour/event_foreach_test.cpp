// event_base_foreach_event: which events it visits, in which order, and how it ends.
#include <csignal>

#include "event_recorder.h"

using namespace event_cases;

namespace {

// Visits the events of a case; the library's own do not count.
struct Visit {
  std::string order;
  const event_base* base = nullptr;
};

int visit(const event_base* base, const event* ev, void* arg) {
  auto* into = static_cast<Visit*>(arg);
  into->base = base;
  if (event_get_callback(ev) == Recorder::callback) {
    into->order += (into->order.empty() ? "" : " ") + Recorder::name_of(event_get_callback_arg(ev));
  }
  return 0;
}

std::string visited(const Base& base) {
  Visit into;
  CHECK(event_base_foreach_event(base.get(), visit, &into) == 0);
  return into.order;
}

}  // namespace

TEST_CASE("event_base_foreach_event: a fresh base has none") {
  const Base base = make_base();
  int calls = 0;
  const auto count = [](const event_base*, const event*, void* arg) {
    ++*static_cast<int*>(arg);
    return 0;
  };
  CHECK(event_base_foreach_event(base.get(), count, &calls) == 0);
  CHECK(calls == 0);
}

TEST_CASE("event_base_foreach_event: gives the base and each event that is added") {
  const Base base = make_base();
  SocketPair pair;
  Recorder recorder;
  const Event io = recorder.make(base.get(), pair.first, EV_READ, "io");
  const Event idle = recorder.make(base.get(), pair.first, EV_READ, "idle");
  REQUIRE(event_add(io.get(), nullptr) == 0);
  Visit into;
  CHECK(event_base_foreach_event(base.get(), visit, &into) == 0);
  CHECK(into.base == base.get());
  CHECK(into.order == "io");
  REQUIRE(event_del(io.get()) == 0);
  CHECK(visited(base).empty());
}

TEST_CASE("event_base_foreach_event: descriptors by number, the newest event first") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  SocketPair pair;
  Recorder recorder;
  REQUIRE(pair.first < pair.second);
  const Event high = recorder.make(base.get(), pair.second, EV_READ, "high");
  const Event low = recorder.make(base.get(), pair.first, EV_READ, "low");
  const Event newer = recorder.make(base.get(), pair.first, EV_WRITE, "newer");
  for (event* ev : {high.get(), low.get(), newer.get()}) {
    REQUIRE(event_add(ev, nullptr) == 0);
  }
  CHECK(visited(base) == "newer low high");
}

TEST_CASE("event_base_foreach_event: descriptors, then signals, timers and active events") {
  const Base base = make_base();
  SocketPair pair;
  Recorder recorder;
  const timeval late = ms(60'000);
  const timeval later = ms(90'000);
  const timeval* common = event_base_init_common_timeout(base.get(), &later);
  REQUIRE(common != nullptr);
  const Event active_one = recorder.make(base.get(), -1, 0, "active");
  const Event in_queue = recorder.make(base.get(), -1, 0, "common");
  const Event timer = recorder.make(base.get(), -1, EV_PERSIST, "timer");
  const Event second = recorder.make(base.get(), SIGUSR2, EV_SIGNAL, "usr2");
  const Event first = recorder.make(base.get(), SIGUSR1, EV_SIGNAL, "usr1");
  const Event io = recorder.make(base.get(), pair.first, EV_READ, "io");
  event_active(active_one.get(), EV_READ, 1);
  REQUIRE(event_add(in_queue.get(), common) == 0);
  REQUIRE(event_add(timer.get(), &late) == 0);
  REQUIRE(event_add(second.get(), nullptr) == 0);
  REQUIRE(event_add(first.get(), nullptr) == 0);
  REQUIRE(event_add(io.get(), nullptr) == 0);
  CHECK(visited(base) == "io usr1 usr2 timer common active");
}

TEST_CASE("event_base_foreach_event: visits an event once, however many reasons it has") {
  const Base base = make_base();
  SocketPair pair;
  Recorder recorder;
  const timeval late = ms(60'000);
  const timeval* common = event_base_init_common_timeout(base.get(), &late);
  const Event io = recorder.make(base.get(), pair.first, EV_READ | EV_WRITE, "io");
  const Event queued = recorder.make(base.get(), pair.second, EV_READ, "queued");
  const Event timer = recorder.make(base.get(), -1, 0, "timer");
  const Event signal = recorder.make(base.get(), SIGUSR1, EV_SIGNAL, "signal");
  for (event* ev : {io.get(), timer.get(), signal.get()}) {
    REQUIRE(event_add(ev, &late) == 0);
    event_active(ev, EV_READ, 1);
  }
  REQUIRE(event_add(queued.get(), common) == 0);
  event_active(queued.get(), EV_READ, 1);
  CHECK(visited(base) == "io queued signal timer");
}

TEST_CASE("event_base_foreach_event: active events by priority, then in their order") {
  const Base base = make_base();
  Recorder recorder;
  REQUIRE(event_base_priority_init(base.get(), 3) == 0);
  std::vector<Event> events;
  for (const auto& [name, priority] : {std::pair{"c", 2}, {"a1", 0}, {"b", 1}, {"a2", 0}}) {
    events.push_back(recorder.make(base.get(), -1, 0, name));
    REQUIRE(event_priority_set(events.back().get(), priority) == 0);
    event_active(events.back().get(), EV_READ, 1);
  }
  CHECK(visited(base) == "a1 a2 b c");
}

TEST_CASE("event_base_foreach_event: a non-zero answer ends it and is its result") {
  const Base base = make_base();
  SocketPair pair;
  Recorder recorder;
  const Event a = recorder.make(base.get(), pair.first, EV_READ, "a");
  const Event b = recorder.make(base.get(), pair.second, EV_READ, "b");
  const timeval late = ms(60'000);
  const Event c = recorder.make(base.get(), -1, 0, "c");
  REQUIRE(event_add(a.get(), nullptr) == 0);
  REQUIRE(event_add(b.get(), nullptr) == 0);
  REQUIRE(event_add(c.get(), &late) == 0);
  struct Stop {
    int after;
    int answer;
    int calls;
  };
  const auto stop = [](const event_base*, const event*, void* arg) {
    auto* at = static_cast<Stop*>(arg);
    return ++at->calls == at->after ? at->answer : 0;
  };
  for (const int answer : {1, -1, 42, -1000}) {
    for (const int after : {1, 2, 3}) {
      Stop at{after, answer, 0};
      CHECK(event_base_foreach_event(base.get(), stop, &at) == answer);
      CHECK(at.calls == after);
    }
  }
}

TEST_CASE("event_base_foreach_event: can be called in a callback") {
  const Base base = make_base();
  SocketPair pair;
  Recorder recorder;
  const Event other = recorder.make(base.get(), -1, 0, "other");
  std::string seen;
  const Event io = recorder.make(base.get(), pair.first, EV_WRITE | EV_PERSIST, "io",
                                 [&](const Call&) { seen = visited(base); });
  const Event once = recorder.make(base.get(), pair.second, EV_READ, "once");
  REQUIRE(event_add(io.get(), nullptr) == 0);
  REQUIRE(event_add(once.get(), nullptr) == 0);
  turn(base);
  CHECK(seen == "io once");
}

TEST_CASE("event_base_foreach_event: sees one-time events, with a callback of the library's") {
  const Base base = make_base();
  Recorder recorder;
  const timeval late = ms(60'000);
  REQUIRE(event_base_once(base.get(), -1, EV_TIMEOUT, Recorder::callback, recorder.argument("once"),
                          &late) == 0);
  int calls = 0;
  const auto count = [](const event_base*, const event* ev, void* arg) {
    ++*static_cast<int*>(arg);
    CHECK(event_get_fd(ev) == -1);
    CHECK(event_get_callback(ev) != Recorder::callback);
    return 0;
  };
  CHECK(event_base_foreach_event(base.get(), count, &calls) == 0);
  CHECK(calls == 1);
}

TEST_CASE("event_base_foreach_event: needs a base and a function") {
  const Base base = make_base();
  CHECK(event_base_foreach_event(nullptr, visit, nullptr) == -1);
  CHECK(event_base_foreach_event(base.get(), nullptr, nullptr) == -1);
  CHECK(event_base_foreach_event(nullptr, nullptr, nullptr) == -1);
}
