// event_base_loopexit, loopbreak and loopcontinue, and what the base says of them afterwards.
#include "event_recorder.h"

using namespace event_cases;

namespace {

struct Exit {
  // Three active events that run in the order "a b c"; the first does this.
  explicit Exit(Recorder::Hook hook) {
    for (const char* name : {"a", "b", "c"}) {
      events.push_back(
          recorder.make(base.get(), -1, 0, name, *name == 'a' ? hook : Recorder::Hook{}));
    }
  }
  void activate() {
    for (const Event& ev : events) {
      event_active(ev.get(), EV_TIMEOUT, 1);
    }
  }
  Base base = make_base();
  Recorder recorder;
  std::vector<Event> events;
};

bool got_exit(const Base& base) { return event_base_got_exit(base.get()) != 0; }
bool got_break(const Base& base) { return event_base_got_break(base.get()) != 0; }

}  // namespace

TEST_CASE("event_base_loopexit: without a time it lets the active events run and returns 0") {
  std::unique_ptr<Exit> with;
  with = std::make_unique<Exit>([&](const Call&) {
    CHECK(event_base_loopexit(with->base.get(), nullptr) == 0);
    // It takes its turn behind what is active already.
    CHECK_FALSE(got_exit(with->base));
    CHECK(active(with->base) == 3);
  });
  with->activate();
  CHECK(event_base_dispatch(with->base.get()) == 0);
  CHECK(with->recorder.order() == "a b c");
  CHECK(got_exit(with->base));
  CHECK_FALSE(got_break(with->base));
}

TEST_CASE("event_base_loopexit: ends a loop that would wait forever") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  const Event io = recorder.make(base.get(), pair.first, EV_READ | EV_PERSIST, "io",
                                 [&](const Call&) { event_base_loopexit(base.get(), nullptr); });
  REQUIRE(event_add(io.get(), nullptr) == 0);
  write_byte(pair.second);
  CHECK(event_base_dispatch(base.get()) == 0);
  CHECK(recorder.count("io") == 1);
  // It counts for one loop only.
  CHECK(event_base_dispatch(base.get()) == 0);
  CHECK(recorder.count("io") == 2);
  CHECK(added(base) == 1);
}

TEST_CASE("event_base_loopexit: after a time, while events go on") {
  const Base base = make_base();
  Recorder recorder;
  const Event tick = recorder.make(base.get(), -1, EV_PERSIST, "tick");
  const timeval each = ms(2);
  const timeval end = ms(40);
  REQUIRE(event_add(tick.get(), &each) == 0);
  const std::int64_t start = now_ms();
  REQUIRE(event_base_loopexit(base.get(), &end) == 0);
  CHECK(added(base) == 2);
  CHECK(event_base_dispatch(base.get()) == 0);
  CHECK(now_ms() - start >= 35);
  CHECK(now_ms() - start < 30'000);
  CHECK(recorder.count("tick") >= 1);
  CHECK(got_exit(base));
  CHECK(added(base) == 1);
}

TEST_CASE("event_base_loopexit: called before the loop it applies to the next one") {
  std::unique_ptr<Exit> with = std::make_unique<Exit>(Recorder::Hook{});
  with->activate();
  REQUIRE(event_base_loopexit(with->base.get(), nullptr) == 0);
  CHECK_FALSE(got_exit(with->base));
  CHECK(active(with->base) == 4);
  CHECK(event_base_dispatch(with->base.get()) == 0);
  CHECK(with->recorder.order() == "a b c");
  CHECK(got_exit(with->base));
  CHECK(event_base_dispatch(with->base.get()) == 1);
  CHECK_FALSE(got_exit(with->base));
}

TEST_CASE("event_base_loopexit: has the middle priority, so less urgent events stay active") {
  const Base base = make_base();
  Recorder recorder;
  REQUIRE(event_base_priority_init(base.get(), 3) == 0);
  std::vector<Event> events;
  for (int i = 0; i < 3; ++i) {
    events.push_back(recorder.make(base.get(), -1, 0, std::to_string(i)));
    REQUIRE(event_priority_set(events.back().get(), i) == 0);
    event_active(events.back().get(), EV_TIMEOUT, 1);
  }
  REQUIRE(event_base_loopexit(base.get(), nullptr) == 0);
  CHECK(event_base_dispatch(base.get()) == 0);
  CHECK(recorder.order() == "0 1");
  CHECK(active(base) == 1);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(recorder.order() == "0 1 2");
}

TEST_CASE("event_base_loopexit: a time of zero is over in the next turn") {
  const Base base = make_base();
  SocketPair pair;
  Recorder recorder;
  const Event io = recorder.make(base.get(), pair.first, EV_READ, "io");
  REQUIRE(event_add(io.get(), nullptr) == 0);
  const timeval none = ms(0);
  REQUIRE(event_base_loopexit(base.get(), &none) == 0);
  CHECK(event_base_dispatch(base.get()) == 0);
  CHECK(got_exit(base));
  CHECK(event_base_got_break(base.get()) == 0);
}

TEST_CASE("event_base_loopexit: several of them each end one loop") {
  const Base base = make_base();
  const timeval first = ms(10);
  const timeval second = ms(60'000);
  REQUIRE(event_base_loopexit(base.get(), &first) == 0);
  REQUIRE(event_base_loopexit(base.get(), &second) == 0);
  CHECK(added(base) == 2);
  CHECK(event_base_dispatch(base.get()) == 0);
  CHECK(added(base) == 1);
  REQUIRE(event_base_loopexit(base.get(), nullptr) == 0);
  CHECK(event_base_dispatch(base.get()) == 0);
  CHECK(added(base) == 1);
  CHECK(got_exit(base));
}

TEST_CASE("event_base_loopexit: one that never comes due is freed with the base") {
  const CountedMemory memory;
  const long before = memory.live();
  Base base = make_base();
  const timeval late = ms(3'600'000);
  REQUIRE(event_base_loopexit(base.get(), &late) == 0);
  REQUIRE(event_base_loopexit(base.get(), nullptr) == 0);
  base.reset();
  CHECK(memory.live() == before);
}

TEST_CASE("event_base_loopbreak: ends the loop after the running callback") {
  std::unique_ptr<Exit> with;
  with = std::make_unique<Exit>([&](const Call&) {
    CHECK(event_base_loopbreak(with->base.get()) == 0);
    CHECK(got_break(with->base));
  });
  with->activate();
  CHECK(event_base_dispatch(with->base.get()) == 0);
  CHECK(with->recorder.order() == "a");
  CHECK(got_break(with->base));
  CHECK_FALSE(got_exit(with->base));
  // The others are still active and run in the next loop.
  CHECK(active(with->base) == 2);
  CHECK(event_base_dispatch(with->base.get()) == 1);
  CHECK(with->recorder.order() == "a b c");
  CHECK_FALSE(got_break(with->base));
}

TEST_CASE("event_base_loopbreak: before the loop it has no effect but on got_break") {
  std::unique_ptr<Exit> with = std::make_unique<Exit>(Recorder::Hook{});
  with->activate();
  CHECK(event_base_loopbreak(with->base.get()) == 0);
  CHECK(got_break(with->base));
  CHECK(event_base_dispatch(with->base.get()) == 1);
  CHECK(with->recorder.order() == "a b c");
  CHECK_FALSE(got_break(with->base));
}

TEST_CASE("event_base_loopbreak: keeps a persistent event and its descriptor pending") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  const Event io = recorder.make(base.get(), pair.first, EV_WRITE | EV_PERSIST, "io",
                                 [&](const Call&) { event_base_loopbreak(base.get()); });
  REQUIRE(event_add(io.get(), nullptr) == 0);
  for (int i = 1; i <= 3; ++i) {
    CHECK(event_base_dispatch(base.get()) == 0);
    CHECK(recorder.count("io") == i);
  }
  CHECK(event_pending(io.get(), EV_WRITE, nullptr) == EV_WRITE);
}

TEST_CASE("event_base_loopbreak: wins over a loopexit, which ends the loop after") {
  std::unique_ptr<Exit> with;
  with = std::make_unique<Exit>([&](const Call&) {
    event_base_loopexit(with->base.get(), nullptr);
    event_base_loopbreak(with->base.get());
  });
  with->activate();
  CHECK(event_base_dispatch(with->base.get()) == 0);
  CHECK(with->recorder.order() == "a");
  CHECK(got_break(with->base));
  CHECK_FALSE(got_exit(with->base));
  CHECK(event_base_dispatch(with->base.get()) == 0);
  CHECK(with->recorder.order() == "a b c");
  CHECK_FALSE(got_break(with->base));
  CHECK(got_exit(with->base));
}

TEST_CASE("event_base_loopcontinue: looks for new events before the rest runs") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  const bool urgent = GENERATE(true, false);
  CAPTURE(urgent);
  REQUIRE(event_base_priority_init(base.get(), 2) == 0);
  const Event io = recorder.make(base.get(), pair.first, EV_READ, "io");
  REQUIRE(event_priority_set(io.get(), urgent ? 0 : 1) == 0);
  REQUIRE(event_add(io.get(), nullptr) == 0);
  const Event a = recorder.make(base.get(), -1, 0, "a", [&](const Call&) {
    write_byte(pair.second);
    CHECK(event_base_loopcontinue(base.get()) == 0);
  });
  const Event b = recorder.make(base.get(), -1, 0, "b");
  event_active(a.get(), EV_TIMEOUT, 1);
  event_active(b.get(), EV_TIMEOUT, 1);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(recorder.order() == (urgent ? "a io b" : "a b io"));
}

TEST_CASE("event_base_loopcontinue: ends no loop, not even one with ONCE") {
  std::unique_ptr<Exit> with;
  with = std::make_unique<Exit>([&](const Call&) { event_base_loopcontinue(with->base.get()); });
  with->activate();
  CHECK(event_base_loop(with->base.get(), EVLOOP_ONCE) == 0);
  CHECK(with->recorder.order() == "a b c");
  CHECK_FALSE(got_exit(with->base));
  CHECK_FALSE(got_break(with->base));
}

TEST_CASE("event_base_loopcontinue: before the loop it has no effect") {
  std::unique_ptr<Exit> with = std::make_unique<Exit>(Recorder::Hook{});
  with->activate();
  CHECK(event_base_loopcontinue(with->base.get()) == 0);
  CHECK(event_base_dispatch(with->base.get()) == 1);
  CHECK(with->recorder.order() == "a b c");
}

TEST_CASE("event_base_got_exit: a fresh base was told nothing") {
  const Base base = make_base();
  CHECK(event_base_got_exit(base.get()) == 0);
  CHECK(event_base_got_break(base.get()) == 0);
}

TEST_CASE("event_base_loopexit: without a base they all fail") {
  const timeval brief = ms(1);
  CHECK(event_base_loopexit(nullptr, nullptr) == -1);
  CHECK(event_base_loopexit(nullptr, &brief) == -1);
  CHECK(event_base_loopbreak(nullptr) == -1);
  CHECK(event_base_loopcontinue(nullptr) == -1);
}
