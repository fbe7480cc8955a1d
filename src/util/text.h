#pragma once

#include <cstdarg>
#include <cstddef>

#include "base/attributes.h"

namespace relevent::util {

// As vsnprintf: returns the length that the whole text has, and always sets an end mark.
// Compat: without any room the result is 0, not that length ("evutil_snprintf: no room").
// Fails: -1 and an empty text if the format cannot be carried out.
// C API: evutil_vsnprintf, evutil_snprintf.
int format_text_v(char* out, std::size_t size, const char* format, std::va_list arguments)
    RELEVENT_PRINTF(3, 0);
int format_text(char* out, std::size_t size, const char* format, ...) RELEVENT_PRINTF(3, 4);

}  // namespace relevent::util
