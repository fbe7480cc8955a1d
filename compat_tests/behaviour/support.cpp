#include "support.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cstring>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

// Requests that no system can meet give null, also with the address sanitizer.
extern "C" const char* __asan_default_options() { return "allocator_may_return_null=1"; }

bool on_relevent() { return dlsym(RTLD_DEFAULT, "relevent_get_version") != nullptr; }

Base make_base_with(const char* method) {
  const Config config(event_config_new());
  if (!config) {
    return nullptr;
  }
  for (const char** name = event_get_supported_methods(); *name != nullptr; ++name) {
    if (std::strcmp(*name, method) != 0) {
      event_config_avoid_method(config.get(), *name);
    }
  }
  return Base(event_base_new_with_config(config.get()));
}

SocketPair::SocketPair() {
  evutil_socket_t fds[2];
  REQUIRE(evutil_socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
  first = fds[0];
  second = fds[1];
  REQUIRE(evutil_make_socket_nonblocking(first) == 0);
  REQUIRE(evutil_make_socket_nonblocking(second) == 0);
}

SocketPair::~SocketPair() {
  close_first();
  close_second();
}

void SocketPair::close_first() {
  if (first >= 0) {
    close(std::exchange(first, -1));
  }
}

void SocketPair::close_second() {
  if (second >= 0) {
    close(std::exchange(second, -1));
  }
}

namespace {

std::mutex g_log_mutex;
std::vector<std::pair<int, std::string>> g_log;

void capture(int severity, const char* message) {
  const std::lock_guard guard(g_log_mutex);
  g_log.emplace_back(severity, message);
}

}  // namespace

LogCapture::LogCapture() {
  {
    const std::lock_guard guard(g_log_mutex);
    g_log.clear();
  }
  event_set_log_callback(capture);
}

LogCapture::~LogCapture() { event_set_log_callback(nullptr); }

bool LogCapture::contains(int severity, const char* text) const {
  const std::lock_guard guard(g_log_mutex);
  for (const auto& [level, message] : g_log) {
    if (level == severity && message.find(text) != std::string::npos) {
      return true;
    }
  }
  return false;
}

int LogCapture::count() const {
  const std::lock_guard guard(g_log_mutex);
  return static_cast<int>(g_log.size());
}
