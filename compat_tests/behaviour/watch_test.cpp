// Additions of 2.2: watchers, the signal method, flags for pthreads. The reference has none of it.
#if __has_include(<event2/watch.h>)
#include <event2/watch.h>
#else
extern "C" {
struct evwatch;
struct evwatch_prepare_cb_info;
struct evwatch_check_cb_info;
struct event_base;
struct timeval;
using evwatch_prepare_cb = void (*)(evwatch*, const evwatch_prepare_cb_info*, void*);
using evwatch_check_cb = void (*)(evwatch*, const evwatch_check_cb_info*, void*);
evwatch* evwatch_prepare_new(event_base* base, evwatch_prepare_cb callback, void* arg);
evwatch* evwatch_check_new(event_base* base, evwatch_check_cb callback, void* arg);
event_base* evwatch_base(evwatch* watcher);
void evwatch_free(evwatch* watcher);
int evwatch_prepare_get_timeout(const evwatch_prepare_cb_info* info, timeval* timeout);
}
#endif

#include <event2/thread.h>

#include <thread>

#include "signal_tools.h"
#include "tracked_memory.h"

// Weak, so that the program starts on a library without them.
extern "C" {
[[gnu::weak]] evwatch* evwatch_prepare_new(event_base*, evwatch_prepare_cb, void*);
[[gnu::weak]] evwatch* evwatch_check_new(event_base*, evwatch_check_cb, void*);
[[gnu::weak]] event_base* evwatch_base(evwatch*);
[[gnu::weak]] void evwatch_free(evwatch*);
[[gnu::weak]] int evwatch_prepare_get_timeout(const evwatch_prepare_cb_info*, timeval*);
[[gnu::weak]] const char* event_base_get_signal_method(const event_base*);
[[gnu::weak]] int evthread_use_pthreads_with_flags(int);
}

using namespace event_cases;

namespace {

#define NEEDS_WATCHERS INTENDED_DIFFERENCE("watchers are new in 2.2")

struct Log {
  std::string text;
  void add(const char* word) { text += (text.empty() ? "" : " ") + std::string(word); }
};

// A watcher that does something when it is called.
struct Watcher {
  std::function<void(evwatch*, const evwatch_prepare_cb_info*)> action;
  evwatch* watcher = nullptr;

  void prepare(const Base& base) { watcher = evwatch_prepare_new(base.get(), on_prepare, this); }
  void check(const Base& base) { watcher = evwatch_check_new(base.get(), on_check, this); }

  static void on_prepare(evwatch* watcher, const evwatch_prepare_cb_info* info, void* arg) {
    CHECK(info != nullptr);
    static_cast<Watcher*>(arg)->action(watcher, info);
  }
  static void on_check(evwatch* watcher, const evwatch_check_cb_info* info, void* arg) {
    CHECK(info != nullptr);
    static_cast<Watcher*>(arg)->action(watcher, nullptr);
  }
};

// A watcher that writes a word down.
Watcher writes(Log& log, const char* word) {
  return {[&log, word](evwatch*, const evwatch_prepare_cb_info*) { log.add(word); }, nullptr};
}

}  // namespace

TEST_CASE("evwatch_prepare_new: prepare before the poll, check after it, then the callbacks") {
  NEEDS_WATCHERS;
  const Base base = make_base();
  const SocketPair sockets;
  Log log;
  Recorder record;
  const auto note = [&](const Call& call) { log.add(call.name.c_str()); };
  const Event reader = record.make(base.get(), sockets.first, EV_READ, "reader", note);
  const Event timer = record.make(base.get(), -1, 0, "timer", note);
  Watcher prepare = writes(log, "prepare");
  Watcher check = writes(log, "check");
  check.check(base);
  prepare.prepare(base);
  REQUIRE(prepare.watcher != nullptr);
  REQUIRE(check.watcher != nullptr);
  CHECK(evwatch_base(prepare.watcher) == base.get());
  CHECK(evwatch_base(check.watcher) == base.get());
  const timeval minus = {-1, 0};
  REQUIRE(event_add(reader.get(), nullptr) == 0);
  REQUIRE(event_add(timer.get(), &minus) == 0);
  write_byte(sockets.second);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(log.text == "prepare check reader timer");
}

TEST_CASE("evwatch_prepare_new: a loop that is broken while it prepares does not wait") {
  NEEDS_WATCHERS;
  const Base base = make_base();
  Log log;
  Watcher prepare = {[&](evwatch*, const evwatch_prepare_cb_info*) {
                       log.add("prepare");
                       event_base_loopbreak(base.get());
                     },
                     nullptr};
  prepare.prepare(base);
  CHECK(event_base_loop(base.get(), EVLOOP_NO_EXIT_ON_EMPTY) == 0);
  CHECK(log.text == "prepare");
  CHECK(event_base_got_break(base.get()));
  evwatch_free(prepare.watcher);
}

TEST_CASE("evwatch_prepare_new: watchers of a kind run in the order they were made") {
  NEEDS_WATCHERS;
  const Base base = make_base();
  Log log;
  std::vector<Watcher> watchers;
  for (const char* word : {"1", "2", "3"}) {
    watchers.push_back(writes(log, word));
  }
  for (Watcher& watcher : watchers) {
    watcher.prepare(base);
  }
  const timeval zero = {0, 0};
  REQUIRE(event_base_once(
              base.get(), -1, EV_TIMEOUT, [](evutil_socket_t, short, void*) {}, nullptr, &zero) ==
          0);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(log.text == "1 2 3");
}

TEST_CASE("evwatch_prepare_new: a watcher counts for nothing and keeps no loop going") {
  NEEDS_WATCHERS;
  const Base base = make_base();
  Log log;
  Watcher prepare = writes(log, "prepare");
  Watcher check = writes(log, "check");
  prepare.prepare(base);
  check.check(base);
  CHECK(added(base) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(log.text.empty());  // nothing to wait for, so no round
}

TEST_CASE("evwatch_free: takes a watcher away, also in its own and in another's callback") {
  NEEDS_WATCHERS;
  const Base base = make_base();
  Log log;
  Watcher first = writes(log, "first");
  Watcher self;
  Watcher victim = writes(log, "victim");
  Watcher last = writes(log, "last");
  self.action = [&](evwatch* watcher, const evwatch_prepare_cb_info*) {
    log.add("self");
    evwatch_free(victim.watcher);
    evwatch_free(watcher);
  };
  for (Watcher* const watcher : {&first, &self, &victim, &last}) {
    watcher->prepare(base);
  }
  Recorder record;
  const Event user = record.make(base.get(), -1, 0, "user");
  for (int i = 0; i < 2; ++i) {
    event_active(user.get(), EV_READ, 1);
    CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  }
  CHECK(log.text == "first self last first last");
}

TEST_CASE("evwatch_prepare_get_timeout: tells how long the poll may wait") {
  NEEDS_WATCHERS;
  const Base base = make_base();
  const SocketPair sockets;
  Recorder record;
  int known = -1;
  timeval wait = {-7, -7};
  Watcher prepare;
  prepare.action = [&](evwatch*, const evwatch_prepare_cb_info* info) {
    wait = {-7, -7};
    known = evwatch_prepare_get_timeout(info, &wait);
  };
  prepare.prepare(base);
  const Event writer = record.make(base.get(), sockets.first, EV_WRITE, "writer");
  REQUIRE(event_add(writer.get(), nullptr) == 0);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(known == 0);  // it waits without limit

  const Event timer = record.make(base.get(), -1, 0, "timer");
  const timeval minute = {60, 0};
  REQUIRE(event_add(timer.get(), &minute) == 0);
  REQUIRE(event_add(writer.get(), nullptr) == 0);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(known == 1);
  CHECK(to_us(wait) <= 60'000'000);
  CHECK(to_us(wait) > 60'000'000 - kLoadUs);
}

TEST_CASE("evwatch_prepare_new: what it activates or adds is seen by the poll that follows") {
  NEEDS_WATCHERS;
  const Base base = make_base();
  Recorder record;
  const Event user = record.make(base.get(), -1, 0, "user");
  const Event far = record.make(base.get(), -1, 0, "far");
  const timeval hour = {3600, 0};
  REQUIRE(event_add(far.get(), &hour) == 0);
  Watcher prepare;
  prepare.action = [&](evwatch*, const evwatch_prepare_cb_info*) {
    event_active(user.get(), EV_WRITE, 1);
  };
  prepare.prepare(base);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);  // does not wait for an hour
  CHECK(record.order() == "user");

  record.clear();
  const SocketPair sockets;
  const Event writer = record.make(base.get(), sockets.first, EV_WRITE, "writer");
  prepare.action = [&](evwatch*, const evwatch_prepare_cb_info*) {
    CHECK(event_add(writer.get(), nullptr) == 0);
  };
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(record.order() == "writer");
}

TEST_CASE("evwatch_check_new: what it activates runs in the same round") {
  NEEDS_WATCHERS;
  const Base base = make_base();
  Recorder record;
  const Event user = record.make(base.get(), -1, 0, "user");
  const Event timer = record.make(base.get(), -1, 0, "timer");
  Watcher check;
  check.action = [&](evwatch*, const evwatch_prepare_cb_info*) {
    event_active(user.get(), EV_WRITE, 1);
  };
  check.check(base);
  const timeval zero = {0, 0};
  REQUIRE(event_add(timer.get(), &zero) == 0);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE | EVLOOP_NONBLOCK) == 0);
  CHECK(record.calls().size() == 2);
}

TEST_CASE("event_base_free: frees the watchers that are left") {
  NEEDS_WATCHERS;
  const TrackedMemory memory;
  Log log;
  Watcher prepare = writes(log, "prepare");
  Watcher check = writes(log, "check");
  {
    const Base base = make_base();
    prepare.prepare(base);
    check.check(base);
    CHECK(memory.holds(prepare.watcher));
    memory.fail_after(0);
    CHECK(evwatch_prepare_new(base.get(), Watcher::on_prepare, &prepare) == nullptr);
    memory.fail_after(0);
    CHECK(evwatch_check_new(base.get(), Watcher::on_check, &check) == nullptr);
    memory.never_fail();
  }
  libevent_global_shutdown();
  CHECK(memory.live() == 0);
}

TEST_CASE("event_base_get_signal_method: says how signals come") {
  INTENDED_DIFFERENCE("event_base_get_signal_method is new in 2.2");
  const Base base = make_base();
  CHECK(event_base_get_signal_method(base.get()) == std::string("signal"));
}

TEST_CASE("evthread_use_pthreads_with_flags: locks that inherit priorities work") {
  INTENDED_DIFFERENCE("evthread_use_pthreads_with_flags is new in 2.2");
  constexpr int kPrioInherit = 0x01;
  REQUIRE(evthread_use_pthreads_with_flags(kPrioInherit) == 0);
  const Base base = make_base();
  Recorder record;
  const Event user = record.make(base.get(), -1, 0, "user");
  std::thread other([&] { event_active(user.get(), EV_READ, 1); });
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY) == 0);
  other.join();
  CHECK(record.order() == "user");
}
