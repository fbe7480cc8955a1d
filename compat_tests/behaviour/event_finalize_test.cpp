// event_finalize and event_free_finalize: tearing an event down by way of the loop.
#include <event2/event_struct.h>

#include "event_recorder.h"

using namespace event_cases;

namespace {

constexpr short kAll = EV_TIMEOUT | EV_READ | EV_WRITE | EV_SIGNAL | EV_CLOSED;

// The finalizer of this file's events, whose arguments are strings.
std::vector<std::string> finalized;
const event* last_finalized = nullptr;

void finalize(event* ev, void* arg) {
  last_finalized = ev;
  finalized.emplace_back(static_cast<const char*>(arg));
}

int calls = 0;
void count_call(evutil_socket_t, short, void*) { ++calls; }

char* label(const char* text) { return const_cast<char*>(text); }

event* make(const Base& base, const char* name, evutil_socket_t fd = -1, short events = 0) {
  event* ev = event_new(base.get(), fd, events, count_call, label(name));
  REQUIRE(ev != nullptr);
  return ev;
}

}  // namespace

TEST_CASE("event_finalize: runs the finalizer in the loop, once, with the event's argument") {
  const Base base = make_base();
  const Event ev(make(base, "event"));
  CHECK(event_finalize(0, ev.get(), finalize) == 0);
  CHECK(finalized.empty());
  CHECK(active(base) == 1);
  CHECK(event_base_dispatch(base.get()) == 1);
  REQUIRE(finalized == std::vector<std::string>{"event"});
  CHECK(last_finalized == ev.get());
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(finalized.size() == 1);
  CHECK(calls == 0);
}

TEST_CASE("event_finalize: an event that is pending and active is neither from then on") {
  const Base base = make_base();
  SocketPair pair;
  write_byte(pair.second);
  const Event ev(make(base, "event", pair.first, EV_READ | EV_PERSIST));
  const timeval late = ms(60'000);
  REQUIRE(event_add(ev.get(), &late) == 0);
  event_active(ev.get(), EV_WRITE, 1);
  CHECK(event_finalize(0, ev.get(), finalize) == 0);
  CHECK(event_pending(ev.get(), kAll, nullptr) == 0);
  // What is active now is the finalizer.
  CHECK(active(base) == 1);
  CHECK(added(base) == 1);
  CHECK(turn(base) == 0);
  CHECK(finalized.size() == 1);
  CHECK(calls == 0);
  CHECK(turn(base) == 1);
}

TEST_CASE("event_finalize: afterwards the event cannot be added, activated or deleted") {
  const Base base = make_base();
  SocketPair pair;
  const Event ev(make(base, "event", pair.first, EV_WRITE | EV_PERSIST));
  CHECK(event_finalize(0, ev.get(), finalize) == 0);
  const timeval brief = ms(1);
  CHECK(event_add(ev.get(), nullptr) == -1);
  CHECK(event_add(ev.get(), &brief) == -1);
  event_active(ev.get(), EV_READ, 1);
  event_base_active_by_fd(base.get(), pair.first, EV_WRITE);
  CHECK(event_del(ev.get()) == 0);
  CHECK(event_del_block(ev.get()) == 0);
  CHECK(event_del_noblock(ev.get()) == 0);
  CHECK(event_pending(ev.get(), kAll, nullptr) == 0);
  CHECK(active(base) == 1);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(finalized.size() == 1);
  CHECK(calls == 0);
}

TEST_CASE("event_finalize: keeps an event out of service also when the finalizer has run") {
  const Base base = make_base();
  event ev;
  REQUIRE(event_assign(&ev, base.get(), -1, 0, count_call, label("event")) == 0);
  CHECK(event_finalize(0, &ev, finalize) == 0);
  turn(base);
  REQUIRE(finalized.size() == 1);
  CHECK(event_add(&ev, nullptr) == -1);
  event_active(&ev, EV_READ, 1);
  CHECK(active(base) == 0);
  CHECK(event_del(&ev) == 0);
  // Only assigning it makes an event of it again.
  REQUIRE(event_assign(&ev, base.get(), -1, 0, count_call, label("event")) == 0);
  event_active(&ev, EV_READ, 1);
  turn(base);
  CHECK(calls == 1);
}

TEST_CASE("event_finalize: twice runs the finalizer once") {
  const Base base = make_base();
  const Event ev(make(base, "event"));
  CHECK(event_finalize(0, ev.get(), finalize) == 0);
  CHECK(event_finalize(0, ev.get(), finalize) == 0);
  CHECK(active(base) == 1);
  turn(base);
  CHECK(finalized.size() == 1);
}

TEST_CASE("event_finalize: finalizers run by the event's priority, then in their order") {
  const Base base = make_base();
  REQUIRE(event_base_priority_init(base.get(), 3) == 0);
  std::vector<Event> events;
  for (const auto& [name, priority] :
       {std::pair{"c", 2}, {"a1", 0}, {"b", 1}, {"a2", 0}, {"c2", 2}}) {
    events.emplace_back(make(base, name));
    REQUIRE(event_priority_set(events.back().get(), priority) == 0);
    REQUIRE(event_finalize(0, events.back().get(), finalize) == 0);
  }
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(finalized == std::vector<std::string>{"a1", "a2", "b", "c", "c2"});
}

TEST_CASE("event_finalize: a finalizer takes its turn behind events that were active before") {
  const Base base = make_base();
  const Event ev(make(base, "event"));
  const Event other(make(base, "other"));
  event_active(other.get(), EV_READ, 1);
  REQUIRE(event_finalize(0, ev.get(), [](event*, void*) { CHECK(calls == 1); }) == 0);
  turn(base);
  CHECK(calls == 1);
}

TEST_CASE("event_free_finalize: frees the event after the finalizer") {
  const CountedMemory memory;
  const Base base = make_base();
  SocketPair pair;
  const auto flags = static_cast<short>(GENERATE(0, EV_FINALIZE));
  finalized.clear();
  const auto round = [&] {
    event* ev = make(base, "event", pair.first, static_cast<short>(EV_READ | flags));
    REQUIRE(event_add(ev, nullptr) == 0);
    CHECK(event_free_finalize(0, ev, finalize) == 0);
    turn(base);
  };
  round();  // what the base keeps for good is there from here on
  const long before = memory.live();
  round();
  CHECK(memory.live() == before);
  CHECK(finalized.size() == 2);
}

TEST_CASE("event_free_finalize: several at once are each finalized exactly once") {
  const CountedMemory memory;
  const Base base = make_base();
  const long before = memory.live();
  for (int i = 0; i < 50; ++i) {
    CHECK(event_free_finalize(0, make(base, "event"), finalize) == 0);
  }
  CHECK(active(base) == 50);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(finalized.size() == 50);
  CHECK(memory.live() == before);
}

TEST_CASE("event_free_finalize: within the event's own callback") {
  const CountedMemory memory;
  const Base base = make_base();
  SocketPair pair;
  const auto persist = static_cast<short>(GENERATE(0, EV_PERSIST));
  static event* ev;
  static bool inside;
  const auto end_it = [](evutil_socket_t, short, void*) {
    inside = true;
    CHECK(event_free_finalize(0, ev, [](event* which, void*) {
            CHECK_FALSE(inside);
            finalize(which, label("own"));
          }) == 0);
    CHECK(event_pending(ev, kAll, nullptr) == 0);
    inside = false;
  };
  const auto round = [&] {
    finalized.clear();
    ev = event_new(base.get(), pair.first, static_cast<short>(EV_WRITE | persist), end_it, nullptr);
    REQUIRE(event_add(ev, nullptr) == 0);
    CHECK(turn(base) == 0);
    CHECK(finalized == std::vector<std::string>{"own"});
    CHECK(turn(base) == 1);
  };
  round();
  const long before = memory.live();
  round();
  CHECK(memory.live() == before);
}

TEST_CASE("event_free_finalize: of another event that is active in the same turn") {
  const Base base = make_base();
  static event* victim;
  const Event first(event_new(
      base.get(), -1, 0,
      [](evutil_socket_t, short, void*) { CHECK(event_free_finalize(0, victim, finalize) == 0); },
      nullptr));
  victim = make(base, "victim");
  event_active(first.get(), EV_READ, 1);
  event_active(victim, EV_READ, 1);
  turn(base);
  CHECK(calls == 0);
  CHECK(finalized == std::vector<std::string>{"victim"});
}

TEST_CASE("event_base_free: runs the finalizers that are left") {
  const CountedMemory memory;
  const long before = memory.live();
  Base base = make_base();
  event ev;
  REQUIRE(event_assign(&ev, base.get(), -1, 0, count_call, label("kept")) == 0);
  REQUIRE(event_finalize(0, &ev, finalize) == 0);
  REQUIRE(event_free_finalize(0, make(base, "freed"), finalize) == 0);
  base.reset();
  CHECK(finalized == std::vector<std::string>{"kept", "freed"});
  CHECK(memory.live() == before);
}

TEST_CASE("event_base_free_nofinalize: runs no finalizer") {
  Base base = make_base();
  // Without their finalizers nobody frees them; leak checkers shall know that it is on purpose.
  static event* kept;
  static event* freed;
  kept = make(base, "kept");
  freed = make(base, "freed");
  REQUIRE(event_finalize(0, kept, finalize) == 0);
  REQUIRE(event_free_finalize(0, freed, finalize) == 0);
  event_base_free_nofinalize(base.release());
  CHECK(finalized.empty());
}

TEST_CASE("event_base_free_nofinalize: is otherwise event_base_free") {
  const CountedMemory memory;
  const long before = memory.live();
  Base base = make_base();
  SocketPair pair;
  event io;
  REQUIRE(event_assign(&io, base.get(), pair.first, EV_READ, count_call, nullptr) == 0);
  REQUIRE(event_add(&io, nullptr) == 0);
  event_base_free_nofinalize(base.release());
  CHECK(memory.live() == before);
}
