#include "http/encoding.h"

#include <cstring>

#include "base/ascii.h"

namespace relevent::http {

namespace {

bool is_unreserved(char c) { return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~'; }

std::string_view html_reference(const char& c) {
  switch (c) {
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#039;";
    case '&':
      return "&amp;";
    default:
      return {&c, 1};
  }
}

char* put(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

OwnedString allocate_text(std::size_t length) {
  return OwnedString(static_cast<char*>(relevent_allocate(length + 1)));
}

}  // namespace

OwnedString percent_encode(std::string_view text, bool space_to_plus) {
  std::size_t length = 0;
  for (const char c : text) {
    length += is_unreserved(c) || (c == ' ' && space_to_plus) ? 1 : 3;
  }
  OwnedString encoded = allocate_text(length);
  if (!encoded) {
    return nullptr;
  }
  char* out = encoded.get();
  for (const char c : text) {
    if (is_unreserved(c)) {
      *out++ = c;
    } else if (c == ' ' && space_to_plus) {
      *out++ = '+';
    } else {
      constexpr char kDigits[] = "0123456789ABCDEF";
      *out++ = '%';
      *out++ = kDigits[static_cast<unsigned char>(c) >> 4];
      *out++ = kDigits[static_cast<unsigned char>(c) & 15];
    }
  }
  *out = '\0';
  return encoded;
}

std::size_t percent_decode(std::string_view text, Plus plus, char* out) {
  char* const begin = out;
  bool decode_plus = plus == Plus::kEverywhere;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '?' && plus == Plus::kInQuery) {
      decode_plus = true;
    } else if (c == '+' && decode_plus) {
      c = ' ';
    } else if (c == '%' && text.size() - i > 2 && is_hex_digit(text[i + 1]) &&
               is_hex_digit(text[i + 2])) {
      c = static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    }
    *out++ = c;
  }
  return static_cast<std::size_t>(out - begin);
}

OwnedString percent_decode(std::string_view text, Plus plus, std::size_t& length) {
  OwnedString decoded = allocate_text(text.size());
  if (!decoded) {
    return nullptr;
  }
  length = percent_decode(text, plus, decoded.get());
  decoded.get()[length] = '\0';
  return decoded;
}

OwnedString escape_html(std::string_view text) {
  std::size_t length = 0;
  for (const char& c : text) {
    length += html_reference(c).size();
  }
  OwnedString escaped = allocate_text(length);
  if (!escaped) {
    return nullptr;
  }
  char* out = escaped.get();
  for (const char& c : text) {
    out = put(out, html_reference(c));
  }
  *out = '\0';
  return escaped;
}

}  // namespace relevent::http
