// Messages for the log callback, for the objects beside core. The first four are libevent's, though
// no header of it declares them: generated code calls them too.
#pragma once

#include "base/attributes.h"

extern "C" {

// A warning, with and without the text of errno; a message; an error after which the process ends.
RELEVENT_API void event_warn(const char* format, ...) RELEVENT_PRINTF(1, 2);
RELEVENT_API void event_warnx(const char* format, ...) RELEVENT_PRINTF(1, 2);
RELEVENT_API void event_msgx(const char* format, ...) RELEVENT_PRINTF(1, 2);
[[noreturn]] RELEVENT_API void event_errx(int code, const char* format, ...) RELEVENT_PRINTF(2, 3);

// A line for event_enable_debug_logging; nothing without it, as the second function tells.
RELEVENT_API void relevent_debug(const char* format, ...) RELEVENT_PRINTF(1, 2);
RELEVENT_API int relevent_debug_enabled(void);

}  // extern "C"
