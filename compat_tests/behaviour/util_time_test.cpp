// evutil's times: the timeval macros and monotonic timers.
#include <cstddef>
#include <ctime>
#include <memory>

#include "support.h"

namespace {

using Timer = std::unique_ptr<evutil_monotonic_timer, FreeWith<evutil_monotonic_timer_free>>;

Timer make_timer(int flags) {
  Timer timer(evutil_monotonic_timer_new());
  REQUIRE(timer);
  REQUIRE(evutil_configure_monotonic_time(timer.get(), flags) == 0);
  return timer;
}

double read(const Timer& timer) {
  timeval now{-1, -1};
  REQUIRE(evutil_gettime_monotonic(timer.get(), &now) == 0);
  REQUIRE(now.tv_usec >= 0);
  REQUIRE(now.tv_usec < 1000000);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_usec) / 1e6;
}

double clock_seconds(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void spin(int milliseconds) {
  const std::int64_t end = now_ms() + milliseconds;
  while (now_ms() < end) {
  }
}

}  // namespace

TEST_CASE("evutil_timeradd, evutil_timersub: carry and borrow") {
  const timeval a{5, 900000};
  const timeval b{2, 300000};
  timeval out{};
  evutil_timeradd(&a, &b, &out);
  CHECK(out.tv_sec == 8);
  CHECK(out.tv_usec == 200000);
  evutil_timersub(&a, &b, &out);
  CHECK(out.tv_sec == 3);
  CHECK(out.tv_usec == 600000);
  evutil_timersub(&b, &a, &out);
  CHECK(out.tv_sec == -4);
  CHECK(out.tv_usec == 400000);
}

TEST_CASE("evutil_timercmp, evutil_timerisset, evutil_timerclear") {
  const timeval small{1, 999999};
  const timeval large{2, 0};
  CHECK(evutil_timercmp(&small, &large, <));
  CHECK(evutil_timercmp(&small, &large, <=));
  CHECK(evutil_timercmp(&small, &large, !=));
  CHECK_FALSE(evutil_timercmp(&small, &large, >));
  CHECK_FALSE(evutil_timercmp(&small, &large, >=));
  CHECK(evutil_timercmp(&small, &small, ==));
  CHECK(evutil_timercmp(&small, &small, >=));
  timeval time{0, 1};
  CHECK(evutil_timerisset(&time));
  evutil_timerclear(&time);
  CHECK_FALSE(evutil_timerisset(&time));
  CHECK(time.tv_sec == 0);
  CHECK(time.tv_usec == 0);
}

TEST_CASE("evutil_offsetof, evutil_gettimeofday") {
  struct Pair {
    char first;
    int second;
  };
  CHECK(evutil_offsetof(Pair, second) == offsetof(Pair, second));
  const double before = clock_seconds(CLOCK_REALTIME);
  timeval now{};
  CHECK(evutil_gettimeofday(&now, nullptr) == 0);
  CHECK(static_cast<double>(now.tv_sec) > before - 2);
  CHECK(static_cast<double>(now.tv_sec) < clock_seconds(CLOCK_REALTIME) + 1);
}

TEST_CASE("evutil_gettime_monotonic: never goes back and keeps pace, with all flags") {
  for (const int flags :
       {0, EV_MONOT_PRECISE, EV_MONOT_FALLBACK, EV_MONOT_PRECISE | EV_MONOT_FALLBACK}) {
    CAPTURE(flags);
    const Timer timer = make_timer(flags);
    const double clock_before = clock_seconds(CLOCK_MONOTONIC);
    const double first = read(timer);
    double last = first;
    for (int i = 0; i < 1000; ++i) {
      const double now = read(timer);
      REQUIRE(now >= last);
      last = now;
    }
    spin(60);
    last = read(timer);
    const double elapsed = clock_seconds(CLOCK_MONOTONIC) - clock_before;
    CHECK(last - first > 0.040);
    CHECK(last - first < elapsed + 0.050);
  }
}

TEST_CASE("evutil_configure_monotonic_time: which clock the flags choose") {
  const auto near_clock = [](int flags, clockid_t clock) {
    const Timer timer = make_timer(flags);
    const double before = clock_seconds(clock);
    const double now = read(timer);
    const double after = clock_seconds(clock);
    return now >= before - 0.050 && now <= after + 0.050;
  };
  CHECK(near_clock(0, CLOCK_MONOTONIC));
  CHECK(near_clock(EV_MONOT_PRECISE, CLOCK_MONOTONIC));
  CHECK(near_clock(EV_MONOT_FALLBACK, CLOCK_REALTIME));
  CHECK(near_clock(EV_MONOT_PRECISE | EV_MONOT_FALLBACK, CLOCK_REALTIME));
  CHECK(near_clock(4, CLOCK_MONOTONIC));  // no such flag
}

TEST_CASE("evutil_configure_monotonic_time: a precise timer resolves microseconds") {
  const Timer timer = make_timer(EV_MONOT_PRECISE);
  double smallest_step = 1;
  double last = read(timer);
  for (int i = 0; i < 10000; ++i) {
    const double now = read(timer);
    if (now != last && now - last < smallest_step) {
      smallest_step = now - last;
    }
    last = now;
  }
  CHECK(smallest_step < 0.0005);
}

TEST_CASE("evutil_configure_monotonic_time: a timer can be configured anew, and used without") {
  const Timer timer = make_timer(EV_MONOT_PRECISE);
  const double monotonic = read(timer);
  REQUIRE(evutil_configure_monotonic_time(timer.get(), EV_MONOT_FALLBACK) == 0);
  CHECK(read(timer) > monotonic);
  REQUIRE(evutil_configure_monotonic_time(timer.get(), EV_MONOT_PRECISE) == 0);
  CHECK(read(timer) >= monotonic);
  CHECK(read(timer) < monotonic + 30);
  const Timer fresh(evutil_monotonic_timer_new());
  const double before = clock_seconds(CLOCK_REALTIME);
  const double now = read(fresh);
  CHECK(now > before - 0.5);
  CHECK(now < clock_seconds(CLOCK_REALTIME) + 0.5);
}

TEST_CASE("evutil_monotonic_timer_free: null is allowed") {
  evutil_monotonic_timer_free(nullptr);
  SUCCEED();
}
