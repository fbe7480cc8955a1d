// event_base_set: moving an idle event to another base.
#include <event2/event_struct.h>

#include <cstring>

#include "event_recorder.h"

using namespace event_cases;

TEST_CASE("event_base_set: moves an idle event, which takes the middle priority there") {
  const Base one = make_base();
  const Base other = make_base();
  REQUIRE(event_base_priority_init(one.get(), 3) == 0);
  REQUIRE(event_base_priority_init(other.get(), 9) == 0);
  SocketPair pair;
  Recorder recorder;
  const Event ev = recorder.make(one.get(), pair.first, EV_WRITE, "write");
  CHECK(event_get_priority(ev.get()) == 1);
  REQUIRE(event_priority_set(ev.get(), 2) == 0);
  CHECK(event_base_set(other.get(), ev.get()) == 0);
  CHECK(event_get_base(ev.get()) == other.get());
  CHECK(event_get_priority(ev.get()) == 4);
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  CHECK(turn(one) == 1);
  CHECK(turn(other) == 0);
  CHECK(recorder.order() == "write");
}

TEST_CASE("event_base_set: an event that was used before can move when it is idle again") {
  const Base one = make_base();
  const Base other = make_base();
  SocketPair pair;
  Recorder recorder;
  const Event ev = recorder.make(one.get(), pair.first, EV_WRITE, "write");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  turn(one);
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  REQUIRE(event_del(ev.get()) == 0);
  CHECK(event_base_set(other.get(), ev.get()) == 0);
  CHECK(event_get_base(ev.get()) == other.get());
}

TEST_CASE("event_base_set: gives a base to an event that was made without one") {
  const Base base = make_base();
  Recorder recorder;
  const Event ev = recorder.make(nullptr, -1, 0, "event");
  REQUIRE(ev);
  CHECK(event_get_base(ev.get()) == nullptr);
  REQUIRE(event_base_set(base.get(), ev.get()) == 0);
  CHECK(event_get_base(ev.get()) == base.get());
  event_active(ev.get(), EV_TIMEOUT, 1);
  turn(base);
  CHECK(recorder.order() == "event");
}

TEST_CASE("event_base_set: refuses an event that is not idle") {
  const Base one = make_base();
  const Base other = make_base();
  SocketPair pair;
  Recorder recorder;
  const Event ev = recorder.make(one.get(), pair.first, EV_READ, "read");

  SECTION("pending") { REQUIRE(event_add(ev.get(), nullptr) == 0); }
  SECTION("waiting for a timeout") {
    const timeval delay = ms(60'000);
    const Event timer = recorder.make(one.get(), -1, 0, "timer");
    REQUIRE(event_add(timer.get(), &delay) == 0);
    CHECK(event_base_set(other.get(), timer.get()) == -1);
    CHECK(event_get_base(timer.get()) == one.get());
    REQUIRE(event_add(ev.get(), &delay) == 0);
  }
  SECTION("active") { event_active(ev.get(), EV_READ, 1); }

  CHECK(event_base_set(other.get(), ev.get()) == -1);
  CHECK(event_get_base(ev.get()) == one.get());
}

TEST_CASE("event_base_set: refuses memory that was never assigned") {
  const Base base = make_base();
  event ev;
  std::memset(&ev, 0, sizeof ev);
  CHECK(event_base_set(base.get(), &ev) == -1);
  CHECK(event_initialized(&ev) == 0);
}

TEST_CASE("event_base_set: works in the event's own callback if it is not persistent") {
  const Base one = make_base();
  const Base other = make_base();
  SocketPair pair;
  Recorder recorder;
  Event ev;
  ev = recorder.make(one.get(), pair.first, EV_WRITE, "write", [&](const Call&) {
    CHECK(event_base_set(other.get(), ev.get()) == 0);
    CHECK(event_add(ev.get(), nullptr) == 0);
  });
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  CHECK(turn(one) == 0);
  CHECK(added(one) == 0);
  CHECK(added(other) == 1);
}
