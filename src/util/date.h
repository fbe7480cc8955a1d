#pragma once

#include <cstddef>
#include <ctime>

namespace relevent::util {

// "Sun, 06 Nov 1994 08:49:37 GMT", as HTTP wants it, from a broken-down time in UTC, or from now if
// that is null. As snprintf: what does not fit is cut off, and the whole length is returned; with
// no room at all 0. Fails: -1 and an empty text if the weekday or the month has no name. C API:
// evutil_date_rfc1123.
int format_rfc1123(char* out, std::size_t size, const std::tm* time);

}  // namespace relevent::util
