// Numbers in text, on [begin, end), for the parsers of addresses.
#pragma once

#include <cstdint>
#include <optional>

namespace relevent::util {

struct Decimal {
  std::uint32_t value = 0;  // at most UINT32_MAX: larger ones stay there
  bool negative = false;
  const char* end = nullptr;  // behind the last digit; `begin` if there was no digit
};

// Blanks, a sign and decimal digits, as scanf's %u takes them but without its wrap-around.
Decimal read_decimal(const char* begin, const char* end);

// A port from 1 to 65535 at the beginning of the text.
// Compat: what follows the digits is not looked at ("evutil_parse_sockaddr_port: lax port").
std::optional<std::uint16_t> parse_port(const char* begin, const char* end);

}  // namespace relevent::util
