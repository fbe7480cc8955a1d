// How the timeout of a pending event is replaced, kept, removed and asked for.
#include "timer_tools.h"

using namespace event_cases;

TEST_CASE("event_add: on a pending timer replaces the timeout, to later and to earlier") {
  const Base base = make_precise_base();
  Recorder record;
  const Event timer = record.make(base.get(), -1, 0, "timer");
  const timeval shorter = ms(20);
  const timeval longer = ms(100);
  std::int64_t begin = now_us();
  REQUIRE(event_add(timer.get(), &shorter) == 0);
  REQUIRE(event_add(timer.get(), &longer) == 0);
  CHECK(added(base) == 1);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(now_us() - begin >= 100'000);
  CHECK(record.order() == "timer");

  const timeval hour = {3600, 0};
  begin = now_us();
  REQUIRE(event_add(timer.get(), &hour) == 0);
  REQUIRE(event_add(timer.get(), &shorter) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(now_us() - begin < 20'000 + kLoadUs);
  CHECK(record.order() == "timer timer");
}

TEST_CASE("event_add: NULL on a pending event keeps the timeout to the microsecond") {
  const Base base = make_base();
  const SocketPair sockets;
  Recorder record;
  const Event timer = record.make(base.get(), -1, 0, "timer");
  const Event reader = record.make(base.get(), sockets.first, EV_READ, "reader");
  const timeval wait = {50, 0};
  for (event* const ev : {timer.get(), reader.get()}) {
    REQUIRE(event_add(ev, &wait) == 0);
    const std::int64_t due = due_us(ev);
    REQUIRE(event_add(ev, nullptr) == 0);
    CHECK(due_us(ev) == due);
  }
  CHECK(added(base) == 3);  // a descriptor and its timeout count as two
}

TEST_CASE("event_add: NULL keeps the timeout of a reader, which then fires") {
  const Base base = make_base();
  const SocketPair sockets;
  Recorder record;
  const Event reader = record.make(base.get(), sockets.first, EV_READ, "reader");
  const timeval wait = ms(20);
  REQUIRE(event_add(reader.get(), &wait) == 0);
  REQUIRE(event_add(reader.get(), nullptr) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.what("reader") == EV_TIMEOUT);
  CHECK(event_pending(reader.get(), EV_READ | EV_TIMEOUT, nullptr) == 0);
}

TEST_CASE("event_add: gives a timeout to a reader that had none, and takes none away") {
  const Base base = make_base();
  const SocketPair sockets;
  Recorder record;
  const Event reader = record.make(base.get(), sockets.first, EV_READ | EV_PERSIST, "reader");
  REQUIRE(event_add(reader.get(), nullptr) == 0);
  CHECK(event_pending(reader.get(), EV_READ | EV_TIMEOUT, nullptr) == EV_READ);
  const timeval wait = ms(20);
  REQUIRE(event_add(reader.get(), &wait) == 0);
  CHECK(event_pending(reader.get(), EV_READ | EV_TIMEOUT, nullptr) == (EV_READ | EV_TIMEOUT));
  CHECK(added(base) == 2);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(record.what("reader") == EV_TIMEOUT);
  CHECK(event_pending(reader.get(), EV_READ | EV_TIMEOUT, nullptr) == (EV_READ | EV_TIMEOUT));
}

TEST_CASE("event_add: a new timeout during the pass of the old one takes the old call back") {
  // Both are due in the same pass. The first gives the second a new time.
  const Base base = make_base();
  Recorder record;
  Event second;
  const Event first = record.make(base.get(), -1, 0, "first", [&](const Call&) {
    CHECK(event_pending(second.get(), EV_TIMEOUT, nullptr) == EV_TIMEOUT);
    const timeval later = ms(30);
    CHECK(event_add(second.get(), &later) == 0);
    CHECK(due_us(second.get()) > 0);
  });
  second = record.make(base.get(), -1, 0, "second");
  const timeval early = {-2, 0};
  const timeval late = {-1, 0};
  REQUIRE(event_add(first.get(), &early) == 0);
  REQUIRE(event_add(second.get(), &late) == 0);
  CHECK(run_ready(base) == 0);
  CHECK(record.order() == "first");
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.order() == "first second");
}

TEST_CASE("event_del: in the pass in which a timer is due takes its call back") {
  const Base base = make_base();
  Recorder record;
  Event second;
  const Event first = record.make(base.get(), -1, 0, "first",
                                  [&](const Call&) { CHECK(event_del(second.get()) == 0); });
  second = record.make(base.get(), -1, 0, "second");
  const Event third = record.make(base.get(), -1, 0, "third");
  for (int seconds = -3; event* const ev : {first.get(), second.get(), third.get()}) {
    const timeval wait = {seconds++, 0};
    REQUIRE(event_add(ev, &wait) == 0);
  }
  CHECK(run_ready(base) == 1);
  CHECK(record.order() == "first third");
}

TEST_CASE("event_free: in its own callback and for another timer that is due") {
  const Base base = make_base();
  Recorder record;
  Event first;
  Event second;
  first = record.make(base.get(), -1, 0, "first", [&](const Call&) {
    second.reset();
    first.reset();
  });
  second = record.make(base.get(), -1, EV_PERSIST, "second");
  const timeval zero = {0, 1};
  const timeval minus = {-1, 0};
  REQUIRE(event_add(first.get(), &minus) == 0);
  REQUIRE(event_add(second.get(), &zero) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.order() == "first");
}

TEST_CASE("event_remove_timer: a timer is no longer pending and never fires") {
  const Base base = make_base();
  Recorder record;
  const Event timer = record.make(base.get(), -1, 0, "timer");
  CHECK(event_remove_timer(timer.get()) == 0);  // was never added
  const timeval wait = ms(1);
  REQUIRE(event_add(timer.get(), &wait) == 0);
  CHECK(event_remove_timer(timer.get()) == 0);
  CHECK(event_pending(timer.get(), 0xff, nullptr) == 0);
  CHECK(added(base) == 0);
  CHECK(event_remove_timer(timer.get()) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.calls().empty());
}

TEST_CASE("event_remove_timer: a reader stays, without its timeout") {
  const Base base = make_base();
  const SocketPair sockets;
  Recorder record;
  const Event reader = record.make(base.get(), sockets.first, EV_READ | EV_PERSIST, "reader",
                                   [&](const Call&) { drain(sockets.first); });
  const timeval wait = ms(1);
  REQUIRE(event_add(reader.get(), &wait) == 0);
  REQUIRE(event_remove_timer(reader.get()) == 0);
  CHECK(event_pending(reader.get(), EV_READ | EV_TIMEOUT, nullptr) == EV_READ);
  CHECK(added(base) == 1);
  const timeval soon = ms(30);
  REQUIRE(event_base_loopexit(base.get(), &soon) == 0);
  write_byte(sockets.second);
  CHECK(event_base_dispatch(base.get()) == 0);
  CHECK(record.order() == "reader");
  CHECK(record.what("reader") == EV_READ);
  // The interval is forgotten too: the call did not arm it again.
  CHECK(event_pending(reader.get(), EV_READ | EV_TIMEOUT, nullptr) == EV_READ);
}

TEST_CASE("event_remove_timer: in the callback of a periodic timer ends it") {
  const Base base = make_base();
  Recorder record;
  Event timer;
  timer = record.make(base.get(), -1, EV_PERSIST, "timer", [&](const Call&) {
    CHECK(event_pending(timer.get(), EV_TIMEOUT, nullptr) == EV_TIMEOUT);
    CHECK(event_remove_timer(timer.get()) == 0);
    CHECK(event_pending(timer.get(), EV_TIMEOUT, nullptr) == 0);
  });
  const timeval wait = ms(1);
  REQUIRE(event_add(timer.get(), &wait) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.order() == "timer");
}

TEST_CASE("event_pending: tells when a timer is due, by the wall clock") {
  const Base base = make_base();
  Recorder record;
  const Event timer = record.make(base.get(), -1, 0, "timer");
  const timeval wait = {1234, 500'000};
  const std::int64_t before = wall_us();
  REQUIRE(event_add(timer.get(), &wait) == 0);
  const std::int64_t after = wall_us();
  const std::int64_t due = due_us(timer.get());
  CHECK(due >= before + to_us(wait) - kTickUs);
  CHECK(due <= after + to_us(wait) + kTickUs);
  CHECK(due_us(timer.get()) == due);
}

TEST_CASE("event_pending: the time is written only if EV_TIMEOUT is asked for and pending") {
  const Base base = make_base();
  const SocketPair sockets;
  Recorder record;
  const Event reader = record.make(base.get(), sockets.first, EV_READ, "reader");
  const auto time_is_kept = [&](short events, int expected) {
    timeval tv = {-7, -7};
    CHECK(event_pending(reader.get(), events, &tv) == expected);
    return tv.tv_sec == -7 && tv.tv_usec == -7;
  };
  CHECK(time_is_kept(EV_READ | EV_TIMEOUT, 0));
  REQUIRE(event_add(reader.get(), nullptr) == 0);
  CHECK(time_is_kept(EV_READ | EV_TIMEOUT, EV_READ));
  CHECK(time_is_kept(EV_TIMEOUT, 0));
  const timeval wait = {60, 0};
  REQUIRE(event_add(reader.get(), &wait) == 0);
  CHECK(time_is_kept(EV_READ, EV_READ));
  CHECK_FALSE(time_is_kept(EV_READ | EV_TIMEOUT, EV_READ | EV_TIMEOUT));
  CHECK_FALSE(time_is_kept(EV_TIMEOUT, EV_TIMEOUT));
}

TEST_CASE("event_pending: inside its callback a one-shot is idle and a periodic timer pending") {
  const Base base = make_base();
  Recorder record;
  Event once;
  Event periodic;
  once = record.make(base.get(), -1, 0, "once",
                     [&](const Call&) { CHECK(event_pending(once.get(), 0xff, nullptr) == 0); });
  periodic = record.make(base.get(), -1, EV_PERSIST, "periodic", [&](const Call&) {
    CHECK(event_pending(periodic.get(), 0xff, nullptr) == EV_TIMEOUT);
    CHECK(event_del(periodic.get()) == 0);
  });
  const timeval wait = ms(3);
  REQUIRE(event_add(once.get(), &wait) == 0);
  REQUIRE(event_add(periodic.get(), &wait) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.calls().size() == 2);
}
