// event_base_init_common_timeout: timeouts of one length share a queue, marked in the microseconds.
#include <event2/event_struct.h>

#include "timer_tools.h"

using namespace event_cases;

namespace {

// How a common timeout is written: a mark in the top four bits, the number of its queue in eight,
// the microseconds in twenty.
constexpr long kMark = 0x50000000;
constexpr long kMarkBits = 0xf0000000;
constexpr long kMicroBits = 0x000fffff;
constexpr int kIndexShift = 20;

long index_of(const timeval* common) { return (common->tv_usec & ~kMarkBits) >> kIndexShift; }

const timeval* init_common(const Base& base, const timeval& duration) {
  return event_base_init_common_timeout(base.get(), &duration);
}

}  // namespace

TEST_CASE("event_base_init_common_timeout: the duration is marked and numbered in tv_usec") {
  const Base base = make_base();
  const timeval* first = init_common(base, {3, 250'000});
  const timeval* second = init_common(base, {0, 999'999});
  REQUIRE(first != nullptr);
  REQUIRE(second != nullptr);
  CHECK(first->tv_sec == 3);
  CHECK((first->tv_usec & kMarkBits) == kMark);
  CHECK((first->tv_usec & kMicroBits) == 250'000);
  CHECK(index_of(first) == 0);
  CHECK(second->tv_sec == 0);
  CHECK((second->tv_usec & kMarkBits) == kMark);
  CHECK((second->tv_usec & kMicroBits) == 999'999);
  CHECK(index_of(second) == 1);
}

TEST_CASE("event_base_init_common_timeout: the same duration gives the same pointer") {
  const Base base = make_base();
  const timeval* first = init_common(base, {1, 5});
  const timeval* other = init_common(base, {1, 6});
  CHECK(first != other);
  CHECK(init_common(base, {1, 5}) == first);
  CHECK(init_common(base, {1, 6}) == other);
  // So does what it gave before, also as a copy.
  CHECK(event_base_init_common_timeout(base.get(), first) == first);
  CHECK(init_common(base, *other) == other);
}

TEST_CASE("event_base_init_common_timeout: microseconds beyond a second are carried") {
  const Base base = make_base();
  const timeval* common = init_common(base, {1, 2'300'000});
  REQUIRE(common != nullptr);
  CHECK(common->tv_sec == 3);
  CHECK((common->tv_usec & kMicroBits) == 300'000);
  CHECK(init_common(base, {3, 300'000}) == common);
}

TEST_CASE("event_base_init_common_timeout: 256 per base, then a warning and NULL") {
  const Base base = make_base();
  const LogCapture log;
  std::vector<const timeval*> all;
  for (int i = 0; i < 256; ++i) {
    all.push_back(init_common(base, {i, 1}));
    REQUIRE(all.back() != nullptr);
    CHECK(index_of(all.back()) == i);
  }
  CHECK(log.count() == 0);
  CHECK(init_common(base, {256, 1}) == nullptr);
  CHECK(log.contains(EVENT_LOG_WARN, "common timeouts"));
  // The pointers stayed where they are while the table grew.
  for (int i = 0; i < 256; ++i) {
    CHECK(all[static_cast<size_t>(i)]->tv_sec == i);
    CHECK(init_common(base, {i, 1}) == all[static_cast<size_t>(i)]);
  }
  const Base other = make_base();
  CHECK(init_common(other, {256, 1}) != nullptr);
}

TEST_CASE("event_add: a common timeout waits as long as the plain one") {
  const Base base = make_precise_base();
  Recorder record;
  const timeval* common = init_common(base, ms(30));
  REQUIRE(common != nullptr);
  const Event timer = record.make(base.get(), -1, 0, "timer");
  const std::int64_t begin = now_us();
  REQUIRE(event_add(timer.get(), common) == 0);
  CHECK(event_pending(timer.get(), EV_TIMEOUT, nullptr) == EV_TIMEOUT);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(now_us() - begin >= 30'000);
  CHECK(now_us() - begin < 30'000 + kLoadUs);
  REQUIRE(record.order() == "timer");
  CHECK(record.calls()[0].what == EV_TIMEOUT);
  CHECK(record.calls()[0].fd == -1);
}

TEST_CASE("event_add: a copy of a common timeout is as good as the original") {
  const Base base = make_base();
  Recorder record;
  const timeval* common = init_common(base, {20, 0});
  const timeval copy = *common;
  const Event timer = record.make(base.get(), -1, 0, "timer");
  const std::int64_t begin = wall_us();
  REQUIRE(event_add(timer.get(), &copy) == 0);
  CHECK(std::abs(due_us(timer.get()) - (begin + 20'000'000)) < kLoadUs);
}

TEST_CASE("event_pending: the due time of a common timeout bears no mark") {
  const Base base = make_base();
  Recorder record;
  const Event timer = record.make(base.get(), -1, 0, "timer");
  const timeval* common = init_common(base, {60, 700'000});
  const std::int64_t begin = wall_us();
  REQUIRE(event_add(timer.get(), common) == 0);
  timeval due;
  REQUIRE(event_pending(timer.get(), EV_TIMEOUT, &due) == EV_TIMEOUT);
  CHECK(due.tv_usec >= 0);
  CHECK(due.tv_usec < 1'000'000);
  CHECK(std::abs(to_us(due) - (begin + 60'700'000)) < kLoadUs);
  // In the struct that users see, it does.
  CHECK((timer->ev_timeout.tv_usec & kMarkBits) == kMark);
}

TEST_CASE("event_add: common timeouts fire in the order they were added") {
  const Base base = make_base();
  Recorder record;
  const timeval* common = init_common(base, ms(3));
  std::vector<Event> timers;
  std::string expected;
  for (int i = 0; i < 40; ++i) {
    timers.push_back(record.make(base.get(), -1, 0, std::to_string(i)));
    REQUIRE(event_add(timers.back().get(), common) == 0);
    expected += (i == 0 ? "" : " ") + std::to_string(i);
  }
  CHECK(added(base) == 40);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.order() == expected);
}

TEST_CASE("event_add: adding again with a common timeout moves to the end of its queue") {
  const Base base = make_base();
  Recorder record;
  const timeval* common = init_common(base, ms(5));
  const Event a = record.make(base.get(), -1, 0, "a");
  const Event b = record.make(base.get(), -1, 0, "b");
  const Event c = record.make(base.get(), -1, 0, "c");
  for (event* const ev : {a.get(), b.get(), c.get(), a.get()}) {
    REQUIRE(event_add(ev, common) == 0);
  }
  CHECK(added(base) == 3);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.order() == "b c a");
}

TEST_CASE("event_del: the first, a middle one and the last of a common queue can go") {
  const Base base = make_base();
  Recorder record;
  const timeval* common = init_common(base, ms(5));
  std::vector<Event> timers;
  for (int i = 0; i < 6; ++i) {
    timers.push_back(record.make(base.get(), -1, 0, std::to_string(i)));
    REQUIRE(event_add(timers.back().get(), common) == 0);
  }
  CHECK(event_del(timers[0].get()) == 0);
  CHECK(event_remove_timer(timers[3].get()) == 0);
  timers[5].reset();
  CHECK(event_pending(timers[0].get(), EV_TIMEOUT, nullptr) == 0);
  CHECK(event_pending(timers[3].get(), EV_TIMEOUT, nullptr) == 0);
  CHECK(added(base) == 3);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.order() == "1 2 4");
}

TEST_CASE("event_base_dispatch: an emptied common queue keeps no loop going") {
  const Base base = make_base();
  Recorder record;
  const timeval* common = init_common(base, {3600, 0});
  CHECK(added(base) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  const Event timer = record.make(base.get(), -1, 0, "timer");
  REQUIRE(event_add(timer.get(), common) == 0);
  CHECK(run_ready(base) == 0);
  CHECK(event_del(timer.get()) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.calls().empty());
}

TEST_CASE("event_add: an event moves between common queues and plain timeouts") {
  const Base base = make_precise_base();
  Recorder record;
  const timeval* hour = init_common(base, {3600, 0});
  const timeval* soon = init_common(base, ms(20));
  const timeval plain_hour = {3600, 0};
  const timeval plain_soon = ms(10);
  const Event timer = record.make(base.get(), -1, 0, "timer");
  for (const timeval* const wait : {hour, soon, &plain_hour, hour, &plain_soon, soon}) {
    REQUIRE(event_add(timer.get(), wait) == 0);
    CHECK(added(base) == 1);
    CHECK(std::abs(due_us(timer.get()) - wall_us() -
                   to_us({wait->tv_sec, wait->tv_usec & kMicroBits})) < kLoadUs);
  }
  const std::int64_t begin = now_us();
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(now_us() - begin < kLoadUs);
  CHECK(record.order() == "timer");
}
