// event_base_dump_events: the text, line by line.
#include <csignal>
#include <cstdio>
#include <cstring>
#include <regex>

#include "event_recorder.h"

using namespace event_cases;

namespace {

// The dump, with addresses as "PTR", times as "TIME" and descriptors as "A" and "B", and without
// the lines of the library's own events, whose number is nobody's business.
std::string dump(const Base& base, const SocketPair* pair = nullptr) {
  char* text = nullptr;
  size_t length = 0;
  FILE* file = open_memstream(&text, &length);
  event_base_dump_events(base.get(), file);
  std::fclose(file);
  std::string all(text, length);
  std::free(text);

  all = std::regex_replace(all, std::regex("0x[0-9a-f]+ "), "PTR ");
  all = std::regex_replace(all, std::regex("Timeout=[0-9]+\\.[0-9]{6}(\n)"), "Timeout=TIME$1");
  if (pair != nullptr) {
    for (const auto& [fd, letter] : {std::pair{pair->first, "A"}, {pair->second, "B"}}) {
      all = std::regex_replace(all, std::regex("\\[fd  " + std::to_string(fd) + "([,\\]])"),
                               std::string("[fd  ") + letter + "$1");
    }
  }
  return std::regex_replace(all, std::regex("[^\n]* Internal[^\n]*\n"), "");
}

}  // namespace

TEST_CASE("event_base_dump_events: two headings and nothing else for a fresh base") {
  CHECK(dump(make_base()) == "Inserted events:\nActive events:\n");
}

TEST_CASE("event_base_dump_events: names the kinds and flags of inserted events") {
  const Base base = make_base();
  SocketPair pair;
  Recorder recorder;
  const auto line = [&](int events) {
    const Event ev = recorder.make(base.get(), pair.first, static_cast<short>(events), "event");
    REQUIRE(event_add(ev.get(), nullptr) == 0);
    return dump(base, &pair);
  };
  const auto expected = [](const char* flags) {
    return std::string("Inserted events:\n  PTR [fd  A]") + flags + "\nActive events:\n";
  };
  CHECK(line(EV_READ) == expected(" Read"));
  CHECK(line(EV_WRITE) == expected(" Write"));
  CHECK(line(EV_CLOSED) == expected(" EOF"));
  CHECK(line(EV_READ | EV_PERSIST) == expected(" Read Persist"));
  CHECK(line(EV_READ | EV_ET) == expected(" Read ET"));
  CHECK(line(EV_READ | EV_FINALIZE) == expected(" Read"));
  CHECK(line(EV_READ | EV_TIMEOUT) == expected(" Read"));
  CHECK(line(EV_READ | EV_WRITE | EV_CLOSED | EV_PERSIST | EV_ET) ==
        expected(" Read Write EOF Persist ET"));
}

TEST_CASE("event_base_dump_events: gives descriptors of any size after two spaces") {
  const Base base = make_base();
  SocketPair pair;
  Recorder recorder;
  const timeval late = ms(60'000);
  const Event timer = recorder.make(base.get(), -1, 0, "timer");
  REQUIRE(event_add(timer.get(), &late) == 0);
  CHECK(dump(base) == "Inserted events:\n  PTR [fd  -1] Timeout=TIME\nActive events:\n");

  REQUIRE(event_del(timer.get()) == 0);
  REQUIRE(pair.first < 100);
  for (const int number : {pair.first, 500}) {
    REQUIRE(dup2(pair.first, number) == number);
    const Event io = recorder.make(base.get(), number, EV_READ, "io");
    REQUIRE(event_add(io.get(), nullptr) == 0);
    char expected[64];
    std::snprintf(expected, sizeof expected, "  PTR [fd  %d] Read\n", number);
    CHECK(dump(base).find(expected) != std::string::npos);
  }
  close(500);
}

TEST_CASE("event_base_dump_events: says when a timeout expires, in time of day") {
  const Base base = make_base();
  Recorder recorder;
  const Event timer = recorder.make(base.get(), -1, EV_PERSIST, "timer");
  const timeval late = ms(60'000);
  timeval now;
  evutil_gettimeofday(&now, nullptr);
  REQUIRE(event_add(timer.get(), &late) == 0);
  char* text = nullptr;
  size_t length = 0;
  FILE* file = open_memstream(&text, &length);
  event_base_dump_events(base.get(), file);
  std::fclose(file);
  const char* found = std::strstr(text, "] Persist Timeout=");
  REQUIRE(found != nullptr);
  const double expires = std::strtod(found + 18, nullptr);
  std::free(text);
  const double expected = static_cast<double>(now.tv_sec) + 60;
  CHECK(expires >= expected - 1);
  CHECK(expires <= expected + 30);
}

TEST_CASE("event_base_dump_events: descriptors come first and then signals and timers") {
  const Base base = make_base();
  SocketPair pair;
  Recorder recorder;
  const timeval late = ms(60'000);
  const Event timer = recorder.make(base.get(), -1, EV_PERSIST, "timer");
  const Event signal = recorder.make(base.get(), SIGUSR1, EV_SIGNAL | EV_PERSIST, "signal");
  const Event timed = recorder.make(base.get(), SIGUSR2, EV_SIGNAL, "timed");
  const Event io = recorder.make(base.get(), pair.first, EV_READ | EV_WRITE, "io");
  REQUIRE(event_add(timer.get(), &late) == 0);
  REQUIRE(event_add(signal.get(), nullptr) == 0);
  REQUIRE(event_add(timed.get(), &late) == 0);
  REQUIRE(event_add(io.get(), &late) == 0);
  CHECK(dump(base, &pair) ==
        "Inserted events:\n"
        "  PTR [fd  A] Read Write Timeout=TIME\n"
        "  PTR [sig 10] Signal Persist\n"
        "  PTR [sig 12] Signal Timeout=TIME\n"
        "  PTR [fd  -1] Persist Timeout=TIME\n"
        "Active events:\n");
}

TEST_CASE("event_base_dump_events: active events show their results and priority") {
  const Base base = make_base();
  SocketPair pair;
  Recorder recorder;
  REQUIRE(event_base_priority_init(base.get(), 3) == 0);
  const Event io = recorder.make(base.get(), pair.first, EV_READ | EV_PERSIST, "io");
  const Event user = recorder.make(base.get(), -1, 0, "user");
  const Event signal = recorder.make(base.get(), SIGUSR1, EV_SIGNAL, "signal");
  const Event nothing = recorder.make(base.get(), -1, 0, "nothing");
  REQUIRE(event_priority_set(user.get(), 0) == 0);
  REQUIRE(event_priority_set(nothing.get(), 2) == 0);
  REQUIRE(event_add(io.get(), nullptr) == 0);
  event_active(io.get(), EV_WRITE | EV_CLOSED | EV_ET, 1);
  event_active(user.get(), EV_TIMEOUT | EV_READ, 1);
  event_active(signal.get(), EV_SIGNAL | EV_TIMEOUT, 2);
  event_active(nothing.get(), 0, 1);
  // The order is that of a visit: what is inserted comes first among the active ones too.
  CHECK(dump(base, &pair) ==
        "Inserted events:\n"
        "  PTR [fd  A] Read Persist\n"
        "Active events:\n"
        "  PTR [fd  A, priority=1] Write EOF active\n"
        "  PTR [fd  -1, priority=0] Read Timeout active\n"
        "  PTR [sig 10, priority=1] Signal Timeout active\n"
        "  PTR [fd  -1, priority=2] active\n");
}

TEST_CASE("event_base_dump_events: events in a queue of common timeouts are listed too") {
  const Base base = make_base();
  Recorder recorder;
  const timeval late = ms(60'000);
  const timeval* common = event_base_init_common_timeout(base.get(), &late);
  const Event a = recorder.make(base.get(), -1, 0, "a");
  const Event b = recorder.make(base.get(), -1, 0, "b");
  REQUIRE(event_add(a.get(), common) == 0);
  REQUIRE(event_add(b.get(), common) == 0);
  CHECK(dump(base) ==
        "Inserted events:\n"
        "  PTR [fd  -1] Timeout=TIME\n"
        "  PTR [fd  -1] Timeout=TIME\n"
        "Active events:\n");
}

TEST_CASE("event_base_dump_events: changes nothing") {
  const Base base = make_base();
  SocketPair pair;
  Recorder recorder;
  const Event io = recorder.make(base.get(), pair.first, EV_WRITE, "io");
  REQUIRE(event_add(io.get(), nullptr) == 0);
  const std::string first = dump(base, &pair);
  CHECK(dump(base, &pair) == first);
  CHECK(added(base) == 1);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(recorder.order() == "io");
  CHECK(dump(base) == "Inserted events:\nActive events:\n");
}

TEST_CASE("event_base_dump_events: within a callback the running event is active no more") {
  const Base base = make_base();
  Recorder recorder;
  std::string text;
  const Event later = recorder.make(base.get(), -1, 0, "later");
  const Event now =
      recorder.make(base.get(), -1, 0, "now", [&](const Call&) { text = dump(base); });
  event_active(now.get(), EV_READ, 1);
  event_active(later.get(), EV_WRITE, 1);
  turn(base);
  CHECK(text ==
        "Inserted events:\n"
        "Active events:\n"
        "  PTR [fd  -1, priority=0] Write active\n");
}
