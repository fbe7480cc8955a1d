// Several events on one descriptor, by each backend.
#include "event_recorder.h"

using namespace event_cases;

namespace {

struct Shared {
  explicit Shared(const std::string& backend) : base(make_backend(backend)) {}

  Event make(short events, const char* name, Recorder::Hook hook = {}) {
    return recorder.make(base.get(), pair.first, events, name, std::move(hook));
  }
  // What one turn called.
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

TEST_CASE("event fd shared: a reader and a writer are told about their own kind only") {
  ON_EACH_BACKEND(backend);
  Shared on(backend);
  const Event reader = on.make(EV_READ | EV_PERSIST, "read");
  const Event writer = on.make(EV_WRITE | EV_PERSIST, "write");
  REQUIRE(event_add(reader.get(), nullptr) == 0);
  REQUIRE(event_add(writer.get(), nullptr) == 0);
  CHECK(on.turned() == "write");
  write_byte(on.pair.second);
  CHECK(on.turned() == "write read");
  CHECK(on.recorder.what("read") == EV_READ);
  CHECK(on.recorder.what("write") == EV_WRITE);
  drain(on.pair.first);
  CHECK(on.turned() == "write");
}

TEST_CASE("event fd shared: the event that was added last is called first") {
  ON_EACH_BACKEND(backend);
  Shared on(backend);
  const Event a = on.make(EV_READ | EV_PERSIST, "a");
  const Event b = on.make(EV_READ | EV_PERSIST, "b");
  const Event c = on.make(EV_READ | EV_WRITE | EV_PERSIST, "c");
  for (event* ev : {a.get(), b.get(), c.get()}) {
    REQUIRE(event_add(ev, nullptr) == 0);
  }
  write_byte(on.pair.second);
  CHECK(on.turned() == "c b a");
  CHECK(on.recorder.what("c") == (EV_READ | EV_WRITE));
  CHECK(on.recorder.what("b") == EV_READ);
  // Adding again what is pending moves nothing; deleting and adding does.
  REQUIRE(event_add(a.get(), nullptr) == 0);
  CHECK(on.turned() == "c b a");
  REQUIRE(event_del(a.get()) == 0);
  REQUIRE(event_add(a.get(), nullptr) == 0);
  CHECK(on.turned() == "a c b");
}

TEST_CASE("event fd shared: deleting one of them keeps the others") {
  ON_EACH_BACKEND(backend);
  Shared on(backend);
  const Event r1 = on.make(EV_READ | EV_PERSIST, "r1");
  const Event r2 = on.make(EV_READ | EV_PERSIST, "r2");
  const Event w1 = on.make(EV_WRITE | EV_PERSIST, "w1");
  const Event rw = on.make(EV_READ | EV_WRITE | EV_PERSIST, "rw");
  for (event* ev : {r1.get(), r2.get(), w1.get(), rw.get()}) {
    REQUIRE(event_add(ev, nullptr) == 0);
  }
  write_byte(on.pair.second);
  CHECK(on.turned() == "rw w1 r2 r1");
  event_del(r2.get());
  CHECK(on.turned() == "rw w1 r1");
  event_del(rw.get());
  CHECK(on.turned() == "w1 r1");
  event_del(r1.get());
  CHECK(on.turned() == "w1");
  REQUIRE(event_add(r2.get(), nullptr) == 0);
  CHECK(on.turned() == "r2 w1");
  event_del(w1.get());
  CHECK(on.turned() == "r2");
  event_del(r2.get());
  CHECK(on.turned() == "");
  CHECK(added(on.base) == 0);
  REQUIRE(event_add(rw.get(), nullptr) == 0);
  CHECK(on.turned() == "rw");
  CHECK(on.recorder.what("rw") == (EV_READ | EV_WRITE));
}

TEST_CASE("event fd shared: changes between two turns are judged by their result") {
  ON_EACH_BACKEND(backend);
  Shared on(backend);
  const Event reader = on.make(EV_READ | EV_PERSIST, "read");
  const Event writer = on.make(EV_WRITE | EV_PERSIST, "write");
  write_byte(on.pair.second);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(event_add(reader.get(), nullptr) == 0);
    REQUIRE(event_add(writer.get(), nullptr) == 0);
    REQUIRE(event_del(reader.get()) == 0);
  }
  CHECK(on.turned() == "write");
  REQUIRE(event_add(reader.get(), nullptr) == 0);
  REQUIRE(event_del(writer.get()) == 0);
  CHECK(on.turned() == "read");
  REQUIRE(event_del(reader.get()) == 0);
  REQUIRE(event_add(reader.get(), nullptr) == 0);
  CHECK(on.turned() == "read");
  REQUIRE(event_del(reader.get()) == 0);
  REQUIRE(event_add(writer.get(), nullptr) == 0);
  REQUIRE(event_del(writer.get()) == 0);
  CHECK(on.turned() == "");
}

TEST_CASE("event fd shared: one-shot events end one by one") {
  ON_EACH_BACKEND(backend);
  Shared on(backend);
  const Event once = on.make(EV_READ, "once");
  const Event always = on.make(EV_READ | EV_PERSIST, "always");
  REQUIRE(event_add(once.get(), nullptr) == 0);
  REQUIRE(event_add(always.get(), nullptr) == 0);
  write_byte(on.pair.second);
  CHECK(on.turned() == "always once");
  CHECK(on.turned() == "always");
  REQUIRE(event_add(once.get(), nullptr) == 0);
  CHECK(on.turned() == "once always");
}

TEST_CASE("event fd shared: the first of two readers takes the data, the second is called anyway") {
  ON_EACH_BACKEND(backend);
  Shared on(backend);
  const auto take = [](const Call& call) { drain(call.fd); };
  const Event a = on.make(EV_READ | EV_PERSIST, "a", take);
  const Event b = on.make(EV_READ | EV_PERSIST, "b", take);
  REQUIRE(event_add(a.get(), nullptr) == 0);
  REQUIRE(event_add(b.get(), nullptr) == 0);
  write_byte(on.pair.second);
  CHECK(on.turned() == "b a");
  CHECK(on.turned() == "");
}

TEST_CASE("event fd shared: many events on one descriptor") {
  ON_EACH_BACKEND(backend);
  Shared on(backend);
  constexpr size_t kEvents = 500;
  std::vector<Event> events;
  for (size_t i = 0; i < kEvents; ++i) {
    events.push_back(on.make(EV_READ | EV_PERSIST, "r"));
    REQUIRE(event_add(events.back().get(), nullptr) == 0);
  }
  write_byte(on.pair.second);
  turn(on.base);
  CHECK(on.recorder.count("r") == kEvents);
  for (size_t i = 0; i < kEvents; i += 2) {
    events[i].reset();
  }
  on.recorder.clear();
  turn(on.base);
  CHECK(on.recorder.count("r") == kEvents / 2);
}

TEST_CASE("event fd shared: both ends of a pair are independent") {
  ON_EACH_BACKEND(backend);
  Shared on(backend);
  const Event near = on.make(EV_READ | EV_PERSIST, "near");
  const Event far = on.recorder.make(on.base.get(), on.pair.second, EV_READ | EV_PERSIST, "far");
  REQUIRE(event_add(near.get(), nullptr) == 0);
  REQUIRE(event_add(far.get(), nullptr) == 0);
  write_byte(on.pair.first);
  CHECK(on.turned() == "far");
  write_byte(on.pair.second);
  on.turned();
  CHECK(on.recorder.count("near") == 1);
  CHECK(on.recorder.count("far") == 1);
}
