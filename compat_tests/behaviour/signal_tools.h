// What the cases about signals share.
#pragma once

#include <pthread.h>
#include <signal.h>

#include <cstring>

#include "timer_tools.h"

namespace event_cases {

// Sets a handler while it lives, so that a case can see it replaced and put back.
class Handler {
 public:
  explicit Handler(int number, int flags = 0) : number_(number) {
    struct sigaction action = {};
    action.sa_handler = count;
    action.sa_flags = flags;
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGURG);
    REQUIRE(sigaction(number, &action, &before_) == 0);
    calls_ = 0;
  }
  ~Handler() { sigaction(number_, &before_, nullptr); }
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;

  static int calls() { return calls_; }

  // Whether it is this handler that the kernel would call, with flags and mask as they were.
  bool installed(int flags = 0) const {
    struct sigaction now = {};
    REQUIRE(sigaction(number_, nullptr, &now) == 0);
    return now.sa_handler == count && (now.sa_flags & ~0x04000000) == flags &&
           sigismember(&now.sa_mask, SIGURG) == 1 && sigismember(&now.sa_mask, SIGUSR2) == 0;
  }

 private:
  static void count(int) { calls_ = calls_ + 1; }

  static inline volatile sig_atomic_t calls_ = 0;
  int number_;
  struct sigaction before_ = {};
};

inline struct sigaction action_of(int number) {
  struct sigaction now = {};
  REQUIRE(sigaction(number, nullptr, &now) == 0);
  return now;
}

inline bool is_default(int number) { return action_of(number).sa_handler == SIG_DFL; }

// Makes signal events whose calls are recorded; added at once.
inline Event add_signal(Recorder& record, const Base& base, int number, std::string name,
                        Recorder::Hook hook = {}) {
  Event ev =
      record.make(base.get(), number, EV_SIGNAL | EV_PERSIST, std::move(name), std::move(hook));
  REQUIRE(ev);
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  return ev;
}

}  // namespace event_cases
