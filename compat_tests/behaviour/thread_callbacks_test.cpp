// thread.h: setting the callbacks, right and wrong, and when they are called.
#include <cstring>
#include <sstream>

#include "child.h"
#include "counting_threads.h"
#include "timer_tools.h"

using namespace event_cases;
using counting::counts;
using counting::kConditions;
using counting::kLocks;

namespace {

// What a warning is turned into: how it is worded is the library's own business.
const char* const kWarning = "2 a warning\n";

std::string plain(const std::string& output) {
  std::istringstream lines(output);
  std::string result;
  for (std::string line; std::getline(lines, line);) {
    result += line.rfind("2 ", 0) == 0 ? kWarning : line + "\n";
  }
  return result;
}

// Runs in a child, as callbacks stay for the rest of a process; nothing else may be written.
template <class Body>
void check_output(const std::string& expected, Body body) {
  const Child child = in_child(body);
  CHECK(child.exit_code == 0);
  CHECK(plain(child.output) == expected);
}

void use_a_base() {
  const Base base = make_base();
  REQUIRE(base);
  Recorder record;
  const Event timer = record.make(base.get(), -1, 0, "timer");
  const timeval wait = ms(1);
  CHECK(event_add(timer.get(), &wait) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
}

}  // namespace

TEST_CASE("evthread_set_lock_callbacks: the same table twice is fine, another one is refused") {
  check_output(std::string("set 0 0\n") + kWarning + "other -1\nin use 1\n", [] {
    std::printf("set %d", evthread_set_lock_callbacks(&kLocks));
    const evthread_lock_callbacks copy = kLocks;
    std::printf(" %d\n", evthread_set_lock_callbacks(&copy));
    evthread_lock_callbacks other = kLocks;
    other.free = [](void*, unsigned) {};
    std::printf("other %d\n", evthread_set_lock_callbacks(&other));
    std::printf("in use %d\n", evthread_get_lock_callbacks()->free == counting::free_lock);
  });
}

TEST_CASE("evthread_set_lock_callbacks: another set of lock types is another table") {
  check_output("refused\n", [] {
    event_set_log_callback([](int, const char*) {});
    evthread_set_lock_callbacks(&kLocks);
    evthread_lock_callbacks other = kLocks;
    other.supported_locktypes |= EVTHREAD_LOCKTYPE_READWRITE;
    std::printf(evthread_set_lock_callbacks(&other) == -1 ? "refused\n" : "taken\n");
  });
}

TEST_CASE("evthread_set_lock_callbacks: a table without one of the functions is refused") {
  const CountedMemory memory;
  evthread_lock_callbacks table = kLocks;
  table.alloc = nullptr;
  CHECK(evthread_set_lock_callbacks(&table) == -1);
  table = kLocks;
  table.free = nullptr;
  CHECK(evthread_set_lock_callbacks(&table) == -1);
  table = kLocks;
  table.lock = nullptr;
  CHECK(evthread_set_lock_callbacks(&table) == -1);
  table = kLocks;
  table.unlock = nullptr;
  CHECK(evthread_set_lock_callbacks(&table) == -1);
  CHECK(evthread_get_lock_callbacks()->alloc == nullptr);
  CHECK(memory.live() == 0);
}

TEST_CASE("evthread_set_lock_callbacks: NULL before any were set changes nothing") {
  check_output("0 0\n", [] {
    std::printf("%d", evthread_set_lock_callbacks(nullptr));
    std::printf(" %d\n", evthread_set_condition_callbacks(nullptr));
  });
}

TEST_CASE("evthread_set_lock_callbacks: NULL afterwards removes them, with a warning") {
  check_output(std::string(kWarning) + kWarning + "0 0\n1 1\n", [] {
    evthread_set_lock_callbacks(&kLocks);
    evthread_set_condition_callbacks(&kConditions);
    const int locks = evthread_set_lock_callbacks(nullptr);
    const int conditions = evthread_set_condition_callbacks(nullptr);
    std::printf("%d %d\n", locks, conditions);
    std::printf("%d", evthread_get_lock_callbacks()->alloc == nullptr);
    std::printf(" %d\n", evthread_get_condition_callbacks()->alloc_condition == nullptr);
  });
}

TEST_CASE("evthread_set_condition_callbacks: the same table twice is fine, another is refused") {
  check_output(std::string("set 0 0\n") + kWarning + "other -1\n", [] {
    std::printf("set %d", evthread_set_condition_callbacks(&kConditions));
    const evthread_condition_callbacks copy = kConditions;
    std::printf(" %d\n", evthread_set_condition_callbacks(&copy));
    evthread_condition_callbacks other = kConditions;
    other.free_condition = [](void*) {};
    std::printf("other %d\n", evthread_set_condition_callbacks(&other));
  });
}

TEST_CASE("evthread_set_lock_callbacks: a failing alloc makes it fail") {
  const Child child = in_child([] {
    evthread_lock_callbacks table = kLocks;
    table.alloc = [](unsigned) -> void* { return nullptr; };
    std::printf("set %d\n", evthread_set_lock_callbacks(&table));
  });
  CHECK(child.exit_code == 0);
  CHECK(child.wrote("set -1\n"));
}

TEST_CASE("evthread_set_lock_callbacks: the version in a table is not looked at") {
  check_output("0 0 1 1\n", [] {
    evthread_lock_callbacks locks = kLocks;
    locks.lock_api_version = 0;
    evthread_condition_callbacks conditions = kConditions;
    conditions.condition_api_version = 7;
    std::printf("%d", evthread_set_lock_callbacks(&locks));
    std::printf(" %d", evthread_set_condition_callbacks(&conditions));
    std::printf(" %d", evthread_get_lock_callbacks()->alloc == counting::make_lock);
    std::printf(" %d\n", evthread_get_condition_callbacks()->condition_api_version == 7);
  });
}

TEST_CASE("evthread_set_condition_callbacks: a table without a function is silently not taken") {
  check_output("0 0\n0 0\n0 0\n0 0\n", [] {
    const auto set = [](evthread_condition_callbacks table) {
      std::printf("%d", evthread_set_condition_callbacks(&table));
      std::printf(" %d\n", evthread_get_condition_callbacks()->alloc_condition != nullptr ||
                               evthread_get_condition_callbacks()->wait_condition != nullptr);
    };
    evthread_condition_callbacks table = kConditions;
    table.alloc_condition = nullptr;
    set(table);
    table = kConditions;
    table.free_condition = nullptr;
    set(table);
    table = kConditions;
    table.signal_condition = nullptr;
    set(table);
    table = kConditions;
    table.wait_condition = nullptr;
    set(table);
  });
}

TEST_CASE("evthread_use_pthreads: does not replace a user's own callbacks") {
  const Child child = in_child([] {
    counting::use_all();
    evthread_use_pthreads();
    std::printf("mine %d\n", evthread_get_lock_callbacks()->alloc == counting::make_lock);
  });
  CHECK(child.wrote("mine 1\n"));
  CHECK(plain(child.output).find(kWarning) != std::string::npos);
}

TEST_CASE("evthread_use_pthreads: can be called again") {
  CHECK(evthread_use_pthreads() == 0);
  CHECK(evthread_use_pthreads() == 0);
  const evthread_lock_callbacks* locks = evthread_get_lock_callbacks();
  CHECK(locks->lock_api_version == EVTHREAD_LOCK_API_VERSION);
  CHECK((locks->supported_locktypes & EVTHREAD_LOCKTYPE_RECURSIVE) != 0);
  CHECK(locks->alloc != nullptr);
  CHECK(evthread_get_condition_callbacks()->condition_api_version ==
        EVTHREAD_CONDITION_API_VERSION);
  CHECK(evthread_get_condition_callbacks()->wait_condition != nullptr);
}

TEST_CASE("evthread_get_lock_callbacks: shows the tables that were set") {
  CHECK(evthread_get_lock_callbacks()->alloc == nullptr);
  CHECK(evthread_get_condition_callbacks()->alloc_condition == nullptr);
  counting::use_all();
  CHECK(std::memcmp(evthread_get_lock_callbacks(), &kLocks, sizeof kLocks) == 0);
  CHECK(std::memcmp(evthread_get_condition_callbacks(), &kConditions, sizeof kConditions) == 0);
}

TEST_CASE("evthread_set_lock_callbacks: a base takes one lock and one condition, and frees them") {
  counting::use_all();
  const int global = counts.live_locks();
  CHECK(counts.conditions_made == 0);
  {
    const Base base = make_base();
    CHECK(counts.live_locks() == global + 1);
    CHECK(counts.live_conditions() == 1);
    const Base other = make_base();
    CHECK(counts.live_locks() == global + 2);
    CHECK(counts.live_conditions() == 2);
  }
  CHECK(counts.live_locks() == global);
  CHECK(counts.live_conditions() == 0);
  libevent_global_shutdown();
  CHECK(counts.live_locks() == 0);
  CHECK(counts.mistakes == 0);
}

TEST_CASE("evthread_set_lock_callbacks: every call is balanced, no lock is held in a callback") {
  counting::use_all();
  {
    const Base base = make_base();
    const SocketPair sockets;
    Recorder record;
    const auto no_lock = [](const Call&) { CHECK(counts.locked == counts.unlocked); };
    const Event timer = record.make(base.get(), -1, 0, "timer", no_lock);
    const Event reader = record.make(base.get(), sockets.first, EV_READ, "reader", no_lock);
    const Event usr1 = record.make(base.get(), SIGUSR1, EV_SIGNAL, "signal", no_lock);
    const timeval wait = ms(1);
    const int locked = counts.locked;
    for (event* const ev : {timer.get(), reader.get(), usr1.get()}) {
      CHECK(event_add(ev, ev == timer.get() ? &wait : nullptr) == 0);
      CHECK(event_pending(ev, 0xff, nullptr) != 0);
      CHECK(counts.locked == counts.unlocked);
    }
    CHECK(counts.locked >= locked + 6);
    write_byte(sockets.second);
    raise(SIGUSR1);
    CHECK(event_base_dispatch(base.get()) == 1);
    CHECK(record.calls().size() == 3);
    CHECK(counts.ids > 0);
  }
  CHECK(counts.locked == counts.unlocked);
  CHECK(counts.mistakes == 0);
}

TEST_CASE("EVENT_BASE_FLAG_NOLOCK: a base calls no lock callback") {
  counting::use_all();
  const int made = counts.locks_made;
  {
    const Base base = make_base_flags(EVENT_BASE_FLAG_NOLOCK);
    REQUIRE(base);
    Recorder record;
    const Event timer = record.make(base.get(), -1, 0, "timer");
    const timeval wait = ms(1);
    const int locked = counts.locked;
    REQUIRE(event_add(timer.get(), &wait) == 0);
    CHECK(event_base_dispatch(base.get()) == 1);
    CHECK(record.order() == "timer");
    CHECK(event_del(timer.get()) == 0);
    CHECK(counts.locked == locked);
  }
  CHECK(counts.locks_made == made);
  CHECK(counts.conditions_made == 0);
}

TEST_CASE("evthread_set_lock_callbacks: a base from before stays without a lock") {
  const Base base = make_base();
  counting::use_all();
  const int locked = counts.locked;
  Recorder record;
  const Event timer = record.make(base.get(), -1, 0, "timer");
  const timeval wait = ms(1);
  REQUIRE(event_add(timer.get(), &wait) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(counts.locked == locked);
  CHECK(counts.conditions_made == 0);
}

TEST_CASE("evthread_set_lock_callbacks: without condition and id callbacks a base works too") {
  REQUIRE(evthread_set_lock_callbacks(&kLocks) == 0);
  use_a_base();
  CHECK(counts.conditions_made == 0);
  CHECK(counts.locked == counts.unlocked);
  CHECK(counts.mistakes == 0);
}
