#pragma once

#include <event2/event.h>
#include <event2/watch.h>

#include "base/intrusive_list.h"
#include "os/clock.h"

namespace relevent::loop {

enum class WatchKind { kPrepare, kCheck };

union evwatch_callback {
  evwatch_prepare_cb prepare;
  evwatch_check_cb check;
};

}  // namespace relevent::loop

// What a prepare watcher is told.
struct evwatch_prepare_cb_info {
  relevent::os::Nanoseconds timeout;  // kNever: the loop waits without limit
};
struct evwatch_check_cb_info {
  char unused;
};

struct evwatch {
  event_base* base;
  relevent::loop::WatchKind kind;
  relevent::loop::evwatch_callback callback;
  void* argument;
  evwatch* next_link;
  evwatch** prev_link;
};

namespace relevent::loop {

struct WatchLinks {
  static evwatch*& next(evwatch& watcher) { return watcher.next_link; }
  static evwatch**& prev(evwatch& watcher) { return watcher.prev_link; }
};

// The watchers of a base, in the order they were made.
// Owns: the watchers. A watcher may free itself or any other from inside its callback.
class Watchers {
 public:
  ~Watchers();
  void add(evwatch& watcher) { list(watcher.kind).push_back(watcher); }
  void remove(evwatch& watcher);
  bool any(WatchKind kind) const { return !lists_[static_cast<int>(kind)].empty(); }

  // Calls function(evwatch&) for each of a kind that is there when its turn comes.
  template <class Function>
  void run(WatchKind kind, Function function) {
    evwatch* watcher = list(kind).front();
    while (watcher != nullptr) {
      next_ = WatchLinks::next(*watcher);
      function(*watcher);
      watcher = next_;
    }
    next_ = nullptr;
  }

 private:
  IntrusiveList<evwatch, WatchLinks>& list(WatchKind kind) {
    return lists_[static_cast<int>(kind)];
  }

  IntrusiveList<evwatch, WatchLinks> lists_[2];
  evwatch* next_ = nullptr;  // where run() goes on
};

}  // namespace relevent::loop
