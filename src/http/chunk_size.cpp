#include "http/chunk_size.h"

#include <charconv>

#include "http/text.h"

namespace relevent::http {

namespace {

// Compat: blanks, a sign and a prefix, as strtoll takes them (http_strict_test.cpp).
std::string_view skip_loose_start(std::string_view text) {
  while (!text.empty() && is_space(text.front())) {
    text.remove_prefix(1);
  }
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
  }
  if (text.size() > 2 && text[0] == '0' && to_lower(text[1]) == 'x') {
    text.remove_prefix(2);
  }
  return text;
}

}  // namespace

bool parse_chunk_size(std::string_view line, Mode mode, std::int64_t& size) {
  if (mode == Mode::kCompat) {
    line = skip_loose_start(line);
  }
  // from_chars takes a minus sign.
  if (line.empty() || !is_hex_digit(line.front())) {
    return false;
  }
  const char* const end = line.data() + line.size();
  const auto [rest, error] = std::from_chars(line.data(), end, size, 16);
  if (error != std::errc()) {
    return false;
  }
  if (rest == end || (mode == Mode::kCompat && (*rest == ' ' || *rest == '\0'))) {
    return true;
  }
  return *rest == ';' && !has_control(tail(line, static_cast<std::size_t>(rest - line.data())));
}

}  // namespace relevent::http
