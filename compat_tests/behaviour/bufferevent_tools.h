// What the cases about bufferevents share: owners, text in and out, and a journal of callbacks.
#pragma once

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "descriptors.h"
#include "event_recorder.h"
#include "support.h"

namespace event_cases {

using Bufferevent = std::unique_ptr<bufferevent, FreeWith<bufferevent_free>>;
using Buffer = std::unique_ptr<evbuffer, FreeWith<evbuffer_free>>;

inline std::string what_text(int what) {
  constexpr std::pair<int, const char*> kNames[] = {
      {BEV_EVENT_READING, "reading"}, {BEV_EVENT_WRITING, "writing"},
      {BEV_EVENT_EOF, "eof"},         {BEV_EVENT_ERROR, "error"},
      {BEV_EVENT_TIMEOUT, "timeout"}, {BEV_EVENT_CONNECTED, "connected"},
  };
  std::string text;
  for (const auto& [bit, name] : kNames) {
    if ((what & bit) != 0) {
      text += (text.empty() ? "" : "|") + std::string(name);
      what &= ~bit;
    }
  }
  return what == 0 ? text : text + "|" + std::to_string(what);
}

// Sets the callbacks of bufferevents and writes down, in order, which were called:
// "a:read a:write b:reading|eof". It must outlive the bufferevents. A bufferevent whose name is
// empty is written without one.
class Journal {
 public:
  using Hook = std::function<void(bufferevent*)>;
  struct Subject {
    Journal* journal;
    std::string name;
    Hook on_read;
    Hook on_write;
    std::function<void(bufferevent*, short what)> on_event;
    int reads = 0;
    int writes = 0;
    std::vector<short> events;
    int error = 0;  // errno in the last event callback

    void note(const std::string& call) { journal->note(name.empty() ? call : name + ":" + call); }
  };

  Subject& watch(bufferevent* bev, std::string name = {}) {
    Subject& subject = subjects_.emplace_back();
    subject.journal = this;
    subject.name = std::move(name);
    bufferevent_setcb(bev, read_callback, write_callback, event_callback, &subject);
    return subject;
  }
  Subject& watch(const Bufferevent& bev, std::string name = {}) {
    return watch(bev.get(), std::move(name));
  }

  // What was called since the last clear().
  const std::string& text() const { return text_; }
  void clear() { text_.clear(); }
  // For hooks that want to add a word of their own.
  void note(std::string_view word) { text_.append(text_.empty() ? "" : " ").append(word); }

  static void read_callback(bufferevent* bev, void* arg) {
    auto* self = static_cast<Subject*>(arg);
    ++self->reads;
    self->note("read");
    if (self->on_read) {
      self->on_read(bev);
    }
  }
  static void write_callback(bufferevent* bev, void* arg) {
    auto* self = static_cast<Subject*>(arg);
    ++self->writes;
    self->note("write");
    if (self->on_write) {
      self->on_write(bev);
    }
  }
  static void event_callback(bufferevent* bev, short what, void* arg) {
    auto* self = static_cast<Subject*>(arg);
    self->error = EVUTIL_SOCKET_ERROR();
    self->events.push_back(what);
    self->note(what_text(what));
    if (self->on_event) {
      self->on_event(bev, what);
    }
  }

 private:
  std::deque<Subject> subjects_;
  std::string text_;
};

inline Bufferevent make_bufferevent(const Base& base, evutil_socket_t fd, int options = 0) {
  Bufferevent bev(bufferevent_socket_new(base.get(), fd, options));
  REQUIRE(bev);
  return bev;
}

inline size_t input_length(bufferevent* bev) {
  return evbuffer_get_length(bufferevent_get_input(bev));
}
inline size_t input_length(const Bufferevent& bev) { return input_length(bev.get()); }
inline size_t output_length(bufferevent* bev) {
  return evbuffer_get_length(bufferevent_get_output(bev));
}
inline size_t output_length(const Bufferevent& bev) { return output_length(bev.get()); }

inline void write_text(bufferevent* bev, std::string_view text) {
  CHECK(bufferevent_write(bev, text.data(), text.size()) == 0);
}
inline void write_text(const Bufferevent& bev, std::string_view text) {
  write_text(bev.get(), text);
}
inline void write_text(evutil_socket_t fd, std::string_view text) {
  CHECK(write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

// Takes all of the input.
inline std::string take_input(bufferevent* bev) {
  std::string text(input_length(bev), '\0');
  text.resize(bufferevent_read(bev, text.data(), text.size()));
  return text;
}
inline std::string take_input(const Bufferevent& bev) { return take_input(bev.get()); }
inline std::string peek_input(bufferevent* bev) {
  std::string text(input_length(bev), '\0');
  evbuffer_copyout(bufferevent_get_input(bev), text.data(), text.size());
  return text;
}
inline std::string peek_input(const Bufferevent& bev) { return peek_input(bev.get()); }

// Takes what is there from a non-blocking socket.
inline std::string take(evutil_socket_t fd) {
  std::string text;
  char block[65536];
  for (ssize_t n = 0; (n = read(fd, block, sizeof block)) > 0;) {
    text.append(block, static_cast<size_t>(n));
  }
  return text;
}

// Writes to a non-blocking socket until it takes no more; how many bytes it was.
inline size_t fill(evutil_socket_t fd) {
  const std::string block(4096, 'f');
  size_t total = 0;
  for (ssize_t n = 0; (n = write(fd, block.data(), block.size())) > 0;) {
    total += static_cast<size_t>(n);
  }
  return total;
}

// Runs what is ready, and what becomes ready by that, without waiting.
inline void settle(const Base& base) {
  for (int i = 0; i < 4; ++i) {
    event_base_loop(base.get(), EVLOOP_NONBLOCK);
  }
}

// Runs the loop until the condition holds; false if that takes too long.
template <class Condition>
bool run_until(const Base& base, Condition condition) {
  const Event tick(event_new(
      base.get(), -1, EV_PERSIST, [](evutil_socket_t, short, void*) {}, nullptr));
  const timeval period = ms(5);
  event_add(tick.get(), &period);
  const std::int64_t end = now_ms() + 8000;
  while (!condition()) {
    if (now_ms() > end) {
      return false;
    }
    event_base_loop(base.get(), EVLOOP_ONCE);
  }
  return true;
}

// Runs the loop for that long.
inline void run_for(const Base& base, int milliseconds) {
  bool over = false;
  const timeval period = ms(milliseconds);
  event_base_once(
      base.get(), -1, EV_TIMEOUT,
      [](evutil_socket_t, short, void* arg) { *static_cast<bool*>(arg) = true; }, &over, &period);
  while (!over) {
    event_base_loop(base.get(), EVLOOP_ONCE);
  }
}

// A base and a bufferevent on the first end of a socket pair, in a journal; the case plays the
// other.
struct SocketScene {
  explicit SocketScene(int options = 0, short enabled = EV_READ | EV_WRITE)
      : bev(make_bufferevent(base, sockets.first, options)), subject(journal.watch(bev)) {
    CHECK(bufferevent_enable(bev.get(), enabled) == 0);
  }
  int peer() const { return sockets.second; }
  void settle() { event_cases::settle(base); }
  // What was called since the last time.
  std::string calls() {
    settle();
    std::string text = journal.text();
    journal.clear();
    return text;
  }

  SocketPair sockets;
  Base base = make_base();
  Journal journal;
  Bufferevent bev;
  Journal::Subject& subject;
};

}  // namespace event_cases
