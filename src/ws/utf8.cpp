#include "ws/utf8.h"

#include <cstring>

namespace relevent::ws {

namespace {

// How many bytes at the beginning are ASCII, by whole words.
std::size_t leading_ascii_words(std::span<const std::uint8_t> bytes) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::size_t length = 0;
  std::uint64_t word = 0;
  while (bytes.size() - length >= sizeof word) {
    std::memcpy(&word, bytes.data() + length, sizeof word);
    if ((word & kHighBits) != 0) {
      break;
    }
    length += sizeof word;
  }
  return length;
}

}  // namespace

bool Utf8Check::add(std::span<const std::uint8_t> bytes) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    if (missing_ == 0) {
      i += leading_ascii_words(bytes.subspan(i));
      if (i < bytes.size() && !begin_character(bytes[i++])) {
        return false;
      }
      continue;
    }
    const std::uint8_t byte = bytes[i++];
    if (byte < lowest_ || byte > highest_) {
      return false;
    }
    --missing_;
    lowest_ = 0x80;
    highest_ = 0xbf;
  }
  return true;
}

// Section 4 of the RFC. The second byte's bounds keep out longer forms than needed, surrogates, and
// what is beyond U+10FFFF.
bool Utf8Check::begin_character(std::uint8_t byte) {
  lowest_ = 0x80;
  highest_ = 0xbf;
  if (byte < 0x80) {
    return true;
  }
  if (byte >= 0xc2 && byte <= 0xdf) {
    missing_ = 1;
  } else if (byte >= 0xe0 && byte <= 0xef) {
    missing_ = 2;
    lowest_ = byte == 0xe0 ? 0xa0 : 0x80;
    highest_ = byte == 0xed ? 0x9f : 0xbf;
  } else if (byte >= 0xf0 && byte <= 0xf4) {
    missing_ = 3;
    lowest_ = byte == 0xf0 ? 0x90 : 0x80;
    highest_ = byte == 0xf4 ? 0x8f : 0xbf;
  } else {
    return false;
  }
  return true;
}

}  // namespace relevent::ws
