// event_base_new and event_base_free: what a base owns, and what becomes of its events.
#include <event2/event_struct.h>
#include <fcntl.h>

#include <csignal>
#include <cstring>

#include "event_recorder.h"

using namespace event_cases;

namespace {

void ignore(evutil_socket_t, short, void*) {}

// How many descriptors the process has open.
int open_descriptors() {
  int n = 0;
  for (int fd = 0; fd < 1024; ++fd) {
    n += fcntl(fd, F_GETFD) != -1;
  }
  return n;
}

}  // namespace

TEST_CASE("event_base_free: gives back memory and descriptors") {
  const CountedMemory memory;
  ON_EACH_BACKEND(backend);
  {
    // What the library keeps for the process is there after the first base.
    const Base first = make_backend(backend);
    turn(first);
  }
  const long blocks = memory.live();
  const int descriptors = open_descriptors();
  {
    SocketPair pair;
    Recorder recorder;
    const Base base = make_backend(backend);
    REQUIRE(event_base_priority_init(base.get(), 10) == 0);
    const timeval brief = ms(1);
    const timeval late = ms(60'000);
    const Event io = recorder.make(base.get(), pair.first, EV_READ | EV_WRITE, "io");
    const Event timer = recorder.make(base.get(), -1, 0, "timer");
    const Event signal = recorder.make(base.get(), SIGUSR1, EV_SIGNAL, "signal");
    const Event common = recorder.make(base.get(), -1, 0, "common");
    REQUIRE(event_add(io.get(), &late) == 0);
    REQUIRE(event_add(timer.get(), &brief) == 0);
    REQUIRE(event_add(signal.get(), nullptr) == 0);
    REQUIRE(event_add(common.get(), event_base_init_common_timeout(base.get(), &late)) == 0);
    turn(base);
  }
  CHECK(memory.live() == blocks);
  CHECK(open_descriptors() == descriptors);
}

TEST_CASE("event_base_new: its descriptors are closed in programs that are executed") {
  ON_EACH_BACKEND(backend);
  bool before[256];
  for (int fd = 0; fd < 256; ++fd) {
    before[fd] = fcntl(fd, F_GETFD) != -1;
  }
  const Base base = make_backend(backend);
  Recorder recorder;
  const Event signal = recorder.make(base.get(), SIGUSR1, EV_SIGNAL, "signal");
  REQUIRE(event_add(signal.get(), nullptr) == 0);
  turn(base);
  for (int fd = 0; fd < 256; ++fd) {
    const int flags = fcntl(fd, F_GETFD);
    if (flags != -1 && !before[fd]) {
      CAPTURE(fd);
      CHECK((flags & FD_CLOEXEC) != 0);
    }
  }
}

TEST_CASE("event_base_free: leaves descriptors of pending events open") {
  SocketPair pair;
  event ev;
  Base base = make_base();
  REQUIRE(event_assign(&ev, base.get(), pair.first, EV_READ, ignore, nullptr) == 0);
  REQUIRE(event_add(&ev, nullptr) == 0);
  base.reset();
  write_byte(pair.second);
  CHECK(drain(pair.first) == 1);
}

TEST_CASE("event_base_free: its events are idle afterwards and can move to another base") {
  const bool finalize = GENERATE(true, false);
  CAPTURE(finalize);
  SocketPair pair;
  Recorder recorder;
  Base base = make_base();
  event io;
  event timer;
  event activated;
  event common;
  event signal;
  const auto assign = [&](event& ev, evutil_socket_t fd, short events, const char* name) {
    REQUIRE(event_assign(&ev, base.get(), fd, events, Recorder::callback,
                         recorder.argument(name)) == 0);
  };
  assign(io, pair.first, EV_READ | EV_WRITE | EV_PERSIST, "io");
  assign(timer, -1, EV_PERSIST, "timer");
  assign(activated, -1, 0, "activated");
  assign(common, -1, 0, "common");
  assign(signal, SIGUSR1, EV_SIGNAL | EV_PERSIST, "signal");
  const timeval late = ms(60'000);
  REQUIRE(event_add(&io, &late) == 0);
  REQUIRE(event_add(&timer, &late) == 0);
  REQUIRE(event_add(&common, event_base_init_common_timeout(base.get(), &late)) == 0);
  REQUIRE(event_add(&signal, nullptr) == 0);
  event_active(&activated, EV_READ, 1);
  if (finalize) {
    event_base_free(base.release());
  } else {
    event_base_free_nofinalize(base.release());
  }
  CHECK(recorder.calls().empty());

  const Base other = make_base();
  for (event* ev : {&io, &timer, &activated, &common, &signal}) {
    CHECK(event_initialized(ev) == 1);
    CHECK(event_base_set(other.get(), ev) == 0);
    CHECK(event_pending(ev, EV_READ | EV_WRITE | EV_TIMEOUT | EV_SIGNAL, nullptr) == 0);
  }
  REQUIRE(event_add(&io, nullptr) == 0);
  turn(other);
  CHECK(recorder.order() == "io");
  REQUIRE(event_del(&io) == 0);
}

TEST_CASE("event_base_free: frees no event that the program made") {
  const CountedMemory memory;
  Base base = make_base();
  event* const ev = event_new(base.get(), -1, 0, ignore, nullptr);
  const timeval late = ms(60'000);
  REQUIRE(event_add(ev, &late) == 0);
  base.reset();
  const Base other = make_base();
  const long before = memory.live();
  REQUIRE(event_base_set(other.get(), ev) == 0);
  event_free(ev);
  CHECK(memory.live() == before - 1);
}

TEST_CASE("event_base_free: restores the handlers of its signals") {
  struct sigaction before {};
  struct sigaction within {};
  struct sigaction after {};
  REQUIRE(sigaction(SIGUSR1, nullptr, &before) == 0);
  Base base = make_base();
  event ev;
  REQUIRE(event_assign(&ev, base.get(), SIGUSR1, EV_SIGNAL | EV_PERSIST, ignore, nullptr) == 0);
  REQUIRE(event_add(&ev, nullptr) == 0);
  REQUIRE(sigaction(SIGUSR1, nullptr, &within) == 0);
  CHECK(within.sa_handler != before.sa_handler);
  base.reset();
  REQUIRE(sigaction(SIGUSR1, nullptr, &after) == 0);
  CHECK(after.sa_handler == before.sa_handler);
}

TEST_CASE("event_base_free: many bases come and go") {
  const CountedMemory memory;
  const int descriptors = open_descriptors();
  {
    std::vector<Base> bases;
    for (int i = 0; i < 50; ++i) {
      bases.push_back(make_base());
      REQUIRE(bases.back());
    }
    for (const Base& base : bases) {
      Recorder recorder;
      const Event ev = recorder.make(base.get(), -1, 0, "event");
      event_active(ev.get(), EV_READ, 1);
      CHECK(event_base_dispatch(base.get()) == 1);
      CHECK(recorder.count("event") == 1);
    }
  }
  CHECK(open_descriptors() == descriptors);
  for (int i = 0; i < 50; ++i) {
    REQUIRE(make_base());
  }
  CHECK(open_descriptors() == descriptors);
}

TEST_CASE("event_base_free: without a base it warns and does nothing") {
  const LogCapture log;
  event_base_free(nullptr);
  CHECK(log.count() == 1);
  CHECK(log.contains(EVENT_LOG_WARN, ""));
  event_base_free_nofinalize(nullptr);
  CHECK(log.count() == 2);
}

TEST_CASE("event_base_free: a base that was never used, or is left in the middle") {
  make_base();
  Base base = make_base();
  Recorder recorder;
  event a;
  event b;
  REQUIRE(event_assign(
              &a, base.get(), -1, 0, Recorder::callback,
              recorder.argument("a", [&](const Call&) { event_base_loopbreak(base.get()); })) == 0);
  REQUIRE(event_assign(&b, base.get(), -1, 0, Recorder::callback, recorder.argument("b")) == 0);
  event_active(&a, EV_READ, 1);
  event_active(&b, EV_READ, 1);
  CHECK(event_base_dispatch(base.get()) == 0);
  CHECK(active(base) == 1);
  base.reset();
  CHECK(recorder.order() == "a");
}

TEST_CASE("event_get_version: is the one that programs compare") {
  CHECK(std::string(event_get_version()) == "2.1.12-stable");
  CHECK(event_get_version_number() == 0x02010c00);
  CHECK(std::string(LIBEVENT_VERSION) == "2.1.12-stable");
  CHECK(LIBEVENT_VERSION_NUMBER == 0x02010c00);
}
