// Room for reading, and what becomes of it.
#include <algorithm>

#include "buffer/content.h"

namespace relevent::buffer {
namespace {

// Below this a piece of room is not worth a second one beside it.
constexpr std::size_t kUseful = 256;

}  // namespace

bool Content::prepare_read(std::size_t limit, std::size_t wanted, ReadRoom& room) {
  limit = std::min(limit, kMaxLength - length_);
  wanted = std::min(limit, wanted);
  // Room that is there already is enough if a good part of what may come fits.
  const std::size_t there = length_ > 0 ? last_->tail_room() : 0;
  if (there >= kUseful && there >= wanted / 2 && wanted < limit) {
    wanted = there;
  }
  const Chain* const old_spare = spare();
  const int count = reserve(wanted, room.pieces, true);
  if (count < 0) {
    return false;
  }
  room.fresh = spare() != old_spare;
  room.count = 0;
  room.total = 0;
  for (int i = 0; i < count && room.total < limit; ++i) {
    iovec& piece = room.pieces[i];
    piece.iov_len = std::min(piece.iov_len, limit - room.total);
    room.total += piece.iov_len;
    ++room.count;
  }
  return true;
}

void Content::finish_read(const ReadRoom& room, std::size_t count) {
  iovec filled[2];
  std::size_t left = count;
  for (int i = 0; i < room.count; ++i) {
    filled[i] = {room.pieces[i].iov_base, std::min(left, room.pieces[i].iov_len)};
    left -= filled[i].iov_len;
  }
  Chain* const before = length_ > 0 ? last_ : nullptr;
  static_cast<void>(commit(filled, room.count));
  if (!room.fresh) {
    return;
  }
  if (spare() != nullptr) {
    drop_spares();  // nothing came, or only what the last chain had room for
  } else if (last_->length < last_->capacity / 4) {
    Chain*& link = before == nullptr ? first_ : before->next;
    link = Chain::shrink(last_);
    last_ = link;
  }
}

}  // namespace relevent::buffer
