// What the unit tests of bufferevents share.
#pragma once

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>

namespace bev_test {

struct Free {
  void operator()(event_base* base) const { event_base_free(base); }
  void operator()(bufferevent* bufev) const { bufferevent_free(bufev); }
};
using Base = std::unique_ptr<event_base, Free>;
using Bufferevent = std::unique_ptr<bufferevent, Free>;

struct Sockets {
  Sockets() { ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds); }
  ~Sockets() {
    ::close(fds[0]);
    ::close(fds[1]);
  }
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;

  std::string take() const {
    char text[4096];
    const ssize_t count = ::read(fds[1], text, sizeof text);
    return {text, static_cast<std::size_t>(count > 0 ? count : 0)};
  }
  void give(const std::string& text) const {
    static_cast<void>(!::write(fds[1], text.data(), text.size()));
  }

  int fds[2] = {-1, -1};
};

inline std::size_t input_length(bufferevent* bufev) {
  return evbuffer_get_length(bufferevent_get_input(bufev));
}

inline std::size_t output_length(bufferevent* bufev) {
  return evbuffer_get_length(bufferevent_get_output(bufev));
}

// What is ready, and what becomes ready by that.
inline void settle(const Base& base) {
  for (int i = 0; i < 4; ++i) {
    event_base_loop(base.get(), EVLOOP_NONBLOCK);
  }
}

}  // namespace bev_test
