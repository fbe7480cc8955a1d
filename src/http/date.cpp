#include "http/date.h"

#include <event2/event.h>
#include <event2/util.h>

namespace relevent::http {

std::string_view Date::now(event_base* base) {
  timeval time;
  if (event_base_gettimeofday_cached(base, &time) != 0) {
    time.tv_sec = std::time(nullptr);
  }
  if (time.tv_sec != second_) {
    second_ = time.tv_sec;
    tm parts;
    ::gmtime_r(&second_, &parts);
    evutil_date_rfc1123(text_, sizeof text_, &parts);
  }
  return text_;
}

}  // namespace relevent::http
