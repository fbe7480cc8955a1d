#pragma once

#include <cstddef>
#include <utility>

#include "mem/hooks.h"

namespace relevent::mem {

// Keeps one block of memory for whoever needs one next. So a loop reads into the same memory again
// and again, which stays in the processor's cache, and which the allocator does not give back to
// the system and ask for anew.
//
// Owns: the block, while it is not taken.
// Lock: none; one thread at a time.
class SpareBlock {
 public:
  static constexpr std::size_t kSize = 65536;

  SpareBlock() = default;
  ~SpareBlock() { release(block_); }
  SpareBlock(const SpareBlock&) = delete;
  SpareBlock& operator=(const SpareBlock&) = delete;

  // The caller's from then on. Fails: null.
  [[nodiscard]] void* take() {
    void* const block = std::exchange(block_, nullptr);
    return block != nullptr ? block : allocate(kSize);
  }
  // A block of kSize bytes, from take() or not.
  void give(void* block) { release(std::exchange(block_, block)); }

 private:
  void* block_ = nullptr;
};

}  // namespace relevent::mem
