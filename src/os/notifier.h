#pragma once

#include "base/result.h"
#include "os/own_fd.h"

namespace relevent::os {

// Makes a descriptor readable, from any thread and from signal handlers: an eventfd, or a pipe
// where there is none.
// Owns: its descriptors.
class Notifier {
 public:
  // Fails: the errno of the last attempt.
  Result<void> open();
  void close();

  bool is_open() const { return read_end_.valid(); }
  // What becomes readable.
  int fd() const { return read_end_.get(); }
  // Whether each notify() is an edge for whoever watches for edges, so that drain() is not needed.
  bool makes_edges() const { return !write_end_.valid(); }
  // Async-signal-safe; errno is kept.
  void notify();
  // Makes the descriptor unreadable again.
  void drain();

 private:
  OwnFd read_end_;
  OwnFd write_end_;  // only for a pipe
};

}  // namespace relevent::os
