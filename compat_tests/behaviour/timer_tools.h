// What the cases about time share.
#pragma once

#include <sys/time.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <vector>

#include "event_recorder.h"
#include "support.h"

namespace event_cases {

inline std::int64_t to_us(const timeval& tv) {
  return std::int64_t{tv.tv_sec} * 1'000'000 + tv.tv_usec;
}

inline timeval us(std::int64_t microseconds) {
  return {microseconds / 1'000'000, microseconds % 1'000'000};
}

inline std::int64_t wall_us() {
  timeval now;
  gettimeofday(&now, nullptr);
  return to_us(now);
}

// Microseconds of the monotonic clock.
inline std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// When the pending event is due, on the wall clock; -1 if it has no timeout.
inline std::int64_t due_us(const event* ev) {
  timeval due;
  return event_pending(ev, EV_TIMEOUT, &due) != 0 ? to_us(due) : -1;
}

// Runs what is ready, and what becomes ready meanwhile, without waiting.
inline int run_ready(const Base& base) { return event_base_loop(base.get(), EVLOOP_NONBLOCK); }

// The wall clock as the loop sees it.
inline std::int64_t cached_us(event_base* base) {
  timeval now;
  CHECK(event_base_gettimeofday_cached(base, &now) == 0);
  return to_us(now);
}

inline Base make_base_flags(int flags) {
  const Config config(event_config_new());
  REQUIRE(config);
  REQUIRE(event_config_set_flag(config.get(), flags) == 0);
  return Base(event_base_new_with_config(config.get()));
}

// A base whose timers are exact on the reference too, which by default counts in ticks of 4 ms.
inline Base make_precise_base() { return make_base_flags(EVENT_BASE_FLAG_PRECISE_TIMER); }

// Whether a periodic timer that was due at `due` is due next when it should be, if its callback
// runs at `now`: by its schedule, or from now where the schedule's next beat has already gone by.
inline bool next_beat_is_right(std::int64_t due, std::int64_t next, std::int64_t now,
                               std::int64_t period) {
  const std::int64_t by_schedule = due + period;
  const auto is_next = [next](std::int64_t time) { return std::abs(next - time) <= 1; };
  return (by_schedule >= now - 1 && is_next(by_schedule)) ||
         (by_schedule <= now + 1 && is_next(now + period));
}

// The tick of the reference's default clock, and as much again for the rounding of its wait.
constexpr std::int64_t kTickUs = 10'000;
// How much later than asked something may happen on a machine with other work.
constexpr std::int64_t kLoadUs = 3'000'000;

// Keeps the processor for a while, as a callback that works long does.
inline void work_for_ms(int milliseconds) {
  const std::int64_t end = now_us() + milliseconds * 1000;
  while (now_us() < end) {
  }
}

}  // namespace event_cases
