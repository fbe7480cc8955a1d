// Readiness of one descriptor, by each backend: what is reported, how often, and until when.
#include "event_recorder.h"

using namespace event_cases;

TEST_CASE("event fd: a reader is called when there is something to read") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  SocketPair pair;
  Recorder recorder;
  const Event ev = recorder.make(base.get(), pair.first, EV_READ, "read");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  CHECK(turn(base) == 0);
  CHECK(recorder.calls().empty());
  write_byte(pair.second);
  CHECK(turn(base) == 0);
  REQUIRE(recorder.order() == "read");
  CHECK(recorder.what("read") == EV_READ);
  CHECK(recorder.calls().at(0).fd == pair.first);
  // It was not persistent, so this was it.
  CHECK(turn(base) == 1);
  CHECK(recorder.count("read") == 1);
}

TEST_CASE("event fd: a writer is called when there is room and not before") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  SocketPair pair;
  Recorder recorder;
  const Event ev = recorder.make(base.get(), pair.first, EV_WRITE | EV_PERSIST, "write");
  const std::string block(4096, 'b');
  while (write(pair.first, block.data(), block.size()) > 0) {
  }
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  CHECK(turn(base) == 0);
  CHECK(recorder.calls().empty());
  while (drain(pair.second) > 0) {
  }
  CHECK(turn(base) == 0);
  CHECK(recorder.order() == "write");
  CHECK(recorder.what("write") == EV_WRITE);
}

TEST_CASE("event fd: reading and writing come in one call of one event") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  SocketPair pair;
  Recorder recorder;
  const Event ev = recorder.make(base.get(), pair.first, EV_READ | EV_WRITE | EV_PERSIST, "io");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  turn(base);
  CHECK(recorder.what("io") == EV_WRITE);
  write_byte(pair.second);
  turn(base);
  CHECK(recorder.what("io") == (EV_READ | EV_WRITE));
  CHECK(recorder.count("io") == 2);
  drain(pair.first);
  turn(base);
  CHECK(recorder.what("io") == EV_WRITE);
}

TEST_CASE("event fd: a one-shot event on both kinds is over after the first kind") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  SocketPair pair;
  Recorder recorder;
  const Event ev = recorder.make(base.get(), pair.first, EV_READ | EV_WRITE, "io");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  turn(base);
  write_byte(pair.second);
  CHECK(turn(base) == 1);
  CHECK(recorder.count("io") == 1);
  CHECK(recorder.what("io") == EV_WRITE);
}

TEST_CASE("event fd: a persistent level-triggered reader is called in each turn until it reads") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  SocketPair pair;
  Recorder recorder;
  const Event ev = recorder.make(base.get(), pair.first, EV_READ | EV_PERSIST, "read");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  write_byte(pair.second);
  for (int i = 0; i < 4; ++i) {
    CHECK(turn(base) == 0);
  }
  CHECK(recorder.count("read") == 4);
  drain(pair.first);
  CHECK(turn(base) == 0);
  CHECK(recorder.count("read") == 4);
  CHECK(event_pending(ev.get(), EV_READ, nullptr) == EV_READ);
  write_byte(pair.second);
  turn(base);
  CHECK(recorder.count("read") == 5);
}

TEST_CASE("event fd: a one-shot reader that adds itself again is as good as a persistent one") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  SocketPair pair;
  Recorder recorder;
  Event ev;
  ev = recorder.make(base.get(), pair.first, EV_READ, "read",
                     [&](const Call&) { CHECK(event_add(ev.get(), nullptr) == 0); });
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  write_byte(pair.second);
  turn(base);
  turn(base);
  turn(base);
  CHECK(recorder.count("read") == 3);
  drain(pair.first);
  turn(base);
  CHECK(recorder.count("read") == 3);
}

TEST_CASE("event fd: a timeout without data is reported as EV_TIMEOUT alone") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  SocketPair pair;
  Recorder recorder;
  const auto persist = static_cast<short>(GENERATE(0, EV_PERSIST));
  const Event ev =
      recorder.make(base.get(), pair.first, static_cast<short>(EV_READ | persist), "read");
  const timeval brief = ms(5);
  REQUIRE(event_add(ev.get(), &brief) == 0);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(recorder.order() == "read");
  CHECK(recorder.what("read") == EV_TIMEOUT);
  CHECK(event_pending(ev.get(), EV_READ | EV_TIMEOUT, nullptr) ==
        (persist ? EV_READ | EV_TIMEOUT : 0));
}

TEST_CASE("event fd: a timeout that is due together with data does not swallow the data") {
  INTENDED_DIFFERENCE("an expired timeout replaces EV_READ and EV_WRITE of the same turn");
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  SocketPair pair;
  Recorder recorder;
  const auto persist = static_cast<short>(GENERATE(0, EV_PERSIST));
  const Event ev =
      recorder.make(base.get(), pair.first, static_cast<short>(EV_READ | EV_WRITE | persist), "io");
  const timeval brief = ms(5);
  REQUIRE(event_add(ev.get(), &brief) == 0);
  write_byte(pair.second);
  usleep(30'000);  // both have happened when the loop looks
  turn(base);
  CHECK(recorder.order() == "io");
  CHECK(recorder.what("io") == (EV_READ | EV_WRITE | EV_TIMEOUT));
  CHECK(event_pending(ev.get(), EV_READ | EV_TIMEOUT, nullptr) ==
        (persist ? EV_READ | EV_TIMEOUT : 0));
}

TEST_CASE("event fd: a timeout that is due together with data is one call with EV_TIMEOUT") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  SocketPair pair;
  Recorder recorder;
  const Event ev = recorder.make(base.get(), pair.first, EV_READ | EV_PERSIST, "read");
  const timeval brief = ms(5);
  REQUIRE(event_add(ev.get(), &brief) == 0);
  write_byte(pair.second);
  usleep(30'000);
  turn(base);
  CHECK(recorder.order() == "read");
  CHECK((recorder.what("read") & EV_TIMEOUT) != 0);
  // The data is still there for the next turn.
  const timeval later = ms(60'000);
  REQUIRE(event_add(ev.get(), &later) == 0);
  turn(base);
  CHECK(recorder.order() == "read read");
  CHECK(recorder.what("read") == EV_READ);
}

TEST_CASE("event fd: data in time takes the timeout of a one-shot event away") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  SocketPair pair;
  Recorder recorder;
  const Event ev = recorder.make(base.get(), pair.first, EV_READ, "read");
  const timeval delay = ms(60'000);
  REQUIRE(event_add(ev.get(), &delay) == 0);
  write_byte(pair.second);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(recorder.order() == "read");
  CHECK(recorder.what("read") == EV_READ);
}

TEST_CASE("event fd: a timeout ends the wait of a one-shot event for data") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  SocketPair pair;
  Recorder recorder;
  const Event ev = recorder.make(base.get(), pair.first, EV_READ, "read");
  const timeval delay = ms(5);
  REQUIRE(event_add(ev.get(), &delay) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  write_byte(pair.second);
  CHECK(turn(base) == 1);
  CHECK(recorder.order() == "read");
  CHECK(recorder.what("read") == EV_TIMEOUT);
}

TEST_CASE("event fd: hundreds of descriptors are each reported once") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  constexpr int kPairs = 200;
  Recorder recorder;
  std::deque<SocketPair> pairs(kPairs);
  std::vector<Event> events;
  for (int i = 0; i < kPairs; ++i) {
    events.push_back(recorder.make(base.get(), pairs[static_cast<size_t>(i)].first,
                                   EV_READ | EV_PERSIST, std::to_string(i),
                                   [](const Call& call) { drain(call.fd); }));
    REQUIRE(event_add(events.back().get(), nullptr) == 0);
  }
  for (int i = 0; i < kPairs; i += 2) {
    write_byte(pairs[static_cast<size_t>(i)].second);
  }
  CHECK(event_base_loop(base.get(), EVLOOP_NONBLOCK) == 0);
  CHECK(recorder.calls().size() == kPairs / 2);
  for (int i = 0; i < kPairs; ++i) {
    CHECK(recorder.count(std::to_string(i)) == (i % 2 == 0 ? 1 : 0));
  }
}
