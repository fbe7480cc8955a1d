#include "util/date.h"

#include "util/text.h"

namespace relevent::util {
namespace {

constexpr char kWeekdays[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr char kMonths[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

template <std::size_t Count>
const char* name_of(const char (&names)[Count][4], int index) {
  return index >= 0 && index < static_cast<int>(Count) ? names[index] : nullptr;
}

}  // namespace

int format_rfc1123(char* out, std::size_t size, const std::tm* time) {
  std::tm now{};
  if (time == nullptr) {
    // time() and not the precise clock, which is some milliseconds ahead: programs compare the two.
    const std::time_t seconds = std::time(nullptr);
    time = ::gmtime_r(&seconds, &now);
    if (time == nullptr) {
      time = &now;
    }
  }
  const char* const weekday = name_of(kWeekdays, time->tm_wday);
  const char* const month = name_of(kMonths, time->tm_mon);
  if (weekday == nullptr || month == nullptr) {
    if (size > 0) {
      out[0] = '\0';
    }
    return -1;
  }
  const long year = 1900L + time->tm_year;
  return format_text(out, size, "%s, %02d %s %4ld %02d:%02d:%02d GMT", weekday, time->tm_mday,
                     month, year, time->tm_hour, time->tm_min, time->tm_sec);
}

}  // namespace relevent::util
