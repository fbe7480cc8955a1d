// The environment variables that event_base_new looks at, and EVENT_BASE_FLAG_IGNORE_ENV.
#include <cstdlib>

#include "event_recorder.h"

using namespace event_cases;

namespace {

std::string method_of(const Base& base) {
  return base ? event_base_get_method(base.get()) : "none";
}

Base make_ignoring_environment() {
  const Config config(event_config_new());
  event_config_set_flag(config.get(), EVENT_BASE_FLAG_IGNORE_ENV);
  return Base(event_base_new_with_config(config.get()));
}

}  // namespace

TEST_CASE("event environment: EVENT_NO and a name switches a method off") {
  setenv("EVENT_NOPOLL", "1", 1);
  CHECK(method_of(make_base()) == "epoll");
  setenv("EVENT_NOEPOLL", "1", 1);
  CHECK(method_of(make_base()) == "select");
  unsetenv("EVENT_NOPOLL");
  CHECK(method_of(make_base()) == "poll");
  unsetenv("EVENT_NOEPOLL");
  setenv("EVENT_NOSELECT", "1", 1);
  CHECK(method_of(make_base()) == "epoll");
}

TEST_CASE("event environment: all methods switched off leave no base") {
  const LogCapture log;
  for (const char* name : {"EVENT_NOEPOLL", "EVENT_NOPOLL", "EVENT_NOSELECT"}) {
    setenv(name, "1", 1);
  }
  CHECK(event_base_new() == nullptr);
  CHECK(log.contains(EVENT_LOG_WARN, ""));
  CHECK(method_of(make_ignoring_environment()) == "epoll");
}

TEST_CASE("event environment: the value does not matter, only that the variable is there") {
  const char* value = GENERATE("", "0", "no", "1");
  setenv("EVENT_NOEPOLL", value, 1);
  CHECK(method_of(make_base()) == "poll");
  unsetenv("EVENT_NOEPOLL");
}

TEST_CASE("event environment: names are spelled in capitals") {
  setenv("EVENT_NOepoll", "1", 1);
  setenv("event_noepoll", "1", 1);
  setenv("EVENT_NO", "1", 1);
  setenv("NOEPOLL", "1", 1);
  CHECK(method_of(make_base()) == "epoll");
}

TEST_CASE("event environment: IGNORE_ENV ignores the methods switched off") {
  setenv("EVENT_NOEPOLL", "1", 1);
  CHECK(method_of(make_ignoring_environment()) == "epoll");
  const Config config(event_config_new());
  REQUIRE(event_config_avoid_method(config.get(), "poll") == 0);
  CHECK(method_of(Base(event_base_new_with_config(config.get()))) == "select");
  REQUIRE(event_config_set_flag(config.get(), EVENT_BASE_FLAG_IGNORE_ENV) == 0);
  CHECK(method_of(Base(event_base_new_with_config(config.get()))) == "epoll");
}

TEST_CASE("event environment: is read for each base and not for one that exists") {
  const Base before = make_base();
  setenv("EVENT_NOEPOLL", "1", 1);
  const Base within = make_base();
  unsetenv("EVENT_NOEPOLL");
  const Base after = make_base();
  CHECK(method_of(before) == "epoll");
  CHECK(method_of(within) == "poll");
  CHECK(method_of(after) == "epoll");
}

TEST_CASE("event environment: works together with required features") {
  const LogCapture log;
  setenv("EVENT_NOEPOLL", "1", 1);
  const Config config(event_config_new());
  REQUIRE(event_config_require_features(config.get(), EV_FEATURE_ET) == 0);
  CHECK(event_base_new_with_config(config.get()) == nullptr);
  REQUIRE(event_config_require_features(config.get(), EV_FEATURE_EARLY_CLOSE) == 0);
  CHECK(method_of(Base(event_base_new_with_config(config.get()))) == "poll");
}

TEST_CASE("event environment: EVENT_EPOLL_USE_CHANGELIST is the flag of that name") {
  setenv("EVENT_EPOLL_USE_CHANGELIST", "1", 1);
  CHECK(method_of(make_base()) == "epoll (with changelist)");
  CHECK(method_of(make_ignoring_environment()) == "epoll");
  CHECK(method_of(make_base_with("poll")) == "poll");
}

TEST_CASE("event environment: EVENT_SHOW_METHOD logs the method of each base") {
  const LogCapture log;
  make_base();
  CHECK(log.count() == 0);
  setenv("EVENT_SHOW_METHOD", "1", 1);
  make_base();
  CHECK(log.count() == 1);
  CHECK(log.contains(EVENT_LOG_MSG, "libevent using: epoll"));
  make_base_with("select");
  CHECK(log.count() == 2);
  CHECK(log.contains(EVENT_LOG_MSG, "libevent using: select"));
}

TEST_CASE("event environment: EVENT_SHOW_METHOD is heard even with IGNORE_ENV") {
  const LogCapture log;
  setenv("EVENT_SHOW_METHOD", "1", 1);
  make_ignoring_environment();
  CHECK(log.contains(EVENT_LOG_MSG, "libevent using: epoll"));
}

TEST_CASE("event environment: EVENT_PRECISE_TIMER makes a base that works as usual") {
  setenv("EVENT_PRECISE_TIMER", "1", 1);
  const Base base = make_base();
  CHECK(method_of(base) == "epoll");
  Recorder recorder;
  const Event timer = recorder.make(base.get(), -1, 0, "timer");
  const timeval brief = ms(20);
  const std::int64_t start = now_ms();
  REQUIRE(event_add(timer.get(), &brief) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(now_ms() - start >= 19);
  CHECK(recorder.order() == "timer");
}
