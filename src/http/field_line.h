// One line of a header section, and what the section says about the message.
#pragma once

#include <event2/keyvalq_struct.h>

#include <cstdint>
#include <string_view>

#include "http/mode.h"
#include "http/start_line.h"

namespace relevent::http {

// The parts are pieces of the line.
struct FieldLine {
  std::string_view name;
  std::string_view value;
};

// False: the line is malformed.
[[nodiscard]] bool parse_field_line(std::string_view line, Mode mode, FieldLine& field);

// Whether the value of a field may go on with this line.
[[nodiscard]] bool is_continuation(std::string_view line, Mode mode);

}  // namespace relevent::http
