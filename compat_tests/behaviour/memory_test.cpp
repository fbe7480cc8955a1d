// event_set_mem_functions: every block comes from the user's allocator and goes back to it.
#include <event2/event_struct.h>
#include <event2/thread.h>

#include "child.h"
#include "signal_tools.h"
#include "tracked_memory.h"

extern "C" void event_disable_debug_mode(void);

using namespace event_cases;

namespace {

// Uses the loop in all ways that might allocate.
void use_everything(event_base* base) {
  const SocketPair sockets;
  Recorder record;
  const timeval soon = ms(2);
  const timeval hour = {3600, 0};
  const timeval* common = event_base_init_common_timeout(base, &soon);
  REQUIRE(common != nullptr);
  std::vector<Event> events;
  for (int i = 0; i < 200; ++i) {
    events.push_back(record.make(base, -1, 0, "timer"));
    REQUIRE(event_add(events.back().get(), i % 3 == 0 ? common : i % 3 == 1 ? &soon : &hour) == 0);
  }
  events.push_back(record.make(base, sockets.first, EV_READ, "reader"));
  REQUIRE(event_add(events.back().get(), nullptr) == 0);
  events.push_back(record.make(base, SIGUSR1, EV_SIGNAL | EV_PERSIST, "signal"));
  REQUIRE(event_add(events.back().get(), nullptr) == 0);
  REQUIRE(event_base_once(base, -1, EV_TIMEOUT, Recorder::callback, record.argument("once"),
                          &soon) == 0);
  write_byte(sockets.second);
  raise(SIGUSR1);
  const timeval end = ms(20);
  REQUIRE(event_base_loopexit(base, &end) == 0);
  CHECK(event_base_dispatch(base) == 0);
  CHECK(record.count("once") == 1);
  CHECK(record.count("reader") == 1);
  CHECK(record.count("signal") == 1);
  CHECK(record.count("timer") == 67 + 67);
}

}  // namespace

TEST_CASE("event_set_mem_functions: a base begins at a block and all of it is freed") {
  const TrackedMemory memory;
  event_get_supported_methods();  // may leave a table for the life of the process
  const size_t before = memory.live();
  for (const char* method : {"epoll", "poll", "select"}) {
    INFO(method);
    Base base = make_base_with(method);
    REQUIRE(base);
    CHECK(memory.holds(base.get()));
    use_everything(base.get());
    base.reset();
    CHECK(memory.live() == before);
  }
  libevent_global_shutdown();
  CHECK(memory.live() == before);
  CHECK(memory.strangers() == 0);
}

TEST_CASE("event_get_supported_methods: leaves nothing behind after libevent_global_shutdown") {
  INTENDED_DIFFERENCE("the reference never frees its table of methods");
  const TrackedMemory memory;
  for (int i = 0; i < 3; ++i) {
    const char** methods = event_get_supported_methods();
    REQUIRE(methods != nullptr);
    CHECK(methods[0] == std::string("epoll"));
  }
  libevent_global_shutdown();
  CHECK(memory.live() == 0);
}

TEST_CASE("event_set_mem_functions: event_new takes one block of the struct's size") {
  const TrackedMemory memory;
  const Base base = make_base();
  const size_t before = memory.live();
  const long requests = memory.requests();
  Event ev(evtimer_new(base.get(), Recorder::callback, nullptr));
  REQUIRE(ev);
  CHECK(memory.holds(ev.get()));
  CHECK(memory.size_of(ev.get()) >= sizeof(event));
  CHECK(memory.requests() == requests + 1);
  CHECK(memory.live() == before + 1);
  ev.reset();
  CHECK(memory.live() == before);
}

TEST_CASE("event_set_mem_functions: a configuration is freed with what was put into it") {
  const TrackedMemory memory;
  {
    const Config config(event_config_new());
    CHECK(memory.holds(config.get()));
    CHECK(event_config_avoid_method(config.get(), "select") == 0);
    CHECK(event_config_avoid_method(config.get(), "poll") == 0);
    const Base base(event_base_new_with_config(config.get()));
    REQUIRE(base);
  }
  libevent_global_shutdown();
  CHECK(memory.live() == 0);
}

TEST_CASE("event_base_free: frees one-time events that never came and events that are left") {
  const TrackedMemory memory;
  const SocketPair sockets;
  std::vector<event> events(3);  // in our memory: the library only knows of them
  Recorder record;
  {
    const Base base = make_base();
    const timeval hour = {3600, 0};
    const timeval* common = event_base_init_common_timeout(base.get(), &hour);
    for (int i = 0; i < 10; ++i) {
      REQUIRE(event_base_once(base.get(), -1, EV_TIMEOUT, Recorder::callback,
                              record.argument("once"), i % 2 == 0 ? common : &hour) == 0);
    }
    REQUIRE(event_base_once(base.get(), sockets.first, EV_READ, Recorder::callback,
                            record.argument("once"), nullptr) == 0);
    REQUIRE(evtimer_assign(&events[0], base.get(), Recorder::callback, record.argument("ev")) == 0);
    REQUIRE(evsignal_assign(&events[1], base.get(), SIGUSR1, Recorder::callback,
                            record.argument("ev")) == 0);
    REQUIRE(event_assign(&events[2], base.get(), sockets.second, EV_READ, Recorder::callback,
                         record.argument("ev")) == 0);
    REQUIRE(event_add(&events[0], &hour) == 0);
    REQUIRE(event_add(&events[1], nullptr) == 0);
    REQUIRE(event_add(&events[2], nullptr) == 0);
    event_active(&events[0], EV_READ, 1);
  }
  CHECK(record.calls().empty());
  libevent_global_shutdown();
  CHECK(memory.live() == 0);
}

TEST_CASE("libevent_global_shutdown: leaves nothing, with threads, debug mode and logging used") {
  const TrackedMemory memory;
  event_enable_debug_mode();
  REQUIRE(evthread_use_pthreads() == 0);
  {
    const Base base = make_base();
    use_everything(base.get());
    CHECK(evthread_make_base_notifiable(base.get()) == 0);
  }
  libevent_global_shutdown();
  CHECK(memory.live() == 0);
  CHECK(memory.strangers() == 0);
}

TEST_CASE("libevent_global_shutdown: before anything was used, and twice") {
  const TrackedMemory memory;
  libevent_global_shutdown();
  libevent_global_shutdown();
  CHECK(memory.live() == 0);
}

TEST_CASE("libevent_global_shutdown: leaves nothing of lock debugging") {
  const TrackedMemory memory;
  evthread_enable_lock_debugging();
  REQUIRE(evthread_use_pthreads() == 0);
  {
    const Base base = make_base();
    use_everything(base.get());
  }
  libevent_global_shutdown();
  CHECK(memory.live() == 0);
}

TEST_CASE("event_set_mem_functions: NULLs bring the C library's functions back") {
  long requests = 0;
  {
    const TrackedMemory memory;
    const Base base = make_base();
    requests = memory.requests();
  }
  event_set_mem_functions(nullptr, nullptr, nullptr);
  const Base base = make_base();
  REQUIRE(base);
  use_everything(base.get());
  CHECK(TrackedMemory::requests() == requests);
}

TEST_CASE("event_set_mem_functions: one function alone can be replaced") {
  static int calls = 0;
  event_set_mem_functions(
      [](size_t size) {
        ++calls;
        return std::malloc(size);
      },
      nullptr, nullptr);
  const Base base = make_base();
  REQUIRE(base);
  use_everything(base.get());
  CHECK(calls > 0);
}

TEST_CASE("event_base_new: gives memory back to the allocator after a burst of timers") {
  const TrackedMemory memory;
  const size_t before = memory.live();
  Base base = make_base();
  std::vector<event> timers(10'000);
  const timeval hour = {3600, 0};
  int failed = 0;
  for (event& timer : timers) {
    failed += evtimer_assign(&timer, base.get(), Recorder::callback, nullptr) != 0;
    failed += event_add(&timer, &hour) != 0;
  }
  for (event& timer : timers) {
    failed += event_del(&timer) != 0;
  }
  CHECK(failed == 0);
  base.reset();
  libevent_global_shutdown();
  CHECK(memory.live() == before);
}

TEST_CASE("event_base_loop: a steady state allocates nothing") {
  const TrackedMemory memory;
  const Base base = make_base();
  const SocketPair sockets;
  Recorder record;
  const Event reader = record.make(base.get(), sockets.first, EV_READ | EV_PERSIST, "reader",
                                   [&](const Call&) { drain(sockets.first); });
  const Event timer = record.make(base.get(), -1, 0, "timer");
  const Event usr1 = add_signal(record, base, SIGUSR1, "usr1");
  const timeval soon = {0, 1};
  REQUIRE(event_add(reader.get(), nullptr) == 0);
  long requests = 0;
  for (int i = 0; i < 50; ++i) {
    if (i == 10) {
      requests = memory.requests();  // by now all tables have their size
    }
    write_byte(sockets.second);
    raise(SIGUSR1);
    REQUIRE(event_add(timer.get(), &soon) == 0);
    event_active(timer.get(), EV_READ, 1);
    REQUIRE(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  }
  CHECK(memory.requests() == requests);
}
