// The first line of a message.
#pragma once

#include <string_view>

#include "http/mode.h"

namespace relevent::http {

struct Version {
  signed char major = 1;
  signed char minor = 1;

  bool at_least(int other_major, int other_minor) const {
    return major > other_major || (major == other_major && minor >= other_minor);
  }
};

// The parts are pieces of the line.
struct RequestLine {
  std::string_view method;
  std::string_view target;
  Version version;
};

struct StatusLine {
  Version version;
  int code = 0;
  std::string_view reason;
};

// False: the line is malformed.
[[nodiscard]] bool parse_request_line(std::string_view line, Mode mode, RequestLine& request);
[[nodiscard]] bool parse_status_line(std::string_view line, Mode mode, StatusLine& status);

}  // namespace relevent::http
