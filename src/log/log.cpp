#include "log/log.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace relevent::log {
namespace {

// Compat: a line is cut at this length (log_test.cpp).
constexpr std::size_t kLineSize = 1024;

constinit std::atomic<LogCallback> g_log_callback = nullptr;
constinit std::atomic<FatalCallback> g_fatal_callback = nullptr;

const char* severity_name(Severity severity) {
  switch (severity) {
    case Severity::kDebug:
      return "debug";
    case Severity::kMessage:
      return "msg";
    case Severity::kWarning:
      return "warn";
    case Severity::kError:
      return "err";
  }
  return "???";
}

void emit(Severity severity, const char* line) {
  const LogCallback callback = g_log_callback.load(std::memory_order_relaxed);
  if (callback != nullptr) {
    callback(static_cast<int>(severity), line);
  } else {
    std::fprintf(stderr, "[%s] %s\n", severity_name(severity), line);
  }
}

}  // namespace

constinit std::atomic<std::uint32_t> g_debug_mask = 0;

void set_log_callback(LogCallback callback) { g_log_callback = callback; }
void set_fatal_callback(FatalCallback callback) { g_fatal_callback = callback; }
void set_debug_mask(std::uint32_t mask) { g_debug_mask = mask; }

void write(Severity severity, int error, const char* format, std::va_list arguments) {
  const int saved_errno = errno;
  char line[kLineSize];
  line[0] = '\0';
  if (format != nullptr) {
    std::vsnprintf(line, sizeof line, format, arguments);
  }
  if (error != kNoErrno) {
    const std::size_t length = std::strlen(line);
    char text[128];
    std::snprintf(line + length, sizeof line - length, ": %s",
                  strerror_r(error, text, sizeof text));
  }
  emit(severity, line);
  errno = saved_errno;
}

void message(const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  write(Severity::kMessage, kNoErrno, format, arguments);
  va_end(arguments);
}

void warn(const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  write(Severity::kWarning, kNoErrno, format, arguments);
  va_end(arguments);
}

void warn_errno(int error, const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  write(Severity::kWarning, error, format, arguments);
  va_end(arguments);
}

void debug(const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  write(Severity::kDebug, kNoErrno, format, arguments);
  va_end(arguments);
}

void die(int code) {
  const FatalCallback callback = g_fatal_callback.load(std::memory_order_relaxed);
  if (callback != nullptr) {
    callback(code);
  } else if (code == kAbortCode) {
    std::abort();
  }
  std::exit(code);
}

void fatal(int code, const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  write(Severity::kError, kNoErrno, format, arguments);
  va_end(arguments);
  die(code);
}

void fatal_errno(int code, int error, const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  write(Severity::kError, error, format, arguments);
  va_end(arguments);
  die(code);
}

}  // namespace relevent::log
