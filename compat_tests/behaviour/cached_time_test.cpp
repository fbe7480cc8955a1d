// The time a base keeps while it runs callbacks, and that the wall clock does not drive timers.
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <ctime>

#include "timer_tools.h"

// In no public header, but exported.
extern "C" int event_gettime_monotonic(event_base* base, timeval* tp);

namespace {

std::atomic<long> g_wall_shift = 0;  // seconds

}  // namespace

// The wall clock of this program, library included, can be moved without touching the machine's.
// Both are what the C library exports, so they stand in for it; monotonic clocks pass through.
extern "C" int clock_gettime(clockid_t id, timespec* now) noexcept {
  const long result = syscall(SYS_clock_gettime, id, now);
  if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
    now->tv_sec += g_wall_shift;
  }
  return static_cast<int>(result);
}

extern "C" int gettimeofday(timeval* __restrict now, void* __restrict) noexcept {
  timespec precise;
  const int result = clock_gettime(CLOCK_REALTIME, &precise);
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return result;
}

using namespace event_cases;

namespace {

// Runs `body` as a callback of the base.
void in_callback(const Base& base, Recorder::Hook body) {
  Recorder record;
  const Event ev = record.make(base.get(), -1, 0, "callback", std::move(body));
  event_active(ev.get(), EV_TIMEOUT, 1);
  CHECK(event_base_loop(base.get(), EVLOOP_NONBLOCK) == 1);
  CHECK(record.calls().size() == 1);
}

std::int64_t monotonic_us(const Base& base) {
  timeval now;
  CHECK(event_gettime_monotonic(base.get(), &now) == 0);
  return to_us(now);
}

}  // namespace

TEST_CASE("event_base_gettimeofday_cached: outside the loop it is the time of day") {
  const Base base = make_base();
  const std::int64_t before = wall_us();
  const std::int64_t first = cached_us(base.get());
  CHECK(first >= before);
  work_for_ms(2);
  const std::int64_t second = cached_us(base.get());
  CHECK(second >= first + 2000);
  CHECK(wall_us() >= second);
}

TEST_CASE("event_base_gettimeofday_cached: without a base it is the time of day") {
  const std::int64_t before = wall_us();
  const std::int64_t now = cached_us(nullptr);
  CHECK(now >= before);
  CHECK(wall_us() >= now);
}

TEST_CASE("event_base_gettimeofday_cached: in a callback it stands still") {
  const Base base = make_base();
  in_callback(base, [&](const Call&) {
    const std::int64_t begin = cached_us(base.get());
    CHECK(std::abs(begin - wall_us()) < kLoadUs);
    work_for_ms(15);
    CHECK(cached_us(base.get()) == begin);
  });
  const std::int64_t after = wall_us();
  CHECK(cached_us(base.get()) >= after);  // and runs again after the loop
}

TEST_CASE("event_base_gettimeofday_cached: the callbacks of one pass share one time") {
  const Base base = make_base();
  Recorder record;
  std::vector<std::int64_t> times;
  const auto note = [&](const Call&) {
    times.push_back(cached_us(base.get()));
    work_for_ms(10);
  };
  const Event first = record.make(base.get(), -1, 0, "first", note);
  const Event second = record.make(base.get(), -1, 0, "second", note);
  const Event next_pass = record.make(base.get(), -1, 0, "next pass", note);
  const timeval zero = {0, 0};
  const Event adder = record.make(base.get(), -1, 0, "adder", [&](const Call&) {
    CHECK(event_add(next_pass.get(), &zero) == 0);
  });
  for (event* const ev : {adder.get(), first.get(), second.get()}) {
    event_active(ev, EV_TIMEOUT, 1);
  }
  CHECK(run_ready(base) == 1);
  REQUIRE(times.size() == 3);
  CHECK(times[0] == times[1]);
  CHECK(times[2] - times[1] >= 20'000 - kTickUs);
}

TEST_CASE("event_base_update_cache_time: brings the time in a callback up to date") {
  for (const int flags : {0, int{EVENT_BASE_FLAG_PRECISE_TIMER}}) {
    const Base base = make_base_flags(flags);
    in_callback(base, [&](const Call&) {
      const std::int64_t begin = cached_us(base.get());
      work_for_ms(20);
      CHECK(event_base_update_cache_time(base.get()) == 0);
      const std::int64_t updated = cached_us(base.get());
      CHECK(updated - begin >= 20'000 - kTickUs);
      work_for_ms(5);
      CHECK(cached_us(base.get()) == updated);
    });
  }
}

TEST_CASE("event_base_update_cache_time: outside the loop it starts no caching") {
  const Base base = make_base();
  CHECK(event_base_update_cache_time(base.get()) == 0);
  const std::int64_t begin = cached_us(base.get());
  work_for_ms(2);
  CHECK(cached_us(base.get()) >= begin + 2000);
}

TEST_CASE("event_base_update_cache_time: without any base it fails") {
  CHECK(event_base_update_cache_time(nullptr) == -1);
}

TEST_CASE("EVENT_BASE_FLAG_NO_CACHE_TIME: the time goes on in callbacks") {
  const Base base = make_base_flags(EVENT_BASE_FLAG_NO_CACHE_TIME);
  in_callback(base, [&](const Call&) {
    const std::int64_t begin = cached_us(base.get());
    work_for_ms(3);
    CHECK(cached_us(base.get()) >= begin + 3000);
    CHECK(event_base_update_cache_time(base.get()) == 0);
    const std::int64_t updated = cached_us(base.get());
    work_for_ms(3);
    CHECK(cached_us(base.get()) >= updated + 3000);
  });
}

TEST_CASE("event_add: in a callback the time runs from the beginning of the pass") {
  const Base base = make_precise_base();
  in_callback(base, [&](const Call&) {
    Recorder record;
    const Event timer = record.make(base.get(), -1, 0, "timer");
    const timeval wait = {10, 0};
    const std::int64_t begin = cached_us(base.get());
    work_for_ms(15);
    CHECK(event_add(timer.get(), &wait) == 0);
    CHECK(std::abs(due_us(timer.get()) - (begin + 10'000'000)) <= 1);
    CHECK(event_base_update_cache_time(base.get()) == 0);
    CHECK(event_add(timer.get(), &wait) == 0);
    CHECK(due_us(timer.get()) >= begin + 10'015'000);
  });
}

TEST_CASE("EVENT_BASE_FLAG_NO_CACHE_TIME: in a callback a timer's time runs from event_add") {
  const Base base = make_base_flags(EVENT_BASE_FLAG_NO_CACHE_TIME | EVENT_BASE_FLAG_PRECISE_TIMER);
  in_callback(base, [&](const Call&) {
    Recorder record;
    const Event timer = record.make(base.get(), -1, 0, "timer");
    const timeval wait = {10, 0};
    const std::int64_t begin = wall_us();
    work_for_ms(15);
    CHECK(event_add(timer.get(), &wait) == 0);
    CHECK(due_us(timer.get()) >= begin + 10'014'000);
  });
}

TEST_CASE("event_gettime_monotonic: goes on in callbacks, whatever the base has cached") {
  const Base base = make_precise_base();
  const std::int64_t begin = monotonic_us(base);
  CHECK(std::abs(begin - now_us()) < kLoadUs);
  work_for_ms(2);
  CHECK(monotonic_us(base) >= begin + 2000);
  in_callback(base, [&](const Call&) {
    const std::int64_t inside = monotonic_us(base);
    CHECK(inside >= begin + 2000);
    work_for_ms(5);
    CHECK(monotonic_us(base) >= inside + 5000);
  });
  timeval now;
  CHECK(event_gettime_monotonic(nullptr, &now) == -1);
}

TEST_CASE("event_add: moving the wall clock neither fires timers nor holds them back") {
  for (const long hours : {-5, 5}) {
    g_wall_shift = 0;
    const Base base = make_base();
    Recorder record;
    const Event far = record.make(base.get(), -1, 0, "far");
    const Event near = record.make(base.get(), -1, EV_PERSIST, "near", [&](const Call&) {
      if (record.calls().size() == 3) {
        event_base_loopbreak(base.get());
      }
    });
    const timeval far_wait = {3600, 0};
    const timeval near_wait = ms(10);
    REQUIRE(event_add(far.get(), &far_wait) == 0);
    REQUIRE(event_add(near.get(), &near_wait) == 0);
    const Event jump =
        record.make(base.get(), -1, 0, "jump", [&](const Call&) { g_wall_shift = hours * 3600; });
    event_active(jump.get(), EV_TIMEOUT, 1);
    const std::int64_t begin = now_us();
    CHECK(event_base_dispatch(base.get()) == 0);
    CHECK(now_us() - begin < kLoadUs);
    CHECK(record.order() == "jump near near");
  }
  g_wall_shift = 0;
}

TEST_CASE("event_base_gettimeofday_cached: follows the wall clock outside the loop") {
  const Base base = make_base();
  const std::int64_t before = cached_us(base.get());
  g_wall_shift = 7200;
  CHECK(cached_us(base.get()) >= before + 7'200'000'000);
  g_wall_shift = 0;
  CHECK(cached_us(base.get()) < before + 3'600'000'000);
}
