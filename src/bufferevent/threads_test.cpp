// Bufferevents that several threads use at once; for the thread sanitizer above all.
#include <event2/listener.h>
#include <event2/thread.h>
#include <netinet/in.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <thread>
#include <vector>

#include "bufferevent/test_tools.h"

using namespace bev_test;

namespace {

constexpr int kOptions = BEV_OPT_THREADSAFE | BEV_OPT_CLOSE_ON_FREE;

// A base with a thread that runs its loop.
class RunningLoop {
 public:
  RunningLoop()
      : base_(make()), thread_([this] { event_base_loop(base_.get(), EVLOOP_NO_EXIT_ON_EMPTY); }) {}
  ~RunningLoop() { stop(); }

  event_base* base() { return base_.get(); }
  // What is freed afterwards is finished with the base.
  void stop() {
    if (thread_.joinable()) {
      // An event, as the loop forgets a loopbreak that comes before it has begun.
      const timeval soon = {0, 1};
      event_base_loopexit(base_.get(), &soon);
      thread_.join();
    }
  }

 private:
  static Base make() {
    ::signal(SIGPIPE, SIG_IGN);
    evthread_use_pthreads();
    return Base(event_base_new());
  }

  Base base_;
  std::thread thread_;
};

bufferevent* socket_bufferevent(event_base* base, int fd) {
  return bufferevent_socket_new(base, fd, kOptions);
}

template <class Condition>
bool wait_for(Condition condition) {
  for (int i = 0; i < 20'000; ++i) {
    if (condition()) {
      return true;
    }
    ::usleep(1000);
  }
  return false;
}

}  // namespace

TEST_CASE("bufferevent: several threads write while the loop runs", "[threads]") {
  constexpr int kThreads = 4;
  constexpr int kMessages = 500;
  static std::atomic<long> received;
  received = 0;
  RunningLoop loop;
  int fds[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
  const Bufferevent sender(socket_bufferevent(loop.base(), fds[0]));
  const Bufferevent receiver(socket_bufferevent(loop.base(), fds[1]));
  bufferevent_setcb(
      receiver.get(),
      [](bufferevent* bufev, void*) {
        evbuffer* const input = bufferevent_get_input(bufev);
        received += static_cast<long>(evbuffer_get_length(input));
        evbuffer_drain(input, evbuffer_get_length(input));
      },
      nullptr, nullptr, nullptr);
  bufferevent_enable(receiver.get(), EV_READ);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kMessages; ++n) {
        bufferevent_write(sender.get(), "0123456789", 10);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(wait_for([] { return received == kThreads * kMessages * 10; }));
  loop.stop();
}

TEST_CASE("bufferevent: freed by another thread while its callbacks run", "[threads]") {
  RunningLoop loop;
  const bufferevent_data_cb echo = [](bufferevent* bufev, void*) {
    bufferevent_write_buffer(bufev, bufferevent_get_input(bufev));
  };
  for (int round = 0; round < 100; ++round) {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
    Bufferevent a(socket_bufferevent(loop.base(), fds[0]));
    Bufferevent b(socket_bufferevent(loop.base(), fds[1]));
    for (bufferevent* const bufev : {a.get(), b.get()}) {
      bufferevent_setcb(bufev, echo, echo, nullptr, nullptr);
      bufferevent_enable(bufev, EV_READ);
    }
    bufferevent_write(a.get(), "ball", 4);
    ::usleep(static_cast<useconds_t>(round % 7) * 50);
    a.reset();
    b.reset();
  }
  loop.stop();
}

TEST_CASE("bufferevent: a connection that another thread asks for is always reported",
          "[threads]") {
  static std::atomic<int> connected;
  connected = 0;
  RunningLoop loop;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  evconnlistener* const listener = evconnlistener_new_bind(
      loop.base(), [](evconnlistener*, evutil_socket_t fd, sockaddr*, int, void*) { ::close(fd); },
      nullptr, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_THREADSAFE, 64,
      static_cast<sockaddr*>(static_cast<void*>(&address)), sizeof address);
  REQUIRE(listener != nullptr);
  socklen_t size = sizeof address;
  sockaddr* const plain = static_cast<sockaddr*>(static_cast<void*>(&address));
  REQUIRE(::getsockname(evconnlistener_get_fd(listener), plain, &size) == 0);
  for (int round = 1; round <= 100; ++round) {
    Bufferevent bufev(socket_bufferevent(loop.base(), -1));
    bufferevent_setcb(
        bufev.get(), nullptr, nullptr,
        [](bufferevent*, short what, void*) { connected += (what & BEV_EVENT_CONNECTED) != 0; },
        nullptr);
    REQUIRE(bufferevent_socket_connect(bufev.get(), plain, sizeof address) == 0);
    REQUIRE(wait_for([round] { return connected == round; }));
  }
  loop.stop();
  evconnlistener_free(listener);
}

TEST_CASE("bufferevent: a group with members in two loops", "[threads]") {
  static std::atomic<long> received;
  received = 0;
  RunningLoop loops[2];
  const timeval tick = {0, 2000};
  ev_token_bucket_cfg* const config = ev_token_bucket_cfg_new(2000, 2000, 2000, 2000, &tick);
  bufferevent_rate_limit_group* const group =
      bufferevent_rate_limit_group_new(loops[0].base(), config);
  constexpr int kPairs = 6;
  std::vector<Bufferevent> all;
  const std::string text(10'000, 'x');
  for (int i = 0; i < kPairs; ++i) {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
    event_base* const base = loops[i % 2].base();
    all.emplace_back(socket_bufferevent(base, fds[0]));
    bufferevent_add_to_rate_limit_group(all.back().get(), group);
    bufferevent_write(all.back().get(), text.data(), text.size());
    all.emplace_back(socket_bufferevent(base, fds[1]));
    bufferevent_add_to_rate_limit_group(all.back().get(), group);
    bufferevent_setcb(
        all.back().get(),
        [](bufferevent* bufev, void*) {
          evbuffer* const input = bufferevent_get_input(bufev);
          received += static_cast<long>(evbuffer_get_length(input));
          evbuffer_drain(input, evbuffer_get_length(input));
        },
        nullptr, nullptr, nullptr);
    bufferevent_enable(all.back().get(), EV_READ);
  }
  CHECK(wait_for([&] { return received == kPairs * 10'000; }));
  ev_uint64_t read = 0;
  ev_uint64_t written = 0;
  bufferevent_rate_limit_group_get_totals(group, &read, &written);
  CHECK(read == kPairs * 10'000);
  CHECK(written == kPairs * 10'000);
  for (const Bufferevent& bufev : all) {
    bufferevent_remove_from_rate_limit_group(bufev.get());
  }
  all.clear();
  loops[0].stop();
  loops[1].stop();
  bufferevent_rate_limit_group_free(group);
  ev_token_bucket_cfg_free(config);
}
