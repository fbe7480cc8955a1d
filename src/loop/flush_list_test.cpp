#include "loop/flush_list.h"

#include <event2/event.h>
#include <event2/thread.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <thread>

using relevent::loop::FlushItem;

namespace {

struct FreeBase {
  void operator()(event_base* base) const { event_base_free(base); }
  void operator()(event* ev) const { event_free(ev); }
};
using Base = std::unique_ptr<event_base, FreeBase>;
using Event = std::unique_ptr<event, FreeBase>;

struct Item : FlushItem {
  explicit Item(event_base* owner) : FlushItem(run), base(owner) {}

  static void run(FlushItem& item) {
    auto& self = static_cast<Item&>(item);
    ++self.runs;
    if (self.again > 0) {
      --self.again;
      self.add(*self.base);
    }
    if (self.cancels != nullptr) {
      self.cancelled = self.cancels->cancel(*self.base);
    }
  }

  event_base* base;
  int runs = 0;
  int again = 0;
  Item* cancels = nullptr;
  bool cancelled = false;
};

}  // namespace

TEST_CASE("FlushItem: runs once, however often it was added") {
  const Base base(event_base_new());
  Item item(base.get());
  CHECK(item.add(*base));
  CHECK_FALSE(item.add(*base));
  CHECK(event_base_get_num_events(base.get(), EVENT_BASE_COUNT_ADDED) == 1);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(item.runs == 1);
  CHECK(event_base_get_num_events(base.get(), EVENT_BASE_COUNT_ADDED) == 0);
  CHECK(item.add(*base));
  CHECK(event_base_loop(base.get(), EVLOOP_NONBLOCK) == 1);
  CHECK(item.runs == 2);
}

TEST_CASE("FlushItem: a cancelled one does not run") {
  const Base base(event_base_new());
  Item first(base.get());
  Item second(base.get());
  CHECK_FALSE(first.cancel(*base));
  first.add(*base);
  second.add(*base);
  CHECK(first.cancel(*base));
  event_base_dispatch(base.get());
  CHECK(first.runs == 0);
  CHECK(second.runs == 1);

  // Also by the one that runs before it.
  first.cancels = &second;
  first.add(*base);
  second.add(*base);
  event_base_dispatch(base.get());
  CHECK(first.cancelled);
  CHECK(second.runs == 1);
}

TEST_CASE("FlushItem: before the loop polls, and after each callback's iteration") {
  const Base base(event_base_new());
  static Item* item;
  static int seen;
  Item local(base.get());
  item = &local;
  seen = -1;
  const Event ev(event_new(
      base.get(), -1, 0,
      [](evutil_socket_t, short, void* argument) {
        seen = item->runs;
        item->add(*static_cast<event_base*>(argument));
        event_base_loopbreak(static_cast<event_base*>(argument));
      },
      base.get()));
  local.add(*base);
  event_active(ev.get(), EV_TIMEOUT, 0);
  event_base_dispatch(base.get());
  CHECK(seen == 1);
  CHECK(local.runs == 2);  // although the loop was broken: before it returns
}

TEST_CASE("FlushItem: one that adds itself leaves the polling its turn") {
  const Base base(event_base_new());
  static Item* item;
  static int seen;
  seen = -1;
  Item local(base.get());
  item = &local;
  local.again = 1000;
  const Event timer(event_new(
      base.get(), -1, 0, [](evutil_socket_t, short, void*) { seen = item->runs; }, nullptr));
  const timeval soon = {0, 1};
  event_add(timer.get(), &soon);
  local.add(*base);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(local.runs == 1001);
  CHECK(seen > 0);
  CHECK(seen < 1000);
}

TEST_CASE("FlushItem: is the event that EVLOOP_ONCE waits for") {
  const Base base(event_base_new());
  Item item(base.get());
  const Event timer(event_new(
      base.get(), -1, 0, [](evutil_socket_t, short, void*) {}, nullptr));
  const timeval late = {60, 0};
  event_add(timer.get(), &late);
  item.add(*base);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(item.runs == 1);
  event_del(timer.get());
  item.add(*base);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(item.runs == 2);
}

TEST_CASE("FlushItem: is forgotten with its base") {
  Base base(event_base_new());
  Item item(base.get());
  item.add(*base);
  base.reset();
  CHECK(item.runs == 0);
}

TEST_CASE("FlushItem: another thread's wakes the loop", "[threads]") {
  evthread_use_pthreads();
  const Base base(event_base_new());
  struct Stop : FlushItem {
    explicit Stop(event_base* owner) : FlushItem(run), base(owner) {}
    static void run(FlushItem& item) { event_base_loopbreak(static_cast<Stop&>(item).base); }
    event_base* base;
  } stop(base.get());
  const Event guard(event_new(
      base.get(), -1, 0, [](evutil_socket_t, short, void*) { FAIL("nobody woke the loop"); },
      nullptr));
  const timeval late = {20, 0};
  event_add(guard.get(), &late);
  std::thread other([&] {
    ::usleep(20'000);
    stop.add(*base);
  });
  CHECK(event_base_dispatch(base.get()) == 0);
  other.join();
}
