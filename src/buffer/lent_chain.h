#pragma once

#include "buffer/chain.h"
#include "mem/spare_block.h"

namespace relevent::buffer {

// A large chain to read into, made in a spare block for a scope. An evbuffer that keeps its bytes
// shares it meanwhile; at the end it is the buffer's alone, or it is spare again if nobody has it
// any more.
//
// Owns: a reference to the chain.
class LentChain {
 public:
  explicit LentChain(mem::SpareBlock& spare)
      : spare_(spare), chain_(Chain::make_in(spare.take(), mem::SpareBlock::kSize)) {}
  ~LentChain() {
    if (chain_ == nullptr) {
      return;
    }
    if (chain_->users.load(std::memory_order_acquire) == 1) {
      spare_.give(chain_);
    } else {
      Chain::release(chain_);
    }
  }
  LentChain(const LentChain&) = delete;
  LentChain& operator=(const LentChain&) = delete;

  // Null: no memory.
  Chain* get() const { return chain_; }

 private:
  mem::SpareBlock& spare_;
  Chain* const chain_;
};

}  // namespace relevent::buffer
