// How functions from outside enter and leave a bufferevent.
#pragma once

#include "bufferevent/core.h"

namespace relevent::bev {

// Holds the lock and a reference for a scope.
class Hold {
 public:
  explicit Hold(Core& core) : core_(core) {
    core_.lock().lock();
    ++core_.references_;
  }
  explicit Hold(::bufferevent* bufev) : Hold(Core::of(*bufev)) {}
  ~Hold() {
    bool last;
    core_.release_and_unlock(last);
  }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

  Core& operator*() const { return core_; }
  Core* operator->() const { return &core_; }

 private:
  Core& core_;
};

// The same for functions that the loop calls, which may come when the last reference is gone
// already: false then.
class Entry {
 public:
  explicit Entry(Core& core) : core_(core) {
    core_.lock().lock();
    alive_ = !core_.dying_;
    if (alive_) {
      ++core_.references_;
    } else {
      core_.lock().unlock();
    }
  }
  ~Entry() {
    if (alive_) {
      bool last;
      core_.release_and_unlock(last);
    }
  }
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  explicit operator bool() const { return alive_; }

 private:
  Core& core_;
  bool alive_;
};

}  // namespace relevent::bev
