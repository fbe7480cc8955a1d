// EV_ET: edge-triggered events, where the backend has them and where it has not.
#include "event_recorder.h"

using namespace event_cases;

namespace {

constexpr short kEdge = EV_READ | EV_ET | EV_PERSIST;

struct Edge {
  explicit Edge(const std::string& backend) : base(make_backend(backend)) {}

  Event add(short events, const char* name, Recorder::Hook hook = {}) {
    Event ev = recorder.make(base.get(), pair.first, events, name, std::move(hook));
    REQUIRE(event_add(ev.get(), nullptr) == 0);
    return ev;
  }
  std::string turned() {
    recorder.clear();
    turn(base);
    return recorder.order();
  }

  Base base;
  SocketPair pair;
  Recorder recorder;
};

}  // namespace

TEST_CASE("event EV_ET: a reader is called once for each arrival") {
  ON_EACH_EDGE_BACKEND(backend);
  Edge on(backend);
  const Event ev = on.add(kEdge, "read");
  CHECK(on.turned() == "");
  write_byte(on.pair.second);
  CHECK(on.turned() == "read");
  CHECK(on.recorder.what("read") == (EV_READ | EV_ET));
  CHECK(on.turned() == "");
  CHECK(on.turned() == "");
  // More data is another edge, although the first was never read.
  write_byte(on.pair.second);
  CHECK(on.turned() == "read");
  CHECK(on.turned() == "");
  CHECK(drain(on.pair.first) == 2);
  CHECK(on.turned() == "");
  write_byte(on.pair.second);
  CHECK(on.turned() == "read");
}

TEST_CASE("event EV_ET: EVLOOP_NONBLOCK alone comes to an end with unread data") {
  ON_EACH_EDGE_BACKEND(backend);
  Edge on(backend);
  const Event ev = on.add(kEdge, "read");
  write_byte(on.pair.second);
  CHECK(event_base_loop(on.base.get(), EVLOOP_NONBLOCK) == 0);
  CHECK(on.recorder.order() == "read");
}

TEST_CASE("event EV_ET: data that was there before event_add is an edge") {
  ON_EACH_EDGE_BACKEND(backend);
  Edge on(backend);
  write_byte(on.pair.second);
  const Event ev = on.add(kEdge, "read");
  CHECK(on.turned() == "read");
  CHECK(on.turned() == "");
}

TEST_CASE("event EV_ET: a writer is called once while it stays writable") {
  ON_EACH_EDGE_BACKEND(backend);
  Edge on(backend);
  const Event ev = on.add(EV_WRITE | EV_ET | EV_PERSIST, "write");
  CHECK(on.turned() == "write");
  CHECK(on.recorder.what("write") == (EV_WRITE | EV_ET));
  CHECK(on.turned() == "");
  const std::string block(4096, 'b');
  while (write(on.pair.first, block.data(), block.size()) > 0) {
  }
  CHECK(on.turned() == "");
  while (drain(on.pair.second) > 0) {
  }
  CHECK(on.turned() == "write");
  CHECK(on.turned() == "");
}

TEST_CASE("event EV_ET: deleting and adding asks the kernel again") {
  // Only without the changelist, to which it looks like no change at all.
  Edge on("epoll");
  const Event ev = on.add(kEdge, "read");
  write_byte(on.pair.second);
  CHECK(on.turned() == "read");
  CHECK(on.turned() == "");
  REQUIRE(event_del(ev.get()) == 0);
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  CHECK(on.turned() == "read");
  CHECK(on.turned() == "");
}

TEST_CASE("event EV_ET: a one-shot reader that is added again hears of data it left") {
  ON_EACH_EDGE_BACKEND(backend);
  Edge on(backend);
  const Event ev = on.add(EV_READ | EV_ET, "read");
  write_byte(on.pair.second);
  CHECK(on.turned() == "read");
  for (int i = 0; i < 3; ++i) {
    REQUIRE(event_add(ev.get(), nullptr) == 0);
    CHECK(on.turned() == "read");
  }
}

TEST_CASE("event EV_ET: a one-shot writer that adds itself again is called in every turn") {
  // Beside a reader the registration never goes to zero, yet the writer must be asked for anew.
  const std::string backend = "epoll";
  const bool with_reader = GENERATE(false, true);
  CAPTURE(with_reader);
  Edge on(backend);
  Event reader;
  if (with_reader) {
    reader = on.add(kEdge, "read");
  }
  Event writer;
  writer = on.recorder.make(on.base.get(), on.pair.first, EV_WRITE | EV_ET, "write",
                            [&](const Call&) { CHECK(event_add(writer.get(), nullptr) == 0); });
  REQUIRE(event_add(writer.get(), nullptr) == 0);
  CHECK(on.turned() == "write");
  CHECK(on.turned() == "write");
  CHECK(on.turned() == "write");
}

TEST_CASE("event EV_ET: a reader and a writer on one descriptor each get their edges") {
  ON_EACH_EDGE_BACKEND(backend);
  Edge on(backend);
  const Event reader = on.add(kEdge, "read");
  const Event writer = on.add(EV_WRITE | EV_ET | EV_PERSIST, "write");
  CHECK(on.turned() == "write");
  CHECK(on.turned() == "");
  write_byte(on.pair.second);
  on.turned();
  CHECK(on.recorder.count("read") == 1);
  CHECK(on.recorder.what("read") == (EV_READ | EV_ET));
  CHECK(on.turned() == "");
}

TEST_CASE("event EV_ET: all readers of a descriptor hear of an edge") {
  ON_EACH_EDGE_BACKEND(backend);
  Edge on(backend);
  const Event a = on.add(kEdge, "a");
  const Event b = on.add(kEdge, "b");
  write_byte(on.pair.second);
  CHECK(on.turned() == "b a");
  CHECK(on.turned() == "");
  REQUIRE(event_del(a.get()) == 0);
  write_byte(on.pair.second);
  CHECK(on.turned() == "b");
}

TEST_CASE("event EV_ET: the peer's close is one edge for both kinds") {
  ON_EACH_EDGE_BACKEND(backend);
  Edge on(backend);
  const Event ev = on.add(EV_READ | EV_WRITE | EV_ET | EV_PERSIST, "io");
  CHECK(on.turned() == "io");
  CHECK(on.turned() == "");
  on.pair.close_second();
  CHECK(on.turned() == "io");
  CHECK(on.recorder.what("io") == (EV_READ | EV_WRITE | EV_ET));
  CHECK(on.turned() == "");
}

TEST_CASE("event EV_ET: a timeout is reported without EV_ET") {
  ON_EACH_EDGE_BACKEND(backend);
  Edge on(backend);
  const Event ev = on.recorder.make(on.base.get(), on.pair.first, kEdge, "read");
  const timeval brief = ms(5);
  REQUIRE(event_add(ev.get(), &brief) == 0);
  CHECK(event_base_loop(on.base.get(), EVLOOP_ONCE) == 0);
  CHECK(on.recorder.what("read") == EV_TIMEOUT);
}

TEST_CASE("event EV_ET: two descriptors are edge- and level-triggered independently") {
  ON_EACH_EDGE_BACKEND(backend);
  Edge on(backend);
  const Event edge = on.add(kEdge, "edge");
  const Event level =
      on.recorder.make(on.base.get(), on.pair.second, EV_READ | EV_PERSIST, "level");
  REQUIRE(event_add(level.get(), nullptr) == 0);
  write_byte(on.pair.first);
  write_byte(on.pair.second);
  on.turned();
  CHECK(on.recorder.calls().size() == 2);
  CHECK(on.turned() == "level");
  CHECK(on.turned() == "level");
}

TEST_CASE("event EV_ET: a descriptor changes its kind once all its events are gone") {
  ON_EACH_EDGE_BACKEND(backend);
  Edge on(backend);
  write_byte(on.pair.second);
  Event ev = on.add(kEdge, "edge");
  CHECK(on.turned() == "edge");
  CHECK(on.turned() == "");
  ev = nullptr;
  ev = on.add(EV_READ | EV_PERSIST, "level");
  CHECK(on.turned() == "level");
  CHECK(on.turned() == "level");
  CHECK(on.recorder.what("level") == EV_READ);
  ev = nullptr;
  ev = on.add(kEdge, "edge");
  CHECK(on.turned() == "edge");
  CHECK(on.turned() == "");
}

TEST_CASE("event EV_ET: poll and select take it and stay level-triggered") {
  const std::string backend = GENERATE(as<std::string>{}, "poll", "select");
  CAPTURE(backend);
  Edge on(backend);
  CHECK((event_base_get_features(on.base.get()) & EV_FEATURE_ET) == 0);
  const Event ev = on.add(kEdge, "read");
  write_byte(on.pair.second);
  CHECK(on.turned() == "read");
  CHECK(on.recorder.what("read") == EV_READ);
  CHECK(on.turned() == "read");
}

TEST_CASE("event EV_ET: debug mode refuses to mix it with level-triggered events") {
  event_enable_debug_mode();
  const LogCapture log;
  for (const bool edge_first : {true, false}) {
    CAPTURE(edge_first);
    Edge on("epoll");
    const Event first = on.add(edge_first ? kEdge : EV_READ | EV_PERSIST, "first");
    const Event second = on.recorder.make(on.base.get(), on.pair.first,
                                          edge_first ? EV_READ | EV_PERSIST : kEdge, "second");
    CHECK(event_add(second.get(), nullptr) == -1);
    CHECK(log.contains(EVENT_LOG_WARN, "edge-triggered"));
    CHECK(event_pending(second.get(), EV_READ, nullptr) == 0);
    CHECK(added(on.base) == 1);
    write_byte(on.pair.second);
    CHECK(on.turned() == "first");
    REQUIRE(event_del(first.get()) == 0);
    CHECK(event_add(second.get(), nullptr) == 0);
    CHECK(on.turned() == "second");
  }
}
