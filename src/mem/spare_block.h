#pragma once

#include <atomic>
#include <cstddef>

#include "mem/hooks.h"

namespace relevent::mem {

// Keeps one block of memory for whoever needs one next. So a loop reads into the same memory again
// and again, which stays in the processor's cache, and which the allocator does not give back to
// the system and ask for anew.
//
// Owns: the block, while it is not taken.
// Lock: none needed. It is one thread's as a rule, but a bufferevent that was given another base
// while its callback was about to run reads into that base's block from the old one's thread.
class SpareBlock {
 public:
  static constexpr std::size_t kSize = 65536;

  SpareBlock() = default;
  ~SpareBlock() { release(block_.load(std::memory_order_acquire)); }
  SpareBlock(const SpareBlock&) = delete;
  SpareBlock& operator=(const SpareBlock&) = delete;

  // The caller's from then on. Fails: null.
  [[nodiscard]] void* take() {
    void* const block = block_.exchange(nullptr, std::memory_order_acquire);
    return block != nullptr ? block : allocate(kSize);
  }
  // A block of kSize bytes, from take() or not.
  void give(void* block) { release(block_.exchange(block, std::memory_order_acq_rel)); }

 private:
  std::atomic<void*> block_ = nullptr;
};

}  // namespace relevent::mem
