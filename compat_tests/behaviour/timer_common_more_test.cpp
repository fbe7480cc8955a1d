// event_base_init_common_timeout: periodic events, many queues, many events, wrong use.
#include <event2/event_struct.h>

#include "timer_tools.h"

using namespace event_cases;

namespace {

constexpr long kMicroBits = 0x000fffff;

const timeval* init_common(const Base& base, const timeval& duration) {
  return event_base_init_common_timeout(base.get(), &duration);
}

}  // namespace

TEST_CASE("event_base_init_common_timeout: a periodic timer keeps to its schedule") {
  const Base base = make_precise_base();
  Recorder record;
  const timeval* common = init_common(base, ms(30));
  Event timer;
  std::int64_t due = 0;
  timer = record.make(base.get(), -1, EV_PERSIST, "beat", [&](const Call&) {
    const std::int64_t next = due_us(timer.get());
    CHECK(next_beat_is_right(due, next, cached_us(base.get()), 30'000));
    due = next;
    if (record.calls().size() == 4) {
      CHECK(event_del(timer.get()) == 0);
    }
  });
  REQUIRE(event_add(timer.get(), common) == 0);
  due = due_us(timer.get());
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.calls().size() == 4);
}

TEST_CASE("event_base_init_common_timeout: each input arms a reader again from now") {
  const Base base = make_precise_base();
  const SocketPair sockets;
  Recorder record;
  const timeval* common = init_common(base, {30, 0});
  Event reader;
  reader = record.make(base.get(), sockets.first, EV_READ | EV_PERSIST, "reader", [&](const Call&) {
    drain(sockets.first);
    CHECK(std::abs(due_us(reader.get()) - (cached_us(base.get()) + 30'000'000)) <= 1);
  });
  REQUIRE(event_add(reader.get(), common) == 0);
  for (int i = 0; i < 3; ++i) {
    work_for_ms(2);
    write_byte(sockets.second);
    REQUIRE(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  }
  CHECK(record.calls().size() == 3);
}

TEST_CASE("event_base_init_common_timeout: many readers with one idle timeout") {
  const Base base = make_base();
  Recorder record;
  const timeval* common = init_common(base, ms(600));
  std::vector<std::unique_ptr<SocketPair>> sockets;
  std::vector<Event> readers;
  for (int i = 0; i < 50; ++i) {
    sockets.push_back(std::make_unique<SocketPair>());
    readers.push_back(record.make(base.get(), sockets.back()->first, EV_READ, std::to_string(i)));
    REQUIRE(event_add(readers.back().get(), common) == 0);
  }
  CHECK(added(base) == 100);  // a descriptor and its timeout count as two
  for (size_t i = 0; i < 50; i += 2) {
    write_byte(sockets[i]->second);
  }
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.calls().size() == 50);
  for (int i = 0; i < 50; ++i) {
    CHECK(record.what(std::to_string(i)) == (i % 2 == 0 ? EV_READ : EV_TIMEOUT));
  }
}

TEST_CASE("event_base_init_common_timeout: queues of several lengths fire each at its time") {
  const Base base = make_precise_base();
  Recorder record;
  std::vector<Event> timers;
  for (const int wait : {60, 20, 40}) {
    const timeval* common = init_common(base, ms(wait));
    for (const char* suffix : {"a", "b"}) {
      timers.push_back(record.make(base.get(), -1, 0, std::to_string(wait) + suffix));
      REQUIRE(event_add(timers.back().get(), common) == 0);
    }
  }
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.order() == "20a 20b 40a 40b 60a 60b");
}

TEST_CASE("event_base_init_common_timeout: keeps its place among plain timers") {
  const Base base = make_precise_base();
  Recorder record;
  std::vector<Event> timers;
  const timeval* common = init_common(base, ms(40));
  for (const int wait : {700, 20}) {
    timers.push_back(record.make(base.get(), -1, 0, "plain" + std::to_string(wait)));
    const timeval plain = ms(wait);
    REQUIRE(event_add(timers.back().get(), &plain) == 0);
  }
  timers.push_back(record.make(base.get(), -1, 0, "common"));
  REQUIRE(event_add(timers.back().get(), common) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.order() == "plain20 common plain700");
}

TEST_CASE("event_base_init_common_timeout: a callback may delete and add in its own queue") {
  const Base base = make_base();
  Recorder record;
  const timeval* common = init_common(base, ms(4));
  Event a;
  Event b;
  Event c;
  a = record.make(base.get(), -1, 0, "a", [&](const Call&) {
    CHECK(event_del(b.get()) == 0);
    if (record.count("a") == 1) {
      CHECK(event_add(a.get(), common) == 0);
    }
  });
  b = record.make(base.get(), -1, 0, "b");
  c = record.make(base.get(), -1, 0, "c");
  for (event* const ev : {a.get(), b.get(), c.get()}) {
    REQUIRE(event_add(ev, common) == 0);
  }
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.order() == "a c a");
}

TEST_CASE("event_base_init_common_timeout: priorities hold among events of one queue") {
  const Base base = make_base();
  REQUIRE(event_base_priority_init(base.get(), 3) == 0);
  Recorder record;
  const timeval* common = init_common(base, ms(4));
  std::vector<Event> timers;
  for (const int priority : {2, 0, 1}) {
    timers.push_back(record.make(base.get(), -1, 0, std::to_string(priority)));
    REQUIRE(event_priority_set(timers.back().get(), priority) == 0);
    REQUIRE(event_add(timers.back().get(), common) == 0);
  }
  while (event_base_loop(base.get(), EVLOOP_ONCE) == 0) {
  }
  CHECK(record.calls().size() == 3);
  CHECK(record.order() == "0 1 2");
}

TEST_CASE("event_base_loop: EVLOOP_ONCE returns only after events of a common queue ran") {
  const Base base = make_base();
  Recorder record;
  const timeval* common = init_common(base, ms(5));
  const Event a = record.make(base.get(), -1, 0, "a");
  const Event b = record.make(base.get(), -1, 0, "b");
  REQUIRE(event_add(a.get(), common) == 0);
  REQUIRE(event_add(b.get(), common) == 0);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(record.calls().size() >= 1);
}

TEST_CASE("event_base_init_common_timeout: another base's timeout is taken at its word") {
  const Base owner = make_base();
  const Base other = make_base();
  Recorder record;
  const timeval* common = init_common(owner, {5, 0});
  const Event timer = record.make(other.get(), -1, 0, "timer");
  // There the mark is no mark, but 0x50000000 microseconds: some 22 minutes.
  REQUIRE(event_add(timer.get(), common) == 0);
  CHECK(event_pending(timer.get(), EV_TIMEOUT, nullptr) == EV_TIMEOUT);
  CHECK(run_ready(other) == 0);
  CHECK(record.calls().empty());
  CHECK(event_del(timer.get()) == 0);
}

TEST_CASE("event_base_init_common_timeout: a zero duration is allowed and fires at once") {
  const Base base = make_base();
  Recorder record;
  const timeval* common = init_common(base, {0, 0});
  REQUIRE(common != nullptr);
  CHECK((common->tv_usec & kMicroBits) == 0);
  const Event timer = record.make(base.get(), -1, 0, "timer");
  REQUIRE(event_add(timer.get(), common) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.order() == "timer");
}

TEST_CASE("event_base_free: takes events out of common queues") {
  Base base = make_base();
  Recorder record;
  std::vector<event> timers(30);  // in our memory: nothing may be asked about them afterwards
  for (event& timer : timers) {
    const timeval* common = init_common(base, {10 + (&timer - timers.data()) % 3, 0});
    REQUIRE(evtimer_assign(&timer, base.get(), Recorder::callback, record.argument("timer")) == 0);
    REQUIRE(event_add(&timer, common) == 0);
    CHECK((timer.ev_evcallback.evcb_flags & EVLIST_TIMEOUT) != 0);
  }
  base.reset();
  for (const event& timer : timers) {
    CHECK(timer.ev_evcallback.evcb_flags == EVLIST_INIT);
  }
  CHECK(record.calls().empty());
}

TEST_CASE("event_base_init_common_timeout: a hundred thousand events in one queue, in order") {
  constexpr int kCount = 100'000;
  const Base base = make_base();
  const timeval* common = init_common(base, ms(20));
  struct Order {
    int next = 0;
    int wrong = 0;
  } order;
  struct Target {
    Order* order;
    int number;
  };
  std::vector<Target> targets;
  for (int i = 0; i < kCount; ++i) {
    targets.push_back({&order, i});
  }
  std::vector<Event> timers;
  int failed = 0;
  for (Target& target : targets) {
    timers.emplace_back(event_new(
        base.get(), -1, 0,
        [](evutil_socket_t, short, void* arg) {
          auto* t = static_cast<Target*>(arg);
          t->order->wrong += t->number != t->order->next;
          ++t->order->next;
        },
        &target));
    failed += event_add(timers.back().get(), common) != 0;
  }
  CHECK(failed == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(order.next == kCount);
  CHECK(order.wrong == 0);
}
