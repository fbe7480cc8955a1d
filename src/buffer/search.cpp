#include <algorithm>
#include <cstdint>
#include <cstring>

#include "buffer/content.h"

namespace relevent::buffer {
namespace {

// Whether the bytes from `offset` in `chain` on, and in the chains behind it, are `what`.
bool matches(Chain* chain, std::size_t offset, const char* what, std::size_t size) {
  while (size > 0) {
    if (!chain->load()) {
      return false;
    }
    const std::size_t count = std::min(size, chain->length - offset);
    if (std::memcmp(chain->begin + offset, what, count) != 0) {
      return false;
    }
    what += count;
    size -= count;
    offset = 0;
    chain = chain->next;
  }
  return true;
}

// Where `what` begins in [from, end) of the chain and goes on in the next ones; `end` if nowhere.
std::size_t find_across(Chain* chain, std::size_t from, std::size_t end, const char* what,
                        std::size_t size) {
  while (from < end) {
    const void* const hit = std::memchr(chain->begin + from, what[0], end - from);
    if (hit == nullptr) {
      return end;
    }
    from = static_cast<std::size_t>(static_cast<const unsigned char*>(hit) - chain->begin);
    if (matches(chain, from, what, size)) {
      return from;
    }
    ++from;
  }
  return end;
}

// Sixteen bytes that are compared at once.
using Block = unsigned char __attribute__((vector_size(16)));

Block load(const unsigned char* from) {
  Block block;
  std::memcpy(&block, from, sizeof block);
  return block;
}

Block repeat(char byte) { return Block{} + static_cast<unsigned char>(byte); }

template <class Mask>
bool any(const Mask& mask) {
  static_assert(sizeof(Mask) == 2 * sizeof(std::uint64_t));
  std::uint64_t halves[2];
  std::memcpy(halves, &mask, sizeof halves);
  return (halves[0] | halves[1]) != 0;
}

// The first `what` in [begin, begin + places + size - 1), or null. Compares the first and the last
// byte of `what` at sixteen places at a time, and all of it only where both are right. Text in
// which that happens too often is left to memmem, which is slower, but never by far.
const unsigned char* find_inside(const unsigned char* begin, std::size_t places, const char* what,
                                 std::size_t size) {
  if (size == 1) {
    return static_cast<const unsigned char*>(std::memchr(begin, what[0], places));
  }
  const Block first = repeat(what[0]);
  const Block last = repeat(what[size - 1]);
  std::size_t patience = 4096;
  while (places >= sizeof(Block) && patience >= sizeof(Block) * size) {
    const auto hits = (load(begin) == first) & (load(begin + size - 1) == last);
    if (RELEVENT_UNLIKELY(any(hits))) {
      for (std::size_t i = 0; i < sizeof(Block); ++i) {
        if (hits[i] != 0) {
          if (std::memcmp(begin + i, what, size) == 0) {
            return begin + i;
          }
          patience -= size;
        }
      }
    }
    patience += sizeof(Block);
    begin += sizeof(Block);
    places -= sizeof(Block);
  }
  return places == 0
             ? nullptr
             : static_cast<const unsigned char*>(::memmem(begin, places + size - 1, what, size));
}

}  // namespace

bool Content::find(const char* what, std::size_t size, Position from, std::size_t limit,
                   Position& found) const {
  if (size == 0) {
    found = from;
    return true;
  }
  if (limit > length_) {
    limit = length_;
  }
  if (from.pos > limit || size > limit - from.pos) {
    return false;
  }
  std::size_t starts = limit - from.pos - size + 1;  // how many places a match can begin at
  Chain* chain = from.chain;
  std::size_t offset = from.offset;
  std::size_t pos = from.pos;
  while (starts > 0) {
    if (!chain->load()) {
      return false;
    }
    const std::size_t here = std::min(chain->length - offset, starts);
    const std::size_t end = offset + here;
    // A match that lies in this chain comes before one that only begins here.
    std::size_t hit = end;
    std::size_t crossing = offset;
    if (chain->length - offset >= size) {
      const std::size_t inside = std::min(here, chain->length - offset - size + 1);
      const unsigned char* const match = find_inside(chain->begin + offset, inside, what, size);
      if (match != nullptr) {
        hit = static_cast<std::size_t>(match - chain->begin);
      }
      crossing = offset + inside;
    }
    if (hit == end) {
      hit = find_across(chain, crossing, end, what, size);
    }
    if (hit < end) {
      found = {chain, hit, pos + (hit - offset)};
      return true;
    }
    starts -= here;
    pos += here;
    offset = 0;
    chain = chain->next;
  }
  return false;
}

}  // namespace relevent::buffer
