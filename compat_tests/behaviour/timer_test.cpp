// A single timer: when it fires, what its timeout may be, how it is changed and taken back.
#include <event2/event_struct.h>

#include <limits>

#include "timer_tools.h"

using namespace event_cases;

TEST_CASE("evtimer_new: a timer fires once, with EV_TIMEOUT, no descriptor and its argument") {
  const Base base = make_base();
  Recorder record;
  const Event timer = record.make(base.get(), -1, 0, "timer");
  const timeval wait = ms(20);
  REQUIRE(evtimer_add(timer.get(), &wait) == 0);
  CHECK(evtimer_pending(timer.get(), nullptr) == EV_TIMEOUT);
  CHECK(event_base_dispatch(base.get()) == 1);
  REQUIRE(record.order() == "timer");
  CHECK(record.calls()[0].fd == -1);
  CHECK(record.calls()[0].what == EV_TIMEOUT);
  CHECK(evtimer_pending(timer.get(), nullptr) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.order() == "timer");
}

TEST_CASE("event_add: a timer waits for its time, and not much longer") {
  const Base base = make_precise_base();
  Recorder record;
  const Event timer = record.make(base.get(), -1, 0, "timer");
  for (const int wait_ms : {1, 30, 120}) {
    const timeval wait = ms(wait_ms);
    const std::int64_t begin = now_us();
    REQUIRE(event_add(timer.get(), &wait) == 0);
    CHECK(event_base_dispatch(base.get()) == 1);
    const std::int64_t took = now_us() - begin;
    CHECK(took >= wait_ms * 1000);
    CHECK(took < wait_ms * 1000 + kLoadUs);
  }
  CHECK(record.calls().size() == 3);
}

TEST_CASE("event_add: with the default clock a timer is at most a tick early") {
  const Base base = make_base();
  Recorder record;
  const Event timer = record.make(base.get(), -1, 0, "timer");
  const timeval wait = ms(60);
  const std::int64_t begin = now_us();
  REQUIRE(event_add(timer.get(), &wait) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(now_us() - begin > 60'000 - kTickUs);
}

TEST_CASE("event_add: a timer of zero is due at once") {
  const Base base = make_base();
  Recorder record;
  const Event timer = record.make(base.get(), -1, 0, "timer");
  const timeval zero = {0, 0};
  REQUIRE(event_add(timer.get(), &zero) == 0);
  CHECK(event_pending(timer.get(), EV_TIMEOUT, nullptr) == EV_TIMEOUT);
  CHECK(active(base) == 0);  // due, but the loop has not seen it yet
  CHECK(run_ready(base) == 1);
  CHECK(record.order() == "timer");
}

TEST_CASE("event_add: a negative timeout is due at once, the most overdue one first") {
  const Base base = make_base();
  Recorder record;
  const Event late = record.make(base.get(), -1, 0, "-1s");
  const Event later = record.make(base.get(), -1, 0, "-0.2s");
  const Event latest = record.make(base.get(), -1, 0, "-1e9s");
  const timeval minus_second = {-1, 0};
  const timeval minus_fraction = {-1, 800'000};
  const timeval minus_age = {-1'000'000'000, 0};
  REQUIRE(event_add(later.get(), &minus_fraction) == 0);
  REQUIRE(event_add(late.get(), &minus_second) == 0);
  REQUIRE(event_add(latest.get(), &minus_age) == 0);
  CHECK(run_ready(base) == 1);
  CHECK(record.order() == "-1e9s -1s -0.2s");
  CHECK(record.what("-1s") == EV_TIMEOUT);
}

TEST_CASE("event_add: negative microseconds are overdue as well") {
  const Base base = make_base();
  Recorder record;
  const Event timer = record.make(base.get(), -1, 0, "timer");
  for (const timeval& wait : {timeval{0, -1}, timeval{0, -2'000'000}, timeval{-1, 500'000}}) {
    REQUIRE(event_add(timer.get(), &wait) == 0);
    CHECK(run_ready(base) == 1);
  }
  CHECK(record.calls().size() == 3);
}

TEST_CASE("event_add: a second's worth and more in the microseconds counts in full") {
  const Base base = make_base();
  Recorder record;
  const Event timer = record.make(base.get(), -1, 0, "timer");
  const timeval wait = {0, 1'050'000};
  const std::int64_t begin = now_us();
  REQUIRE(event_add(timer.get(), &wait) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(now_us() - begin > 1'050'000 - kTickUs);
}

TEST_CASE("event_add: an enormous timeout does not fire and does not spin, on any backend") {
  for (const char* method : {"epoll", "poll", "select"}) {
    const Base base = make_base_with(method);
    REQUIRE(base);
    constexpr time_t kMax = std::numeric_limits<time_t>::max();
    for (const time_t seconds :
         {time_t{86400} * 50, time_t{INT_MAX}, time_t{INT_MAX} + 1, time_t{1} << 40, kMax / 2}) {
      INFO(method << " " << seconds);
      Recorder record;
      const Event timer = record.make(base.get(), -1, 0, "enormous");
      const timeval wait = {seconds, 999'999};
      REQUIRE(event_add(timer.get(), &wait) == 0);
      const std::int64_t due = due_us(timer.get()) / 1'000'000;
      CHECK((seconds == kMax / 2 || std::abs(due - wall_us() / 1'000'000 - seconds) <= 5));
      const timeval soon = ms(15);
      REQUIRE(event_base_loopexit(base.get(), &soon) == 0);
      const std::clock_t cpu = std::clock();
      CHECK(event_base_dispatch(base.get()) == 0);
      CHECK(std::clock() - cpu < CLOCKS_PER_SEC / 100);
      CHECK(record.calls().empty());
      CHECK(event_pending(timer.get(), EV_TIMEOUT, nullptr) == EV_TIMEOUT);
    }
  }
}

TEST_CASE("event_add: the largest timeout that can be written means never") {
  INTENDED_DIFFERENCE("the reference's sum overflows, and it fires the timer at once");
  const Base base = make_base();
  Recorder record;
  const Event timer = record.make(base.get(), -1, 0, "timer");
  constexpr time_t kMax = std::numeric_limits<time_t>::max();
  for (const timeval& wait : {timeval{kMax, 999'999}, timeval{kMax, 0}, timeval{kMax - 100, 0}}) {
    REQUIRE(event_add(timer.get(), &wait) == 0);
    CHECK(run_ready(base) == 0);
    CHECK(event_pending(timer.get(), EV_TIMEOUT, nullptr) == EV_TIMEOUT);
  }
  CHECK(record.calls().empty());
}

TEST_CASE("event_add: the smallest timeout that can be written is overdue") {
  const Base base = make_base();
  Recorder record;
  const Event timer = record.make(base.get(), -1, 0, "timer");
  const timeval wait = {std::numeric_limits<time_t>::min(), 0};
  REQUIRE(event_add(timer.get(), &wait) == 0);
  CHECK(run_ready(base) == 1);
  CHECK(record.order() == "timer");
}

TEST_CASE("event_add: without a timeout a timer is not added at all") {
  const Base base = make_base();
  Recorder record;
  for (const short flags : {short{0}, short{EV_PERSIST}, short{EV_TIMEOUT}}) {
    const Event timer = record.make(base.get(), -1, flags, "timer");
    CHECK(event_add(timer.get(), nullptr) == 0);
    CHECK(event_pending(timer.get(), 0xff, nullptr) == 0);
    CHECK(added(base) == 0);
  }
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.calls().empty());
}

TEST_CASE("event_add: the caller's timeval is copied and not written to") {
  const Base base = make_base();
  Recorder record;
  const Event timer = record.make(base.get(), -1, EV_PERSIST, "timer",
                                  [&](const Call&) { event_base_loopbreak(base.get()); });
  timeval wait = ms(5);
  REQUIRE(event_add(timer.get(), &wait) == 0);
  CHECK(wait.tv_sec == 0);
  CHECK(wait.tv_usec == 5000);
  wait = {100, 0};
  CHECK(event_base_dispatch(base.get()) == 0);
  CHECK(event_base_dispatch(base.get()) == 0);
  CHECK(record.order() == "timer timer");
}

TEST_CASE("evtimer_assign: a timer in the user's memory works like an allocated one") {
  const Base base = make_base();
  Recorder record;
  struct Holder {
    char before = 'b';
    event timer;
    char after = 'a';
  } holder;
  REQUIRE(evtimer_assign(&holder.timer, base.get(), Recorder::callback, record.argument("user")) ==
          0);
  CHECK(evtimer_initialized(&holder.timer) == 1);
  CHECK(evtimer_pending(&holder.timer, nullptr) == 0);
  const timeval wait = ms(1);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(evtimer_add(&holder.timer, &wait) == 0);
    CHECK(event_base_dispatch(base.get()) == 1);
  }
  CHECK(record.count("user") == 3);
  CHECK(evtimer_del(&holder.timer) == 0);
  CHECK(holder.before == 'b');
  CHECK(holder.after == 'a');
}
