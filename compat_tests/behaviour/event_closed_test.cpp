// EV_CLOSED: hearing of the peer's end without reading, where the backend can.
#include "event_recorder.h"

using namespace event_cases;

namespace {

// The backends that have EV_FEATURE_EARLY_CLOSE.
#define EACH_CLOSE_BACKEND GENERATE(as<std::string>{}, "epoll", "changelist", "poll")

struct Closing {
  explicit Closing(const std::string& backend) : base(make_backend(backend)) {}

  Event add(short events, const char* name) {
    Event ev = recorder.make(base.get(), pair.first, events, name);
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

TEST_CASE("event EV_CLOSED: alone it reports the peer's end and nothing else") {
  const std::string backend = EACH_CLOSE_BACKEND;
  CAPTURE(backend);
  Closing on(backend);
  CHECK((event_base_get_features(on.base.get()) & EV_FEATURE_EARLY_CLOSE) != 0);
  const Event ev = on.add(EV_CLOSED | EV_PERSIST, "closed");
  CHECK(event_pending(ev.get(), EV_CLOSED | EV_READ, nullptr) == EV_CLOSED);
  CHECK(added(on.base) == 1);
  CHECK(on.turned() == "");
  write_byte(on.pair.second);
  CHECK(on.turned() == "");
  on.pair.close_second();
  CHECK(on.turned() == "closed");
  CHECK(on.recorder.what("closed") == EV_CLOSED);
  // It is level-triggered like the others.
  CHECK(on.turned() == "closed");
  REQUIRE(event_del(ev.get()) == 0);
  CHECK(on.turned() == "");
  CHECK(added(on.base) == 0);
}

TEST_CASE("event EV_CLOSED: half a close is enough, and the data stays readable") {
  const std::string backend = EACH_CLOSE_BACKEND;
  CAPTURE(backend);
  Closing on(backend);
  const Event ev = on.add(EV_CLOSED, "closed");
  write_byte(on.pair.second);
  REQUIRE(shutdown(on.pair.second, SHUT_WR) == 0);
  CHECK(on.turned() == "closed");
  CHECK(on.recorder.what("closed") == EV_CLOSED);
  CHECK(turn(on.base) == 1);
  CHECK(drain(on.pair.first) == 1);
}

TEST_CASE("event EV_CLOSED: with EV_READ in one event both come in one call") {
  const std::string backend = EACH_CLOSE_BACKEND;
  CAPTURE(backend);
  Closing on(backend);
  const Event ev = on.add(EV_READ | EV_CLOSED | EV_PERSIST, "both");
  write_byte(on.pair.second);
  CHECK(on.turned() == "both");
  CHECK(on.recorder.what("both") == EV_READ);
  on.pair.close_second();
  CHECK(on.turned() == "both");
  CHECK(on.recorder.what("both") == (EV_READ | EV_CLOSED));
}

TEST_CASE("event EV_CLOSED: several events on a descriptor each get their part") {
  const std::string backend = EACH_CLOSE_BACKEND;
  CAPTURE(backend);
  Closing on(backend);
  const Event mixed = on.add(EV_WRITE | EV_CLOSED | EV_PERSIST, "mixed");
  const Event closed = on.add(EV_CLOSED | EV_PERSIST, "closed");
  const Event reader = on.add(EV_READ | EV_PERSIST, "read");
  CHECK(on.turned() == "mixed");
  CHECK(on.recorder.what("mixed") == EV_WRITE);
  REQUIRE(shutdown(on.pair.second, SHUT_WR) == 0);
  CHECK(on.turned() == "read closed mixed");
  CHECK(on.recorder.what("read") == EV_READ);
  CHECK(on.recorder.what("closed") == EV_CLOSED);
  CHECK(on.recorder.what("mixed") == (EV_WRITE | EV_CLOSED));
  REQUIRE(event_del(mixed.get()) == 0);
  CHECK(on.turned() == "read closed");
  REQUIRE(event_del(closed.get()) == 0);
  CHECK(on.turned() == "read");
  REQUIRE(event_del(reader.get()) == 0);
  CHECK(on.turned() == "");
}

TEST_CASE("event EV_CLOSED: readers and writers do not hear of it") {
  const std::string backend = EACH_CLOSE_BACKEND;
  CAPTURE(backend);
  Closing on(backend);
  const Event closed = on.add(EV_CLOSED | EV_PERSIST, "closed");
  const Event io = on.add(EV_READ | EV_WRITE | EV_PERSIST, "io");
  on.pair.close_second();
  CHECK(on.turned() == "io closed");
  CHECK(on.recorder.what("io") == (EV_READ | EV_WRITE));
  CHECK(on.recorder.what("closed") == EV_CLOSED);
}

TEST_CASE("event EV_CLOSED: edge-triggered it comes once") {
  const std::string backend = GENERATE(as<std::string>{}, "epoll", "changelist");
  CAPTURE(backend);
  Closing on(backend);
  const Event ev = on.add(EV_CLOSED | EV_ET | EV_PERSIST, "closed");
  on.pair.close_second();
  CHECK(on.turned() == "closed");
  CHECK(on.recorder.what("closed") == (EV_CLOSED | EV_ET));
  CHECK(on.turned() == "");
}

TEST_CASE("event EV_CLOSED: a timeout ends the wait") {
  ON_EACH_BACKEND(backend);
  Closing on(backend);
  const Event ev = on.recorder.make(on.base.get(), on.pair.first, EV_CLOSED, "closed");
  const timeval brief = ms(5);
  REQUIRE(event_add(ev.get(), &brief) == 0);
  CHECK(event_base_dispatch(on.base.get()) == 1);
  CHECK(on.recorder.order() == "closed");
  CHECK(on.recorder.what("closed") == EV_TIMEOUT);
}

TEST_CASE("event EV_CLOSED: select takes the event but never reports it") {
  Closing on("select");
  CHECK((event_base_get_features(on.base.get()) & EV_FEATURE_EARLY_CLOSE) == 0);
  const Event ev = on.add(EV_CLOSED | EV_PERSIST, "closed");
  CHECK(event_pending(ev.get(), EV_CLOSED, nullptr) == EV_CLOSED);
  CHECK(added(on.base) == 1);
  on.pair.close_second();
  CHECK(on.turned() == "");
  const Event reader = on.add(EV_READ | EV_CLOSED | EV_PERSIST, "read");
  CHECK(on.turned() == "read");
  CHECK(on.recorder.what("read") == EV_READ);
}
