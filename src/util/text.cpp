#include "util/text.h"

#include <cstdio>

namespace relevent::util {

int format_text_v(char* out, std::size_t size, const char* format, std::va_list arguments) {
  if (size == 0) {
    return 0;
  }
  const int length = std::vsnprintf(out, size, format, arguments);
  if (length < 0) {
    out[0] = '\0';
    return -1;
  }
  return length;
}

int format_text(char* out, std::size_t size, const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  const int length = format_text_v(out, size, format, arguments);
  va_end(arguments);
  return length;
}

}  // namespace relevent::util
