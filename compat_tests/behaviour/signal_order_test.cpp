// When signals are reported: among other events, in callbacks, by hand, on every backend.
#include <sys/time.h>

#include "signal_tools.h"

using namespace event_cases;

TEST_CASE("evsignal_new: in one pass a signal comes after input and timeouts") {
  for (const bool signal_first : {false, true}) {
    const Base base = make_base();
    const SocketPair sockets;
    Recorder record;
    const Event timer = record.make(base.get(), -1, 0, "timer");
    const Event reader = record.make(base.get(), sockets.first, EV_READ, "reader");
    const Event usr1 = record.make(base.get(), SIGUSR1, EV_SIGNAL, "signal");
    const timeval minus = {-1, 0};
    REQUIRE(event_add((signal_first ? usr1 : reader).get(), nullptr) == 0);
    REQUIRE(event_add((signal_first ? reader : usr1).get(), nullptr) == 0);
    REQUIRE(event_add(timer.get(), &minus) == 0);
    write_byte(sockets.second);
    raise(SIGUSR1);
    CHECK(event_base_dispatch(base.get()) == 1);
    CHECK(record.order() == "reader timer signal");
  }
}

TEST_CASE("evsignal_new: several signals are reported by number, whichever came first") {
  const Base base = make_base();
  Recorder record;
  const Event usr2 = add_signal(record, base, SIGUSR2, "usr2");
  const Event alrm = add_signal(record, base, SIGALRM, "alrm");
  const Event usr1 = add_signal(record, base, SIGUSR1, "usr1");
  for (const int number : {SIGALRM, SIGUSR2, SIGUSR1, SIGUSR2}) {
    raise(number);
  }
  CHECK(run_ready(base) == 0);
  CHECK(record.order() == "usr1 usr2 usr2 alrm");
}

TEST_CASE("event_priority_set: signals obey priorities") {
  const Base base = make_base();
  REQUIRE(event_base_priority_init(base.get(), 3) == 0);
  Recorder record;
  const Event low = record.make(base.get(), SIGUSR1, EV_SIGNAL | EV_PERSIST, "low");
  const Event high = record.make(base.get(), SIGUSR2, EV_SIGNAL | EV_PERSIST, "high");
  const Event timer = record.make(base.get(), -1, 0, "timer");
  CHECK(event_get_priority(timer.get()) == 1);
  REQUIRE(event_priority_set(low.get(), 2) == 0);
  REQUIRE(event_priority_set(high.get(), 0) == 0);
  const timeval minus = {-1, 0};
  REQUIRE(event_add(low.get(), nullptr) == 0);
  REQUIRE(event_add(high.get(), nullptr) == 0);
  REQUIRE(event_add(timer.get(), &minus) == 0);
  raise(SIGUSR1);
  raise(SIGUSR2);
  CHECK(run_ready(base) == 0);
  CHECK(record.order() == "high timer low");
}

TEST_CASE("event_base_loop: EVLOOP_ONCE comes back with the signal's callback done") {
  const Base base = make_base();
  Recorder record;
  const Event ev = add_signal(record, base, SIGUSR1, "usr1");
  raise(SIGUSR1);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE | EVLOOP_NONBLOCK) == 0);
  CHECK(record.order() == "usr1");
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE | EVLOOP_NONBLOCK) == 0);
  CHECK(record.order() == "usr1");
}

TEST_CASE("evsignal_new: raised in a callback it comes after what is active already") {
  const Base base = make_base();
  Recorder record;
  const Event usr1 = add_signal(record, base, SIGUSR1, "signal");
  const Event first = record.make(base.get(), -1, 0, "first", [](const Call&) { raise(SIGUSR1); });
  const Event second = record.make(base.get(), -1, 0, "second");
  event_active(first.get(), EV_TIMEOUT, 1);
  event_active(second.get(), EV_TIMEOUT, 1);
  CHECK(run_ready(base) == 0);
  CHECK(record.order() == "first second signal");
}

TEST_CASE("evsignal_new: raised in its own callback it comes in a later pass") {
  const Base base = make_base();
  Recorder record;
  const Event ev = add_signal(record, base, SIGUSR1, "usr1", [&](const Call&) {
    if (record.calls().size() == 1 || record.calls().size() == 3) {
      raise(SIGUSR1);
    }
  });
  raise(SIGUSR1);
  raise(SIGUSR1);
  for (const size_t calls : {2u, 3u, 4u, 4u}) {
    CHECK(event_base_loop(base.get(), EVLOOP_ONCE | EVLOOP_NONBLOCK) == 0);
    CHECK(record.calls().size() == calls);
  }
}

TEST_CASE("evsignal_new: raised in another signal's callback none is lost") {
  const Base base = make_base();
  Recorder record;
  const Event usr1 = add_signal(record, base, SIGUSR1, "usr1", [](const Call&) {
    raise(SIGUSR2);
    raise(SIGUSR2);
  });
  const Event usr2 = add_signal(record, base, SIGUSR2, "usr2", [&](const Call&) {
    if (record.count("usr1") < 3) {
      raise(SIGUSR1);
    }
  });
  raise(SIGUSR1);
  CHECK(run_ready(base) == 0);
  // Each call of usr1 raises two; each of those raises one more until there were three.
  CHECK(record.count("usr2") == 2 * record.count("usr1"));
  CHECK(record.count("usr1") >= 3);
}

TEST_CASE("evsignal_add: in the callback of another signal takes effect at once") {
  const Base base = make_base();
  Recorder record;
  const Event usr2 = record.make(base.get(), SIGUSR2, EV_SIGNAL, "usr2");
  const Event usr1 = add_signal(record, base, SIGUSR1, "usr1", [&](const Call&) {
    CHECK(event_add(usr2.get(), nullptr) == 0);
    raise(SIGUSR2);
  });
  raise(SIGUSR1);
  CHECK(run_ready(base) == 0);
  CHECK(record.order() == "usr1 usr2");
}

TEST_CASE("evsignal_add: a signal from before does not call an event added after it") {
  const Base base = make_base();
  Recorder record;
  const Event keeper = add_signal(record, base, SIGUSR2, "keeper");
  Event gone = add_signal(record, base, SIGUSR1, "gone");
  raise(SIGUSR1);
  gone.reset();
  CHECK(run_ready(base) == 0);
  CHECK(record.calls().empty());
  const Event again = add_signal(record, base, SIGUSR1, "again");
  CHECK(run_ready(base) == 0);
  CHECK(record.calls().empty());
  raise(SIGUSR1);
  CHECK(run_ready(base) == 0);
  CHECK(record.order() == "again");
}

TEST_CASE("event_active: calls a signal event as often as it is told") {
  const Base base = make_base();
  Recorder record;
  const Event ev = record.make(base.get(), SIGUSR1, EV_SIGNAL | EV_PERSIST, "usr1");
  for (const short calls : {short{1}, short{3}, short{0}}) {
    record.clear();
    event_active(ev.get(), EV_SIGNAL, calls);
    CHECK(run_ready(base) == 1);
    CHECK(record.calls().size() == static_cast<size_t>(calls));
  }
  record.clear();
  event_active(ev.get(), EV_READ, 2);  // whatever the result is said to be
  CHECK(run_ready(base) == 1);
  CHECK(record.order() == "usr1 usr1");
  CHECK(record.what("usr1") == EV_READ);
}

TEST_CASE("event_active: on an active signal event does not change the number of calls") {
  const Base base = make_base();
  Recorder record;
  const Event ev = add_signal(record, base, SIGUSR1, "usr1");
  event_active(ev.get(), EV_SIGNAL, 3);
  event_active(ev.get(), EV_SIGNAL, 2);
  CHECK(run_ready(base) == 0);
  CHECK(record.calls().size() == 3);
  record.clear();
  event_active(ev.get(), EV_SIGNAL, 3);
  raise(SIGUSR1);
  CHECK(run_ready(base) == 0);
  CHECK(record.calls().size() == 4);
}

TEST_CASE("event_base_active_by_signal: makes all events on it active, once") {
  const Base base = make_base();
  Recorder record;
  const Event a = add_signal(record, base, SIGUSR1, "a");
  const Event b = add_signal(record, base, SIGUSR1, "b");
  const Event other = add_signal(record, base, SIGUSR2, "other");
  event_base_active_by_signal(base.get(), SIGUSR1);
  event_base_active_by_signal(base.get(), SIGUSR1);
  CHECK(active(base) == 2);
  CHECK(run_ready(base) == 0);
  CHECK(record.order() == "b a");
  CHECK(record.what("a") == EV_SIGNAL);
}

TEST_CASE("event_base_active_by_signal: does nothing for a signal without events") {
  const Base base = make_base();
  Recorder record;
  const Event idle = record.make(base.get(), SIGUSR1, EV_SIGNAL, "idle");
  for (const int number : {SIGUSR1, SIGALRM, 0, -1, NSIG, 5000}) {
    event_base_active_by_signal(base.get(), number);
  }
  CHECK(active(base) == 0);
  CHECK(run_ready(base) == 1);
  CHECK(record.calls().empty());
}

TEST_CASE("event_base_dispatch: a signal ends the wait, on any backend, and none is an error") {
  for (const char* method : {"epoll", "poll", "select"}) {
    INFO(method);
    const LogCapture log;
    const Base base = make_base_with(method);
    REQUIRE(base);
    Recorder record;
    const Event far = record.make(base.get(), -1, 0, "far");
    const timeval hour = {3600, 0};
    REQUIRE(event_add(far.get(), &hour) == 0);
    const Event alrm = add_signal(record, base, SIGALRM, "alrm", [&](const Call&) {
      if (record.calls().size() == 3) {
        event_base_loopbreak(base.get());
      }
    });
    itimerval every = {ms(10), ms(10)};
    REQUIRE(setitimer(ITIMER_REAL, &every, nullptr) == 0);
    CHECK(event_base_dispatch(base.get()) == 0);
    every = {};
    REQUIRE(setitimer(ITIMER_REAL, &every, nullptr) == 0);
    CHECK(record.count("alrm") == 3);
    CHECK(log.count() == 0);
  }
}

TEST_CASE("event_base_dispatch: a signal that a user's handler takes does not end it") {
  const Handler mine(SIGALRM);
  const Base base = make_base();
  Recorder record;
  const Event end = record.make(base.get(), -1, 0, "end");
  const timeval wait = ms(60);
  REQUIRE(event_add(end.get(), &wait) == 0);
  itimerval every = {ms(10), ms(10)};
  REQUIRE(setitimer(ITIMER_REAL, &every, nullptr) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  every = {};
  REQUIRE(setitimer(ITIMER_REAL, &every, nullptr) == 0);
  CHECK(Handler::calls() >= 1);  // as many as the kernel gets round to
  CHECK(record.order() == "end");
}
