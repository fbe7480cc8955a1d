#pragma once

#include <ctime>
#include <string_view>

struct event_base;

namespace relevent::http {

// The Date field's value, written once a second.
class Date {
 public:
  std::string_view now(event_base* base);

 private:
  static constexpr std::size_t kLength = 29;  // "Sun, 06 Nov 1994 08:49:37 GMT"
  std::time_t second_ = -1;
  char text_[kLength + 1] = {};
};

}  // namespace relevent::http
