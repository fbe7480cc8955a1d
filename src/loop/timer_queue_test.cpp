#include "loop/timer_queue.h"

#include <catch2/catch.hpp>
#include <memory>
#include <random>
#include <vector>

#include "loop/event_base.h"

namespace loop = relevent::loop;

namespace {

// Events that are moved between the heap and two common timeouts.
class Mover {
 public:
  explicit Mover(std::size_t count) {
    for (const time_t seconds : {10, 20}) {
      const timeval duration{seconds, 0};
      marks_.push_back(queue_.common().find_or_create(*base_, duration)->duration.tv_usec);
    }
    for (std::size_t i = 0; i < count; ++i) {
      events_.push_back(std::make_unique<event>());
      events_.back()->ev_timeout_pos.min_heap_idx = -1;
    }
    inside_.resize(count, false);
  }

  // `where` 0: the heap; 1 and 2: a common timeout.
  void put(std::size_t i, time_t seconds, std::size_t where) {
    const timeval deadline{seconds, where == 0 ? 7 : (marks_[where - 1] | 7)};
    event& ev = *events_[i];
    REQUIRE(queue_.reserve());
    if (inside_[i]) {
      queue_.change(ev, deadline);
    } else {
      ev.ev_timeout = deadline;
      queue_.insert(ev);
      inside_[i] = true;
    }
  }

  void take_out_all() {
    loop::Deadline last = loop::kMinDeadline;
    while (event* const ev = queue_.due(loop::kMaxDeadline)) {
      REQUIRE(loop::deadline_of(*ev) >= last);
      last = loop::deadline_of(*ev);
      queue_.remove(*ev);
      ++taken_;
    }
    CHECK(queue_.empty());
  }

  std::size_t taken() const { return taken_; }

 private:
  // Only noted in the queues' timers.
  std::unique_ptr<event_base> base_ = std::make_unique<event_base>();
  loop::TimerQueue queue_;
  std::vector<long> marks_;
  std::vector<std::unique_ptr<event>> events_;
  std::vector<bool> inside_;
  std::size_t taken_ = 0;
};

}  // namespace

TEST_CASE("timer queue: events move between the heap and common timeouts, also when it is full") {
  for (const std::size_t count :
       {std::size_t{1}, std::size_t{31}, std::size_t{32}, std::size_t{1000}}) {
    Mover mover(count);
    for (std::size_t where : {0U, 1U, 0U, 2U, 1U, 1U, 2U, 0U, 0U}) {
      for (std::size_t i = 0; i < count; ++i) {
        mover.put(i, static_cast<time_t>(1000 + i * 7 % 100), where);
      }
    }
    mover.take_out_all();
    CHECK(mover.taken() == count);
  }
}

TEST_CASE("timer queue: the only event of a common timeout may be put off for ever") {
  Mover mover(32);
  for (std::size_t i = 0; i < 31; ++i) {
    mover.put(i, 500, 0);
  }
  for (time_t seconds = 1; seconds < 5000; ++seconds) {
    mover.put(31, seconds, 1);
  }
  mover.take_out_all();
  CHECK(mover.taken() == 32);
}

TEST_CASE("timer queue: random moves keep the order") {
  constexpr std::size_t kCount = 500;
  Mover mover(kCount);
  std::mt19937 random(99);
  for (std::size_t i = 0; i < kCount; ++i) {
    mover.put(i, static_cast<time_t>(random() % 1000), i % 3);
  }
  for (int step = 0; step < 50'000; ++step) {
    mover.put(random() % kCount, static_cast<time_t>(random() % 1000), random() % 3);
  }
  mover.take_out_all();
  CHECK(mover.taken() == kCount);
}
