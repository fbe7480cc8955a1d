#include "util/ascii.h"

namespace relevent::util {

int compare_ignore_case(const char* a, const char* b) {
  return compare_ignore_case(a, b, static_cast<std::size_t>(-1));
}

int compare_ignore_case(const char* a, const char* b, std::size_t limit) {
  for (std::size_t i = 0; i < limit; ++i) {
    // Compat: plain char, so that bytes above 127 come before all ASCII ("evutil_ascii_strcasecmp:
    // what is no ASCII letter has no case").
    const char x = to_lower(a[i]);
    const char y = to_lower(b[i]);
    if (x != y) {
      return x < y ? -1 : 1;
    }
    if (x == '\0') {
      break;
    }
  }
  return 0;
}

}  // namespace relevent::util
