#include "tag/codec.h"

namespace relevent::tag {

namespace {

// The digits of an encoded number are half bytes, the first of which counts the others.
constexpr std::size_t size_with_digits(std::size_t digits) { return (digits + 2) / 2; }

unsigned half_byte(std::span<const std::uint8_t> bytes, std::size_t index) {
  const unsigned byte = bytes[index / 2];
  return index % 2 == 0 ? byte >> 4 : byte & 0xf;
}

std::optional<Decoded<std::uint64_t>> decode_number(std::span<const std::uint8_t> bytes,
                                                    std::size_t max_digits) {
  if (bytes.empty()) {
    return std::nullopt;
  }
  const std::size_t digits = half_byte(bytes, 0) + 1;
  const std::size_t size = size_with_digits(digits);
  if (digits > max_digits || size > bytes.size()) {
    return std::nullopt;
  }
  std::uint64_t number = 0;
  for (std::size_t digit = digits; digit > 0; --digit) {
    number = number << 4 | half_byte(bytes, digit);
  }
  return Decoded<std::uint64_t>{number, size};
}

}  // namespace

std::size_t encode_tag(std::uint32_t tag, std::uint8_t* out) {
  std::size_t size = 0;
  for (; tag > 0x7f; tag >>= 7) {
    out[size++] = static_cast<std::uint8_t>(tag | 0x80);
  }
  out[size++] = static_cast<std::uint8_t>(tag);
  return size;
}

std::size_t encode_number(std::uint64_t number, std::uint8_t* out) {
  std::size_t digits = 0;
  std::uint8_t pending = 0;
  do {
    const auto digit = static_cast<std::uint8_t>(number & 0xf);
    number >>= 4;
    ++digits;
    // Digit 1 is the low half of the first byte, digit 2 the high half of the second.
    if (digits % 2 != 0) {
      out[digits / 2] = static_cast<std::uint8_t>(pending | digit);
    } else {
      pending = static_cast<std::uint8_t>(digit << 4);
      out[digits / 2] = pending;
    }
  } while (number != 0);
  out[0] = static_cast<std::uint8_t>(out[0] | (digits - 1) << 4);
  return size_with_digits(digits);
}

std::optional<Decoded<std::uint32_t>> decode_tag(std::span<const std::uint8_t> bytes) {
  std::uint64_t tag = 0;
  for (std::size_t i = 0; i < bytes.size() && i < kMaxTagSize; ++i) {
    tag |= std::uint64_t{bytes[i] & 0x7fU} << (7 * i);
    if ((bytes[i] & 0x80) == 0) {
      if (tag > UINT32_MAX) {
        return std::nullopt;
      }
      return Decoded<std::uint32_t>{static_cast<std::uint32_t>(tag), i + 1};
    }
  }
  return std::nullopt;
}

std::optional<Decoded<std::uint32_t>> decode_int(std::span<const std::uint8_t> bytes) {
  const auto number = decode_number(bytes, 8);
  if (!number) {
    return std::nullopt;
  }
  return Decoded<std::uint32_t>{static_cast<std::uint32_t>(number->value), number->size};
}

std::optional<Decoded<std::uint64_t>> decode_int64(std::span<const std::uint8_t> bytes) {
  return decode_number(bytes, 16);
}

}  // namespace relevent::tag
