// Right use in debug mode: nothing is reported, everything works as without it.
#include <event2/event_struct.h>

#include "child.h"
#include "timer_tools.h"

extern "C" void event_disable_debug_mode(void);

using namespace event_cases;

namespace {

void nothing(evutil_socket_t, short, void*) {}

const timeval kHour = {3600, 0};

}  // namespace

TEST_CASE("event_enable_debug_mode: events of all kinds work as before") {
  event_enable_debug_mode();
  const LogCapture log;
  {
    const Base base = make_base();
    const SocketPair sockets;
    Recorder record;
    const Event timer = record.make(base.get(), -1, 0, "timer");
    const Event reader = record.make(base.get(), sockets.first, EV_READ | EV_PERSIST, "reader",
                                     [&](const Call&) { drain(sockets.first); });
    const Event usr1 = record.make(base.get(), SIGUSR1, EV_SIGNAL | EV_PERSIST, "signal");
    const Event user = record.make(base.get(), -1, 0, "user");
    const timeval wait = ms(5);
    REQUIRE(event_add(timer.get(), &wait) == 0);
    REQUIRE(event_add(reader.get(), nullptr) == 0);
    REQUIRE(event_add(usr1.get(), nullptr) == 0);
    event_active(user.get(), EV_READ, 1);
    write_byte(sockets.second);
    raise(SIGUSR1);
    while (record.calls().size() < 4) {
      REQUIRE(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
    }
    for (const char* name : {"timer", "reader", "signal", "user"}) {
      CHECK(record.count(name) == 1);
    }
    CHECK(event_pending(reader.get(), EV_READ, nullptr) == EV_READ);
    CHECK(event_priority_set(timer.get(), 0) == 0);
    CHECK(event_remove_timer(timer.get()) == 0);
    CHECK(event_del(timer.get()) == 0);
  }
  CHECK(log.count() == 0);
  libevent_global_shutdown();
}

TEST_CASE("event_enable_debug_mode: event_base_once needs no care") {
  event_enable_debug_mode();
  const LogCapture log;
  const Base base = make_base();
  Recorder record;
  const timeval wait = ms(1);
  REQUIRE(event_base_once(base.get(), -1, EV_TIMEOUT, Recorder::callback, record.argument("once"),
                          &wait) == 0);
  REQUIRE(event_base_once(base.get(), -1, EV_TIMEOUT, Recorder::callback, record.argument("never"),
                          &kHour) == 0);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(record.order() == "once");
  CHECK(log.count() == 0);
}

TEST_CASE("event_enable_debug_mode: event_assign again is right once the event is idle") {
  event_enable_debug_mode();
  const LogCapture log;
  const Base base = make_base();
  Recorder record;
  event ev;
  for (int i = 0; i < 3; ++i) {
    REQUIRE(evtimer_assign(&ev, base.get(), Recorder::callback, record.argument("timer")) == 0);
    REQUIRE(event_add(&ev, &kHour) == 0);
    REQUIRE(event_del(&ev) == 0);
  }
  // After it fired it is idle as well, and an active one is not "added".
  const timeval zero = {0, 0};
  REQUIRE(event_add(&ev, &zero) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  REQUIRE(evtimer_assign(&ev, base.get(), Recorder::callback, record.argument("again")) == 0);
  event_debug_unassign(&ev);
  CHECK(log.count() == 0);
}

TEST_CASE("event_enable_debug_mode: freeing the base makes its events idle") {
  const Child child = in_child([] {
    event_enable_debug_mode();
    event_base* base = event_base_new();
    event ev;
    evtimer_assign(&ev, base, nothing, nullptr);
    event_add(&ev, &kHour);
    event_base_free(base);
    event_debug_unassign(&ev);
    std::printf("fine\n");
  });
  CHECK(child.exit_code == 0);
  CHECK(child.output == "fine\n");
}

TEST_CASE("event_debug_unassign: of an event that is not known is right") {
  const Child child = in_child([] {
    event_enable_debug_mode();
    event_base* base = event_base_new();
    event ev;
    evtimer_assign(&ev, base, nothing, nullptr);
    event_debug_unassign(&ev);
    std::printf("initialized %d\n", event_initialized(&ev));
    event_debug_unassign(&ev);
    evtimer_assign(&ev, base, nothing, nullptr);
    std::printf("add %d\n", event_add(&ev, &kHour));
  });
  CHECK(child.exit_code == 0);
  CHECK(child.output == "initialized 0\nadd 0\n");
}

TEST_CASE("event_debug_unassign: without debug mode only clears the initialized mark") {
  const Base base = make_base();
  event ev;
  REQUIRE(evtimer_assign(&ev, base.get(), nothing, nullptr) == 0);
  CHECK(event_initialized(&ev) == 1);
  event_debug_unassign(&ev);
  CHECK(event_initialized(&ev) == 0);
}

TEST_CASE("event_disable_debug_mode: nothing is checked any more") {
  const Child child = in_child([] {
    event_enable_debug_mode();
    event_base* base = event_base_new();
    event ev;
    evtimer_assign(&ev, base, nothing, nullptr);
    event_disable_debug_mode();
    event_debug_unassign(&ev);
    event other = {};
    std::printf("fd %d\n", event_get_fd(&other));
    evtimer_assign(&ev, base, nothing, nullptr);
    event_add(&ev, &kHour);
    event_del(&ev);
    event_base_free(base);
    std::printf("fine\n");
  });
  CHECK(child.exit_code == 0);
  CHECK(child.output == "fd 0\nfine\n");
}

TEST_CASE("event_disable_debug_mode: allows to enable it again, but only before the first event") {
  const Child early = in_child([] {
    event_enable_debug_mode();
    event_disable_debug_mode();
    event_enable_debug_mode();
    std::printf("fine\n");
  });
  CHECK(early.output == "fine\n");
  const Child late = in_child([] {
    event_enable_debug_mode();
    event_base_free(event_base_new());
    event_disable_debug_mode();
    event_enable_debug_mode();
  });
  CHECK(late.exit_code == kFatalExit);
  CHECK(late.wrote("*before*"));
}

TEST_CASE("event_disable_debug_mode: frees what the tracking took") {
  const CountedMemory memory;
  const long before = memory.live();
  event_enable_debug_mode();
  Base base = make_base();
  std::vector<event> events(2000);
  for (event& ev : events) {
    REQUIRE(evtimer_assign(&ev, base.get(), nothing, nullptr) == 0);
  }
  CHECK(memory.live() >= before + 1);
  base.reset();
  event_disable_debug_mode();
  CHECK(memory.live() == before);
}

TEST_CASE("event_enable_debug_mode: tracks many events and forgets the freed ones") {
  event_enable_debug_mode();
  const LogCapture log;
  const Base base = make_base();
  std::vector<Event> events;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 20'000; ++i) {
      events.emplace_back(evtimer_new(base.get(), nothing, nullptr));
    }
    int failed = 0;
    for (const Event& ev : events) {
      failed += event_add(ev.get(), &kHour) != 0;
    }
    CHECK(failed == 0);
    CHECK(added(base) == 20'000);
    events.clear();
  }
  CHECK(added(base) == 0);
  CHECK(log.count() == 0);
}
