// The arguments in the query of a URI.
#pragma once

#include <event2/keyvalq_struct.h>

#include <string_view>

namespace relevent::http {

// Splits a query into name=value pairs, which are added to `arguments`. `flags` are the public
// EVHTTP_URI_QUERY_*.
// Fails: false, and the list is empty, if the query is malformed or there is no memory.
[[nodiscard]] bool parse_query(std::string_view query, unsigned flags, evkeyvalq& arguments);

}  // namespace relevent::http
