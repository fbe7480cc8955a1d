// What the behaviour tests share. They use the public API only, and the same program runs on
// relevent and on the reference.
#pragma once

#include <event2/event.h>
#include <event2/util.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <memory>

// Whether the loaded library is relevent.
bool on_relevent();

// Begins a case that the reference does not pass on purpose. There it prints why, and returns.
// The reasons are collected into the list of intended differences (tools/differences).
#define INTENDED_DIFFERENCE(reason)            \
  do {                                         \
    if (!on_relevent()) {                      \
      WARN("intended difference: " << reason); \
      return;                                  \
    }                                          \
  } while (false)

// Owners of the common objects. `base.get()` is the C pointer.
template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Base = std::unique_ptr<event_base, FreeWith<event_base_free>>;
using Event = std::unique_ptr<event, FreeWith<event_free>>;
using Config = std::unique_ptr<event_config, FreeWith<event_config_free>>;

inline Base make_base() { return Base(event_base_new()); }

// A base with this backend ("epoll", "poll", "select"), or null if it cannot be had.
Base make_base_with(const char* method);

// Two connected stream sockets, non-blocking, closed at the end.
struct SocketPair {
  SocketPair();
  ~SocketPair();
  SocketPair(const SocketPair&) = delete;
  SocketPair& operator=(const SocketPair&) = delete;
  // Closes one end early.
  void close_first();
  void close_second();

  evutil_socket_t first = -1;
  evutil_socket_t second = -1;
};

// Collects the library's log messages while it lives; one at a time.
class LogCapture {
 public:
  LogCapture();
  ~LogCapture();
  // Whether a message of this severity (EVENT_LOG_*) that contains the text was logged.
  bool contains(int severity, const char* text) const;
  int count() const;
};

// Milliseconds of CLOCK_MONOTONIC.
inline std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

inline timeval ms(int milliseconds) { return {milliseconds / 1000, milliseconds % 1000 * 1000}; }
