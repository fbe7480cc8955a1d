// event_base_once: every kind, every form of timeout, and the memory behind it.
#include "event_recorder.h"

using namespace event_cases;

namespace {

struct Once {
  int schedule(evutil_socket_t fd, int events, const char* name, const timeval* timeout = nullptr,
               Recorder::Hook hook = {}) {
    return event_base_once(base.get(), fd, static_cast<short>(events), Recorder::callback,
                           recorder.argument(name, std::move(hook)), timeout);
  }
  Base base = make_base();
  SocketPair pair;
  Recorder recorder;
};

}  // namespace

TEST_CASE("event_base_once: a reader is called once, however much there is to read") {
  Once on;
  REQUIRE(on.schedule(on.pair.first, EV_READ, "read") == 0);
  CHECK(added(on.base) == 1);
  CHECK(turn(on.base) == 0);
  CHECK(on.recorder.calls().empty());
  write_byte(on.pair.second);
  CHECK(turn(on.base) == 0);
  CHECK(added(on.base) == 0);
  CHECK(turn(on.base) == 1);
  REQUIRE(on.recorder.order() == "read");
  CHECK(on.recorder.what("read") == EV_READ);
  CHECK(on.recorder.calls().at(0).fd == on.pair.first);
}

TEST_CASE("event_base_once: a writer, and both kinds at once") {
  Once on;
  const int events = GENERATE(EV_WRITE, EV_READ | EV_WRITE);
  write_byte(on.pair.second);
  REQUIRE(on.schedule(on.pair.first, events, "io") == 0);
  CHECK(event_base_dispatch(on.base.get()) == 1);
  CHECK(on.recorder.order() == "io");
  CHECK(on.recorder.what("io") == events);
}

TEST_CASE("event_base_once: EV_CLOSED is allowed too") {
  Once on;
  REQUIRE(on.schedule(on.pair.first, EV_CLOSED, "closed") == 0);
  write_byte(on.pair.second);
  turn(on.base);
  CHECK(on.recorder.calls().empty());
  on.pair.close_second();
  CHECK(event_base_dispatch(on.base.get()) == 1);
  CHECK(on.recorder.what("closed") == EV_CLOSED);
}

TEST_CASE("event_base_once: a timeout without a time is active at once, and has no fd") {
  Once on;
  const bool zero = GENERATE(false, true);
  CAPTURE(zero);
  const timeval none = ms(0);
  REQUIRE(on.schedule(on.pair.first, EV_TIMEOUT, "timer", zero ? &none : nullptr) == 0);
  CHECK(active(on.base) == 1);
  CHECK(added(on.base) == 1);
  CHECK(event_base_dispatch(on.base.get()) == 1);
  REQUIRE(on.recorder.order() == "timer");
  CHECK(on.recorder.what("timer") == EV_TIMEOUT);
  CHECK(on.recorder.calls().at(0).fd == -1);
}

TEST_CASE("event_base_once: a timeout with a time waits for it") {
  Once on;
  const timeval brief = ms(30);
  const std::int64_t start = now_ms();
  REQUIRE(on.schedule(-1, EV_TIMEOUT, "timer", &brief) == 0);
  CHECK(active(on.base) == 0);
  CHECK(added(on.base) == 1);
  CHECK(event_base_dispatch(on.base.get()) == 1);
  CHECK(now_ms() - start >= 25);
  CHECK(on.recorder.order() == "timer");
}

TEST_CASE("event_base_once: a descriptor's wait can time out") {
  Once on;
  const timeval time = ms(GENERATE(0, 5));
  REQUIRE(on.schedule(on.pair.first, EV_READ, "read", &time) == 0);
  CHECK(added(on.base) == 2);
  CHECK(active(on.base) == 0);
  CHECK(event_base_dispatch(on.base.get()) == 1);
  CHECK(on.recorder.order() == "read");
  CHECK(on.recorder.what("read") == EV_TIMEOUT);
  CHECK(on.recorder.calls().at(0).fd == on.pair.first);
}

TEST_CASE("event_base_once: EV_TIMEOUT beside EV_READ needs a time to mean anything") {
  Once on;
  REQUIRE(on.schedule(on.pair.first, EV_READ | EV_TIMEOUT, "read") == 0);
  CHECK(active(on.base) == 0);
  CHECK(turn(on.base) == 0);
  CHECK(on.recorder.calls().empty());
  write_byte(on.pair.second);
  turn(on.base);
  CHECK(on.recorder.what("read") == EV_READ);
}

TEST_CASE("event_base_once: data in time takes the timeout away") {
  Once on;
  const timeval late = ms(60'000);
  write_byte(on.pair.second);
  REQUIRE(on.schedule(on.pair.first, EV_READ | EV_TIMEOUT, "read", &late) == 0);
  CHECK(event_base_dispatch(on.base.get()) == 1);
  CHECK(on.recorder.order() == "read");
  CHECK(on.recorder.what("read") == EV_READ);
}

TEST_CASE("event_base_once: is refused for signals, persistent events and nothing at all") {
  const CountedMemory memory;
  const LogCapture log;
  Once on;
  const long before = memory.live();
  const timeval brief = ms(5);
  for (const int events : {0, EV_SIGNAL, EV_PERSIST, EV_ET, EV_READ | EV_SIGNAL,
                           EV_READ | EV_PERSIST, EV_TIMEOUT | EV_PERSIST, EV_TIMEOUT | EV_SIGNAL}) {
    CAPTURE(events);
    CHECK(on.schedule(on.pair.first, events, "refused", &brief) == -1);
    CHECK(on.schedule(on.pair.first, events, "refused") == -1);
  }
  CHECK(memory.live() == before);
  CHECK(added(on.base) == 0);
  CHECK(event_base_dispatch(on.base.get()) == 1);
  CHECK(on.recorder.calls().empty());
}

TEST_CASE("event_base_once: is level-triggered whatever is asked for") {
  Once on;
  write_byte(on.pair.second);
  REQUIRE(on.schedule(on.pair.first, EV_READ | EV_ET, "read") == 0);
  turn(on.base);
  CHECK(on.recorder.what("read") == EV_READ);
}

TEST_CASE("event_base_once: needs a base") {
  Recorder recorder;
  const timeval brief = ms(5);
  CHECK(event_base_once(nullptr, -1, EV_TIMEOUT, Recorder::callback, recorder.argument("none"),
                        &brief) == -1);
}

TEST_CASE("event_base_once: a descriptor that epoll refuses is an error without a leak") {
  const CountedMemory memory;
  const LogCapture log;
  const Base base = make_base_with("epoll");
  Recorder recorder;
  const int fd = dup(STDERR_FILENO);
  close(fd);
  const long before = memory.live();
  for (int i = 0; i < 10; ++i) {
    CHECK(event_base_once(base.get(), fd, EV_READ, Recorder::callback, recorder.argument("bad"),
                          nullptr) == -1);
  }
  // The map of descriptors may have grown once.
  CHECK(memory.live() - before <= 3);
  CHECK(added(base) == 0);
}

TEST_CASE("event_base_once: its memory goes when it ran") {
  const CountedMemory memory;
  Once on;
  const timeval brief = ms(2);
  const auto round = [&] {
    REQUIRE(on.schedule(-1, EV_TIMEOUT, "now") == 0);
    REQUIRE(on.schedule(-1, EV_TIMEOUT, "soon", &brief) == 0);
    REQUIRE(on.schedule(on.pair.first, EV_WRITE, "io") == 0);
    CHECK(event_base_dispatch(on.base.get()) == 1);
  };
  round();  // what the base keeps for good is there from here on
  const long before = memory.live();
  for (int i = 0; i < 10; ++i) {
    round();
  }
  CHECK(memory.live() == before);
  CHECK(on.recorder.calls().size() == 33);
}

TEST_CASE("event_base_once: its memory goes with the base if it never ran") {
  const CountedMemory memory;
  const long before = memory.live();
  SocketPair pair;
  Recorder recorder;
  Base base = make_base();
  const timeval late = ms(60'000);
  const auto schedule = [&](evutil_socket_t fd, short events, const timeval* timeout) {
    return event_base_once(base.get(), fd, events, Recorder::callback, recorder.argument("never"),
                           timeout);
  };
  REQUIRE(schedule(-1, EV_TIMEOUT, nullptr) == 0);
  REQUIRE(schedule(-1, EV_TIMEOUT, &late) == 0);
  REQUIRE(schedule(pair.first, EV_READ, nullptr) == 0);
  REQUIRE(schedule(pair.first, EV_READ, &late) == 0);
  CHECK(memory.live() > before);
  base.reset();
  CHECK(memory.live() == before);
  CHECK(recorder.calls().empty());
}

TEST_CASE("event_base_once: its callback can schedule the next") {
  Once on;
  int left = 4;
  Recorder::Hook again;
  again = [&](const Call&) {
    if (--left > 0) {
      CHECK(on.schedule(-1, EV_TIMEOUT, "again", nullptr, again) == 0);
    }
  };
  REQUIRE(on.schedule(-1, EV_TIMEOUT, "first", nullptr, again) == 0);
  CHECK(event_base_dispatch(on.base.get()) == 1);
  CHECK(on.recorder.order() == "first again again again");
}

TEST_CASE("event_base_once: takes the middle priority") {
  Once on;
  REQUIRE(event_base_priority_init(on.base.get(), 3) == 0);
  const Event urgent = on.recorder.make(on.base.get(), -1, 0, "urgent");
  const Event lazy = on.recorder.make(on.base.get(), -1, 0, "lazy");
  REQUIRE(event_priority_set(urgent.get(), 0) == 0);
  REQUIRE(event_priority_set(lazy.get(), 2) == 0);
  event_active(lazy.get(), EV_TIMEOUT, 1);
  REQUIRE(on.schedule(-1, EV_TIMEOUT, "once") == 0);
  event_active(urgent.get(), EV_TIMEOUT, 1);
  turn(on.base);
  CHECK(on.recorder.order() == "urgent once lazy");
}
