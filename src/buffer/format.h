#pragma once

#include <cstdarg>
#include <cstddef>

namespace relevent::buffer {

// As vsnprintf, but without a final 0 where the text is cut off. Plain directives, which are those
// for strings, characters and whole numbers without flags, width or precision, are written here,
// several times as fast; vsnprintf is called if there is any other.
int format(char* out, std::size_t room, const char* format, std::va_list arguments);

}  // namespace relevent::buffer
