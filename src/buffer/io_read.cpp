// Room for reading, and what becomes of it.
#include <algorithm>

#include "buffer/content.h"

namespace relevent::buffer {

bool Content::prepare_read(std::size_t limit, Chain* lent, ReadRoom& room) {
  limit = std::min(limit, kMaxLength - length_);
  if (length_ > 0) {
    if (lent == nullptr && last_->tail_room() < limit) {
      realign_for(limit);
    }
    room.add(*last_, limit);
    room.in_last = room.total;
  }
  const std::size_t missing = limit - room.total;
  if (missing == 0) {
    return true;
  }
  room.next = spare();
  if (room.next == nullptr || room.next->tail_room() < missing) {
    room.next = lent != nullptr ? lent : Chain::make(missing);
    room.source = lent != nullptr ? ReadRoom::Source::kLent : ReadRoom::Source::kFresh;
  }
  if (room.next != nullptr) {
    room.add(*room.next, limit);
  }
  return room.next != nullptr;
}

void Content::finish_read(const ReadRoom& room, std::size_t count) {
  const std::size_t here = std::min(count, room.in_last);
  if (here > 0) {
    last_->length += here;
    length_ += here;
  }
  const std::size_t rest = count - here;
  if (rest > 0) {
    link_read(room, rest);
  } else if (room.source == ReadRoom::Source::kFresh) {
    Chain::release(room.next);
  }
}

// The bytes of the second chain. A large block that is mostly empty would waste memory for as long
// as they stay.
void Content::link_read(const ReadRoom& room, std::size_t count) {
  Chain* const next = room.next;
  const bool is_little = count < next->capacity / 2;
  next->length += count;
  switch (room.source) {
    case ReadRoom::Source::kContent:
      length_ += count;
      last_ = next;
      break;
    case ReadRoom::Source::kFresh:
      link_back(is_little ? Chain::shrink(next) : next);
      break;
    case ReadRoom::Source::kLent: {
      Chain* const copy = is_little ? next->copy() : nullptr;
      if (copy == nullptr) {
        next->users.fetch_add(1, std::memory_order_relaxed);
      }
      link_back(copy != nullptr ? copy : next);
      break;
    }
  }
}

}  // namespace relevent::buffer
