#include "ws/frame.h"

#include <cstring>

namespace relevent::ws {

namespace {

constexpr std::uint8_t kFinalBit = 0x80;
constexpr std::uint8_t kReservedBits = 0x70;
constexpr std::uint8_t kOpcodeBits = 0x0f;
constexpr std::uint8_t kMaskBit = 0x80;
constexpr std::uint8_t kLengthBits = 0x7f;
// Values of the seven bits of length that say that the length follows.
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;

std::size_t extended_length_size(std::uint8_t short_length) {
  return short_length == kLength16 ? 2 : short_length == kLength64 ? 8 : 0;
}

bool is_known(std::uint8_t opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

// Whether the length had to be written in this form, and is one at all.
bool is_shortest(std::uint64_t length, std::uint8_t short_length) {
  if (short_length == kLength16) {
    return length >= kLength16;
  }
  return short_length != kLength64 || (length > 0xffff && length >> 63 == 0);
}

}  // namespace

std::size_t header_size(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 2) {
    return 2;
  }
  return 2 + extended_length_size(bytes[1] & kLengthBits) +
         ((bytes[1] & kMaskBit) != 0 ? sizeof(MaskKey) : 0);
}

bool read_header(std::span<const std::uint8_t> bytes, FrameHeader& header) {
  const std::uint8_t opcode = bytes[0] & kOpcodeBits;
  const std::uint8_t short_length = bytes[1] & kLengthBits;
  if ((bytes[0] & kReservedBits) != 0 || !is_known(opcode)) {
    return false;
  }
  header.opcode = static_cast<Opcode>(opcode);
  header.final = (bytes[0] & kFinalBit) != 0;
  header.masked = (bytes[1] & kMaskBit) != 0;
  header.length = short_length;
  const std::size_t extended = extended_length_size(short_length);
  if (extended > 0) {
    header.length = 0;
    for (std::size_t i = 0; i < extended; ++i) {
      header.length = header.length << 8 | bytes[2 + i];
    }
  }
  if (header.masked) {
    std::memcpy(header.key.bytes, bytes.data() + 2 + extended, sizeof(MaskKey));
  }
  return is_shortest(header.length, short_length) &&
         (!is_control(header.opcode) || (header.final && header.length <= kMaxControl));
}

std::size_t write_header(const FrameHeader& header, std::uint8_t* out) {
  const std::uint8_t short_length = header.length < kLength16
                                        ? static_cast<std::uint8_t>(header.length)
                                    : header.length <= 0xffff ? kLength16
                                                              : kLength64;
  out[0] = static_cast<std::uint8_t>((header.final ? kFinalBit : 0) |
                                     static_cast<std::uint8_t>(header.opcode));
  out[1] = static_cast<std::uint8_t>((header.masked ? kMaskBit : 0) | short_length);
  std::size_t size = 2;
  for (std::size_t left = extended_length_size(short_length); left > 0; --left) {
    out[size++] = static_cast<std::uint8_t>(header.length >> (8 * (left - 1)));
  }
  if (header.masked) {
    std::memcpy(out + size, header.key.bytes, sizeof(MaskKey));
    size += sizeof(MaskKey);
  }
  return size;
}

void apply_mask(std::span<std::uint8_t> bytes, MaskKey key, std::uint64_t offset) {
  std::uint8_t pattern[8];
  for (std::size_t i = 0; i < sizeof pattern; ++i) {
    pattern[i] = key.bytes[(offset + i) % 4];
  }
  std::uint64_t word_pattern = 0;
  std::memcpy(&word_pattern, pattern, sizeof word_pattern);
  std::size_t i = 0;
  for (; bytes.size() - i >= sizeof word_pattern; i += sizeof word_pattern) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, sizeof word);
    word ^= word_pattern;
    std::memcpy(bytes.data() + i, &word, sizeof word);
  }
  for (; i < bytes.size(); ++i) {
    bytes[i] ^= pattern[i % 4];
  }
}

bool is_close_code(std::uint16_t code) {
  // 1004 to 1006 and 1015 are set aside; 1012 to 1014 came later, with the registry.
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

}  // namespace relevent::ws
