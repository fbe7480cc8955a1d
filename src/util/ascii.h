// Comparing strings without regard to the case of ASCII letters.
#pragma once

#include <cstddef>

#include "base/ascii.h"

namespace relevent::util {

// Less than, equal to or greater than 0, as strcasecmp and strncasecmp.
// C API: evutil_ascii_strcasecmp, evutil_ascii_strncasecmp.
int compare_ignore_case(const char* a, const char* b);
int compare_ignore_case(const char* a, const char* b, std::size_t limit);

}  // namespace relevent::util
