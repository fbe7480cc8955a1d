// The states of one event: initialized, pending, active; its getters and its assignment.
#include <event2/event_struct.h>

#include <csignal>
#include <cstring>

#include "event_recorder.h"

using namespace event_cases;

namespace {

void ignore(evutil_socket_t, short, void*) {}

}  // namespace

TEST_CASE("event_new: a new event is initialized, not pending, and knows what it was given") {
  const Base base = make_base();
  SocketPair pair;
  int argument = 0;
  const Event ev(event_new(base.get(), pair.first, EV_READ | EV_PERSIST, ignore, &argument));
  REQUIRE(ev);

  CHECK(event_initialized(ev.get()) == 1);
  CHECK(event_pending(ev.get(), EV_READ | EV_WRITE | EV_TIMEOUT | EV_SIGNAL, nullptr) == 0);
  CHECK(event_get_fd(ev.get()) == pair.first);
  CHECK(event_get_base(ev.get()) == base.get());
  CHECK(event_get_events(ev.get()) == (EV_READ | EV_PERSIST));
  CHECK(event_get_callback(ev.get()) == ignore);
  CHECK(event_get_callback_arg(ev.get()) == &argument);
  CHECK(event_get_priority(ev.get()) == 0);
  CHECK(added(base) == 0);
}

TEST_CASE("event_get_events: every flag comes back as it was given") {
  const Base base = make_base();
  const short flags = GENERATE(as<short>{}, 0, EV_TIMEOUT, EV_READ, EV_WRITE, EV_PERSIST,
                               EV_READ | EV_ET, EV_READ | EV_CLOSED, EV_READ | EV_FINALIZE,
                               EV_TIMEOUT | EV_READ | EV_WRITE | EV_PERSIST | EV_ET | EV_FINALIZE);
  CAPTURE(flags);
  const Event ev(event_new(base.get(), 0, flags, ignore, nullptr));
  REQUIRE(ev);
  CHECK(event_get_events(ev.get()) == flags);
}

TEST_CASE("event_get_signal: a signal event carries its number where others carry the fd") {
  const Base base = make_base();
  const Event ev(evsignal_new(base.get(), SIGUSR1, ignore, nullptr));
  REQUIRE(ev);
  CHECK(event_get_signal(ev.get()) == SIGUSR1);
  CHECK(event_get_fd(ev.get()) == SIGUSR1);
  CHECK(event_get_events(ev.get()) == (EV_SIGNAL | EV_PERSIST));
}

TEST_CASE("event_get_assignment: gives all of it, or only what is asked for") {
  const Base base = make_base();
  SocketPair pair;
  int argument = 0;
  const Event ev(event_new(base.get(), pair.second, EV_WRITE, ignore, &argument));

  event_base* its_base = nullptr;
  evutil_socket_t fd = -5;
  short events = 0;
  event_callback_fn callback = nullptr;
  void* arg = nullptr;
  event_get_assignment(ev.get(), &its_base, &fd, &events, &callback, &arg);
  CHECK(its_base == base.get());
  CHECK(fd == pair.second);
  CHECK(events == EV_WRITE);
  CHECK(callback == ignore);
  CHECK(arg == &argument);

  event_get_assignment(ev.get(), nullptr, nullptr, nullptr, nullptr, nullptr);
  fd = -5;
  event_get_assignment(ev.get(), nullptr, &fd, nullptr, nullptr, nullptr);
  CHECK(fd == pair.second);
}

TEST_CASE("event_get_assignment: does not tell pending or active events from others") {
  const Base base = make_base();
  SocketPair pair;
  const Event ev(event_new(base.get(), pair.first, EV_READ, ignore, nullptr));
  const timeval delay = ms(60'000);
  REQUIRE(event_add(ev.get(), &delay) == 0);
  event_active(ev.get(), EV_WRITE, 1);
  short events = 0;
  event_get_assignment(ev.get(), nullptr, nullptr, &events, nullptr, nullptr);
  CHECK(events == EV_READ);
}

TEST_CASE("event_self_cbarg: stands for the event itself in event_new and event_assign") {
  const Base base = make_base();
  CHECK(event_self_cbarg() != nullptr);
  CHECK(event_self_cbarg() == event_self_cbarg());

  static void* seen = nullptr;
  const auto note = [](evutil_socket_t, short, void* arg) { seen = arg; };
  const Event made(event_new(base.get(), -1, 0, note, event_self_cbarg()));
  CHECK(event_get_callback_arg(made.get()) == made.get());
  event_active(made.get(), EV_TIMEOUT, 1);
  turn(base);
  CHECK(seen == made.get());

  event assigned;
  REQUIRE(event_assign(&assigned, base.get(), -1, 0, note, event_self_cbarg()) == 0);
  CHECK(event_get_callback_arg(&assigned) == &assigned);
}

TEST_CASE("event_get_struct_event_size: is the size of the public struct") {
  CHECK(event_get_struct_event_size() == sizeof(event));
}

TEST_CASE("event_initialized: tells zeroed memory from an assigned event") {
  const Base base = make_base();
  event ev;
  std::memset(&ev, 0, sizeof ev);
  CHECK(event_initialized(&ev) == 0);
  REQUIRE(event_assign(&ev, base.get(), -1, 0, ignore, nullptr) == 0);
  CHECK(event_initialized(&ev) == 1);
  CHECK(evtimer_initialized(&ev) == 1);

  const timeval delay = ms(60'000);
  REQUIRE(event_add(&ev, &delay) == 0);
  CHECK(event_initialized(&ev) == 1);
  REQUIRE(event_del(&ev) == 0);
  CHECK(event_initialized(&ev) == 1);
}

TEST_CASE("event_assign: whatever the memory held before does not matter") {
  const Base base = make_base();
  SocketPair pair;
  Recorder recorder;
  const int fill = GENERATE(0x00, 0xff, 0x5a);
  event ev;
  std::memset(&ev, fill, sizeof ev);
  REQUIRE(event_assign(&ev, base.get(), pair.first, EV_READ, Recorder::callback,
                       recorder.argument("read")) == 0);
  CHECK(event_pending(&ev, EV_READ | EV_TIMEOUT, nullptr) == 0);
  CHECK(event_get_priority(&ev) == 0);
  CHECK(event_del(&ev) == 0);
  REQUIRE(event_add(&ev, nullptr) == 0);
  write_byte(pair.second);
  turn(base);
  CHECK(recorder.order() == "read");
}

TEST_CASE("event_assign: an idle event can be given another fd, kind and base") {
  const Base one = make_base();
  const Base other = make_base();
  SocketPair pair;
  Recorder recorder;
  event ev;
  REQUIRE(event_assign(&ev, one.get(), pair.first, EV_READ | EV_PERSIST, Recorder::callback,
                       recorder.argument("read")) == 0);
  REQUIRE(event_add(&ev, nullptr) == 0);
  write_byte(pair.second);
  turn(one);
  REQUIRE(event_del(&ev) == 0);

  REQUIRE(event_assign(&ev, other.get(), pair.second, EV_WRITE, Recorder::callback,
                       recorder.argument("write")) == 0);
  REQUIRE(event_add(&ev, nullptr) == 0);
  CHECK(event_get_base(&ev) == other.get());
  turn(one);
  turn(other);
  CHECK(recorder.order() == "read write");

  REQUIRE(evtimer_assign(&ev, one.get(), Recorder::callback, recorder.argument("timer")) == 0);
  const timeval now = ms(0);
  REQUIRE(event_add(&ev, &now) == 0);
  CHECK(event_base_dispatch(one.get()) == 1);
  CHECK(recorder.order() == "read write timer");
}

TEST_CASE("event_assign: an event inside a larger struct on the heap works") {
  struct Connection {
    char before[40];
    event ev;
    char after[40];
  };
  const Base base = make_base();
  SocketPair pair;
  Recorder recorder;
  const auto connection = std::make_unique<Connection>();
  std::memset(connection.get(), 'c', sizeof(Connection));
  REQUIRE(event_assign(&connection->ev, base.get(), pair.first, EV_WRITE, Recorder::callback,
                       recorder.argument("write")) == 0);
  REQUIRE(event_add(&connection->ev, nullptr) == 0);
  turn(base);
  CHECK(recorder.order() == "write");
  CHECK(std::string(connection->before, 40) == std::string(40, 'c'));
  CHECK(std::string(connection->after, 40) == std::string(40, 'c'));
}

TEST_CASE("event_assign: refuses a signal together with a descriptor") {
  const Base base = make_base();
  const LogCapture log;
  const short with = GENERATE(as<short>{}, EV_READ, EV_WRITE, EV_READ | EV_WRITE, EV_CLOSED);
  CAPTURE(with);
  event ev;
  std::memset(&ev, 0, sizeof ev);
  CHECK(event_assign(&ev, base.get(), SIGUSR1, static_cast<short>(EV_SIGNAL | with), ignore,
                     nullptr) == -1);
  CHECK(log.contains(EVENT_LOG_WARN, "EV_SIGNAL"));
  const Event made(
      event_new(base.get(), SIGUSR1, static_cast<short>(EV_SIGNAL | with), ignore, nullptr));
  CHECK(made == nullptr);
}

TEST_CASE("event_new: a refused event leaves no memory behind") {
  const CountedMemory memory;
  const LogCapture log;
  const Base base = make_base();
  const long before = memory.live();
  CHECK(event_new(base.get(), SIGUSR1, EV_SIGNAL | EV_READ, ignore, nullptr) == nullptr);
  CHECK(memory.live() == before);
}
