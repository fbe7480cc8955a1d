#include "ws/base64.h"

#include "base/ascii.h"

namespace relevent::ws {

void encode_base64(std::span<const std::uint8_t> bytes, char* out) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = bytes.size() - i < 3 ? bytes.size() - i : 3;
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < count ? bytes[i + k] : 0);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      *out++ = k <= count ? kDigits[group >> (18 - 6 * k) & 63] : '=';
    }
  }
}

bool is_base64_of(std::string_view text, std::size_t bytes) {
  if (text.size() != base64_length(bytes)) {
    return false;
  }
  const std::size_t padding = (3 - bytes % 3) % 3;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool fits = i < text.size() - padding
                          ? is_alnum(text[i]) || text[i] == '+' || text[i] == '/'
                          : text[i] == '=';
    if (!fits) {
      return false;
    }
  }
  return true;
}

}  // namespace relevent::ws
