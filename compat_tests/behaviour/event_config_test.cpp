// event_config: methods to avoid, features to require, flags; and what the base then says.
#include <cstring>

#include "event_recorder.h"

using namespace event_cases;

namespace {

std::string method_of(const Base& base) {
  return base ? event_base_get_method(base.get()) : "none";
}

std::string method_with_features(int features) {
  const LogCapture log;
  const Config config(event_config_new());
  CHECK(event_config_require_features(config.get(), features) == 0);
  const Base base(event_base_new_with_config(config.get()));
  CHECK(log.contains(EVENT_LOG_WARN, "") == !base);
  return method_of(base);
}

// Whether a base works at all.
bool serves(const Base& base) {
  SocketPair pair;
  Recorder recorder;
  const Event io = recorder.make(base.get(), pair.first, EV_WRITE, "io");
  const Event timer = recorder.make(base.get(), -1, 0, "timer");
  const timeval brief = ms(2);
  return event_add(io.get(), nullptr) == 0 && event_add(timer.get(), &brief) == 0 &&
         event_base_dispatch(base.get()) == 1 && recorder.calls().size() == 2;
}

}  // namespace

TEST_CASE("event_get_supported_methods: epoll, poll and select in this order") {
  const char** methods = event_get_supported_methods();
  REQUIRE(methods != nullptr);
  std::vector<std::string> names;
  for (; *methods != nullptr; ++methods) {
    names.emplace_back(*methods);
  }
  CHECK(names == std::vector<std::string>{"epoll", "poll", "select"});
}

TEST_CASE("event_get_supported_methods: can be asked again, whatever the environment says") {
  setenv("EVENT_NOEPOLL", "1", 1);
  for (int i = 0; i < 3; ++i) {
    const char** methods = event_get_supported_methods();
    REQUIRE(methods != nullptr);
    CHECK(std::string(methods[0]) == "epoll");
    CHECK(methods[3] == nullptr);
  }
}

TEST_CASE("event_base_get_method: the first supported one unless it is avoided") {
  CHECK(method_of(make_base()) == "epoll");
  const Config config(event_config_new());
  REQUIRE(config);
  CHECK(method_of(Base(event_base_new_with_config(config.get()))) == "epoll");
  CHECK(event_config_avoid_method(config.get(), "epoll") == 0);
  CHECK(method_of(Base(event_base_new_with_config(config.get()))) == "poll");
  CHECK(event_config_avoid_method(config.get(), "poll") == 0);
  CHECK(method_of(Base(event_base_new_with_config(config.get()))) == "select");
  const LogCapture log;
  CHECK(event_config_avoid_method(config.get(), "select") == 0);
  CHECK(event_base_new_with_config(config.get()) == nullptr);
  CHECK(log.contains(EVENT_LOG_WARN, ""));
}

TEST_CASE("event_config_avoid_method: each method alone and all but one") {
  const std::string name = GENERATE(as<std::string>{}, "epoll", "poll", "select");
  const Config config(event_config_new());
  CHECK(event_config_avoid_method(config.get(), name.c_str()) == 0);
  const Base without(event_base_new_with_config(config.get()));
  CHECK(method_of(without) == (name == "epoll" ? "poll" : "epoll"));
  CHECK(serves(without));
  const Base only = make_base_with(name.c_str());
  CHECK(method_of(only) == name);
  CHECK(serves(only));
}

TEST_CASE("event_config_avoid_method: unknown names, other spellings and repetition do no harm") {
  const Config config(event_config_new());
  for (const char* name : {"kqueue", "", "EPOLL", "epol", "epoll2", "evport", "win32"}) {
    CHECK(event_config_avoid_method(config.get(), name) == 0);
  }
  CHECK(method_of(Base(event_base_new_with_config(config.get()))) == "epoll");
  CHECK(event_config_avoid_method(config.get(), "epoll") == 0);
  CHECK(event_config_avoid_method(config.get(), "epoll") == 0);
  CHECK(method_of(Base(event_base_new_with_config(config.get()))) == "poll");
}

TEST_CASE("event_config_avoid_method: keeps a copy of the name") {
  const Config config(event_config_new());
  {
    std::string name = "epoll";
    CHECK(event_config_avoid_method(config.get(), name.c_str()) == 0);
    name = "xxxxx";
  }
  CHECK(method_of(Base(event_base_new_with_config(config.get()))) == "poll");
}

TEST_CASE("event_config_avoid_method: no name is an error") {
  const Config config(event_config_new());
  CHECK(event_config_avoid_method(config.get(), nullptr) == -1);
  CHECK(method_of(Base(event_base_new_with_config(config.get()))) == "epoll");
}

TEST_CASE("event_base_get_features: what each backend can do") {
  const auto features = [](const char* backend) {
    return event_base_get_features(make_backend(backend).get());
  };
  CHECK(features("epoll") == (EV_FEATURE_ET | EV_FEATURE_O1 | EV_FEATURE_EARLY_CLOSE));
  CHECK(features("changelist") == (EV_FEATURE_ET | EV_FEATURE_O1 | EV_FEATURE_EARLY_CLOSE));
  CHECK(features("poll") == (EV_FEATURE_FDS | EV_FEATURE_EARLY_CLOSE));
  CHECK(features("select") == EV_FEATURE_FDS);
}

TEST_CASE("event_config_require_features: chooses the first method that has them all") {
  CHECK(method_with_features(0) == "epoll");
  CHECK(method_with_features(EV_FEATURE_ET) == "epoll");
  CHECK(method_with_features(EV_FEATURE_O1) == "epoll");
  CHECK(method_with_features(EV_FEATURE_EARLY_CLOSE) == "epoll");
  CHECK(method_with_features(EV_FEATURE_ET | EV_FEATURE_O1 | EV_FEATURE_EARLY_CLOSE) == "epoll");
  CHECK(method_with_features(EV_FEATURE_FDS) == "poll");
  CHECK(method_with_features(EV_FEATURE_FDS | EV_FEATURE_EARLY_CLOSE) == "poll");
}

TEST_CASE("event_config_require_features: what no method has makes no base") {
  CHECK(method_with_features(EV_FEATURE_ET | EV_FEATURE_FDS) == "none");
  CHECK(method_with_features(EV_FEATURE_O1 | EV_FEATURE_FDS) == "none");
  CHECK(method_with_features(0x10) == "none");
  CHECK(method_with_features(EV_FEATURE_ET | 0x1000) == "none");
  CHECK(method_with_features(-1) == "none");
}

TEST_CASE("event_config_require_features: the last call replaces the ones before") {
  const Config config(event_config_new());
  REQUIRE(event_config_require_features(config.get(), EV_FEATURE_FDS) == 0);
  REQUIRE(event_config_require_features(config.get(), EV_FEATURE_ET) == 0);
  CHECK(method_of(Base(event_base_new_with_config(config.get()))) == "epoll");
  REQUIRE(event_config_require_features(config.get(), 0x1000) == 0);
  REQUIRE(event_config_require_features(config.get(), 0) == 0);
  CHECK(method_of(Base(event_base_new_with_config(config.get()))) == "epoll");
}

TEST_CASE("event_config_require_features: together with methods to avoid") {
  const LogCapture log;
  const Config config(event_config_new());
  REQUIRE(event_config_require_features(config.get(), EV_FEATURE_FDS) == 0);
  REQUIRE(event_config_avoid_method(config.get(), "poll") == 0);
  CHECK(method_of(Base(event_base_new_with_config(config.get()))) == "select");
  REQUIRE(event_config_require_features(config.get(), EV_FEATURE_EARLY_CLOSE) == 0);
  REQUIRE(event_config_avoid_method(config.get(), "epoll") == 0);
  CHECK(event_base_new_with_config(config.get()) == nullptr);
}

TEST_CASE("event_config_set_flag: every flag makes a base that works") {
  const int flag =
      GENERATE(as<int>{}, EVENT_BASE_FLAG_NOLOCK, EVENT_BASE_FLAG_IGNORE_ENV,
               EVENT_BASE_FLAG_STARTUP_IOCP, EVENT_BASE_FLAG_NO_CACHE_TIME,
               EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST, EVENT_BASE_FLAG_PRECISE_TIMER, 0x3f, 0);
  CAPTURE(flag);
  const Config config(event_config_new());
  CHECK(event_config_set_flag(config.get(), flag) == 0);
  const Base base(event_base_new_with_config(config.get()));
  REQUIRE(base);
  CHECK(method_of(base) ==
        ((flag & EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST) != 0 ? "epoll (with changelist)" : "epoll"));
  CHECK(serves(base));
}

TEST_CASE("event_config_set_flag: flags of several calls add up") {
  const Config config(event_config_new());
  REQUIRE(event_config_set_flag(config.get(), EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST) == 0);
  REQUIRE(event_config_set_flag(config.get(), EVENT_BASE_FLAG_NOLOCK) == 0);
  CHECK(method_of(Base(event_base_new_with_config(config.get()))) == "epoll (with changelist)");
}

TEST_CASE("event_config_set_flag: the changelist means nothing to the other backends") {
  const Config config(event_config_new());
  REQUIRE(event_config_set_flag(config.get(), EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST) == 0);
  REQUIRE(event_config_avoid_method(config.get(), "epoll") == 0);
  const Base base(event_base_new_with_config(config.get()));
  CHECK(method_of(base) == "poll");
  CHECK(serves(base));
}

TEST_CASE("event_config_set_num_cpus_hint: takes any number") {
  const Config config(event_config_new());
  for (const int cpus : {0, 1, 64, -1}) {
    CHECK(event_config_set_num_cpus_hint(config.get(), cpus) == 0);
  }
  CHECK(serves(Base(event_base_new_with_config(config.get()))));
}

TEST_CASE("event_config_free: bases do not need their configuration any more") {
  Config config(event_config_new());
  REQUIRE(event_config_avoid_method(config.get(), "epoll") == 0);
  const Base one(event_base_new_with_config(config.get()));
  const Base two(event_base_new_with_config(config.get()));
  config.reset();
  CHECK(method_of(one) == "poll");
  CHECK(method_of(two) == "poll");
  CHECK(serves(one));
  CHECK(serves(two));
}

TEST_CASE("event_config_free: frees all of it") {
  const CountedMemory memory;
  Config config(event_config_new());
  REQUIRE(event_config_avoid_method(config.get(), "epoll") == 0);
  REQUIRE(event_config_avoid_method(config.get(), "nonsense") == 0);
  CHECK(memory.live() >= 3);
  config.reset();
  CHECK(memory.live() == 0);
}

TEST_CASE("event_config: calls without a configuration fail, but a base needs none") {
  CHECK(event_config_set_flag(nullptr, EVENT_BASE_FLAG_NOLOCK) == -1);
  CHECK(event_config_require_features(nullptr, EV_FEATURE_ET) == -1);
  CHECK(event_config_set_num_cpus_hint(nullptr, 2) == -1);
  const Base base(event_base_new_with_config(nullptr));
  CHECK(method_of(base) == "epoll");
}
