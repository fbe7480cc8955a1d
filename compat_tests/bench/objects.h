// What the benchmarks build: owners of libevent's objects, socket pairs, a raw epoll.
#pragma once

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/thread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "bench.h"

namespace bench {

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Base = std::unique_ptr<event_base, FreeWith<event_base_free>>;
using Event = std::unique_ptr<event, FreeWith<event_free>>;
using Buffer = std::unique_ptr<evbuffer, FreeWith<evbuffer_free>>;
using BufferEvent = std::unique_ptr<bufferevent, FreeWith<bufferevent_free>>;

inline Base make_base() {
  Base base(event_base_new());
  require(base != nullptr, "event_base_new failed");
  return base;
}

inline Event make_event(const Base& base, int fd, short what, event_callback_fn callback,
                        void* argument) {
  Event event(event_new(base.get(), fd, what, callback, argument));
  require(event != nullptr, "event_new failed");
  return event;
}

inline Buffer make_buffer() {
  Buffer buffer(evbuffer_new());
  require(buffer != nullptr, "evbuffer_new failed");
  return buffer;
}

inline BufferEvent make_bufferevent(const Base& base, int fd, int options) {
  BufferEvent bufev(bufferevent_socket_new(base.get(), fd, options));
  require(bufev != nullptr, "bufferevent_socket_new failed");
  return bufev;
}

inline void add(const Event& event, const timeval* timeout = nullptr) {
  require(event_add(event.get(), timeout) == 0, "event_add failed");
}

// Runs the function inside a callback of the loop, where programs make most of their calls and
// where the base's cached time counts.
inline void run_in_callback(const Base& base, std::function<void()> function) {
  const auto call = [](evutil_socket_t, short, void* argument) {
    (*static_cast<std::function<void()>*>(argument))();
  };
  const timeval now{0, 0};
  require(event_base_once(base.get(), -1, EV_TIMEOUT, call, &function, &now) == 0,
          "event_base_once failed");
  require(event_base_loop(base.get(), EVLOOP_ONCE) >= 0, "event_base_loop failed");
}

// A number of connected, non-blocking stream socket pairs.
class SocketPairs {
 public:
  explicit SocketPairs(std::size_t count) : fds_(2 * count, -1) {
    for (std::size_t i = 0; i < count; ++i) {
      require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, &fds_[2 * i]) == 0,
              "socketpair failed: too few descriptors?");
    }
  }
  ~SocketPairs() {
    for (const int fd : fds_) {
      close(fd);
    }
  }
  SocketPairs(const SocketPairs&) = delete;
  SocketPairs& operator=(const SocketPairs&) = delete;

  std::size_t count() const { return fds_.size() / 2; }
  int reader(std::size_t i) const { return fds_[2 * i]; }
  int writer(std::size_t i) const { return fds_[2 * i + 1]; }

 private:
  std::vector<int> fds_;
};

// epoll by hand: what a program without an event library would write.
class RawEpoll {
 public:
  RawEpoll() { require(fd_ >= 0, "epoll_create1 failed"); }
  ~RawEpoll() { close(fd_); }
  RawEpoll(const RawEpoll&) = delete;
  RawEpoll& operator=(const RawEpoll&) = delete;

  void control(int operation, int fd, std::uint32_t what, std::uint64_t tag = 0) const {
    epoll_event event{};
    event.events = what;
    event.data.u64 = tag;
    require(epoll_ctl(fd_, operation, fd, &event) == 0, "epoll_ctl failed");
  }

  int wait(std::vector<epoll_event>& events, int milliseconds) const {
    const int count = epoll_wait(fd_, events.data(), static_cast<int>(events.size()), milliseconds);
    require(count >= 0, "epoll_wait failed");
    return count;
  }

 private:
  int fd_ = epoll_create1(EPOLL_CLOEXEC);
};

}  // namespace bench
