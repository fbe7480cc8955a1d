// What callbacks may do to their own event and to others, also to some that are active already.
#include "event_recorder.h"

using namespace event_cases;

namespace {

// Three readers of one descriptor; they are called in the order "c b a".
struct Readers {
  explicit Readers(const std::string& backend) : base(make_backend(backend)) {
    write_byte(pair.second);
  }

  void add(Event& event, const char* name, short flags, Recorder::Hook hook = {}) {
    event = recorder.make(base.get(), pair.first, static_cast<short>(EV_READ | flags), name,
                          std::move(hook));
    REQUIRE(event_add(event.get(), nullptr) == 0);
  }
  std::string turned() {
    recorder.clear();
    turn(base);
    return recorder.order();
  }

  Base base;
  SocketPair pair;
  Recorder recorder;
  Event a, b, c;
};

}  // namespace

TEST_CASE("event callback: an event deletes itself") {
  ON_EACH_BACKEND(backend);
  Readers on(backend);
  on.add(on.a, "a", EV_PERSIST, [&](const Call&) { CHECK(event_del(on.a.get()) == 0); });
  CHECK(on.turned() == "a");
  CHECK(on.turned() == "");
  CHECK(added(on.base) == 0);
}

TEST_CASE("event callback: an event frees itself") {
  ON_EACH_BACKEND(backend);
  const auto persist = static_cast<short>(GENERATE(0, EV_PERSIST));
  Readers on(backend);
  on.add(on.a, "a", persist, [&](const Call&) { on.a.reset(); });
  CHECK(on.turned() == "a");
  CHECK(on.turned() == "");
}

TEST_CASE("event callback: an event deletes another that is active already") {
  ON_EACH_BACKEND(backend);
  const auto persist = static_cast<short>(GENERATE(0, EV_PERSIST));
  Readers on(backend);
  on.add(on.a, "a", persist);
  on.add(on.b, "b", persist);
  on.add(on.c, "c", EV_PERSIST, [&](const Call&) {
    CHECK(active(on.base) == 2);
    CHECK(event_del(on.b.get()) == 0);
    CHECK(active(on.base) == 1);
  });
  CHECK(on.turned() == "c a");
}

TEST_CASE("event callback: an event frees others that are active already") {
  ON_EACH_BACKEND(backend);
  Readers on(backend);
  on.add(on.a, "a", EV_PERSIST);
  on.add(on.b, "b", 0);
  on.add(on.c, "c", EV_PERSIST, [&](const Call&) {
    on.b.reset();
    on.a.reset();
  });
  CHECK(on.turned() == "c");
  CHECK(on.turned() == "c");
}

TEST_CASE("event callback: an event frees one that ran before it in the same turn") {
  ON_EACH_BACKEND(backend);
  Readers on(backend);
  on.add(on.a, "a", EV_PERSIST, [&](const Call&) { on.c.reset(); });
  on.add(on.b, "b", EV_PERSIST);
  on.add(on.c, "c", EV_PERSIST);
  CHECK(on.turned() == "c b a");
  CHECK(on.turned() == "b a");
}

TEST_CASE("event callback: all of them are freed by the first, itself too") {
  ON_EACH_BACKEND(backend);
  Readers on(backend);
  on.add(on.a, "a", EV_PERSIST);
  on.add(on.b, "b", EV_PERSIST);
  on.add(on.c, "c", EV_PERSIST, [&](const Call&) {
    on.c.reset();
    on.a.reset();
    on.b.reset();
  });
  CHECK(on.turned() == "c");
  CHECK(added(on.base) == 0);
  CHECK(turn(on.base) == 1);
}

TEST_CASE("event callback: an event deletes an active one and adds it again") {
  ON_EACH_BACKEND(backend);
  Readers on(backend);
  on.add(on.a, "a", EV_PERSIST);
  on.add(on.b, "b", EV_PERSIST, [&](const Call&) {
    CHECK(event_del(on.a.get()) == 0);
    CHECK(event_add(on.a.get(), nullptr) == 0);
  });
  // Deleting took the activation away; the descriptor is looked at again in the next turn.
  CHECK(on.turned() == "b");
  CHECK(on.turned() == "a b");
}

TEST_CASE("event callback: an event adds another on the same descriptor") {
  ON_EACH_BACKEND(backend);
  Readers on(backend);
  on.add(on.a, "a", EV_PERSIST, [&](const Call&) {
    if (!on.b) {
      on.add(on.b, "b", EV_PERSIST);
    }
  });
  CHECK(on.turned() == "a");
  CHECK(on.turned() == "b a");
}

TEST_CASE("event callback: an event makes its own descriptor unready for the next turn only") {
  ON_EACH_BACKEND(backend);
  Readers on(backend);
  on.add(on.a, "a", EV_PERSIST, [&](const Call&) { drain(on.pair.first); });
  CHECK(on.turned() == "a");
  CHECK(on.turned() == "");
}

TEST_CASE("event callback: an event is assigned anew in its own callback") {
  ON_EACH_BACKEND(backend);
  const auto persist = static_cast<short>(GENERATE(0, EV_PERSIST));
  Readers on(backend);
  on.add(on.a, "a", persist, [&](const Call&) {
    CHECK(event_del(on.a.get()) == 0);
    CHECK(event_assign(on.a.get(), on.base.get(), on.pair.second, EV_WRITE, Recorder::callback,
                       on.recorder.argument("write")) == 0);
    CHECK(event_add(on.a.get(), nullptr) == 0);
  });
  CHECK(on.turned() == "a");
  CHECK(on.turned() == "write");
  CHECK(on.turned() == "");
}

TEST_CASE("event callback: closing the descriptor after deleting the event is fine") {
  ON_EACH_BACKEND(backend);
  Readers on(backend);
  const LogCapture log;
  on.add(on.a, "a", EV_PERSIST, [&](const Call&) {
    on.a.reset();
    on.pair.close_first();
  });
  CHECK(on.turned() == "a");
  CHECK(turn(on.base) == 1);
  CHECK(log.count() == 0);
}

TEST_CASE("event callback: errno reaches the callback and the rest of the program unharmed") {
  const Base base = make_base();
  Recorder recorder;
  SocketPair pair;
  int seen = 0;
  const Event ev = recorder.make(base.get(), pair.first, EV_WRITE, "write", [&](const Call& call) {
    char byte;
    CHECK(recv(call.fd, &byte, 1, 0) == -1);
    seen = EVUTIL_SOCKET_ERROR();
  });
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  turn(base);
  CHECK(seen == EAGAIN);
}

TEST_CASE("event_base_get_running_event: is the event whose callback runs") {
  const Base base = make_base();
  Recorder recorder;
  std::vector<const event*> seen;
  const auto look = [&](const Call&) { seen.push_back(event_base_get_running_event(base.get())); };
  const Event one = recorder.make(base.get(), -1, 0, "one", look);
  const Event two = recorder.make(base.get(), -1, EV_PERSIST, "two", look);
  event_active(one.get(), EV_TIMEOUT, 1);
  event_active(two.get(), EV_TIMEOUT, 1);
  const timeval now = ms(0);
  REQUIRE(event_base_once(base.get(), -1, EV_TIMEOUT, Recorder::callback,
                          recorder.argument("once", look), &now) == 0);
  event_base_dispatch(base.get());
  REQUIRE(seen.size() == 3);
  CHECK(seen[0] == one.get());
  CHECK(seen[1] == two.get());
  // An event of the library's own.
  CHECK(seen[2] != nullptr);
  CHECK(seen[2] != one.get());
  CHECK(seen[2] != two.get());
}
