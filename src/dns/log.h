// Messages of resolvers and servers.
#pragma once

#include <event2/dns.h>

#include "base/attributes.h"

namespace relevent::dns {

// Where they go: to `function`, or with null to the library's log. C API: evdns_set_log_fn.
void set_log_function(evdns_debug_log_fn_type function);

// Something a user should know; something that happened; a detail for debugging. The user's
// function is told 1 for the first and 0 for the others.
void log_warning(const char* format, ...) RELEVENT_PRINTF(1, 2);
void log_message(const char* format, ...) RELEVENT_PRINTF(1, 2);
void log_debug(const char* format, ...) RELEVENT_PRINTF(1, 2);

}  // namespace relevent::dns
