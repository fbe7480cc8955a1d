// The log functions that no public header declares, but that generated code and some programs call.
#include <cerrno>
#include <cstdarg>

#include "log/log.h"
#include "surface/log.h"

using namespace relevent;

// Fills in what all of them do: write a line with or without the text of an errno.
#define RELEVENT_WRITE_LINE(severity, error, format) \
  do {                                               \
    std::va_list arguments;                          \
    va_start(arguments, format);                     \
    log::write(severity, error, format, arguments);  \
    va_end(arguments);                               \
  } while (false)

extern "C" {

void event_warn(const char* format, ...) {
  RELEVENT_WRITE_LINE(log::Severity::kWarning, errno, format);
}

void event_warnx(const char* format, ...) {
  RELEVENT_WRITE_LINE(log::Severity::kWarning, log::kNoErrno, format);
}

void event_msgx(const char* format, ...) {
  RELEVENT_WRITE_LINE(log::Severity::kMessage, log::kNoErrno, format);
}

RELEVENT_API void event_sock_warn(int, const char* format, ...) {
  RELEVENT_WRITE_LINE(log::Severity::kWarning, errno, format);
}

RELEVENT_API void event_err(int code, const char* format, ...) {
  RELEVENT_WRITE_LINE(log::Severity::kError, errno, format);
  log::die(code);
}

void event_errx(int code, const char* format, ...) {
  RELEVENT_WRITE_LINE(log::Severity::kError, log::kNoErrno, format);
  log::die(code);
}

RELEVENT_API void event_sock_err(int code, int, const char* format, ...) {
  RELEVENT_WRITE_LINE(log::Severity::kError, errno, format);
  log::die(code);
}

void relevent_debug(const char* format, ...) {
  if (log::debug_enabled()) {
    RELEVENT_WRITE_LINE(log::Severity::kDebug, log::kNoErrno, format);
  }
}

int relevent_debug_enabled() { return log::debug_enabled() ? 1 : 0; }

}  // extern "C"
