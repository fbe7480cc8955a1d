#include "ws/sha1.h"

#include <bit>
#include <cstring>

namespace relevent::ws {

namespace {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kLengthField = 8;

using State = std::uint32_t[5];

std::uint32_t load_big_endian(const std::uint8_t* bytes) {
  return static_cast<std::uint32_t>(bytes[0]) << 24 | static_cast<std::uint32_t>(bytes[1]) << 16 |
         static_cast<std::uint32_t>(bytes[2]) << 8 | bytes[3];
}

struct Round {
  std::uint32_t value;
  std::uint32_t constant;
};

// The function and the constant of step t, section 4 of the standard.
Round round_of(unsigned t, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  switch (t / 20) {
    case 0:
      return {(b & c) | (~b & d), 0x5a827999};
    case 1:
      return {b ^ c ^ d, 0x6ed9eba1};
    case 2:
      return {(b & c) | (b & d) | (c & d), 0x8f1bbcdc};
    default:
      return {b ^ c ^ d, 0xca62c1d6};
  }
}

void add_block(State& state, const std::uint8_t* block) {
  std::uint32_t schedule[80];
  for (unsigned t = 0; t < 16; ++t) {
    schedule[t] = load_big_endian(block + 4 * t);
  }
  for (unsigned t = 16; t < 80; ++t) {
    schedule[t] =
        std::rotl(schedule[t - 3] ^ schedule[t - 8] ^ schedule[t - 14] ^ schedule[t - 16], 1);
  }
  std::uint32_t a = state[0];
  std::uint32_t b = state[1];
  std::uint32_t c = state[2];
  std::uint32_t d = state[3];
  std::uint32_t e = state[4];
  for (unsigned t = 0; t < 80; ++t) {
    const Round round = round_of(t, b, c, d);
    const std::uint32_t next = std::rotl(a, 5) + round.value + e + round.constant + schedule[t];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
}

}  // namespace

Sha1Digest sha1(std::span<const char> text) {
  State state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  std::uint8_t block[kBlock];
  std::size_t done = 0;
  for (; text.size() - done >= kBlock; done += kBlock) {
    std::memcpy(block, text.data() + done, kBlock);
    add_block(state, block);
  }
  // The rest, a set bit, zeros, and the length in bits at the end of the last block.
  const std::size_t rest = text.size() - done;
  std::memset(block, 0, kBlock);
  if (rest > 0) {
    std::memcpy(block, text.data() + done, rest);
  }
  block[rest] = 0x80;
  if (rest + 1 > kBlock - kLengthField) {
    add_block(state, block);
    std::memset(block, 0, kBlock);
  }
  const std::uint64_t bits = static_cast<std::uint64_t>(text.size()) * 8;
  for (unsigned i = 0; i < kLengthField; ++i) {
    block[kBlock - 1 - i] = static_cast<std::uint8_t>(bits >> (8 * i));
  }
  add_block(state, block);
  Sha1Digest digest{};
  for (unsigned i = 0; i < 20; ++i) {
    digest[i] = static_cast<std::uint8_t>(state[i / 4] >> (24 - 8 * (i % 4)));
  }
  return digest;
}

}  // namespace relevent::ws
