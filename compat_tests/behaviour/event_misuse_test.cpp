// Wrong use that is answered with an error: events without a base, never assigned, out of range.
#include <event2/event_struct.h>

#include <csignal>
#include <cstring>

#include "event_recorder.h"

using namespace event_cases;

namespace {

void ignore(evutil_socket_t, short, void*) {}

// A zeroed event was never assigned; one that was made without a base has none either.
struct Baseless {
  Baseless() {
    std::memset(&zeroed, 0, sizeof zeroed);
    std::memset(&assigned, 0, sizeof assigned);
    REQUIRE(event_assign(&assigned, nullptr, -1, 0, ignore, nullptr) == 0);
  }
  event zeroed;
  event assigned;
};

}  // namespace

TEST_CASE("event misuse: without a base and a current one an event can be made but not used") {
  const LogCapture log;
  event* const ev = event_new(nullptr, -1, 0, ignore, nullptr);
  REQUIRE(ev != nullptr);
  CHECK(event_initialized(ev) == 1);
  CHECK(event_get_base(ev) == nullptr);
  CHECK(log.count() == 0);
  event_free(ev);
  CHECK(log.contains(EVENT_LOG_WARN, ""));
}

TEST_CASE("event misuse: event_add without a base fails with a warning") {
  Baseless events;
  event* const ev = GENERATE(true, false) ? &events.zeroed : &events.assigned;
  const LogCapture log;
  const timeval brief = ms(1);
  CHECK(event_add(ev, nullptr) == -1);
  CHECK(event_add(ev, &brief) == -1);
  CHECK(log.count() == 2);
  CHECK(log.contains(EVENT_LOG_WARN, "event_add"));
}

TEST_CASE("event misuse: event_del without a base fails with a warning") {
  Baseless events;
  event* const ev = GENERATE(true, false) ? &events.zeroed : &events.assigned;
  const LogCapture log;
  CHECK(event_del(ev) == -1);
  CHECK(event_del_block(ev) == -1);
  CHECK(event_del_noblock(ev) == -1);
  CHECK(log.count() == 3);
  CHECK(log.contains(EVENT_LOG_WARN, ""));
}

TEST_CASE("event misuse: event_remove_timer without a base fails with a warning") {
  Baseless events;
  event* const ev = GENERATE(true, false) ? &events.zeroed : &events.assigned;
  const LogCapture log;
  CHECK(event_remove_timer(ev) == -1);
  CHECK(log.contains(EVENT_LOG_WARN, "event_remove_timer"));
}

TEST_CASE("event misuse: event_active without a base warns and does nothing") {
  Baseless events;
  event* const ev = GENERATE(true, false) ? &events.zeroed : &events.assigned;
  const LogCapture log;
  event_active(ev, EV_READ, 1);
  CHECK(log.count() == 1);
  CHECK(log.contains(EVENT_LOG_WARN, "event_active"));
}

TEST_CASE("event misuse: event_pending without a base is no, with a warning") {
  Baseless events;
  event* const ev = GENERATE(true, false) ? &events.zeroed : &events.assigned;
  const LogCapture log;
  timeval expires = {-7, -7};
  CHECK(event_pending(ev, EV_READ | EV_TIMEOUT, &expires) == 0);
  CHECK(log.count() == 1);
  CHECK(log.contains(EVENT_LOG_WARN, "event_pending"));
  CHECK(expires.tv_sec == -7);
}

TEST_CASE("event misuse: event_finalize without a base fails with a warning") {
  Baseless events;
  event* const ev = GENERATE(true, false) ? &events.zeroed : &events.assigned;
  const LogCapture log;
  CHECK(event_finalize(0, ev, [](event*, void*) {}) == -1);
  CHECK(event_free_finalize(0, ev, [](event*, void*) {}) == -1);
  CHECK(log.count() == 2);
  CHECK(log.contains(EVENT_LOG_WARN, ""));
}

TEST_CASE("event misuse: signal numbers out of range cannot be added") {
  const Base base = make_base();
  const LogCapture log;
  Recorder recorder;
  const int number = GENERATE(-1, -100, 1000);
  CAPTURE(number);
  const Event ev = recorder.make(base.get(), number, EV_SIGNAL | EV_PERSIST, "signal");
  REQUIRE(ev);
  CHECK(event_add(ev.get(), nullptr) == -1);
  CHECK(event_pending(ev.get(), EV_SIGNAL, nullptr) == 0);
  CHECK(added(base) == 0);
  CHECK(event_del(ev.get()) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
}

TEST_CASE("event misuse: signals that nobody can catch cannot be added") {
  const Base base = make_base();
  const LogCapture log;
  Recorder recorder;
  const int number = GENERATE(as<int>{}, SIGKILL, SIGSTOP);
  const Event ev = recorder.make(base.get(), number, EV_SIGNAL | EV_PERSIST, "signal");
  CHECK(event_add(ev.get(), nullptr) == -1);
  CHECK(log.contains(EVENT_LOG_WARN, ""));
  CHECK(event_pending(ev.get(), EV_SIGNAL, nullptr) == 0);
  CHECK(added(base) == 0);
}

TEST_CASE("event misuse: a failed add leaves no timeout behind") {
  const Base base = make_base_with("epoll");
  const LogCapture log;
  Recorder recorder;
  const int fd = dup(STDERR_FILENO);
  close(fd);
  const Event ev = recorder.make(base.get(), fd, EV_READ | EV_PERSIST, "bad");
  const timeval brief = ms(1);
  for (int i = 0; i < 3; ++i) {
    CHECK(event_add(ev.get(), &brief) == -1);
    CHECK(added(base) == 0);
  }
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(recorder.calls().empty());
}

TEST_CASE("event misuse: an event may lack a callback while it does not run") {
  const Base base = make_base();
  const Event ev(event_new(base.get(), -1, 0, nullptr, nullptr));
  REQUIRE(ev);
  CHECK(event_get_callback(ev.get()) == nullptr);
  const timeval late = ms(60'000);
  CHECK(event_add(ev.get(), &late) == 0);
  CHECK(event_del(ev.get()) == 0);
}

TEST_CASE("event misuse: flags that mean nothing to event_base_loop change nothing") {
  const Base base = make_base();
  Recorder recorder;
  CHECK(event_base_loop(base.get(), 0x100) == 1);
  const Event ev = recorder.make(base.get(), -1, 0, "event");
  event_active(ev.get(), EV_READ, 1);
  CHECK(event_base_loop(base.get(), 0x7f00) == 1);
  CHECK(recorder.order() == "event");
}
