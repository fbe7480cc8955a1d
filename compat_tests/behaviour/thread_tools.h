// What the cases with several threads share.
#pragma once

#include <event2/thread.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "timer_tools.h"

namespace event_cases {

inline Base make_threaded_base(int flags = 0) {
  REQUIRE(evthread_use_pthreads() == 0);
  Base base = make_base_flags(flags);
  REQUIRE(base);
  return base;
}

// A thread that runs the base until it is told to stop, which the end of this object does.
class LoopThread {
 public:
  explicit LoopThread(event_base* base)
      : base_(base),
        thread_([this] { result_ = event_base_loop(base_, EVLOOP_NO_EXIT_ON_EMPTY); }) {}
  ~LoopThread() {
    if (thread_.joinable()) {
      stop();
    }
  }
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  // Waits until the loop has called something.
  bool is_running() {
    std::atomic<bool> called = false;
    event_base_once(
        base_, -1, EV_TIMEOUT,
        [](evutil_socket_t, short, void* arg) { *static_cast<std::atomic<bool>*>(arg) = true; },
        &called, nullptr);
    const std::int64_t end = now_ms() + 8000;
    while (!called && now_ms() < end) {
      std::this_thread::yield();
    }
    return called;
  }

  // What the loop returned.
  int stop() {
    event_base_loopexit(base_, nullptr);
    return join();
  }

  int join() {
    thread_.join();
    return result_;
  }

  std::thread::id id() const { return thread_.get_id(); }

 private:
  event_base* base_;
  int result_ = -2;
  std::thread thread_;
};

// Something that one thread announces and another waits for.
class Flag {
 public:
  void set() { promise_.set_value(); }
  // Whether it was set in time.
  bool wait(int milliseconds = 8000) {
    return future_.wait_for(std::chrono::milliseconds(milliseconds)) == std::future_status::ready;
  }

 private:
  std::promise<void> promise_;
  std::future<void> future_ = promise_.get_future();
};

// Whether the condition came true in time.
template <class Condition>
bool eventually(Condition condition) {
  const std::int64_t end = now_ms() + 8000;
  while (!condition()) {
    if (now_ms() > end) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return true;
}

}  // namespace event_cases
