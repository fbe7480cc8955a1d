// The macros of 1.4 for timers and signals, event_set in detail, and what the loop did then.
#include <event.h>

#include <cstring>

#include "child.h"
#include "signal_tools.h"

using namespace event_cases;

namespace {

const timeval kHour = {3600, 0};

}  // namespace

TEST_CASE("timeout_set: the timeout macros handle one timer") {
  const Base base(event_init());
  Recorder record;
  event ev;
  std::memset(&ev, 0, sizeof ev);
  CHECK(timeout_initialized(&ev) == 0);
  timeout_set(&ev, Recorder::callback, record.argument("timeout"));
  CHECK(timeout_initialized(&ev) == 1);
  CHECK(timeout_pending(&ev, nullptr) == 0);
  REQUIRE(timeout_add(&ev, &kHour) == 0);
  timeval due;
  CHECK(timeout_pending(&ev, &due) == EV_TIMEOUT);
  CHECK(std::abs(to_us(due) - wall_us() - 3'600'000'000) < kLoadUs);
  CHECK(timeout_del(&ev) == 0);
  CHECK(timeout_pending(&ev, nullptr) == 0);
  CHECK(EVENT_FD(&ev) == -1);
}

TEST_CASE("evtimer_set: the timer macros handle one timer") {
  const Base base(event_init());
  Recorder record;
  event ev;
  evtimer_set(&ev, Recorder::callback, record.argument("timer"));
  CHECK(evtimer_initialized(&ev) == 1);
  const timeval wait = ms(2);
  REQUIRE(evtimer_add(&ev, &wait) == 0);
  CHECK(evtimer_pending(&ev, nullptr) == EV_TIMEOUT);
  CHECK(event_dispatch() == 1);
  CHECK(record.order() == "timer");
  CHECK(evtimer_pending(&ev, nullptr) == 0);
  CHECK(evtimer_del(&ev) == 0);
}

TEST_CASE("signal_set: the signal macros handle a persistent signal event") {
  const Base base(event_init());
  Recorder record;
  event ev;
  std::memset(&ev, 0, sizeof ev);
  CHECK(signal_initialized(&ev) == 0);
  signal_set(&ev, SIGUSR1, Recorder::callback, record.argument("signal"));
  CHECK(signal_initialized(&ev) == 1);
  CHECK(event_get_events(&ev) == (EV_SIGNAL | EV_PERSIST));
  CHECK(EVENT_SIGNAL(&ev) == SIGUSR1);
  REQUIRE(signal_add(&ev, nullptr) == 0);
  CHECK(signal_pending(&ev, nullptr) == EV_SIGNAL);
  for (int i = 1; i <= 2; ++i) {
    raise(SIGUSR1);
    CHECK(event_loop(EVLOOP_ONCE) == 0);
    CHECK(record.count("signal") == i);
  }
  CHECK(signal_del(&ev) == 0);
  CHECK(signal_pending(&ev, nullptr) == 0);
  CHECK(is_default(SIGUSR1));
}

TEST_CASE("evsignal_set: the newer names do the same") {
  const Base base(event_init());
  Recorder record;
  event ev;
  evsignal_set(&ev, SIGUSR2, Recorder::callback, record.argument("signal"));
  CHECK(evsignal_initialized(&ev) == 1);
  REQUIRE(evsignal_add(&ev, nullptr) == 0);
  CHECK(evsignal_pending(&ev, nullptr) == EV_SIGNAL);
  raise(SIGUSR2);
  CHECK(event_loop(EVLOOP_ONCE) == 0);
  CHECK(record.order() == "signal");
  CHECK(evsignal_del(&ev) == 0);
}

TEST_CASE("event_set: fills memory of any content") {
  const Base base(event_init());
  const SocketPair sockets;
  Recorder record;
  for (const int fill : {0x00, 0xff, 0x5a}) {
    event ev;
    std::memset(static_cast<void*>(&ev), fill, sizeof ev);
    void* argument = record.argument("reader");
    event_set(&ev, sockets.first, EV_READ | EV_PERSIST, Recorder::callback, argument);
    CHECK(event_get_fd(&ev) == sockets.first);
    CHECK(event_get_events(&ev) == (EV_READ | EV_PERSIST));
    CHECK(event_get_callback(&ev) == Recorder::callback);
    CHECK(event_get_callback_arg(&ev) == argument);
    CHECK(event_pending(&ev, 0xff, nullptr) == 0);
    CHECK(event_get_priority(&ev) == 0);
    REQUIRE(event_add(&ev, nullptr) == 0);
    CHECK(event_del(&ev) == 0);
  }
}

TEST_CASE("event_set: an event of 1.4 adds itself again in its callback") {
  const Base base(event_init());
  const SocketPair sockets;
  Recorder record;
  event ev;
  const auto again = [&](const Call&) {
    drain(sockets.first);
    if (record.calls().size() < 3) {
      CHECK(event_add(&ev, nullptr) == 0);
      write_byte(sockets.second);
    }
  };
  event_set(&ev, sockets.first, EV_READ, Recorder::callback, record.argument("reader", again));
  REQUIRE(event_add(&ev, nullptr) == 0);
  write_byte(sockets.second);
  CHECK(event_dispatch() == 1);
  CHECK(record.calls().size() == 3);
}

TEST_CASE("event_set: events that cannot be are a fatal mistake, as it has no result") {
  const Child child = in_child([] {
    event_init();
    event ev;
    event_set(&ev, 5, EV_READ | EV_SIGNAL, Recorder::callback, nullptr);
  });
  CHECK(child.exit_code == kFatalExit);
  CHECK(child.output.rfind("2 ", 0) == 0);  // a warning says which
  CHECK(child.wrote("fatal 0xdeaddead"));
}

TEST_CASE("event_base_gettimeofday_cached: without a base asks the current one") {
  const Base base(event_init());
  Recorder record;
  const auto look = [](const Call&) {
    const std::int64_t begin = cached_us(nullptr);
    work_for_ms(15);
    CHECK(cached_us(nullptr) == begin);
    CHECK(event_base_update_cache_time(nullptr) == 0);
    CHECK(cached_us(nullptr) >= begin + 15'000 - kTickUs);
  };
  REQUIRE(event_once(-1, EV_TIMEOUT, Recorder::callback, record.argument("once", look), nullptr) ==
          0);
  CHECK(event_dispatch() == 1);
  CHECK(record.order() == "once");
}

TEST_CASE("event.h: the names of log severities from before are still there") {
  CHECK(_EVENT_LOG_DEBUG == EVENT_LOG_DEBUG);
  CHECK(_EVENT_LOG_MSG == EVENT_LOG_MSG);
  CHECK(_EVENT_LOG_WARN == EVENT_LOG_WARN);
  CHECK(_EVENT_LOG_ERR == EVENT_LOG_ERR);
}

TEST_CASE("event_init: works after the current base was freed, as a fork does it") {
  Base base(event_init());
  base.reset();
  base.reset(event_init());
  REQUIRE(base);
  Recorder record;
  const timeval wait = ms(1);
  REQUIRE(event_once(-1, EV_TIMEOUT, Recorder::callback, record.argument("once"), &wait) == 0);
  CHECK(event_dispatch() == 1);
  CHECK(record.order() == "once");
}

TEST_CASE("event_set: is watched by debug mode as event_assign is") {
  const Child child = in_child([] {
    event_enable_debug_mode();
    const Base base(event_init());
    event ev;
    evtimer_set(&ev, Recorder::callback, nullptr);
    event_add(&ev, &kHour);
    evtimer_set(&ev, Recorder::callback, nullptr);
  });
  CHECK(child.exit_code == kFatalExit);
  CHECK(child.wrote("already added"));
}
