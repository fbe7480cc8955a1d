// The two kinds of numbers in tagged data (the format is in event2/tag.h), over plain bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace relevent::tag {

// How many bytes an encoded number may have.
inline constexpr std::size_t kMaxTagSize = 5;
inline constexpr std::size_t kMaxIntSize = 5;
inline constexpr std::size_t kMaxInt64Size = 9;

// What was decoded, and how many bytes it took.
template <class Number>
struct Decoded {
  Number value;
  std::size_t size;
};

// Write a number to `out`, which has room for the largest, and return its size.
std::size_t encode_tag(std::uint32_t tag, std::uint8_t* out);
std::size_t encode_number(std::uint64_t number, std::uint8_t* out);

// Read a number from the front of the bytes. Nothing if it does not end there, or has more bits
// than its type.
std::optional<Decoded<std::uint32_t>> decode_tag(std::span<const std::uint8_t> bytes);
std::optional<Decoded<std::uint32_t>> decode_int(std::span<const std::uint8_t> bytes);
std::optional<Decoded<std::uint64_t>> decode_int64(std::span<const std::uint8_t> bytes);

}  // namespace relevent::tag
