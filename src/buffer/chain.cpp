#include "buffer/chain.h"

#include <bit>
#include <cstring>
#include <new>

#include "buffer/file_segment.h"
#include "mem/hooks.h"

namespace relevent::buffer {
namespace {

constexpr std::size_t kSmallestBlock = 512;
// Blocks are powers of two up to here, and waste at most an eighth above.
constexpr std::size_t kLargestPower = 4096;

// The size of the block for `wanted` bytes in all. Only for sizes that are far from SIZE_MAX.
std::size_t block_size(std::size_t wanted) {
  if (wanted <= kSmallestBlock) {
    return kSmallestBlock;
  }
  if (wanted <= kLargestPower) {
    return std::bit_ceil(wanted);
  }
  const std::size_t step = std::bit_floor(wanted) / 8;
  return (wanted + step - 1) / step * step;
}

}  // namespace

Chain* Chain::make(std::size_t room, std::size_t block) {
  if (room > kMaxLength - sizeof(Chain)) {
    return nullptr;
  }
  const std::size_t wanted = room + sizeof(Chain);
  const std::size_t size = block_size(wanted > block ? wanted : block);
  return make_in(mem::allocate(size), size);
}

Chain* Chain::make_in(void* memory, std::size_t size) {
  if (memory == nullptr) {
    return nullptr;
  }
  auto* const chain = ::new (memory) Chain;
  chain->begin = chain->storage();
  chain->capacity = size - sizeof(Chain);
  return chain;
}

Chain* Chain::make_with(std::size_t payload, Kind kind) {
  void* const memory = mem::allocate(sizeof(Chain) + payload);
  if (memory == nullptr) {
    return nullptr;
  }
  auto* const chain = ::new (memory) Chain;
  chain->kind = kind;
  return chain;
}

Chain* Chain::make_reference(const Reference& reference, std::size_t skip) {
  Chain* const chain = make_with(sizeof(Reference), Kind::kReference);
  if (chain != nullptr) {
    ::new (&chain->reference()) Reference(reference);
    // Nobody writes to it: the chain is not writable().
    chain->begin = static_cast<unsigned char*>(const_cast<void*>(reference.data)) + skip;
    chain->length = reference.size - skip;
  }
  return chain;
}

Chain* Chain::make_shared(Chain& source) {
  Chain* const chain = make_with(sizeof(Chain*), Kind::kShared);
  if (chain != nullptr) {
    source.users.fetch_add(1, std::memory_order_relaxed);
    chain->source() = &source;
    chain->begin = source.begin;
    chain->length = source.length;
  }
  return chain;
}

Chain* Chain::make_file(FileSegment& segment, ev_off_t offset, std::size_t length) {
  Chain* const chain = make_with(sizeof(File), Kind::kFile);
  if (chain != nullptr) {
    segment.acquire();
    ::new (&chain->file()) File{&segment, offset};
    chain->length = length;
  }
  return chain;
}

void Chain::finish() {
  switch (kind) {
    case Kind::kOwn:
      break;
    case Kind::kReference: {
      const Reference& mine = reference();
      if (mine.cleanup != nullptr) {
        mine.cleanup(mine.data, mine.size, mine.argument);
      }
      break;
    }
    case Kind::kShared:
      release(source());
      break;
    case Kind::kFile:
      file().segment->release();
      break;
  }
}

void Chain::release_list(Chain* first) {
  while (first != nullptr) {
    Chain* const following = first->next;
    release(first);
    first = following;
  }
}

Chain* Chain::shrink(Chain* chain) {
  const std::size_t size = block_size(sizeof(Chain) + chain->length);
  if (size >= sizeof(Chain) + chain->capacity) {
    return chain;
  }
  auto* const moved = static_cast<Chain*>(mem::reallocate(chain, size));
  if (moved == nullptr) {
    return chain;
  }
  moved->begin = moved->storage();
  moved->capacity = size - sizeof(Chain);
  return moved;
}

Chain* Chain::copy() const {
  Chain* const same = make(length);
  if (same != nullptr) {
    std::memcpy(same->begin, begin, length);
    same->length = length;
  }
  return same;
}

void Chain::realign() {
  std::memmove(storage(), begin, length);
  begin = storage();
}

void Chain::drop_front(std::size_t count) {
  length -= count;
  if (begin != nullptr) {
    begin += count;
  }
  if (kind == Kind::kFile) {
    file().offset += static_cast<ev_off_t>(count);
  }
}

bool Chain::load_file() {
  // Nobody writes to it: the chain is not writable().
  unsigned char* const bytes = const_cast<unsigned char*>(file().segment->contents());
  if (bytes != nullptr) {
    begin = bytes + file().offset;
  }
  return bytes != nullptr;
}

}  // namespace relevent::buffer
