// event_config_set_max_dispatch_interval: when a base looks for new events between callbacks.
#include "event_recorder.h"

using namespace event_cases;

namespace {

// Five active events "a" to "e" of priority 1. What "a" or "b" does makes the urgent "io" ready.
struct Interval {
  Interval(const timeval* interval, int max_callbacks, int min_priority) {
    const Config config(event_config_new());
    REQUIRE(event_config_set_max_dispatch_interval(config.get(), interval, max_callbacks,
                                                   min_priority) == 0);
    base = Base(event_base_new_with_config(config.get()));
    REQUIRE(base);
    REQUIRE(event_base_priority_init(base.get(), 3) == 0);
    io = recorder.make(base.get(), pair.first, EV_READ | EV_PERSIST, "io",
                       [](const Call& call) { drain(call.fd); });
    REQUIRE(event_priority_set(io.get(), 0) == 0);
    REQUIRE(event_add(io.get(), nullptr) == 0);
  }
  // The order of one turn, in which the event of this name writes and then takes some time.
  std::string run(int priority, const std::string& writer, int milliseconds = 0) {
    for (const char* name : {"a", "b", "c", "d", "e"}) {
      events.push_back(recorder.make(base.get(), -1, 0, name, [=, this](const Call& call) {
        if (call.name == writer) {
          write_byte(pair.second);
          usleep(static_cast<useconds_t>(milliseconds) * 1000);
        }
      }));
      REQUIRE(event_priority_set(events.back().get(), priority) == 0);
      event_active(events.back().get(), EV_TIMEOUT, 1);
    }
    turn(base);
    return recorder.order();
  }
  Base base;
  SocketPair pair;
  Recorder recorder;
  Event io;
  std::vector<Event> events;
};

}  // namespace

TEST_CASE("event_config_set_max_dispatch_interval: without limits a priority runs to its end") {
  Interval with(nullptr, -1, 0);
  CHECK(with.run(1, "a", 5) == "a b c d e");
}

TEST_CASE("event_config_set_max_dispatch_interval: looks for events after so many callbacks") {
  const auto [limit, order] = GENERATE(table<int, std::string>({{0, "a io b c d e"},
                                                                {1, "a io b c d e"},
                                                                {2, "a b io c d e"},
                                                                {3, "a b c io d e"},
                                                                {5, "a b c d e"},
                                                                {100, "a b c d e"}}));
  CAPTURE(limit);
  Interval with(nullptr, limit, 0);
  CHECK(with.run(1, "a") == order);
}

TEST_CASE("event_config_set_max_dispatch_interval: spares priorities below the minimum") {
  const auto [minimum, order] = GENERATE(table<int, std::string>(
      {{-1, "a io b c d e"}, {0, "a io b c d e"}, {1, "a io b c d e"}, {2, "a b c d e"}}));
  CAPTURE(minimum);
  Interval with(nullptr, 1, minimum);
  CHECK(with.run(1, "a") == order);
}

TEST_CASE("event_config_set_max_dispatch_interval: less urgent priorities are limited too") {
  Interval with(nullptr, 1, 1);
  CHECK(with.run(2, "c") == "a b c io d e");
}

TEST_CASE("event_config_set_max_dispatch_interval: looks for events after so much time") {
  const timeval interval = ms(5);
  Interval with(&interval, -1, 0);
  CHECK(with.run(1, "b", 30) == "a b io c d e");
}

TEST_CASE("event_config_set_max_dispatch_interval: time that did not pass ends nothing") {
  const timeval interval = ms(600'000);
  Interval with(&interval, -1, 0);
  CHECK(with.run(1, "b", 5) == "a b c d e");
}

TEST_CASE("event_config_set_max_dispatch_interval: time spares priorities below the minimum") {
  const timeval interval = ms(5);
  Interval with(&interval, -1, 2);
  CHECK(with.run(1, "b", 30) == "a b c d e");
}

TEST_CASE("event_config_set_max_dispatch_interval: an interval of zero is over at once") {
  const timeval interval = ms(0);
  Interval with(&interval, -1, 0);
  CHECK(with.run(1, "b", 5) == "a b io c d e");
}

TEST_CASE("event_config_set_max_dispatch_interval: whichever limit comes first counts") {
  const timeval interval = ms(5);
  const timeval never = ms(600'000);
  SECTION("the time") {
    Interval with(&interval, 4, 0);
    CHECK(with.run(1, "a", 30) == "a io b c d e");
  }
  SECTION("the callbacks") {
    Interval with(&never, 2, 0);
    CHECK(with.run(1, "a", 5) == "a b io c d e");
  }
}

TEST_CASE("event_config_set_max_dispatch_interval: ONCE still runs all that is active") {
  const int flags = GENERATE(EVLOOP_ONCE, EVLOOP_ONCE | EVLOOP_NONBLOCK, EVLOOP_NONBLOCK);
  CAPTURE(flags);
  Interval with(nullptr, 2, 0);
  REQUIRE(event_del(with.io.get()) == 0);
  for (int i = 0; i < 7; ++i) {
    with.events.push_back(with.recorder.make(with.base.get(), -1, 0, "event"));
    event_active(with.events.back().get(), EV_TIMEOUT, 1);
  }
  event_base_loop(with.base.get(), flags);
  CHECK(with.recorder.count("event") == 7);
}

TEST_CASE("event_config_set_max_dispatch_interval: the last setting counts, for each base") {
  const Config config(event_config_new());
  REQUIRE(event_config_set_max_dispatch_interval(config.get(), nullptr, 1, 0) == 0);
  REQUIRE(event_config_set_max_dispatch_interval(config.get(), nullptr, -1, 0) == 0);
  for (int i = 0; i < 2; ++i) {
    const Base base(event_base_new_with_config(config.get()));
    Recorder recorder;
    SocketPair pair;
    const Event io = recorder.make(base.get(), pair.first, EV_READ, "io");
    REQUIRE(event_add(io.get(), nullptr) == 0);
    const Event a =
        recorder.make(base.get(), -1, 0, "a", [&](const Call&) { write_byte(pair.second); });
    const Event b = recorder.make(base.get(), -1, 0, "b");
    event_active(a.get(), EV_TIMEOUT, 1);
    event_active(b.get(), EV_TIMEOUT, 1);
    CHECK(event_base_dispatch(base.get()) == 1);
    CHECK(recorder.order() == "a b io");
  }
}
