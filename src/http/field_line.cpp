#include "http/field_line.h"

#include "http/text.h"

namespace relevent::http {

namespace {

bool is_value(std::string_view value, Mode mode) {
  if (mode == Mode::kCompat) {
    return value.find('\r') == std::string_view::npos;
  }
  return !has_control(value);
}

}  // namespace

bool parse_field_line(std::string_view line, Mode mode, FieldLine& field) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    return false;
  }
  field.name = head(line, colon);
  field.value = trim(tail(line, colon + 1));
  if (mode == Mode::kCompat) {
    // What stands behind a NUL is not seen.
    field.value = head(field.value, length_until(field.value, '\0'));
    return field.name.find('\0') == std::string_view::npos && is_value(field.value, mode) &&
           field.name.find('\r') == std::string_view::npos;
  }
  return is_token(field.name) && is_value(field.value, mode);
}

bool is_continuation(std::string_view line, Mode mode) {
  return mode != Mode::kStrict && !line.empty() && is_blank(line.front()) && is_value(line, mode);
}

}  // namespace relevent::http
