// Cutting text up where a character stands. std::string_view::substr and what is built upon it may
// throw, so that they would need the language's run-time.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace relevent::http {

// The first `length` characters, at most all.
constexpr std::string_view head(std::string_view text, std::size_t length) {
  return {text.data(), length < text.size() ? length : text.size()};
}

// What follows the first `length` characters; nothing if there are no more.
constexpr std::string_view tail(std::string_view text, std::size_t length) {
  text.remove_prefix(length < text.size() ? length : text.size());
  return text;
}

constexpr bool begins_with(std::string_view text, std::string_view beginning) {
  return head(text, beginning.size()) == beginning;
}

// How many characters stand before the first that is `end`; all if it does not occur.
constexpr std::size_t length_until(std::string_view text, char end) {
  const std::size_t position = text.find(end);
  return position == std::string_view::npos ? text.size() : position;
}

// The same for the first that is one of `ends`.
constexpr std::size_t length_until_any(std::string_view text, std::string_view ends) {
  std::size_t length = 0;
  while (length < text.size() && ends.find(text[length]) == std::string_view::npos) {
    ++length;
  }
  return length;
}

// Copies text with a NUL behind it to `out`, which moves on behind that; returns where it began.
inline char* append_string(char*& out, std::string_view text) {
  char* const begin = out;
  if (!text.empty()) {
    std::memcpy(begin, text.data(), text.size());
  }
  begin[text.size()] = '\0';
  out += text.size() + 1;
  return begin;
}

}  // namespace relevent::http
