// The interface of 1.4: a current base that nobody names, event_set, and macros of that time.
#include <event.h>

#include "signal_tools.h"

using namespace event_cases;

// No header declares it, but libverto's module for libevent uses it.
extern "C" event_base* event_global_current_base_;

namespace {

const timeval kHour = {3600, 0};

// A base from event_init, freed at the end, which makes it current no longer.
struct CurrentBase {
  Base base{event_init()};
};

}  // namespace

TEST_CASE("event_init: makes a base that events get without naming it") {
  const CurrentBase current;
  REQUIRE(current.base);
  Recorder record;
  event ev;
  event_set(&ev, -1, 0, Recorder::callback, record.argument("ev"));
  CHECK(event_get_base(&ev) == current.base.get());
  CHECK(event_initialized(&ev) == 1);
  event other;
  CHECK(event_assign(&other, nullptr, -1, 0, Recorder::callback, record.argument("other")) == 0);
  CHECK(event_get_base(&other) == current.base.get());
  const Event third(event_new(nullptr, -1, 0, Recorder::callback, record.argument("third")));
  CHECK(event_get_base(third.get()) == current.base.get());
  event_active(&ev, EV_READ, 1);
  CHECK(event_dispatch() == 1);
  CHECK(record.order() == "ev");
}

TEST_CASE("event_init: the last base is the current one, those before go on by name") {
  const Base first(event_init());
  const Base second(event_init());
  CHECK(first != second);
  Recorder record;
  event ev;
  evtimer_set(&ev, Recorder::callback, record.argument("ev"));
  CHECK(event_get_base(&ev) == second.get());
  event_active(&ev, EV_READ, 1);
  CHECK(event_base_loop(first.get(), EVLOOP_NONBLOCK) == 1);
  CHECK(record.calls().empty());
  CHECK(event_loop(EVLOOP_NONBLOCK) == 1);
  CHECK(record.order() == "ev");
}

TEST_CASE("event_init: the current base is a variable that programs may read and set") {
  CHECK(event_global_current_base_ == nullptr);
  const Base first(event_init());
  CHECK(event_global_current_base_ == first.get());
  Base second = make_base();
  CHECK(event_global_current_base_ == first.get());
  event_global_current_base_ = second.get();
  Recorder record;
  event ev;
  event_set(&ev, -1, 0, Recorder::callback, record.argument("ev"));
  CHECK(event_get_base(&ev) == second.get());
  event_active(&ev, EV_READ, 1);
  CHECK(event_dispatch() == 1);
  CHECK(record.order() == "ev");
  second.reset();
  CHECK(event_global_current_base_ == nullptr);
}

TEST_CASE("event_base_new: does not make its base current") {
  const Base base = make_base();
  Recorder record;
  event ev;
  event_set(&ev, -1, 0, Recorder::callback, record.argument("ev"));
  CHECK(event_get_base(&ev) == nullptr);
  const LogCapture log;
  CHECK(event_add(&ev, &kHour) == -1);
  CHECK(log.contains(EVENT_LOG_WARN, "no event_base set"));
  REQUIRE(event_base_set(base.get(), &ev) == 0);
  CHECK(event_add(&ev, &kHour) == 0);
  CHECK(event_del(&ev) == 0);
}

TEST_CASE("event_base_free: of the current base leaves none, NULL means the current one") {
  Base base(event_init());
  base.reset();
  Recorder record;
  event ev;
  event_set(&ev, -1, 0, Recorder::callback, record.argument("ev"));
  CHECK(event_get_base(&ev) == nullptr);

  event_init();
  event_base_free(nullptr);
  event_set(&ev, -1, 0, Recorder::callback, record.argument("ev"));
  CHECK(event_get_base(&ev) == nullptr);
  const LogCapture log;
  event_base_free(nullptr);
  CHECK(log.contains(EVENT_LOG_WARN, "no base to free"));
}

TEST_CASE("event_base_set: moves an idle event to another base, with that one's priority") {
  const CurrentBase current;
  REQUIRE(event_priority_init(4) == 0);
  const Base other = make_base();
  Recorder record;
  event ev;
  event_set(&ev, -1, 0, Recorder::callback, record.argument("ev"));
  CHECK(event_get_priority(&ev) == 2);
  CHECK(event_base_set(other.get(), &ev) == 0);
  CHECK(event_get_base(&ev) == other.get());
  CHECK(event_get_priority(&ev) == 0);
  REQUIRE(event_add(&ev, &kHour) == 0);
  CHECK(event_base_set(current.base.get(), &ev) == -1);  // pending
  CHECK(event_get_base(&ev) == other.get());
  CHECK(event_del(&ev) == 0);
}

TEST_CASE("event_priority_init: sets the priorities of the current base") {
  const CurrentBase current;
  CHECK(event_priority_init(3) == 0);
  CHECK(event_base_get_npriorities(current.base.get()) == 3);
  Recorder record;
  event low;
  event high;
  event_set(&low, -1, 0, Recorder::callback, record.argument("low"));
  event_set(&high, -1, 0, Recorder::callback, record.argument("high"));
  CHECK(event_priority_set(&low, 2) == 0);
  CHECK(event_priority_set(&high, 0) == 0);
  event_active(&low, EV_READ, 1);
  event_active(&high, EV_READ, 1);
  CHECK(event_dispatch() == 1);
  CHECK(record.order() == "high low");
}

TEST_CASE("event_get_method: names the backend of the current base") {
  const CurrentBase current;
  CHECK(event_get_method() == std::string(event_base_get_method(current.base.get())));
  CHECK(event_get_method() == std::string(event_get_supported_methods()[0]));
}

TEST_CASE("event_get_version: is 2.1.12-stable, in headers and library") {
  CHECK(event_get_version() == std::string("2.1.12-stable"));
  CHECK(event_get_version_number() == 0x02010c00);
  CHECK(LIBEVENT_VERSION == std::string("2.1.12-stable"));
  CHECK(LIBEVENT_VERSION_NUMBER == 0x02010c00);
}

TEST_CASE("event_dispatch: runs the current base until nothing is left") {
  const CurrentBase current;
  CHECK(event_dispatch() == 1);
  Recorder record;
  event ev;
  timeout_set(&ev, Recorder::callback, record.argument("timeout"));
  const timeval wait = ms(2);
  REQUIRE(timeout_add(&ev, &wait) == 0);
  CHECK(event_dispatch() == 1);
  CHECK(record.order() == "timeout");
  CHECK(record.what("timeout") == EV_TIMEOUT);
}

TEST_CASE("event_loop: takes the flags of event_base_loop") {
  const CurrentBase current;
  Recorder record;
  event ev;
  timeout_set(&ev, Recorder::callback, record.argument("timeout"));
  const timeval wait = ms(20);
  REQUIRE(timeout_add(&ev, &wait) == 0);
  CHECK(event_loop(EVLOOP_NONBLOCK) == 0);
  CHECK(record.calls().empty());
  CHECK(event_loop(EVLOOP_ONCE) == 0);
  CHECK(record.order() == "timeout");
  CHECK(event_loop(EVLOOP_ONCE) == 1);
}

TEST_CASE("event_loopexit: ends the loop of the current base, now or later") {
  const CurrentBase current;
  Recorder record;
  event ev;
  evtimer_set(&ev, Recorder::callback, record.argument("ev"));
  REQUIRE(event_add(&ev, &kHour) == 0);
  CHECK(event_loopexit(nullptr) == 0);
  CHECK(event_dispatch() == 0);
  CHECK(event_base_got_exit(current.base.get()) == 1);
  const timeval wait = ms(5);
  CHECK(event_loopexit(&wait) == 0);
  CHECK(event_dispatch() == 0);
  CHECK(record.calls().empty());
  CHECK(event_del(&ev) == 0);
}

TEST_CASE("event_loopbreak: ends the loop of the current base after this callback") {
  const CurrentBase current;
  Recorder record;
  event first;
  event second;
  const auto leave = [](const Call&) { CHECK(event_loopbreak() == 0); };
  event_set(&first, -1, 0, Recorder::callback, record.argument("first", leave));
  event_set(&second, -1, 0, Recorder::callback, record.argument("second"));
  event_active(&first, EV_READ, 1);
  event_active(&second, EV_READ, 1);
  CHECK(event_dispatch() == 0);
  CHECK(record.order() == "first");
  CHECK(event_base_got_break(current.base.get()) == 1);
  CHECK(event_dispatch() == 1);
  CHECK(record.order() == "first second");
}

TEST_CASE("event_loopexit: without a current base the calls that can fail do") {
  Recorder record;
  CHECK(event_loopexit(nullptr) == -1);
  CHECK(event_loopbreak() == -1);
  CHECK(event_base_loopbreak(nullptr) == -1);
  CHECK(event_base_loopcontinue(nullptr) == -1);
  CHECK(event_once(-1, EV_TIMEOUT, Recorder::callback, record.argument("once"), nullptr) == -1);
}

TEST_CASE("event_once: on the current base, once") {
  const CurrentBase current;
  const SocketPair sockets;
  Recorder record;
  const timeval wait = ms(2);
  CHECK(event_once(-1, EV_TIMEOUT, Recorder::callback, record.argument("late"), &wait) == 0);
  CHECK(event_once(-1, EV_TIMEOUT, Recorder::callback, record.argument("now"), nullptr) == 0);
  CHECK(event_once(sockets.first, EV_READ, Recorder::callback, record.argument("read"), nullptr) ==
        0);
  write_byte(sockets.second);
  CHECK(event_dispatch() == 1);
  CHECK(record.calls().size() == 3);
  CHECK(record.what("late") == EV_TIMEOUT);
  CHECK(record.what("now") == EV_TIMEOUT);
  CHECK(record.what("read") == EV_READ);
}

TEST_CASE("event_once: refuses signals, persistence, and nothing at all") {
  const CurrentBase current;
  for (const short events : {short{EV_SIGNAL}, short{EV_READ | EV_PERSIST}, short{0}}) {
    CHECK(event_once(-1, events, Recorder::callback, nullptr, nullptr) == -1);
  }
  CHECK(event_dispatch() == 1);
}
