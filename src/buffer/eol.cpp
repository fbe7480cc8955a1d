// Ends of lines.
#include <cstring>

#include "buffer/content.h"

namespace relevent::buffer {
namespace {

bool is_eol_byte(unsigned char byte) { return byte == '\r' || byte == '\n'; }

// The next byte that is `wanted`, or `other` if that is not negative. `before` becomes the chain
// in front of the one found, unless `at` began there.
bool find_byte(Position& at, int wanted, int other, const Chain* last, Chain*& before) {
  before = nullptr;
  while (at.chain != nullptr) {
    Chain* const chain = at.chain;
    if (!chain->load()) {
      return false;
    }
    const unsigned char* const begin = chain->begin + at.offset;
    const std::size_t size = chain->length - at.offset;
    const void* hit = size > 0 ? std::memchr(begin, wanted, size) : nullptr;
    if (other >= 0 && size > 0) {
      const std::size_t until =
          hit == nullptr ? size
                         : static_cast<std::size_t>(static_cast<const unsigned char*>(hit) - begin);
      const void* const earlier = std::memchr(begin, other, until);
      hit = earlier != nullptr ? earlier : hit;
    }
    if (hit != nullptr) {
      const auto distance =
          static_cast<std::size_t>(static_cast<const unsigned char*>(hit) - begin);
      at.offset += distance;
      at.pos += distance;
      return true;
    }
    at.pos += size;
    at.offset = 0;
    before = chain;
    at.chain = chain == last ? nullptr : chain->next;
  }
  return false;
}

// How many CR and LF stand in a row.
std::size_t count_eol_bytes(Position at, const Chain* last) {
  std::size_t count = 0;
  while (at.chain != nullptr && at.chain->load()) {
    for (; at.offset < at.chain->length; ++at.offset, ++count) {
      if (!is_eol_byte(at.chain->begin[at.offset])) {
        return count;
      }
    }
    at.chain = at.chain == last ? nullptr : at.chain->next;
    at.offset = 0;
  }
  return count;
}

}  // namespace

LineEnd Content::find_eol(Position from, evbuffer_eol_style style) const {
  Position at = from;
  Chain* before = nullptr;
  switch (style) {
    case EVBUFFER_EOL_ANY:
      if (find_byte(at, '\n', '\r', last_, before)) {
        return {at, count_eol_bytes(at, last_)};
      }
      break;
    case EVBUFFER_EOL_CRLF:
      if (!find_byte(at, '\n', -1, last_, before)) {
        break;
      }
      if (at.pos == from.pos) {
        return {at, 1};  // a CR in front of `from` does not count
      }
      if (at.offset > 0) {
        if (at.chain->begin[at.offset - 1] == '\r') {
          return {{at.chain, at.offset - 1, at.pos - 1}, 2};
        }
      } else if (before->begin[before->length - 1] == '\r') {
        return {{before, before->length - 1, at.pos - 1}, 2};
      }
      return {at, 1};
    case EVBUFFER_EOL_CRLF_STRICT:
      if (find("\r\n", 2, from, length_, at)) {
        return {at, 2};
      }
      break;
    case EVBUFFER_EOL_LF:
      if (find_byte(at, '\n', -1, last_, before)) {
        return {at, 1};
      }
      break;
    case EVBUFFER_EOL_NUL:
      if (find_byte(at, '\0', -1, last_, before)) {
        return {at, 1};
      }
      break;
  }
  return {};
}

}  // namespace relevent::buffer
