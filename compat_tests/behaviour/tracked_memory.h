// An allocator for the library that knows every block, and can fail when it is told to.
#pragma once

#include <event2/event.h>

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <unordered_map>

namespace event_cases {

// Stands behind event_set_mem_functions from its construction on, for the rest of the process:
// what was allocated through it must be freed through it. It comes first in its case.
class TrackedMemory {
 public:
  TrackedMemory() { event_set_mem_functions(allocate, reallocate, release); }
  TrackedMemory(const TrackedMemory&) = delete;
  TrackedMemory& operator=(const TrackedMemory&) = delete;

  // Blocks that are held, and whether one of them begins there.
  static size_t live() {
    const std::lock_guard guard(mutex_);
    return blocks_.size();
  }
  static bool holds(const void* block) {
    const std::lock_guard guard(mutex_);
    return blocks_.count(const_cast<void*>(block)) != 0;
  }
  static size_t size_of(const void* block) {
    const std::lock_guard guard(mutex_);
    const auto found = blocks_.find(const_cast<void*>(block));
    return found == blocks_.end() ? 0 : found->second;
  }

  // Requests so far, those that failed included; and blocks freed that were never given.
  static long requests() { return requests_; }
  static long strangers() { return strangers_; }

  // For what the library allocates and its caller frees.
  static void free(void* block) { release(block); }

  // Lets the request after `more` further ones fail, and all that follow if `all_after`.
  static void fail_after(long more, bool all_after = false) {
    fail_at_ = requests_ + more;
    all_after_ = all_after;
    failures_ = 0;
  }
  static void never_fail() { fail_at_ = -1; }
  static long failures() { return failures_; }

 private:
  static bool may_succeed() {
    const long number = requests_++;
    const bool fails = fail_at_ >= 0 && (all_after_ ? number >= fail_at_ : number == fail_at_);
    failures_ += fails;
    return !fails;
  }

  static void* allocate(size_t size) {
    const std::lock_guard guard(mutex_);
    if (!may_succeed()) {
      return nullptr;
    }
    void* block = std::malloc(size);
    std::memset(block, 0xa5, size);  // nothing may count on zeroes
    blocks_[block] = size;
    return block;
  }

  static void* reallocate(void* old, size_t size) {
    const std::lock_guard guard(mutex_);
    if (!may_succeed()) {
      return nullptr;
    }
    strangers_ += old != nullptr && blocks_.erase(old) == 0;
    void* block = std::realloc(old, size);
    blocks_[block] = size;
    return block;
  }

  static void release(void* block) {
    const std::lock_guard guard(mutex_);
    if (block == nullptr) {
      return;
    }
    if (blocks_.erase(block) == 0) {
      ++strangers_;
      return;
    }
    std::free(block);
  }

  static inline std::mutex mutex_;
  static inline std::unordered_map<void*, size_t> blocks_;
  static inline long requests_ = 0;
  static inline long strangers_ = 0;
  static inline long fail_at_ = -1;
  static inline bool all_after_ = false;
  static inline long failures_ = 0;
};

}  // namespace event_cases
