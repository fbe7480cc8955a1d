#include <algorithm>
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

// The first `what` in [begin, begin + places + size - 1), or null. memchr is faster than memmem by
// far as long as the first byte of `what` is rare.
const unsigned char* find_inside(const unsigned char* begin, std::size_t places, const char* what,
                                 std::size_t size) {
  constexpr int kPatience = 16;
  for (int misses = 0; misses < kPatience; ++misses) {
    const auto* const hit = static_cast<const unsigned char*>(std::memchr(begin, what[0], places));
    if (hit == nullptr || std::memcmp(hit, what, size) == 0) {
      return hit;
    }
    places -= static_cast<std::size_t>(hit + 1 - begin);
    begin = hit + 1;
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
