// What the cases about struct event share: events with a name, whose calls are written down.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support.h"

namespace event_cases {

// One call of an event's callback.
struct Call {
  std::string name;
  evutil_socket_t fd;
  short what;
};

// Makes events whose calls it records in order. It must outlive the events.
class Recorder {
 public:
  using Hook = std::function<void(const Call&)>;

  Event make(event_base* base, evutil_socket_t fd, short events, std::string name, Hook hook = {}) {
    return Event(event_new(base, fd, events, callback, argument(std::move(name), std::move(hook))));
  }

  // For cases that make their event in another way: the argument that belongs to `callback`.
  void* argument(std::string name, Hook hook = {}) {
    return &targets_.emplace_back(Target{this, std::move(name), std::move(hook)});
  }

  static void callback(evutil_socket_t fd, short what, void* arg) {
    auto* target = static_cast<Target*>(arg);
    const Call call{target->name, fd, what};
    target->recorder->calls_.push_back(call);
    if (target->hook) {
      target->hook(call);
    }
  }

  // The name behind what `argument` gave.
  static const std::string& name_of(void* argument) { return static_cast<Target*>(argument)->name; }

  const std::vector<Call>& calls() const { return calls_; }

  // The names in the order of the calls: "a b a".
  std::string order() const {
    std::string names;
    for (const Call& call : calls_) {
      names += (names.empty() ? "" : " ") + call.name;
    }
    return names;
  }

  int count(std::string_view name) const {
    int n = 0;
    for (const Call& call : calls_) {
      n += call.name == name;
    }
    return n;
  }

  // What the last call under this name was given; -1 if there was none.
  int what(std::string_view name) const {
    int bits = -1;
    for (const Call& call : calls_) {
      bits = call.name == name ? call.what : bits;
    }
    return bits;
  }

  void clear() { calls_.clear(); }

 private:
  struct Target {
    Recorder* recorder;
    std::string name;
    Hook hook;
  };

  std::deque<Target> targets_;  // callbacks keep pointers to them
  std::vector<Call> calls_;
};

// The ways to wait that the cases about descriptors run over; "changelist" is epoll with
// EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST.
#define ON_EACH_BACKEND(name) ON_EACH_OF(name, "epoll", "changelist", "poll", "select")
// Those that have EV_FEATURE_ET.
#define ON_EACH_EDGE_BACKEND(name) ON_EACH_OF(name, "epoll", "changelist")
#define ON_EACH_OF(name, ...)                                        \
  const std::string name = GENERATE(as<std::string>{}, __VA_ARGS__); \
  CAPTURE(name)

inline Base make_changelist_base() {
  const Config config(event_config_new());
  event_config_avoid_method(config.get(), "poll");
  event_config_avoid_method(config.get(), "select");
  event_config_set_flag(config.get(), EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
  return Base(event_base_new_with_config(config.get()));
}

inline Base make_backend(const std::string& name) {
  Base base = name == "changelist" ? make_changelist_base() : make_base_with(name.c_str());
  REQUIRE(base);
  return base;
}

inline bool is_epoll(const std::string& backend) {
  return backend == "epoll" || backend == "changelist";
}

inline void write_byte(evutil_socket_t fd) { CHECK(write(fd, "x", 1) == 1); }

// Reads what is there from a non-blocking descriptor; how many bytes it was.
inline int drain(evutil_socket_t fd) {
  char block[4096];
  int total = 0;
  for (ssize_t n = 0; (n = read(fd, block, sizeof block)) > 0;) {
    total += static_cast<int>(n);
  }
  return total;
}

// One turn that does not wait. (EVLOOP_NONBLOCK alone goes on until nothing is ready any more.)
inline int turn(const Base& base) {
  return event_base_loop(base.get(), EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

// How many events are added, active and so on (EVENT_BASE_COUNT_*).
inline int added(const Base& base) {
  return event_base_get_num_events(base.get(), EVENT_BASE_COUNT_ADDED);
}
inline int active(const Base& base) {
  return event_base_get_num_events(base.get(), EVENT_BASE_COUNT_ACTIVE);
}

// Counts the blocks that the library holds. It must come first in its case, before the library
// allocates anything.
class CountedMemory {
 public:
  CountedMemory() { event_set_mem_functions(allocate, reallocate, release); }

  long live() const { return live_; }

 private:
  static void* allocate(size_t size) {
    ++live_;
    return std::malloc(size);
  }
  static void* reallocate(void* block, size_t size) {
    live_ += block == nullptr;
    return std::realloc(block, size);
  }
  static void release(void* block) {
    live_ -= block != nullptr;
    std::free(block);
  }

  static inline long live_ = 0;
};

}  // namespace event_cases
