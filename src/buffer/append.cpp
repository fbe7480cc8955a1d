// Bytes copied to the end and to the front.
#include <algorithm>
#include <cstring>

#include "buffer/content.h"
#include "buffer/format.h"

namespace relevent::buffer {
namespace {

// A stream's chains double in size up to here.
constexpr std::size_t kLargestGrowth = 16384;
constexpr std::size_t kLargestFrontGrowth = 4096;
// Bytes that are worth moving to the start of their chain, if that saves an allocation.
constexpr std::size_t kCheapMove = 2048;

}  // namespace

void Content::drop_spares() {
  Chain* unwanted;
  if (length_ == 0) {
    unwanted = first_;
    first_ = nullptr;
    last_ = nullptr;
  } else {
    unwanted = last_->next;
    last_->next = nullptr;
  }
  Chain::release_list(unwanted);
}

// A chain for at least `room` bytes that follows the last one.
Chain* Content::make_next(std::size_t room) const {
  std::size_t block = 0;
  if (length_ > 0 && last_->kind == Chain::Kind::kOwn) {
    block = std::min(2 * (last_->capacity + sizeof(Chain)), kLargestGrowth);
  }
  return Chain::make(room, block);
}

// Makes room for `size` bytes in the last chain, if that is cheap.
bool Content::realign_for(std::size_t size) {
  if (length_ == 0 || !last_->writable() || last_->capacity - last_->length < size ||
      last_->length > kCheapMove || last_->length > last_->capacity / 2) {
    return false;
  }
  last_->realign();
  return true;
}

bool Content::append_slowly(const void* data, std::size_t size) {
  if (size == 0) {
    return true;
  }
  if (!fits(size)) {
    return false;
  }
  if (last_ == nullptr) {
    Chain* const chain = Chain::make(size);
    if (chain == nullptr) {
      return false;
    }
    std::memcpy(chain->begin, data, size);
    chain->length = size;
    first_ = chain;
    last_ = chain;
    length_ = size;
    return true;
  }
  if (realign_for(size)) {
    return append(data, size);
  }
  // Room that evbuffer_expand() made: the bytes shall stay in one piece.
  Chain* const reserved = spare();
  if (reserved != nullptr && reserved->tail_room() >= size) {
    std::memcpy(reserved->end(), data, size);
    reserved->length += size;
    length_ += size;
    last_ = reserved;
    return true;
  }
  const std::size_t room = length_ == 0 ? 0 : last_->tail_room();
  Chain* const chain = make_next(size - room);
  if (chain == nullptr) {
    return false;
  }
  if (room > 0) {
    std::memcpy(last_->end(), data, room);
    last_->length += room;
    length_ += room;
  }
  chain->length = size - room;
  std::memcpy(chain->begin, static_cast<const char*>(data) + room, chain->length);
  link_back(chain);
  return true;
}

bool Content::prepend_slowly(const void* data, std::size_t size) {
  if (size == 0) {
    return true;
  }
  if (!fits(size)) {
    return false;
  }
  const auto* const bytes = static_cast<const char*>(data);
  if (length_ == 0 && first_ != nullptr && first_->writable() && first_->capacity >= size) {
    // At the end of the room, for what will be prepended to this.
    first_->begin = first_->storage() + first_->capacity;
  }
  const std::size_t room = first_ == nullptr ? 0 : std::min(first_->front_room(), size);
  const std::size_t rest = size - room;
  Chain* chain = nullptr;
  if (rest > 0) {
    const std::size_t block = length_ == 0 ? 0 : 2 * (first_->capacity + sizeof(Chain));
    chain = Chain::make(rest, std::min(block, kLargestFrontGrowth));
    if (chain == nullptr) {
      return false;
    }
  }
  if (room > 0) {
    first_->begin -= room;
    first_->length += room;
    std::memcpy(first_->begin, bytes + rest, room);
  }
  if (chain != nullptr) {
    chain->begin += chain->capacity - rest;
    chain->length = rest;
    std::memcpy(chain->begin, bytes, rest);
    chain->next = first_;
    first_ = chain;
  }
  if (length_ == 0) {
    last_ = first_;
  }
  length_ += size;
  return true;
}

int Content::append_formatted(const char* text, std::va_list arguments) {
  // Most texts fit into what is there, or into a small chain.
  constexpr std::size_t kFirstTry = 64;
  Chain* chain = last_ != nullptr && last_->tail_room() >= kFirstTry ? last_ : make_room(kFirstTry);
  while (chain != nullptr) {
    std::va_list copy;
    va_copy(copy, arguments);
    const std::size_t room = chain->tail_room();
    const int written = format(reinterpret_cast<char*>(chain->end()), room, text, copy);
    va_end(copy);
    if (written < 0) {
      return -1;
    }
    const auto size = static_cast<std::size_t>(written);
    if (!fits(size)) {
      return -1;
    }
    // Compat: with room for a final 0, which programs count on that read the text where it lies
    // (evbuffer_add_test.cpp).
    if (size < room) {
      const iovec piece{chain->end(), size};
      return commit(&piece, 1) ? written : -1;
    }
    chain = make_room(size + 1);
  }
  return -1;
}

}  // namespace relevent::buffer
