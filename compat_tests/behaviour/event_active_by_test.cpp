// event_base_active_by_fd and event_base_active_by_signal.
#include <csignal>

#include "event_recorder.h"

using namespace event_cases;

namespace {

struct ByFd {
  Event add(short events, const char* name, const timeval* delay = nullptr) {
    Event ev = recorder.make(base.get(), pair.first, events, name);
    REQUIRE(event_add(ev.get(), delay) == 0);
    return ev;
  }
  // Activates by this mask; the names that ran in order.
  std::string by(int mask) {
    recorder.clear();
    event_base_active_by_fd(base.get(), pair.first, static_cast<short>(mask));
    turn(base);
    return recorder.order();
  }
  Base base = make_base();
  SocketPair pair;
  Recorder recorder;
  const timeval late = ms(60'000);
};

}  // namespace

TEST_CASE("event_base_active_by_fd: activates the pending events of these kinds") {
  ByFd on;
  const Event reader = on.add(EV_READ | EV_PERSIST, "read");
  const Event closed = on.add(EV_CLOSED | EV_PERSIST, "closed");
  const Event both = on.add(EV_READ | EV_CLOSED | EV_PERSIST, "both");
  const Event idle = on.recorder.make(on.base.get(), on.pair.first, EV_READ, "idle");

  CHECK(on.by(EV_READ) == "both read");
  CHECK(on.recorder.what("both") == EV_READ);
  CHECK(on.recorder.what("read") == EV_READ);
  CHECK(on.by(EV_CLOSED) == "both closed");
  CHECK(on.recorder.what("both") == EV_CLOSED);
  CHECK(on.by(EV_READ | EV_CLOSED) == "both closed read");
  CHECK(on.recorder.what("both") == (EV_READ | EV_CLOSED));
  CHECK(on.by(EV_WRITE) == "");
  CHECK(on.by(EV_READ | EV_WRITE) == "both read");
  CHECK(on.recorder.what("read") == EV_READ);
  CHECK(on.by(EV_SIGNAL) == "");
  CHECK(on.by(0) == "");
}

TEST_CASE("event_base_active_by_fd: other flags in the mask do not reach the callbacks") {
  ByFd on;
  const Event reader = on.add(EV_READ | EV_PERSIST, "read");
  CHECK(on.by(EV_ET) == "");
  CHECK(on.by(EV_PERSIST | EV_FINALIZE) == "");
  CHECK(on.by(EV_READ | EV_ET | EV_PERSIST | EV_SIGNAL) == "read");
  CHECK(on.recorder.what("read") == EV_READ);
}

TEST_CASE("event_base_active_by_fd: a one-shot event is over afterwards") {
  ByFd on;
  const Event ev = on.add(EV_READ, "read", &on.late);
  CHECK(on.by(EV_READ) == "read");
  CHECK(event_pending(ev.get(), EV_READ | EV_TIMEOUT, nullptr) == 0);
  CHECK(on.by(EV_READ) == "");
}

TEST_CASE("event_base_active_by_fd: EV_TIMEOUT goes to the events of the fd that have a timeout") {
  ByFd on;
  const Event timer = on.add(0, "timer", &on.late);
  const Event reader = on.add(EV_READ | EV_PERSIST, "read");
  const Event timed = on.add(EV_READ | EV_PERSIST, "timed", &on.late);
  const Event elsewhere = on.recorder.make(on.base.get(), on.pair.second, EV_READ, "elsewhere");
  REQUIRE(event_add(elsewhere.get(), &on.late) == 0);
  on.by(EV_TIMEOUT);
  CHECK(on.recorder.calls().size() == 2);
  CHECK(on.recorder.what("timer") == EV_TIMEOUT);
  CHECK(on.recorder.what("timed") == EV_TIMEOUT);
  // The one-shot one is gone, the persistent one armed again.
  CHECK(event_pending(timer.get(), EV_TIMEOUT, nullptr) == 0);
  CHECK(event_pending(timed.get(), EV_TIMEOUT, nullptr) == EV_TIMEOUT);
  CHECK(event_pending(elsewhere.get(), EV_TIMEOUT, nullptr) == EV_TIMEOUT);
}

TEST_CASE("event_base_active_by_fd: EV_TIMEOUT finds events in a queue of common timeouts") {
  ByFd on;
  const timeval* common = event_base_init_common_timeout(on.base.get(), &on.late);
  REQUIRE(common != nullptr);
  const Event timer = on.add(0, "timer", common);
  const Event timed = on.add(EV_READ, "timed", common);
  on.by(EV_TIMEOUT);
  CHECK(on.recorder.count("timer") == 1);
  CHECK(on.recorder.count("timed") == 1);
  CHECK(on.recorder.calls().size() == 2);
}

TEST_CASE(
    "event_base_active_by_fd: with EV_TIMEOUT in the mask the other kinds are not looked at") {
  ByFd on;
  const Event reader = on.add(EV_READ | EV_PERSIST, "read");
  const Event timed = on.add(EV_READ | EV_PERSIST, "timed", &on.late);
  CHECK(on.by(EV_TIMEOUT | EV_READ) == "timed");
  CHECK(on.recorder.what("timed") == EV_TIMEOUT);
}

TEST_CASE("event_base_active_by_fd: unknown and negative descriptors are nobody's") {
  ByFd on;
  const Event reader = on.add(EV_READ | EV_PERSIST, "read");
  for (const int fd : {-1, -100, 1000, on.pair.second}) {
    event_base_active_by_fd(on.base.get(), fd, EV_READ | EV_WRITE);
    event_base_active_by_fd(on.base.get(), fd, EV_TIMEOUT);
  }
  CHECK(active(on.base) == 0);
  turn(on.base);
  CHECK(on.recorder.calls().empty());
}

TEST_CASE("event_base_active_by_fd: in a callback it takes effect in the same turn") {
  ByFd on;
  const Event reader = on.add(EV_READ | EV_PERSIST, "read");
  const Event first = on.recorder.make(on.base.get(), -1, 0, "first", [&](const Call&) {
    event_base_active_by_fd(on.base.get(), on.pair.first, EV_READ);
  });
  event_active(first.get(), EV_TIMEOUT, 1);
  turn(on.base);
  CHECK(on.recorder.order() == "first read");
}

TEST_CASE("event_base_active_by_signal: activates the pending events of the signal") {
  const Base base = make_base();
  Recorder recorder;
  const auto make = [&](int signal, short flags, const char* name) {
    return recorder.make(base.get(), signal, static_cast<short>(EV_SIGNAL | flags), name);
  };
  const Event lasting = make(SIGUSR1, EV_PERSIST, "lasting");
  const Event once = make(SIGUSR1, 0, "once");
  const Event idle = make(SIGUSR1, 0, "idle");
  const Event other = make(SIGUSR2, EV_PERSIST, "other");
  for (event* ev : {lasting.get(), once.get(), other.get()}) {
    REQUIRE(event_add(ev, nullptr) == 0);
  }
  event_base_active_by_signal(base.get(), SIGUSR1);
  CHECK(active(base) == 2);
  turn(base);
  CHECK(recorder.order() == "once lasting");
  CHECK(recorder.what("lasting") == EV_SIGNAL);
  CHECK(recorder.calls().at(0).fd == SIGUSR1);

  // Twice before it runs is once.
  event_base_active_by_signal(base.get(), SIGUSR1);
  event_base_active_by_signal(base.get(), SIGUSR1);
  turn(base);
  CHECK(recorder.order() == "once lasting lasting");
}

TEST_CASE("event_base_active_by_signal: numbers without events are nobody's") {
  const Base base = make_base();
  Recorder recorder;
  const Event ev = recorder.make(base.get(), SIGUSR1, EV_SIGNAL, "signal");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  for (const int signal : {-1, 0, static_cast<int>(SIGUSR2), 63, 1000}) {
    event_base_active_by_signal(base.get(), signal);
  }
  CHECK(active(base) == 0);
}
