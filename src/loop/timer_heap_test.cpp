#include "loop/timer_heap.h"

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <random>
#include <vector>

using relevent::loop::TimerHeap;

namespace {

event make_timer(long microseconds) {
  event ev{};
  ev.ev_timeout = relevent::loop::to_timeval(microseconds);
  ev.ev_timeout_pos.min_heap_idx = -1;
  return ev;
}

}  // namespace

TEST_CASE("timer heap: equal deadlines come in the order they were added") {
  TimerHeap heap;
  std::vector<event> events(100, make_timer(5));
  for (event& ev : events) {
    REQUIRE(heap.reserve());
    heap.push(ev);
  }
  for (event& ev : events) {
    REQUIRE(heap.top() == &ev);
    heap.remove(ev);
  }
  CHECK(heap.empty());
}

TEST_CASE("timer heap: a later deadline is noticed when the old one comes up") {
  TimerHeap heap;
  event first = make_timer(10);
  event second = make_timer(20);
  for (event* ev : {&first, &second}) {
    REQUIRE(heap.reserve());
    heap.push(*ev);
  }
  first.ev_timeout = relevent::loop::to_timeval(30);
  heap.update(first);
  CHECK(heap.top() == &second);
  second.ev_timeout = relevent::loop::to_timeval(40);
  heap.update(second);
  CHECK(heap.top() == &first);
  first.ev_timeout = relevent::loop::to_timeval(-5);
  heap.update(first);
  CHECK(heap.top() == &first);
  heap.remove(first);
  CHECK(heap.top() == &second);
  CHECK(heap.size() == 1);
}

TEST_CASE("timer heap: deadlines outside the range of a key are kept at its ends") {
  TimerHeap heap;
  event never = make_timer(0);
  never.ev_timeout.tv_sec = INT64_MAX / 2;
  event always = make_timer(0);
  always.ev_timeout.tv_sec = INT64_MIN / 2;
  event now = make_timer(0);
  for (event* ev : {&never, &now, &always}) {
    REQUIRE(heap.reserve());
    heap.push(*ev);
  }
  CHECK(heap.top() == &always);
  heap.remove(always);
  CHECK(heap.top() == &now);
  heap.remove(now);
  CHECK(heap.top() == &never);
  CHECK(relevent::loop::deadline_of(never) == relevent::loop::kMaxDeadline);
}

TEST_CASE("timer heap: against a sorted map, with every kind of change") {
  constexpr std::size_t kCount = 2000;
  TimerHeap heap;
  std::vector<std::unique_ptr<event>> events;
  for (std::size_t i = 0; i < kCount; ++i) {
    events.push_back(std::make_unique<event>(make_timer(0)));
  }
  std::map<event*, long> model;
  std::mt19937 random(4711);
  for (int step = 0; step < 100'000; ++step) {
    event& ev = *events[random() % kCount];
    const auto deadline = static_cast<long>(random() % 1'000'000);
    const bool inside = model.count(&ev) != 0;
    if (inside && random() % 3 == 0) {
      heap.remove(ev);
      CHECK(ev.ev_timeout_pos.min_heap_idx == -1);
      model.erase(&ev);
    } else {
      ev.ev_timeout = relevent::loop::to_timeval(deadline);
      if (inside) {
        heap.update(ev);
      } else {
        REQUIRE(heap.reserve());
        heap.push(ev);
      }
      model[&ev] = deadline;
    }
    if (step % 1000 == 0) {
      std::size_t seen = 0;
      heap.for_each([&](event&) { return ++seen != 0; });
      REQUIRE(seen == model.size());
      REQUIRE(heap.size() == model.size());
    }
  }
  long last = -1;
  while (event* const ev = heap.top()) {
    const auto known = model.find(ev);
    REQUIRE(known != model.end());
    REQUIRE(known->second >= last);
    last = known->second;
    heap.remove(*ev);
    model.erase(known);
  }
  CHECK(model.empty());
}
