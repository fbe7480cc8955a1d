// thread.h: lock debugging, and the callbacks at work between threads.
#include <cstring>
#include <future>
#include <thread>

#include "child.h"
#include "counting_threads.h"
#include "timer_tools.h"

using namespace event_cases;
using counting::counts;
using counting::kConditions;
using counting::kLocks;

namespace {

// A callback runs in one thread while another deletes its event: exactly one wait, one wake-up.
void delete_while_running() {
  const Base base = make_base();
  REQUIRE(base);
  Recorder record;
  std::promise<void> running;
  std::atomic<bool> finished = false;
  const Event ev = record.make(base.get(), -1, 0, "slow", [&](const Call&) {
    running.set_value();
    const std::int64_t end = now_ms() + 5000;
    while (counts.waits == 0 && now_ms() < end) {
      std::this_thread::yield();
    }
    finished = true;
  });
  event_active(ev.get(), EV_TIMEOUT, 1);
  std::thread loop([&] { event_base_dispatch(base.get()); });
  running.get_future().wait();
  CHECK(event_del(ev.get()) == 0);
  CHECK(finished);
  loop.join();
  CHECK(counts.waits == 1);
  CHECK(counts.signals == 1);
}

}  // namespace

TEST_CASE("evthread_set_condition_callbacks: event_del waits by them", "[threads]") {
  counting::use_all();
  delete_while_running();
  CHECK(counts.locked == counts.unlocked);
  CHECK(counts.mistakes == 0);
}

TEST_CASE("evthread_set_condition_callbacks: nobody waits, nobody is signalled") {
  counting::use_all();
  const Base base = make_base();
  Recorder record;
  const Event ev = record.make(base.get(), -1, 0, "ev");
  for (int i = 0; i < 10; ++i) {
    event_active(ev.get(), EV_TIMEOUT, 1);
    CHECK(event_base_dispatch(base.get()) == 1);
    CHECK(event_del(ev.get()) == 0);
  }
  CHECK(counts.waits == 0);
  CHECK(counts.signals == 0);
}

TEST_CASE("evthread_set_id_callback: decides who is the loop's thread") {
  // All threads claim to be one: event_del in another thread must not wait then.
  REQUIRE(evthread_set_lock_callbacks(&kLocks) == 0);
  REQUIRE(evthread_set_condition_callbacks(&kConditions) == 0);
  evthread_set_id_callback([] { return 1ul; });
  const Base base = make_base();
  Recorder record;
  std::promise<void> running;
  std::promise<void> deleted;
  bool in_time = false;
  const Event ev = record.make(base.get(), -1, 0, "slow", [&](const Call&) {
    running.set_value();
    in_time = deleted.get_future().wait_for(std::chrono::seconds(5)) == std::future_status::ready;
  });
  event_active(ev.get(), EV_TIMEOUT, 1);
  std::thread loop([&] { event_base_dispatch(base.get()); });
  running.get_future().wait();
  CHECK(event_del(ev.get()) == 0);
  deleted.set_value();
  loop.join();
  CHECK(in_time);
  CHECK(counts.waits == 0);
}

TEST_CASE("evthread_enable_lock_debugging: before the callbacks are set") {
  evthread_enable_lock_debugging();
  CHECK(evthread_get_lock_callbacks()->alloc == nullptr);
  counting::use_all();
  CHECK(std::memcmp(evthread_get_lock_callbacks(), &kLocks, sizeof kLocks) == 0);
  CHECK(std::memcmp(evthread_get_condition_callbacks(), &kConditions, sizeof kConditions) == 0);
  delete_while_running();
  CHECK(counts.locked == counts.unlocked);
  libevent_global_shutdown();
  CHECK(counts.live_locks() == 0);
  CHECK(counts.live_conditions() == 0);
  CHECK(counts.mistakes == 0);
}

TEST_CASE("evthread_enable_lock_debuging: the old spelling, after the callbacks are set, twice") {
  counting::use_all();
  evthread_enable_lock_debuging();
  evthread_enable_lock_debugging();
  CHECK(std::memcmp(evthread_get_lock_callbacks(), &kLocks, sizeof kLocks) == 0);
  delete_while_running();
  CHECK(counts.locked == counts.unlocked);
  libevent_global_shutdown();
  CHECK(counts.live_locks() == 0);
  CHECK(counts.mistakes == 0);
}

TEST_CASE("evthread_enable_lock_debugging: works without any callbacks") {
  const LogCapture log;
  evthread_enable_lock_debugging();
  const Base base = make_base();
  Recorder record;
  const Event ev = record.make(base.get(), -1, 0, "ev");
  const timeval wait = ms(1);
  REQUIRE(event_add(ev.get(), &wait) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(log.count() == 0);
}

TEST_CASE("evthread_enable_lock_debugging: works with pthreads") {
  evthread_enable_lock_debugging();
  REQUIRE(evthread_use_pthreads() == 0);
  const LogCapture log;
  const Base base = make_base();
  Recorder record;
  const Event ev = record.make(base.get(), -1, 0, "ev");
  std::thread other([&] { event_active(ev.get(), EV_READ, 1); });
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY) == 0);
  other.join();
  CHECK(record.order() == "ev");
  CHECK(log.count() == 0);
}

TEST_CASE("evthread_make_base_notifiable: can be asked for, also again, and needs a base") {
  CHECK(evthread_make_base_notifiable(nullptr) == -1);
  const Base base = make_base();
  CHECK(evthread_make_base_notifiable(base.get()) == 0);
  CHECK(evthread_make_base_notifiable(base.get()) == 0);
  // Its wake-up is no event of the user's: it counts for nothing and keeps no loop going.
  CHECK(added(base) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
}

TEST_CASE("evthread_make_base_notifiable: also on a base without a lock") {
  counting::use_all();
  const Base base = make_base_flags(EVENT_BASE_FLAG_NOLOCK);
  CHECK(evthread_make_base_notifiable(base.get()) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
}
