// Bytes taken from the front, copied out, and shown in place.
#include <algorithm>
#include <cstring>

#include "buffer/content.h"

namespace relevent::buffer {

void Content::drain_chains(std::size_t count) {
  length_ -= count;
  Chain* const drained = first_;
  Chain* before = nullptr;
  while (count >= first_->length) {
    count -= first_->length;
    before = first_;
    first_ = first_->next;
  }
  first_->drop_front(count);
  // Clean-up functions see the content as it is now.
  if (before != nullptr) {
    before->next = nullptr;
    Chain::release_list(drained);
  }
}

ev_ssize_t Content::copy_out(Position from, void* out, std::size_t count) {
  const std::size_t total = std::min(count, length_ - from.pos);
  auto* to = static_cast<unsigned char*>(out);
  Chain* chain = from.chain;
  std::size_t offset = from.offset;
  for (std::size_t left = total; left > 0; chain = chain->next) {
    if (!chain->load()) {
      return -1;
    }
    const std::size_t size = std::min(left, chain->length - offset);
    if (size > 0) {
      std::memcpy(to, chain->begin + offset, size);
      to += size;
      left -= size;
    }
    offset = 0;
  }
  return static_cast<ev_ssize_t>(total);
}

int Content::peek(Position from, ev_ssize_t length, bool from_start, iovec* pieces, int count) {
  // Compat: without bytes wanted, a position still shows its own chain ("evbuffer_peek: no bytes").
  if (from.chain == nullptr || (length == 0 && from_start)) {
    return 0;
  }
  std::size_t left =
      length < 0 ? length_ : std::max<std::size_t>(1, static_cast<std::size_t>(length));
  int needed = 0;
  std::size_t offset = from.offset;
  for (Chain* chain = from.chain; chain != nullptr && left > 0; chain = chain->next) {
    if (length < 0 && count > 0 && needed == count) {
      break;
    }
    const std::size_t size = chain->length - offset;
    if (needed < count) {
      if (!chain->load()) {
        break;
      }
      pieces[needed] = {chain->begin + offset, size};
    }
    ++needed;
    left -= std::min(left, size);
    offset = 0;
    if (chain == last_) {
      break;
    }
  }
  return needed;
}

}  // namespace relevent::buffer
