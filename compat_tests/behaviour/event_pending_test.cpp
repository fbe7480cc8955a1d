// event_pending, event_add and event_del: how an event gets from one state to the next.
#include <event2/event_struct.h>

#include <csignal>
#include <cstring>

#include "event_recorder.h"

using namespace event_cases;

namespace {

constexpr short kAll = EV_TIMEOUT | EV_READ | EV_WRITE | EV_SIGNAL | EV_CLOSED;

// Microseconds of the wall clock, which event_pending's times refer to.
std::int64_t wall_us(const timeval& tv) { return tv.tv_sec * std::int64_t{1'000'000} + tv.tv_usec; }

}  // namespace

TEST_CASE("event_pending: answers only for the kinds that are asked for") {
  const Base base = make_base();
  SocketPair pair;
  Recorder recorder;
  const Event ev = recorder.make(base.get(), pair.first, EV_READ | EV_WRITE | EV_PERSIST, "io");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  CHECK(event_pending(ev.get(), EV_READ, nullptr) == EV_READ);
  CHECK(event_pending(ev.get(), EV_WRITE, nullptr) == EV_WRITE);
  CHECK(event_pending(ev.get(), kAll, nullptr) == (EV_READ | EV_WRITE));
  CHECK(event_pending(ev.get(), EV_TIMEOUT | EV_SIGNAL | EV_CLOSED, nullptr) == 0);
  CHECK(event_pending(ev.get(), 0, nullptr) == 0);
  CHECK(event_pending(ev.get(), EV_PERSIST | EV_ET | EV_FINALIZE, nullptr) == 0);

  const timeval delay = ms(60'000);
  REQUIRE(event_add(ev.get(), &delay) == 0);
  CHECK(event_pending(ev.get(), kAll, nullptr) == (EV_READ | EV_WRITE | EV_TIMEOUT));
  REQUIRE(event_del(ev.get()) == 0);
  CHECK(event_pending(ev.get(), kAll, nullptr) == 0);
}

TEST_CASE("event_pending: a signal event is pending on EV_SIGNAL") {
  const Base base = make_base();
  Recorder recorder;
  const Event ev = recorder.make(base.get(), SIGUSR1, EV_SIGNAL | EV_PERSIST, "signal");
  CHECK(evsignal_pending(ev.get(), nullptr) == 0);
  REQUIRE(evsignal_add(ev.get(), nullptr) == 0);
  CHECK(evsignal_pending(ev.get(), nullptr) == EV_SIGNAL);
  CHECK(event_pending(ev.get(), EV_READ | EV_WRITE | EV_TIMEOUT, nullptr) == 0);
  REQUIRE(evsignal_del(ev.get()) == 0);
  CHECK(evsignal_pending(ev.get(), nullptr) == 0);
}

TEST_CASE("event_pending: gives the wall-clock time at which the timeout expires") {
  const Base base = make_base();
  Recorder recorder;
  const Event ev = recorder.make(base.get(), -1, 0, "timer");
  const timeval delay = ms(60'000);
  timeval before;
  timeval after;
  timeval expires = {};
  evutil_gettimeofday(&before, nullptr);
  REQUIRE(evtimer_add(ev.get(), &delay) == 0);
  evutil_gettimeofday(&after, nullptr);
  CHECK(evtimer_pending(ev.get(), &expires) == EV_TIMEOUT);
  // The clock of timers may be a coarse one.
  CHECK(wall_us(expires) >= wall_us(before) + 60'000'000 - 20'000);
  CHECK(wall_us(expires) <= wall_us(after) + 60'000'000 + 20'000);
  CHECK(expires.tv_usec >= 0);
  CHECK(expires.tv_usec < 1'000'000);
}

TEST_CASE("event_pending: leaves the time alone when it does not answer for a timeout") {
  const Base base = make_base();
  SocketPair pair;
  Recorder recorder;
  const Event ev = recorder.make(base.get(), pair.first, EV_READ, "read");
  timeval expires = {-7, -7};
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  CHECK(event_pending(ev.get(), EV_READ | EV_TIMEOUT, &expires) == EV_READ);
  CHECK(expires.tv_sec == -7);
  const timeval delay = ms(60'000);
  REQUIRE(event_add(ev.get(), &delay) == 0);
  CHECK(event_pending(ev.get(), EV_READ, &expires) == EV_READ);
  CHECK(expires.tv_sec == -7);
  CHECK(expires.tv_usec == -7);
}

TEST_CASE("event_pending: an event that is only active is pending on its results") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  const Event ev = recorder.make(base.get(), pair.first, EV_READ, "read");
  event_active(ev.get(), EV_WRITE, 1);
  CHECK(event_pending(ev.get(), kAll, nullptr) == EV_WRITE);
  CHECK(event_pending(ev.get(), EV_READ, nullptr) == 0);
  turn(base);
  CHECK(recorder.order() == "read");
  CHECK(event_pending(ev.get(), kAll, nullptr) == 0);
}

TEST_CASE("event_add: an event that is active gets its timeout but not its descriptor") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  const auto persist = static_cast<short>(GENERATE(0, EV_PERSIST));
  const Event ev =
      recorder.make(base.get(), pair.first, static_cast<short>(EV_READ | persist), "read");
  event_active(ev.get(), EV_WRITE, 1);
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  CHECK(event_pending(ev.get(), kAll, nullptr) == EV_WRITE);
  turn(base);
  CHECK(recorder.order() == "read");
  CHECK(event_pending(ev.get(), kAll, nullptr) == 0);

  event_active(ev.get(), EV_WRITE, 1);
  const timeval delay = ms(60'000);
  REQUIRE(event_add(ev.get(), &delay) == 0);
  CHECK(event_pending(ev.get(), kAll, nullptr) == (EV_WRITE | EV_TIMEOUT));
  turn(base);
  CHECK(recorder.order() == "read read");
  // The persistent one is scheduled again after its call, which now adds the descriptor too.
  CHECK(event_pending(ev.get(), kAll, nullptr) == (persist ? EV_READ | EV_TIMEOUT : 0));
}

TEST_CASE("event_pending: within the callback only a persistent event is pending") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  const bool persistent = GENERATE(true, false);
  CAPTURE(persistent);
  const auto flags = static_cast<short>(EV_WRITE | (persistent ? EV_PERSIST : 0));
  Event ev;
  ev = recorder.make(base.get(), pair.first, flags, "write", [&](const Call&) {
    CHECK(event_pending(ev.get(), kAll, nullptr) == (persistent ? EV_WRITE : 0));
    CHECK(added(base) == (persistent ? 1 : 0));
    CHECK(active(base) == 0);
  });
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  turn(base);
  CHECK(event_pending(ev.get(), kAll, nullptr) == (persistent ? EV_WRITE : 0));
  turn(base);
  CHECK(recorder.count("write") == (persistent ? 2 : 1));
}

TEST_CASE("event_pending: within the callback a persistent timeout is armed again") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  Event ev;
  ev = recorder.make(base.get(), pair.first, EV_WRITE | EV_PERSIST, "write", [&](const Call&) {
    CHECK(event_pending(ev.get(), kAll, nullptr) == (EV_WRITE | EV_TIMEOUT));
  });
  const timeval delay = ms(60'000);
  REQUIRE(event_add(ev.get(), &delay) == 0);
  turn(base);
  CHECK(recorder.count("write") == 1);
}

TEST_CASE("event_add: adding twice is adding once") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  const Event ev = recorder.make(base.get(), pair.first, EV_WRITE | EV_PERSIST, "write");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  CHECK(added(base) == 1);
  turn(base);
  CHECK(recorder.count("write") == 1);
  REQUIRE(event_del(ev.get()) == 0);
  CHECK(added(base) == 0);
  CHECK(turn(base) == 1);
  CHECK(recorder.count("write") == 1);
}

TEST_CASE("event_add: no timeout keeps the one that is armed") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  const Event ev = recorder.make(base.get(), pair.first, EV_READ, "read");
  const timeval delay = ms(20);
  REQUIRE(event_add(ev.get(), &delay) == 0);
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  CHECK(event_pending(ev.get(), EV_TIMEOUT, nullptr) == EV_TIMEOUT);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(recorder.what("read") == EV_TIMEOUT);
}

TEST_CASE("event_add: an event without fd and timeout can be added but does not hold the loop") {
  const Base base = make_base();
  Recorder recorder;
  const evutil_socket_t fd = GENERATE(-1, 0);
  const Event ev = recorder.make(base.get(), fd, EV_PERSIST, "nothing");
  CHECK(event_add(ev.get(), nullptr) == 0);
  CHECK(event_pending(ev.get(), kAll, nullptr) == 0);
  CHECK(added(base) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(recorder.calls().empty());
}

TEST_CASE("event_add: a negative fd is never ready, but counts and can time out") {
  const Base base = make_base();
  Recorder recorder;
  const evutil_socket_t fd = GENERATE(-1, -2);
  const Event ev = recorder.make(base.get(), fd, EV_READ, "negative");
  CHECK(event_add(ev.get(), nullptr) == 0);
  CHECK(event_pending(ev.get(), kAll, nullptr) == EV_READ);
  CHECK(added(base) == 1);
  CHECK(turn(base) == 0);
  CHECK(recorder.calls().empty());
  const timeval delay = ms(5);
  CHECK(event_add(ev.get(), &delay) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(recorder.what("negative") == EV_TIMEOUT);
  CHECK(recorder.calls().at(0).fd == fd);
  CHECK(event_del(ev.get()) == 0);
  CHECK(added(base) == 0);
}

TEST_CASE("event_del: of an event that is not pending is fine in all its forms") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  int (*const del)(event*) = GENERATE(event_del, event_del_noblock, event_del_block);
  const Event ev = recorder.make(base.get(), pair.first, EV_WRITE | EV_PERSIST, "write");
  CHECK(del(ev.get()) == 0);
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  CHECK(del(ev.get()) == 0);
  CHECK(del(ev.get()) == 0);
  CHECK(added(base) == 0);
  CHECK(turn(base) == 1);
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  turn(base);
  CHECK(recorder.order() == "write");
}

TEST_CASE("event_del: takes back an activation") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  int (*const del)(event*) = GENERATE(event_del, event_del_noblock, event_del_block);
  const Event ev = recorder.make(base.get(), pair.first, EV_READ, "read");
  event_active(ev.get(), EV_READ, 1);
  CHECK(active(base) == 1);
  CHECK(del(ev.get()) == 0);
  CHECK(active(base) == 0);
  CHECK(event_pending(ev.get(), kAll, nullptr) == 0);
  CHECK(turn(base) == 1);
  CHECK(recorder.calls().empty());
}

TEST_CASE("event_free: makes a pending and active event neither") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  Event ev = recorder.make(base.get(), pair.first, EV_READ | EV_PERSIST, "read");
  const timeval delay = ms(60'000);
  REQUIRE(event_add(ev.get(), &delay) == 0);
  event_active(ev.get(), EV_READ, 1);
  ev.reset();
  CHECK(added(base) == 0);
  CHECK(active(base) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(recorder.calls().empty());
}

TEST_CASE("event_free: frees an event that is idle, pending or active") {
  const CountedMemory memory;
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  const auto round = [&] {
    for (int i = 0; i < 4; ++i) {
      const Event ev = recorder.make(base.get(), pair.first, EV_READ | EV_PERSIST, "read");
      const timeval delay = ms(60'000);
      if ((i & 1) != 0) {
        REQUIRE(event_add(ev.get(), &delay) == 0);
      }
      if ((i & 2) != 0) {
        event_active(ev.get(), EV_READ, 1);
      }
    }
    turn(base);
  };
  round();  // what the base keeps for good is there from here on
  const long before = memory.live();
  round();
  CHECK(memory.live() == before);
}

TEST_CASE("event_debug_unassign: makes an idle event as good as never assigned") {
  const Base base = make_base();
  Recorder recorder;
  event ev;
  std::memset(&ev, 0, sizeof ev);
  REQUIRE(event_assign(&ev, base.get(), -1, 0, Recorder::callback, recorder.argument("it")) == 0);
  event_debug_unassign(&ev);
  CHECK(event_initialized(&ev) == 0);
  REQUIRE(event_assign(&ev, base.get(), -1, 0, Recorder::callback, recorder.argument("it")) == 0);
  CHECK(event_initialized(&ev) == 1);
  event_active(&ev, EV_TIMEOUT, 1);
  turn(base);
  CHECK(recorder.order() == "it");
}
