#pragma once

#include <cerrno>

#include "backend/backend.h"
#include "mem/grow_array.h"

namespace relevent::backend {

// What is watched on which descriptor, for backends that tell the kernel anew on every wait.
// Fails: set() returns ENOMEM and changes nothing.
class FdTable {
 public:
  struct Entry {
    std::uint32_t generation;
    Interest interest;
  };

  Result<void> set(int fd, std::uint32_t generation, Interest interest) {
    const auto index = static_cast<std::size_t>(fd);
    if (index >= entries_.size() && !entries_.resize(index + 1)) {
      return Result<void>::failure(ENOMEM);
    }
    entries_[index] = {generation, interest};
    while (!entries_.empty() && entries_.back().interest == 0) {
      entries_.pop_back();
    }
    return {};
  }

  // One more than the highest descriptor that is watched.
  int limit() const { return static_cast<int>(entries_.size()); }
  const Entry& operator[](int fd) const { return entries_[static_cast<std::size_t>(fd)]; }
  void clear() { entries_.clear(); }

 private:
  mem::GrowArray<Entry> entries_;
};

}  // namespace relevent::backend
