// Classes of characters in HTTP messages (RFC 9110).
#pragma once

#include <array>
#include <cstdint>
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

// Whether a control character is in the text; a tab does not count.
inline bool has_control(std::string_view text) {
  bool found = false;
  for (const char c : text) {  // without a branch, so that the compiler takes many at a time
    found |= (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  }
  return found;
}

}  // namespace relevent::http
