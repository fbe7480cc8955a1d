// event_enable_debug_mode: what it catches, what it says, and what it lets pass.
#include <event2/event_struct.h>

#include <cinttypes>
#include <cstring>

#include "child.h"
#include "timer_tools.h"

// In no public header, but exported.
extern "C" void event_disable_debug_mode(void);

using namespace event_cases;

namespace {

void nothing(evutil_socket_t, short, void*) {}

const timeval kHour = {3600, 0};

// Runs `misuse` in a child with debug mode on and a base.
template <class Misuse>
Child in_debug_mode(Misuse misuse) {
  return in_child([&] {
    event_enable_debug_mode();
    misuse(event_base_new());
    std::printf("survived\n");
  });
}

// The library said `mistake`, named the event, and called the fatal callback.
void check_caught(const Child& child, const char* mistake) {
  INFO(child.output);
  CHECK(child.exit_code == kFatalExit);
  CHECK(child.wrote("fatal 0xdeaddead"));
  CHECK(child.output.rfind("3 ", 0) == 0);
  CHECK(child.wrote(mistake));
  CHECK(child.wrote(" event 0x"));
  CHECK(child.wrote("(events: 0x"));
  CHECK(child.wrote("fd: "));
  CHECK(child.wrote("flags: 0x"));
  CHECK_FALSE(child.wrote("survived"));
}

// Memory that looks like an event of this base, but was never assigned.
event forged(event_base* base, evutil_socket_t fd = 5) {
  event ev;
  std::memset(&ev, 0, sizeof ev);
  ev.ev_base = base;
  ev.ev_fd = fd;
  ev.ev_events = EV_READ;
  ev.ev_evcallback.evcb_flags = EVLIST_INIT;
  return ev;
}

}  // namespace

TEST_CASE("event_enable_debug_mode: twice is an error") {
  const Child child = in_child([] {
    event_enable_debug_mode();
    event_enable_debug_mode();
  });
  CHECK(child.exit_code == kFatalExit);
  CHECK(child.output == "3 event_enable_debug_mode was called twice!\nfatal 0x1\n");
}

TEST_CASE("event_enable_debug_mode: after the first base or event it is too late") {
  const char* const kTooLate =
      "3 event_enable_debug_mode must be called *before* creating any events or event_bases\n"
      "fatal 0x1\n";
  const Child base = in_child([] {
    event_base_free(event_base_new());
    event_enable_debug_mode();
  });
  CHECK(base.exit_code == kFatalExit);
  CHECK(base.output == kTooLate);
  const Child assigned = in_child([] {
    event ev;
    event_assign(&ev, nullptr, -1, 0, nothing, nullptr);
    event_enable_debug_mode();
  });
  CHECK(assigned.output == kTooLate);
}

TEST_CASE("event_enable_debug_mode: after a configuration it is not too late") {
  const Child child = in_child([] {
    event_config_free(event_config_new());
    event_enable_debug_mode();
  });
  CHECK(child.exit_code == 0);
  CHECK(child.output.empty());
}

TEST_CASE("event_enable_debug_mode: event_add on an event that was never assigned") {
  const auto child = in_debug_mode([](event_base* base) {
    event ev = forged(base);
    event_add(&ev, nullptr);
  });
  check_caught(child, "non-initialized event");
  CHECK(child.wrote("fd: 5"));
  CHECK(child.wrote("events: 0x2"));
  CHECK(child.wrote("flags: 0x80"));
}

TEST_CASE("event_enable_debug_mode: names the event by its address") {
  const auto child = in_debug_mode([](event_base* base) {
    event ev = forged(base);
    std::printf("at 0x%" PRIxPTR "\n", reinterpret_cast<std::uintptr_t>(&ev));
    event_add(&ev, nullptr);
  });
  const std::string address = child.output.substr(3, child.output.find('\n') - 3);
  CHECK(child.wrote("event " + address + " ("));
}

TEST_CASE("event_enable_debug_mode: every other function on an event that was never assigned") {
  using Use = void (*)(event*);
  const Use uses[] = {
      [](event* ev) { event_pending(ev, EV_READ, nullptr); },
      [](event* ev) { event_active(ev, EV_READ, 1); },
      [](event* ev) { event_priority_set(ev, 0); },
      [](event* ev) { event_remove_timer(ev); },
      [](event* ev) { event_get_fd(ev); },
      [](event* ev) { event_get_base(ev); },
      [](event* ev) { event_get_events(ev); },
      [](event* ev) { event_get_callback(ev); },
      [](event* ev) { event_get_callback_arg(ev); },
      [](event* ev) { event_get_priority(ev); },
      [](event* ev) { event_get_assignment(ev, nullptr, nullptr, nullptr, nullptr, nullptr); },
      [](event* ev) { event_add(ev, &kHour); },
  };
  int number = 0;
  for (const Use use : uses) {
    INFO("use " << number++);
    check_caught(in_debug_mode([&](event_base* base) {
                   event ev = forged(base);
                   use(&ev);
                 }),
                 "non-initialized event");
  }
}

TEST_CASE("event_enable_debug_mode: event_del on an event that was never assigned") {
  check_caught(in_debug_mode([](event_base* base) {
                 event ev = forged(base);
                 event_del(&ev);
               }),
               "non-setup event");
}

TEST_CASE("event_enable_debug_mode: event_initialized and event_base_set may be asked anything") {
  const auto child = in_debug_mode([](event_base* base) {
    event ev;
    std::memset(&ev, 0, sizeof ev);
    std::printf("initialized %d\n", event_initialized(&ev));
    std::printf("set %d\n", event_base_set(base, &ev));
  });
  CHECK(child.exit_code == 0);
  CHECK(child.output == "initialized 0\nset -1\nsurvived\n");
}

TEST_CASE("event_enable_debug_mode: event_assign on a pending event") {
  const auto timer = in_debug_mode([](event_base* base) {
    event ev;
    evtimer_assign(&ev, base, nothing, nullptr);
    event_add(&ev, &kHour);
    evtimer_assign(&ev, base, nothing, nullptr);
  });
  check_caught(timer, "already added event");
  CHECK(timer.wrote("flags: 0x81"));
  const auto signal_event = in_debug_mode([](event_base* base) {
    event ev;
    evsignal_assign(&ev, base, SIGUSR1, nothing, nullptr);
    event_add(&ev, nullptr);
    evsignal_assign(&ev, base, SIGUSR1, nothing, nullptr);
  });
  check_caught(signal_event, "already added event");
  CHECK(signal_event.wrote("fd: " + std::to_string(SIGUSR1)));
  CHECK(signal_event.wrote("flags: 0x82"));
}

TEST_CASE("event_enable_debug_mode: event_debug_unassign on a pending event") {
  check_caught(in_debug_mode([](event_base* base) {
                 event ev;
                 evtimer_assign(&ev, base, nothing, nullptr);
                 event_add(&ev, &kHour);
                 event_debug_unassign(&ev);
               }),
               "already added event");
}

TEST_CASE("event_enable_debug_mode: event_add after event_debug_unassign or event_free") {
  check_caught(in_debug_mode([](event_base* base) {
                 event ev;
                 evtimer_assign(&ev, base, nothing, nullptr);
                 event_debug_unassign(&ev);
                 event_add(&ev, &kHour);
               }),
               "non-initialized event");
  check_caught(in_debug_mode([](event_base* base) {
                 static event kept;
                 event_set_mem_functions(std::malloc, std::realloc, [](void*) {});
                 event* ev = evtimer_new(base, nothing, nullptr);
                 kept = *ev;
                 event_free(ev);
                 *ev = kept;  // as if nothing had happened
                 event_add(ev, &kHour);
               }),
               "non-initialized event");
}

TEST_CASE("event_enable_debug_mode: a descriptor that blocks is refused by event_assign") {
  const auto child = in_debug_mode([](event_base* base) {
    int fds[2];
    CHECK(pipe(fds) == 0);
    event ev;
    event_assign(&ev, base, fds[0], EV_READ, nothing, nullptr);
    event_add(&ev, nullptr);
  });
  CHECK(child.exit_code == kFatalExit);
  CHECK(child.wrote("O_NONBLOCK"));
  CHECK(child.wrote("fatal 0xdeaddead"));
}

TEST_CASE("event_enable_debug_mode: a descriptor that is not open is left to event_add") {
  const auto child = in_debug_mode([](event_base* base) {
    event ev;
    event_assign(&ev, base, 1000, EV_READ, nothing, nullptr);
    std::printf("add %d\n", event_add(&ev, nullptr));
  });
  CHECK(child.exit_code == 0);
  CHECK(child.wrote("add -1\n"));
  CHECK(child.wrote("survived"));
}

TEST_CASE("event_enable_debug_mode: by default a mistake aborts the process") {
  const auto child = in_debug_mode([](event_base* base) {
    event_set_fatal_callback(nullptr);
    event ev = forged(base);
    event_add(&ev, nullptr);
  });
  CHECK(child.signal == SIGABRT);
  CHECK(child.wrote("non-initialized event"));
}
