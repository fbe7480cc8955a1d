// event_base_get_num_events and event_base_get_max_events: what counts as one.
#include <csignal>

#include "event_recorder.h"

using namespace event_cases;

namespace {

int num(const Base& base, unsigned flags) { return event_base_get_num_events(base.get(), flags); }
int max(const Base& base, unsigned flags, int clear = 0) {
  return event_base_get_max_events(base.get(), flags, clear);
}

constexpr unsigned kAdded = EVENT_BASE_COUNT_ADDED;
constexpr unsigned kActive = EVENT_BASE_COUNT_ACTIVE;
constexpr unsigned kVirtual = EVENT_BASE_COUNT_VIRTUAL;
constexpr unsigned kEach = kAdded | kActive | kVirtual;

}  // namespace

TEST_CASE("event_base_get_num_events: a fresh base has none") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  for (const unsigned flags : {kAdded, kActive, kVirtual, kEach, 0U, 8U, ~0U}) {
    CHECK(num(base, flags) == 0);
    CHECK(max(base, flags) == 0);
  }
}

TEST_CASE("event_base_get_num_events: a descriptor counts one, its timeout another") {
  const Base base = make_base();
  SocketPair pair;
  Recorder recorder;
  const Event ev = recorder.make(base.get(), pair.first, EV_READ | EV_WRITE | EV_PERSIST, "io");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  CHECK(num(base, kAdded) == 1);
  const timeval late = ms(60'000);
  REQUIRE(event_add(ev.get(), &late) == 0);
  CHECK(num(base, kAdded) == 2);
  REQUIRE(event_add(ev.get(), &late) == 0);
  CHECK(num(base, kAdded) == 2);
  REQUIRE(event_remove_timer(ev.get()) == 0);
  CHECK(num(base, kAdded) == 1);
  REQUIRE(event_del(ev.get()) == 0);
  CHECK(num(base, kAdded) == 0);
}

TEST_CASE("event_base_get_num_events: an active event counts as added and as active") {
  const Base base = make_base();
  SocketPair pair;
  Recorder recorder;
  const Event ev = recorder.make(base.get(), pair.first, EV_READ, "io");
  event_active(ev.get(), EV_READ, 1);
  CHECK(num(base, kActive) == 1);
  CHECK(num(base, kAdded) == 1);
  CHECK(num(base, kEach) == 2);
  REQUIRE(event_del(ev.get()) == 0);
  CHECK(num(base, kEach) == 0);

  const timeval late = ms(60'000);
  REQUIRE(event_add(ev.get(), &late) == 0);
  event_active(ev.get(), EV_READ, 1);
  CHECK(num(base, kAdded) == 3);
  CHECK(num(base, kActive) == 1);
  CHECK(num(base, kActive | kAdded) == 4);
  turn(base);
  CHECK(num(base, kEach) == 0);
}

TEST_CASE("event_base_get_num_events: signals count, what the library adds for them does not") {
  const Base base = make_base();
  Recorder recorder;
  const Event one = recorder.make(base.get(), SIGUSR1, EV_SIGNAL | EV_PERSIST, "one");
  const Event two = recorder.make(base.get(), SIGUSR2, EV_SIGNAL, "two");
  REQUIRE(event_add(one.get(), nullptr) == 0);
  CHECK(num(base, kAdded) == 1);
  const timeval late = ms(60'000);
  REQUIRE(event_add(two.get(), &late) == 0);
  CHECK(num(base, kAdded) == 3);
  REQUIRE(event_del(one.get()) == 0);
  REQUIRE(event_del(two.get()) == 0);
  CHECK(num(base, kAdded) == 0);
}

TEST_CASE("event_base_get_num_events: common timeouts count like others") {
  const Base base = make_base();
  Recorder recorder;
  const timeval late = ms(60'000);
  const timeval* common = event_base_init_common_timeout(base.get(), &late);
  REQUIRE(common != nullptr);
  CHECK(num(base, kAdded) == 0);
  const Event a = recorder.make(base.get(), -1, 0, "a");
  const Event b = recorder.make(base.get(), -1, 0, "b");
  REQUIRE(event_add(a.get(), common) == 0);
  REQUIRE(event_add(b.get(), common) == 0);
  CHECK(num(base, kAdded) == 2);
  REQUIRE(event_del(a.get()) == 0);
  CHECK(num(base, kAdded) == 1);
}

TEST_CASE("event_base_get_num_events: within a callback the running event is active no more") {
  const Base base = make_base();
  Recorder recorder;
  const auto look = [&](const Call& call) {
    CHECK(num(base, kActive) == (call.name == "a" ? 1 : 0));
  };
  const Event a = recorder.make(base.get(), -1, 0, "a", look);
  const Event b = recorder.make(base.get(), -1, 0, "b", look);
  event_active(a.get(), EV_READ, 1);
  event_active(b.get(), EV_READ, 1);
  turn(base);
  CHECK(recorder.order() == "a b");
}

TEST_CASE("event_base_get_num_events: counts both events of a shared descriptor") {
  const Base base = make_base();
  SocketPair pair;
  Recorder recorder;
  const Event a = recorder.make(base.get(), pair.first, EV_READ, "a");
  const Event b = recorder.make(base.get(), pair.first, EV_READ, "b");
  REQUIRE(event_add(a.get(), nullptr) == 0);
  REQUIRE(event_add(b.get(), nullptr) == 0);
  CHECK(num(base, kAdded) == 2);
  write_byte(pair.second);
  turn(base);
  CHECK(num(base, kAdded) == 0);
  CHECK(max(base, kActive) == 2);
  // Each was deleted when it was about to run: the second one was active and pending until then.
  CHECK(max(base, kAdded) == 4);
}

TEST_CASE("event_base_get_max_events: keeps the largest number of each kind") {
  const Base base = make_base();
  Recorder recorder;
  std::vector<Event> events;
  const timeval late = ms(60'000);
  for (int i = 0; i < 5; ++i) {
    events.push_back(recorder.make(base.get(), -1, 0, "timer"));
    REQUIRE(event_add(events.back().get(), &late) == 0);
    CHECK(max(base, kAdded) == i + 1);
  }
  events.clear();
  CHECK(num(base, kAdded) == 0);
  CHECK(max(base, kAdded) == 5);
  CHECK(max(base, kActive) == 0);
  CHECK(max(base, kVirtual) == 0);

  const Event ev = recorder.make(base.get(), -1, 0, "active");
  event_active(ev.get(), EV_READ, 1);
  CHECK(max(base, kActive) == 1);
  turn(base);
  CHECK(max(base, kActive) == 1);
  // Of several kinds it is the sum of their maxima, which need not have come together.
  CHECK(max(base, kActive | kAdded) == 6);
  CHECK(max(base, kEach) == 6);
  CHECK(max(base, 0) == 0);
}

TEST_CASE("event_base_get_max_events: clears what it was asked for, after giving it") {
  const Base base = make_base();
  Recorder recorder;
  const Event a = recorder.make(base.get(), -1, 0, "a");
  const Event b = recorder.make(base.get(), -1, 0, "b");
  const timeval late = ms(60'000);
  REQUIRE(event_add(a.get(), &late) == 0);
  event_active(b.get(), EV_READ, 1);
  CHECK(max(base, kAdded, 1) == 2);
  CHECK(max(base, kAdded) == 0);
  CHECK(max(base, kActive) == 1);
  // The present number is taken up again with the next event that comes.
  turn(base);
  CHECK(max(base, kAdded) == 0);
  REQUIRE(event_add(b.get(), &late) == 0);
  CHECK(max(base, kAdded) == 2);
  CHECK(max(base, kEach, 1) == 3);
  CHECK(max(base, kEach) == 0);
  CHECK(num(base, kAdded) == 2);
}
