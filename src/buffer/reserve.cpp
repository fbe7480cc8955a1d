// Room behind the bytes that callers write into themselves.
#include <cstring>

#include "buffer/content.h"

namespace relevent::buffer {
namespace {

// A lone chain with so few bytes is copied, so that the room continues it.
constexpr std::size_t kCheapCopy = 1024;

}  // namespace

Chain* Content::make_room(std::size_t size) {
  if (!fits(size)) {
    return nullptr;
  }
  if (length_ > 0 && (last_->tail_room() >= size || realign_for(size))) {
    return last_;
  }
  Chain* const reserved = spare();
  if (reserved != nullptr && reserved->tail_room() >= size) {
    return reserved;
  }
  if (length_ > 0 && first_ == last_ && last_->writable() && last_->length <= kCheapCopy) {
    const std::size_t bytes = last_->length;
    Chain* const larger = Chain::make(bytes + size);
    if (larger == nullptr) {
      return nullptr;
    }
    std::memcpy(larger->begin, last_->begin, bytes);
    larger->length = bytes;
    clear();
    link_back(larger);
    return larger;
  }
  Chain* const chain = make_next(size);
  if (chain != nullptr) {
    link_back(chain);
  }
  return chain;
}

int Content::reserve(std::size_t size, iovec* pieces) {
  if (!fits(size)) {
    return -1;
  }
  int count = 0;
  std::size_t found = 0;
  if (length_ > 0) {
    if (last_->tail_room() < size) {
      realign_for(size);
    }
    found = last_->tail_room();
    if (found > 0) {
      pieces[count++] = {last_->end(), found};
    }
  }
  if (found >= size) {
    return count;
  }
  Chain* next = spare();
  if (next == nullptr || next->tail_room() < size - found) {
    next = make_next(size - found);
    if (next == nullptr) {
      return -1;
    }
    link_back(next);
  }
  pieces[count++] = {next->end(), next->tail_room()};
  return count;
}

bool Content::commit(const iovec* pieces, int count) {
  if (count <= 0) {
    return true;
  }
  Chain* const next = spare();
  const bool first_in_last = length_ > 0 && last_->writable() && pieces[0].iov_base == last_->end();
  if (count > (first_in_last ? 2 : 1)) {
    return false;
  }
  const iovec* const in_last = first_in_last ? &pieces[0] : nullptr;
  const iovec* const in_next = first_in_last ? (count == 2 ? &pieces[1] : nullptr) : &pieces[0];
  if (in_last != nullptr && in_last->iov_len > last_->tail_room()) {
    return false;
  }
  if (in_next != nullptr && (next == nullptr || in_next->iov_base != next->end() ||
                             in_next->iov_len > next->tail_room())) {
    return false;
  }
  const std::size_t first_size = in_last != nullptr ? in_last->iov_len : 0;
  const std::size_t next_size = in_next != nullptr ? in_next->iov_len : 0;
  if (!fits(first_size) || !fits(first_size + next_size)) {
    return false;
  }
  if (first_size > 0) {
    last_->length += first_size;
  }
  if (next_size > 0) {
    next->length += next_size;
    last_ = next;
  }
  length_ += first_size + next_size;
  return true;
}

}  // namespace relevent::buffer
