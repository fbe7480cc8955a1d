// The system calls of a socket bufferevent, counted, and the rules of the flush at the end of an
// iteration.
#include "bufferevent/socket.h"

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>

#include "bufferevent/test_tools.h"

using namespace bev_test;

namespace {

struct Calls {
  int readv = 0;
  int writev = 0;
  int epoll_ctl = 0;
  bool operator==(const Calls&) const = default;
};
Calls g_calls;

template <class... Args>
long counted(int& count, long number, Args... args) {
  ++count;
  return ::syscall(number, args...);
}

}  // namespace

// In place of libc's, for the library's objects that are linked into this program.
extern "C" {
ssize_t readv(int fd, const iovec* pieces, int count) {
  return counted(g_calls.readv, SYS_readv, fd, pieces, count);
}
ssize_t writev(int fd, const iovec* pieces, int count) {
  return counted(g_calls.writev, SYS_writev, fd, pieces, count);
}
int epoll_ctl(int epoll, int operation, int fd, epoll_event* ev) noexcept {
  return static_cast<int>(counted(g_calls.epoll_ctl, SYS_epoll_ctl, epoll, operation, fd, ev));
}
}

TEST_CASE("Socket: one readv and one writev for each message, and no epoll_ctl") {
  static int left;
  left = 200;
  const Base base(event_base_new());
  const Sockets sockets;
  const bufferevent_data_cb echo = [](bufferevent* bufev, void* argument) {
    if (--left == 0) {
      event_base_loopbreak(static_cast<event_base*>(argument));
    }
    bufferevent_write_buffer(bufev, bufferevent_get_input(bufev));
  };
  const Bufferevent a(bufferevent_socket_new(base.get(), sockets.fds[0], 0));
  const Bufferevent b(bufferevent_socket_new(base.get(), sockets.fds[1], 0));
  for (bufferevent* const bufev : {a.get(), b.get()}) {
    bufferevent_setcb(bufev, echo, nullptr, nullptr, base.get());
    bufferevent_enable(bufev, EV_READ | EV_WRITE);
  }
  settle(base);
  bufferevent_write(a.get(), "ping", 4);
  g_calls = {};
  event_base_dispatch(base.get());
  CHECK(g_calls == Calls{200, 201, 0});
}

TEST_CASE("Socket: several writes leave as one, and only from the loop") {
  const Base base(event_base_new());
  const Sockets sockets;
  const Bufferevent bufev(bufferevent_socket_new(base.get(), sockets.fds[0], 0));
  g_calls = {};
  bufferevent_write(bufev.get(), "one ", 4);
  evbuffer_add_reference(bufferevent_get_output(bufev.get()), "two ", 4, nullptr, nullptr);
  bufferevent_write(bufev.get(), "three", 5);
  CHECK(g_calls.writev == 0);
  event_base_loop(base.get(), EVLOOP_NONBLOCK);
  CHECK(g_calls.writev == 1);
  CHECK(g_calls.epoll_ctl == 0);
  CHECK(sockets.take() == "one two three");
}

TEST_CASE("Socket: what does not fit waits for room, without further tries") {
  const Base base(event_base_new());
  const Sockets sockets;
  const Bufferevent bufev(bufferevent_socket_new(base.get(), sockets.fds[0], 0));
  const std::string much(4'000'000, 'x');
  bufferevent_write(bufev.get(), much.data(), much.size());
  settle(base);
  const std::size_t left = output_length(bufev.get());
  REQUIRE(left > 0);
  g_calls = {};
  bufferevent_write(bufev.get(), "more", 4);
  settle(base);
  CHECK(g_calls.writev == 0);
  std::size_t got = 0;
  while (output_length(bufev.get()) > 0) {
    got += sockets.take().size();
    event_base_loop(base.get(), EVLOOP_NONBLOCK);
  }
  for (std::string text = sockets.take(); !text.empty(); text = sockets.take()) {
    got += text.size();
  }
  CHECK(got == much.size() + 4);
  // Back on the fast path.
  g_calls = {};
  bufferevent_write(bufev.get(), "again", 5);
  settle(base);
  CHECK(g_calls.writev == 1);
  CHECK(g_calls.epoll_ctl <= 1);  // what was left of the interest in writing
}

TEST_CASE("Socket: freed straight after a write, nothing is written") {
  const Base base(event_base_new());
  const Sockets sockets;
  Bufferevent bufev(bufferevent_socket_new(base.get(), sockets.fds[0], 0));
  bufferevent_write(bufev.get(), "lost", 4);
  bufev.reset();
  settle(base);
  CHECK(sockets.take().empty());
}

TEST_CASE("Socket: an error of the flush is reported from the loop, with its errno") {
  static int seen_error;
  static short seen_what;
  seen_error = seen_what = 0;
  const Base base(event_base_new());
  const Sockets sockets;
  const Bufferevent bufev(bufferevent_socket_new(base.get(), sockets.fds[0], 0));
  bufferevent_setcb(
      bufev.get(), nullptr, nullptr,
      [](bufferevent*, short what, void*) {
        seen_error = errno;
        seen_what = what;
      },
      nullptr);
  ::shutdown(sockets.fds[0], SHUT_WR);
  ::signal(SIGPIPE, SIG_IGN);
  bufferevent_write(bufev.get(), "x", 1);
  settle(base);
  CHECK(seen_what == (BEV_EVENT_WRITING | BEV_EVENT_ERROR));
  CHECK(seen_error == EPIPE);
  CHECK(bufferevent_get_enabled(bufev.get()) == 0);
}

TEST_CASE("Socket: a stale period does not bring the write event back") {
  const Base base(event_base_new());
  const Sockets sockets;
  const Bufferevent bufev(bufferevent_socket_new(base.get(), sockets.fds[0], 0));
  bufferevent_setcb(
      bufev.get(), nullptr, [](bufferevent*, void*) {}, nullptr, nullptr);
  const timeval minute = {60, 0};
  bufferevent_set_timeouts(bufev.get(), &minute, &minute);
  bufferevent_enable(bufev.get(), EV_WRITE);
  settle(base);
  bufferevent_write(bufev.get(), "x", 1);
  settle(base);
  CHECK(event_base_get_num_events(base.get(), EVENT_BASE_COUNT_ADDED) == 0);
}
