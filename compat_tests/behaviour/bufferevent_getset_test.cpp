// What can be set on a bufferevent and read back, and the fields of the public structure.
#include <event2/bufferevent_struct.h>

#include <limits>

#include "bufferevent_tools.h"

using namespace event_cases;

namespace {

void read_one(bufferevent*, void*) {}
void write_one(bufferevent*, void*) {}
void event_one(bufferevent*, short, void*) {}

}  // namespace

TEST_CASE("bufferevent_getcb: gives what bufferevent_setcb was given") {
  const Base base = make_base();
  const Bufferevent bev = make_bufferevent(base, -1);
  bufferevent_data_cb read = read_one;
  bufferevent_data_cb write = write_one;
  bufferevent_event_cb event = event_one;
  int argument = 0;
  void* got = &argument;
  bufferevent_getcb(bev.get(), &read, &write, &event, &got);
  CHECK(read == nullptr);
  CHECK(write == nullptr);
  CHECK(event == nullptr);
  CHECK(got == nullptr);

  bufferevent_setcb(bev.get(), read_one, write_one, event_one, &argument);
  bufferevent_getcb(bev.get(), &read, &write, &event, &got);
  CHECK(read == read_one);
  CHECK(write == write_one);
  CHECK(event == event_one);
  CHECK(got == &argument);
  bufferevent_getcb(bev.get(), nullptr, nullptr, nullptr, nullptr);

  bufferevent_setcb(bev.get(), nullptr, write_one, nullptr, nullptr);
  bufferevent_getcb(bev.get(), &read, &write, nullptr, &got);
  CHECK(read == nullptr);
  CHECK(write == write_one);
  CHECK(got == nullptr);
}

TEST_CASE("bufferevent_setcb: between two callbacks") {
  SocketScene scene(0, EV_READ);
  Journal other;
  scene.subject.on_read = [&](bufferevent* bev) { other.watch(bev, "new"); };
  write_text(scene.peer(), "a");
  CHECK(scene.calls() == "read");
  write_text(scene.peer(), "b");
  scene.settle();
  CHECK(other.text() == "new:read");
  CHECK(scene.journal.text().empty());
}

TEST_CASE("bufferevent_setcb: a callback that is missing is not called") {
  SocketScene scene(0, EV_READ);
  bufferevent_setcb(scene.bev.get(), nullptr, nullptr, Journal::event_callback, &scene.subject);
  write_text(scene.peer(), "a");
  write_text(scene.bev, "b");
  CHECK(scene.calls().empty());
  CHECK(peek_input(scene.bev) == "a");
  CHECK(take(scene.peer()) == "b");
  scene.sockets.close_second();
  CHECK(scene.calls() == "reading|eof");
}

TEST_CASE("bufferevent_get_enabled: follows enable and disable") {
  const Base base = make_base();
  const Bufferevent bev = make_bufferevent(base, -1);
  CHECK(bufferevent_get_enabled(bev.get()) == EV_WRITE);
  CHECK(bufferevent_enable(bev.get(), EV_READ) == 0);
  CHECK(bufferevent_get_enabled(bev.get()) == (EV_READ | EV_WRITE));
  CHECK(bufferevent_disable(bev.get(), EV_WRITE) == 0);
  CHECK(bufferevent_get_enabled(bev.get()) == EV_READ);
  CHECK(bufferevent_disable(bev.get(), EV_READ | EV_WRITE) == 0);
  CHECK(bufferevent_get_enabled(bev.get()) == 0);
  CHECK(bufferevent_enable(bev.get(), EV_READ | EV_WRITE) == 0);
  CHECK(bufferevent_get_enabled(bev.get()) == (EV_READ | EV_WRITE));
}

TEST_CASE("bufferevent_enable: counts the events that the loop waits for") {
  const Base base = make_base();
  const SocketPair sockets;
  const Bufferevent bev = make_bufferevent(base, sockets.first);
  CHECK(added(base) == 0);
  bufferevent_enable(bev.get(), EV_READ);
  CHECK(added(base) == 1);
  bufferevent_enable(bev.get(), EV_READ);
  CHECK(added(base) == 1);
  bufferevent_disable(bev.get(), EV_READ);
  CHECK(added(base) == 0);
}

TEST_CASE("bufferevent_get_max_single_read: the default, and what was set") {
  const Base base = make_base();
  const Bufferevent bev = make_bufferevent(base, -1);
  const ev_ssize_t usual_read = bufferevent_get_max_single_read(bev.get());
  const ev_ssize_t usual_write = bufferevent_get_max_single_write(bev.get());
  CHECK(usual_read == 16384);
  CHECK(usual_write == 16384);

  CHECK(bufferevent_set_max_single_read(bev.get(), 100) == 0);
  CHECK(bufferevent_set_max_single_write(bev.get(), 200) == 0);
  CHECK(bufferevent_get_max_single_read(bev.get()) == 100);
  CHECK(bufferevent_get_max_single_write(bev.get()) == 200);
  // 0, and what is more than a signed size holds, stand for the default.
  CHECK(bufferevent_set_max_single_read(bev.get(), 0) == 0);
  CHECK(bufferevent_set_max_single_write(bev.get(), std::numeric_limits<size_t>::max()) == 0);
  CHECK(bufferevent_get_max_single_read(bev.get()) == usual_read);
  CHECK(bufferevent_get_max_single_write(bev.get()) == usual_write);
  CHECK(bufferevent_set_max_single_read(bev.get(), EV_SSIZE_MAX) == 0);
  CHECK(bufferevent_get_max_single_read(bev.get()) == EV_SSIZE_MAX);
}

TEST_CASE("bufferevent_set_max_single_read: no callback brings more than that") {
  SocketScene scene(0, EV_READ);
  bufferevent_set_max_single_read(scene.bev.get(), 10);
  size_t most = 0;
  std::string got;
  scene.subject.on_read = [&](bufferevent* bev) {
    most = std::max(most, input_length(bev));
    got += take_input(bev);
  };
  const std::string sent(95, 's');
  write_text(scene.peer(), sent);
  CHECK(run_until(scene.base, [&] { return got.size() == sent.size(); }));
  CHECK(most == 10);
  CHECK(scene.subject.reads == 10);
}

TEST_CASE("bufferevent_set_max_single_write: no write is larger than that") {
  evutil_socket_t fds[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds) == 0);
  const Base base = make_base();
  {
    const Bufferevent bev = make_bufferevent(base, fds[0], BEV_OPT_CLOSE_ON_FREE);
    bufferevent_set_max_single_write(bev.get(), 10);
    write_text(bev, std::string(25, 'w'));
    CHECK(run_until(base, [&] { return output_length(bev) == 0; }));
    char data[64];
    std::vector<ssize_t> sizes;
    for (ssize_t n = 0; (n = recv(fds[1], data, sizeof data, 0)) > 0;) {
      sizes.push_back(n);
    }
    CHECK(sizes == std::vector<ssize_t>{10, 10, 5});
  }
  close(fds[1]);
}

TEST_CASE("bufferevent_get_max_to_read: the smallest of what limits a read") {
  const Base base = make_base();
  const Bufferevent bev = make_bufferevent(base, -1);
  CHECK(bufferevent_get_max_to_read(bev.get()) == 16384);
  CHECK(bufferevent_get_max_to_write(bev.get()) == 16384);
  bufferevent_set_max_single_read(bev.get(), 100);
  bufferevent_set_max_single_write(bev.get(), 200);
  CHECK(bufferevent_get_max_to_read(bev.get()) == 100);
  CHECK(bufferevent_get_max_to_write(bev.get()) == 200);
  timeval tick = ms(1000);
  ev_token_bucket_cfg* limit = ev_token_bucket_cfg_new(50, 50, 60, 60, &tick);
  CHECK(bufferevent_set_rate_limit(bev.get(), limit) == 0);
  CHECK(bufferevent_get_max_to_read(bev.get()) == 50);
  CHECK(bufferevent_get_max_to_write(bev.get()) == 60);
  bufferevent_set_rate_limit(bev.get(), nullptr);
  ev_token_bucket_cfg_free(limit);
}

TEST_CASE("bufferevent_base_set: moves a bufferevent that waits for nothing") {
  const Base first = make_base();
  const Base second = make_base();
  const SocketPair sockets;
  Journal journal;
  const Bufferevent bev = make_bufferevent(first, sockets.first);
  journal.watch(bev);
  CHECK(bufferevent_base_set(second.get(), bev.get()) == 0);
  CHECK(bufferevent_get_base(bev.get()) == second.get());
  bufferevent_enable(bev.get(), EV_READ);
  CHECK(added(first) == 0);
  CHECK(added(second) == 1);
  write_text(sockets.second, "x");
  settle(first);
  CHECK(journal.text().empty());
  settle(second);
  CHECK(journal.text() == "read");
}

TEST_CASE("bufferevent_base_set: not while it waits, nor for other kinds") {
  const Base first = make_base();
  const Base second = make_base();
  const SocketPair sockets;
  const Bufferevent bev = make_bufferevent(first, sockets.first);
  bufferevent_enable(bev.get(), EV_READ);
  CHECK(bufferevent_base_set(second.get(), bev.get()) == -1);
  bufferevent* pair[2];
  REQUIRE(bufferevent_pair_new(first.get(), 0, pair) == 0);
  CHECK(bufferevent_base_set(second.get(), pair[0]) == -1);
  bufferevent_free(pair[0]);
  bufferevent_free(pair[1]);
}

TEST_CASE("struct bufferevent: its fields say what the functions say") {
  const Base base = make_base();
  const SocketPair sockets;
  const Bufferevent owner = make_bufferevent(base, sockets.first);
  bufferevent* bev = owner.get();
  int argument = 0;
  bufferevent_setcb(bev, read_one, write_one, event_one, &argument);
  bufferevent_setwatermark(bev, EV_READ, 1, 2);
  bufferevent_setwatermark(bev, EV_WRITE, 3, 4);
  const timeval read_timeout = {5, 6};
  const timeval write_timeout = {7, 8};
  bufferevent_set_timeouts(bev, &read_timeout, &write_timeout);
  bufferevent_enable(bev, EV_READ);
  CHECK(bev->ev_base == base.get());
  CHECK(event_get_fd(&bev->ev_read) == sockets.first);
  CHECK(event_get_fd(&bev->ev_write) == sockets.first);
  CHECK(event_pending(&bev->ev_read, EV_READ, nullptr) == EV_READ);
  CHECK(event_get_events(&bev->ev_write) == (EV_WRITE | EV_PERSIST | EV_FINALIZE));
  CHECK(bev->input == bufferevent_get_input(bev));
  CHECK(bev->output == bufferevent_get_output(bev));
  CHECK(bev->wm_read.low == 1);
  CHECK(bev->wm_read.high == 2);
  CHECK(bev->wm_write.low == 3);
  CHECK(bev->wm_write.high == 4);
  CHECK(bev->readcb == read_one);
  CHECK(bev->writecb == write_one);
  CHECK(bev->errorcb == event_one);
  CHECK(bev->cbarg == &argument);
  CHECK(bev->timeout_read.tv_sec == 5);
  CHECK(bev->timeout_read.tv_usec == 6);
  CHECK(bev->timeout_write.tv_sec == 7);
  CHECK(bev->timeout_write.tv_usec == 8);
  CHECK(bev->enabled == (EV_READ | EV_WRITE));
}

TEST_CASE("BEV_OPT_THREADSAFE: needs threading to be enabled") {
  const Base base = make_base();
  const SocketPair sockets;
  CHECK(bufferevent_socket_new(base.get(), sockets.first, BEV_OPT_THREADSAFE) == nullptr);
  CHECK(is_open(sockets.first));
}

TEST_CASE("bufferevent_base_set: not while output waits for the loop") {
  const Base base = make_base();
  const Base other = make_base();
  const SocketPair sockets;
  const Bufferevent bev = make_bufferevent(base, sockets.first);
  write_text(bev, "text");
  CHECK(bufferevent_base_set(other.get(), bev.get()) == -1);
  settle(base);
  CHECK(take(sockets.second) == "text");
  CHECK(bufferevent_base_set(other.get(), bev.get()) == 0);
  write_text(bev, "more");
  settle(other);
  CHECK(take(sockets.second) == "more");
  CHECK(added(base) == 0);
}

TEST_CASE("bufferevent_base_set: refused for one of two directions it changes neither") {
  const Base base = make_base();
  const Base other = make_base();
  const SocketPair sockets;
  Journal journal;
  const Bufferevent bev = make_bufferevent(base, sockets.first);
  journal.watch(bev);
  REQUIRE(bufferevent_enable(bev.get(), EV_WRITE) == 0);
  CHECK(bufferevent_base_set(other.get(), bev.get()) == -1);
  settle(base);
  CHECK(journal.text() == "write");
  CHECK(added(base) == 0);
  CHECK(bufferevent_base_set(other.get(), bev.get()) == 0);
}

TEST_CASE("bufferevent_base_set: with a callback that is due") {
  const Base base = make_base();
  const Base other = make_base();
  const SocketPair sockets;
  Journal journal;
  const Bufferevent bev = make_bufferevent(base, sockets.first);
  journal.watch(bev);
  bufferevent_trigger_event(bev.get(), BEV_EVENT_EOF, BEV_OPT_DEFER_CALLBACKS);
  CHECK(bufferevent_base_set(other.get(), bev.get()) == 0);
  settle(base);
  settle(other);
  CHECK(journal.text() == "eof");
}
