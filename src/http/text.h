// Classes of characters in HTTP messages (RFC 9110).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/ascii.h"
#include "http/cut.h"

namespace relevent::http {

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

// Without blanks at both ends.
constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

constexpr bool equal_ignore_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && relevent::equal_ignore_case(a.data(), b.data(), a.size());
}

inline constexpr std::array<bool, 256> kTokenCharacters = [] {
  std::array<bool, 256> table{};
  for (unsigned c = 0; c < 256; ++c) {
    table[c] = is_alnum(static_cast<char>(c));
  }
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

// Whether text is a name as methods and fields have them.
constexpr bool is_token(std::string_view text) {
  for (const char c : text) {
    if (!kTokenCharacters[static_cast<unsigned char>(c)]) {
      return false;
    }
  }
  return !text.empty();
}

constexpr bool is_control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

// Whether a control character is in the text; a tab does not count.
inline bool has_control(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  const auto any = [](const char* bytes, std::size_t count) {
    return std::any_of(bytes, bytes + count, is_control);
  };
  const char* bytes = text.data();
  std::size_t left = text.size();
  for (; left >= sizeof kOnes; bytes += sizeof kOnes, left -= sizeof kOnes) {
    std::uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    // The high bit of a byte below 0x20, and of one that is 0x7f; it may be a tab.
    const std::uint64_t flipped = word ^ (kOnes * 0x7f);
    const std::uint64_t low = (word - kOnes * 0x20) & ~word;
    const std::uint64_t deleted = (flipped - kOnes) & ~flipped;
    if (((low | deleted) & (kOnes * 0x80)) != 0 && any(bytes, sizeof word)) {
      return true;
    }
  }
  return any(bytes, left);
}

}  // namespace relevent::http
