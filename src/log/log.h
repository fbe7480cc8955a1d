// Messages for the log callback, and the way out when nothing else is left.
#pragma once

#include <atomic>
#include <cstdarg>
#include <cstdint>

#include "base/attributes.h"

namespace relevent::log {

// The values of EVENT_LOG_*.
enum class Severity : int { kDebug = 0, kMessage = 1, kWarning = 2, kError = 3 };

using LogCallback = void (*)(int severity, const char* message);
using FatalCallback = void (*)(int code);

// Null restores the default: a line on stderr. C API: event_set_log_callback.
void set_log_callback(LogCallback callback);
// Null restores the default: exit or abort. C API: event_set_fatal_callback.
void set_fatal_callback(FatalCallback callback);
// EVENT_DBG_NONE or EVENT_DBG_ALL. C API: event_enable_debug_logging.
void set_debug_mask(std::uint32_t mask);
extern constinit std::atomic<std::uint32_t> g_debug_mask;
inline bool debug_enabled() { return g_debug_mask.load(std::memory_order_relaxed) != 0; }

inline constexpr int kNoErrno = -1;

// A line of this severity. `error` kNoErrno: as it is; else ": " and the text of the errno follow.
// errno is kept.
// Callbacks: the log callback runs here, with whatever locks the caller holds.
void write(Severity severity, int error, const char* format, std::va_list arguments);

void message(const char* format, ...) RELEVENT_PRINTF(1, 2);
void warn(const char* format, ...) RELEVENT_PRINTF(1, 2);
// As warn, followed by the text of `error`.
void warn_errno(int error, const char* format, ...) RELEVENT_PRINTF(2, 3);
// Only through RELEVENT_DEBUG, so that arguments are not evaluated in vain.
void debug(const char* format, ...) RELEVENT_PRINTF(1, 2);

// The code of a failed internal check; ends in abort() rather than exit().
inline constexpr int kAbortCode = static_cast<int>(0xdeaddead);

// Logs an error, then ends the process: if there is a fatal callback it gets the code, and if it
// returns, exit(code) follows; else abort() for kAbortCode, exit(code) for others.
[[noreturn]] void fatal(int code, const char* format, ...) RELEVENT_PRINTF(2, 3);
[[noreturn]] void fatal_errno(int code, int error, const char* format, ...) RELEVENT_PRINTF(3, 4);
// The second half of fatal().
[[noreturn]] void die(int code);

}  // namespace relevent::log

#define RELEVENT_DEBUG(...)                                    \
  do {                                                         \
    if (RELEVENT_UNLIKELY(::relevent::log::debug_enabled())) { \
      ::relevent::log::debug(__VA_ARGS__);                     \
    }                                                          \
  } while (false)

// An invariant of the library; what users can get wrong is reported by an error code instead.
#define RELEVENT_CHECK(condition)                                                         \
  do {                                                                                    \
    if (RELEVENT_UNLIKELY(!(condition))) {                                                \
      ::relevent::log::fatal(::relevent::log::kAbortCode, "%s:%d: check %s failed in %s", \
                             __FILE__, __LINE__, #condition, __func__);                   \
    }                                                                                     \
  } while (false)
