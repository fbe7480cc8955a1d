#include "dns/log.h"

#include <atomic>
#include <cstdarg>
#include <cstdio>

#include "surface/log.h"

namespace relevent::dns {
namespace {

constinit std::atomic<evdns_debug_log_fn_type> g_function{nullptr};

using LibraryLog = void (*)(const char* format, ...);

void write_log(bool is_warning, LibraryLog library_log, const char* format, va_list arguments)
    RELEVENT_PRINTF(3, 0);
void write_log(bool is_warning, LibraryLog library_log, const char* format, va_list arguments) {
  char text[512];
  std::vsnprintf(text, sizeof text, format, arguments);
  if (const auto function = g_function.load(std::memory_order_relaxed); function != nullptr) {
    function(is_warning ? 1 : 0, text);
  } else {
    library_log("%s", text);
  }
}

}  // namespace

void set_log_function(evdns_debug_log_fn_type function) {
  g_function.store(function, std::memory_order_relaxed);
}

void log_warning(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  write_log(true, event_warnx, format, arguments);
  va_end(arguments);
}

void log_message(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  write_log(false, event_msgx, format, arguments);
  va_end(arguments);
}

void log_debug(const char* format, ...) {
  if (g_function.load(std::memory_order_relaxed) == nullptr && relevent_debug_enabled() == 0) {
    return;  // this is asked for each message of a look-up
  }
  va_list arguments;
  va_start(arguments, format);
  write_log(false, relevent_debug, format, arguments);
  va_end(arguments);
}

}  // namespace relevent::dns
