#pragma once

#include <cstdint>
#include <string_view>

#include "http/mode.h"

namespace relevent::http {

// Parses the line in front of a chunk. What stands behind a semicolon is left aside (RFC 9112,
// 7.1.1). False: malformed, or too big for an int64.
[[nodiscard]] bool parse_chunk_size(std::string_view line, Mode mode, std::int64_t& size);

}  // namespace relevent::http
