// Room for reading, and what becomes of it.
#include <algorithm>

#include "buffer/content.h"

namespace relevent::buffer {

bool Content::prepare_read(std::size_t limit, std::size_t wanted, ReadRoom& room) {
  limit = std::min(limit, kMaxLength - length_);
  wanted = std::min(limit, wanted);
  if (length_ > 0) {
    if (last_->tail_room() < wanted) {
      realign_for(wanted);
    }
    room.add(*last_, limit);
  }
  if (room.total >= wanted) {
    return true;
  }
  const std::size_t missing = wanted - room.total;
  Chain* next = spare();
  if (next == nullptr || next->tail_room() < missing) {
    next = Chain::make(missing);
    room.fresh = next;
  }
  if (next != nullptr) {
    room.next = next;
    room.add(*next, limit);
  }
  return next != nullptr;
}

void Content::finish_read(const ReadRoom& room, std::size_t count) {
  std::size_t rest = count;
  if (length_ > 0) {
    const std::size_t here = std::min(count, last_->tail_room());
    last_->length += here;
    length_ += here;
    rest -= here;
  }
  if (rest == 0) {
    if (room.fresh != nullptr) {
      Chain::release(room.fresh);
    }
    return;
  }
  Chain* const next = room.next;
  next->length += rest;
  if (room.fresh == nullptr) {
    length_ += rest;
    last_ = next;
  } else {
    // A little in a large block would waste memory for as long as it stays.
    link_back(rest < next->capacity / 4 ? Chain::shrink(next) : next);
  }
}

}  // namespace relevent::buffer
