// Names of methods.
#pragma once

#include <event2/http.h>

#include <string_view>

namespace relevent::http {

inline constexpr evhttp_cmd_type kUnknownMethod{};

// `more` is asked for what the library does not know; it may be null.
evhttp_cmd_type find_method(std::string_view name, evhttp_ext_method_cb more);

// Null: unknown. `has_body`: whether a request with this method says that its body is empty.
const char* method_name(evhttp_cmd_type method, evhttp_ext_method_cb more, bool& has_body);

}  // namespace relevent::http
