#pragma once

#include <string_view>

namespace relevent::http {

// The usual reason phrase of a status code, or that of its class.
std::string_view reason_phrase(int code);

}  // namespace relevent::http
