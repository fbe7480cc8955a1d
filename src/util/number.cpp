#include "util/number.h"

#include "util/ascii.h"

namespace relevent::util {

Decimal read_decimal(const char* begin, const char* end) {
  const char* next = begin;
  while (next != end && is_space(*next)) {
    ++next;
  }
  Decimal result;
  result.end = begin;
  if (next != end && (*next == '+' || *next == '-')) {
    result.negative = *next == '-';
    ++next;
  }
  for (; next != end && is_digit(*next); ++next) {
    const std::uint64_t value =
        std::uint64_t{result.value} * 10 + static_cast<std::uint64_t>(*next - '0');
    result.value = value > UINT32_MAX ? UINT32_MAX : static_cast<std::uint32_t>(value);
    result.end = next + 1;
  }
  return result;
}

std::optional<std::uint16_t> parse_port(const char* begin, const char* end) {
  const Decimal port = read_decimal(begin, end);
  if (port.negative || port.value == 0 || port.value > UINT16_MAX) {
    return std::nullopt;
  }
  return static_cast<std::uint16_t>(port.value);
}

}  // namespace relevent::util
