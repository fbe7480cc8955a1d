#pragma once

#include "surface/memory.h"

namespace relevent::rpc {

// The base of an object that outlives its end while somebody still works with it. It begins with
// one reference, that of its owner, and is destroyed with the last.
template <class T>
class Counted {
 public:
  void hold() { ++references_; }
  void release() {
    if (--references_ == 0) {
      destroy(static_cast<T*>(this));
    }
  }

 private:
  int references_ = 1;
};

// Keeps an object for a scope in which user code runs.
template <class T>
class Hold {
 public:
  explicit Hold(T& object) : object_(object) { object_.hold(); }
  ~Hold() { object_.release(); }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  T& object_;
};

}  // namespace relevent::rpc
