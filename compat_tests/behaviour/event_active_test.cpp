// event_active: activating by hand, pending or not, in callbacks, with every kind of result.
#include <csignal>

#include "event_recorder.h"

using namespace event_cases;

TEST_CASE("event_active: passes the given bits on, whatever the event was made for") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  const int bits = GENERATE(0, EV_TIMEOUT, EV_READ, EV_WRITE, EV_READ | EV_WRITE, EV_SIGNAL,
                            EV_PERSIST, EV_ET, EV_CLOSED, 0xff, 0x100);
  CAPTURE(bits);
  const Event ev = recorder.make(base.get(), pair.first, EV_READ, "event");
  event_active(ev.get(), bits, 1);
  CHECK(active(base) == 1);
  turn(base);
  REQUIRE(recorder.order() == "event");
  CHECK(recorder.what("event") == bits);
  CHECK(recorder.calls().at(0).fd == pair.first);
  CHECK(active(base) == 0);
  CHECK(turn(base) == 1);
}

TEST_CASE("event_active: twice is one call with the bits of both") {
  const Base base = make_base();
  Recorder recorder;
  const Event ev = recorder.make(base.get(), -1, 0, "event");
  event_active(ev.get(), EV_READ, 1);
  event_active(ev.get(), EV_WRITE, 5);
  CHECK(active(base) == 1);
  turn(base);
  CHECK(recorder.order() == "event");
  CHECK(recorder.what("event") == (EV_READ | EV_WRITE));
}

TEST_CASE("event_active: events run in the order in which they became active") {
  const Base base = make_base();
  Recorder recorder;
  const Event a = recorder.make(base.get(), -1, 0, "a");
  const Event b = recorder.make(base.get(), -1, 0, "b");
  const Event c = recorder.make(base.get(), -1, 0, "c");
  for (event* ev : {b.get(), a.get(), c.get(), b.get(), a.get()}) {
    event_active(ev, EV_TIMEOUT, 1);
  }
  turn(base);
  CHECK(recorder.order() == "b a c");
}

TEST_CASE("event_active: the number of calls counts for signal events only") {
  const Base base = make_base();
  Recorder recorder;
  const int calls = GENERATE(0, 1, 3);
  CAPTURE(calls);
  const Event signal = recorder.make(base.get(), SIGUSR1, EV_SIGNAL, "signal");
  const Event other = recorder.make(base.get(), -1, 0, "other");
  event_active(signal.get(), EV_SIGNAL, static_cast<short>(calls));
  event_active(other.get(), EV_SIGNAL, static_cast<short>(calls));
  turn(base);
  CHECK(recorder.count("signal") == calls);
  CHECK(recorder.count("other") == 1);
}

TEST_CASE("event_active: a signal event that is active keeps its first number of calls") {
  const Base base = make_base();
  Recorder recorder;
  const Event signal = recorder.make(base.get(), SIGUSR1, EV_SIGNAL, "signal");
  event_active(signal.get(), EV_SIGNAL, 3);
  event_active(signal.get(), EV_SIGNAL, 2);
  turn(base);
  CHECK(recorder.count("signal") == 3);
}

TEST_CASE("event_active: deleting a signal event within its calls ends them") {
  const Base base = make_base();
  Recorder recorder;
  Event signal;
  signal = recorder.make(base.get(), SIGUSR1, EV_SIGNAL | EV_PERSIST, "signal", [&](const Call&) {
    if (recorder.count("signal") == 2) {
      event_del(signal.get());
    }
  });
  REQUIRE(event_add(signal.get(), nullptr) == 0);
  event_active(signal.get(), EV_SIGNAL, 5);
  turn(base);
  CHECK(recorder.count("signal") == 2);
}

TEST_CASE("event_active: loopbreak within a signal event's calls ends them") {
  const Base base = make_base();
  Recorder recorder;
  const Event signal = recorder.make(base.get(), SIGUSR1, EV_SIGNAL | EV_PERSIST, "signal",
                                     [&](const Call&) { event_base_loopbreak(base.get()); });
  event_active(signal.get(), EV_SIGNAL, 5);
  turn(base);
  CHECK(recorder.count("signal") == 1);
}

TEST_CASE("event_active: a one-shot event that was pending is pending no more") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  const Event ev = recorder.make(base.get(), pair.first, EV_READ, "event");
  const timeval delay = ms(60'000);
  REQUIRE(event_add(ev.get(), &delay) == 0);
  event_active(ev.get(), EV_WRITE, 1);
  CHECK(event_pending(ev.get(), EV_READ | EV_WRITE | EV_TIMEOUT, nullptr) ==
        (EV_READ | EV_WRITE | EV_TIMEOUT));
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(recorder.order() == "event");
  CHECK(recorder.what("event") == EV_WRITE);
}

TEST_CASE("event_active: a persistent event stays pending") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  const Event ev = recorder.make(base.get(), pair.first, EV_READ | EV_PERSIST, "event");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  event_active(ev.get(), EV_READ, 1);
  turn(base);
  CHECK(recorder.order() == "event");
  CHECK(event_pending(ev.get(), EV_READ, nullptr) == EV_READ);
  write_byte(pair.second);
  turn(base);
  CHECK(recorder.order() == "event event");
}

TEST_CASE("event_active: adds to what the descriptor reports in the same turn") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  const Event ev = recorder.make(base.get(), pair.first, EV_READ | EV_PERSIST, "event");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  write_byte(pair.second);
  event_active(ev.get(), EV_SIGNAL, 1);
  turn(base);
  CHECK(recorder.order() == "event");
  CHECK(recorder.what("event") == (EV_READ | EV_SIGNAL));
}

TEST_CASE("event_active: in a callback it takes effect in the same turn") {
  const Base base = make_base();
  Recorder recorder;
  const Event b = recorder.make(base.get(), -1, 0, "b");
  const Event a = recorder.make(base.get(), -1, 0, "a", [&](const Call&) {
    event_active(b.get(), EV_READ, 1);
    CHECK(active(base) == 2);
  });
  const Event c = recorder.make(base.get(), -1, 0, "c");
  event_active(a.get(), EV_TIMEOUT, 1);
  event_active(c.get(), EV_TIMEOUT, 1);
  turn(base);
  CHECK(recorder.order() == "a c b");
}

TEST_CASE("event_active: of the running event runs it again, behind the others") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  const auto persist = static_cast<short>(GENERATE(0, EV_PERSIST));
  const Event io = recorder.make(base.get(), pair.first, EV_WRITE, "io");
  REQUIRE(event_add(io.get(), nullptr) == 0);
  Event self;
  self = recorder.make(base.get(), -1, persist, "self", [&](const Call&) {
    if (recorder.count("self") < 4) {
      event_active(self.get(), EV_TIMEOUT, 1);
    }
  });
  event_active(self.get(), EV_TIMEOUT, 1);
  turn(base);
  CHECK(recorder.order() == "self io self self self");
}

TEST_CASE("event_active: of an event behind in the list adds its bits there") {
  const Base base = make_base();
  Recorder recorder;
  const Event b = recorder.make(base.get(), -1, 0, "b");
  const Event a = recorder.make(base.get(), -1, 0, "a",
                                [&](const Call&) { event_active(b.get(), EV_WRITE, 1); });
  event_active(a.get(), EV_TIMEOUT, 1);
  event_active(b.get(), EV_READ, 1);
  turn(base);
  CHECK(recorder.order() == "a b");
  CHECK(recorder.what("b") == (EV_READ | EV_WRITE));
}

TEST_CASE("event_active: keeps the loop from ending and wakes nothing by itself") {
  const Base base = make_base();
  Recorder recorder;
  const Event ev = recorder.make(base.get(), -1, 0, "event");
  event_active(ev.get(), EV_TIMEOUT, 1);
  CHECK(recorder.calls().empty());
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(recorder.count("event") == 1);
}

TEST_CASE("event_active: a user event is triggered again and again") {
  const Base base = make_base();
  Recorder recorder;
  const Event ev(evuser_new(base.get(), Recorder::callback, recorder.argument("user")));
  REQUIRE(ev);
  CHECK(evuser_initialized(ev.get()) == 1);
  CHECK(evuser_pending(ev.get(), nullptr) == 0);
  for (int i = 0; i < 3; ++i) {
    evuser_trigger(ev.get());
    turn(base);
  }
  CHECK(recorder.count("user") == 3);
  CHECK(recorder.what("user") == 0);
  evuser_trigger(ev.get());
  CHECK(evuser_del(ev.get()) == 0);
  turn(base);
  CHECK(recorder.count("user") == 3);
}

TEST_CASE("event_active: a persistent event with a timeout is scheduled anew by it") {
  const Base base = make_base();
  Recorder recorder;
  const Event ev = recorder.make(base.get(), -1, EV_PERSIST, "event");
  const timeval delay = ms(60'000);
  REQUIRE(event_add(ev.get(), &delay) == 0);
  timeval before;
  REQUIRE(event_pending(ev.get(), EV_TIMEOUT, &before) == EV_TIMEOUT);
  usleep(50'000);
  event_active(ev.get(), EV_READ, 1);
  turn(base);
  timeval after;
  REQUIRE(event_pending(ev.get(), EV_TIMEOUT, &after) == EV_TIMEOUT);
  CHECK(evutil_timercmp(&after, &before, >));
}
