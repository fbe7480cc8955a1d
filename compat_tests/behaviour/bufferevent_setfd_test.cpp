// Giving a bufferevent another descriptor.
#include <csignal>

#include "bufferevent_tools.h"

using namespace event_cases;

TEST_CASE("bufferevent_setfd: a descriptor for one that had none") {
  const SocketPair sockets;
  const Base base = make_base();
  Journal journal;
  const Bufferevent bev = make_bufferevent(base, -1);
  journal.watch(bev);
  bufferevent_enable(bev.get(), EV_READ);
  write_text(bev, "early");
  settle(base);
  CHECK(bufferevent_setfd(bev.get(), sockets.first) == 0);
  CHECK(bufferevent_getfd(bev.get()) == sockets.first);
  write_text(sockets.second, "x");
  settle(base);
  CHECK(take(sockets.second) == "early");
  CHECK(take_input(bev) == "x");
  CHECK(journal.text().find("read") != std::string::npos);
  CHECK(journal.text().find("write") != std::string::npos);
}

TEST_CASE("bufferevent_setfd: from one socket to another") {
  SocketScene scene;
  const SocketPair other;
  scene.calls();
  CHECK(bufferevent_setfd(scene.bev.get(), other.first) == 0);
  CHECK(bufferevent_getfd(scene.bev.get()) == other.first);
  CHECK(bufferevent_get_enabled(scene.bev.get()) == (EV_READ | EV_WRITE));
  scene.calls();
  write_text(scene.peer(), "old");
  CHECK(scene.calls().empty());
  write_text(other.second, "new");
  CHECK(scene.calls() == "read");
  CHECK(take_input(scene.bev) == "new");
  write_text(scene.bev, "out");
  scene.settle();
  CHECK(take(scene.peer()).empty());
  CHECK(take(other.second) == "out");
}

TEST_CASE("bufferevent_setfd: does not close the old one") {
  SocketScene scene(BEV_OPT_CLOSE_ON_FREE);
  const SocketPair other;
  CHECK(bufferevent_setfd(scene.bev.get(), dup(other.first)) == 0);
  CHECK(is_open(scene.sockets.first));
  const int now = bufferevent_getfd(scene.bev.get());
  scene.bev.reset();
  scene.settle();
  CHECK_FALSE(is_open(now));
  CHECK(is_open(scene.sockets.first));
}

TEST_CASE("bufferevent_setfd: buffers, marks and callbacks stay") {
  SocketScene scene(0, EV_READ);
  const SocketPair other;
  write_text(scene.peer(), "in");
  scene.settle();
  bufferevent_setwatermark(scene.bev.get(), EV_READ, 5, 0);
  bufferevent_disable(scene.bev.get(), EV_WRITE);
  write_text(scene.bev, "out");
  CHECK(bufferevent_setfd(scene.bev.get(), other.first) == 0);
  scene.journal.clear();
  write_text(other.second, "put");
  CHECK(scene.calls() == "read");
  CHECK(peek_input(scene.bev) == "input");
  CHECK(output_length(scene.bev) == 3);
  bufferevent_enable(scene.bev.get(), EV_WRITE);
  scene.settle();
  CHECK(take(other.second) == "out");
}

TEST_CASE("bufferevent_setfd: to none") {
  SocketScene scene(0, EV_READ);
  CHECK(bufferevent_setfd(scene.bev.get(), -1) == 0);
  CHECK(bufferevent_getfd(scene.bev.get()) == -1);
  write_text(scene.peer(), "x");
  CHECK(scene.calls().empty());
  CHECK(bufferevent_setfd(scene.bev.get(), scene.sockets.first) == 0);
  scene.settle();
  CHECK(take_input(scene.bev) == "x");
}

TEST_CASE("bufferevent_setfd: after the end of the stream") {
  SocketScene scene(0, EV_READ);
  SocketPair other;
  scene.sockets.close_second();
  CHECK(scene.calls() == "reading|eof");
  CHECK(bufferevent_setfd(scene.bev.get(), other.first) == 0);
  CHECK(bufferevent_get_enabled(scene.bev.get()) == EV_WRITE);
  bufferevent_enable(scene.bev.get(), EV_READ);
  write_text(other.second, "again");
  scene.settle();
  CHECK(take_input(scene.bev) == "again");
}

TEST_CASE("bufferevent_setfd: in the read callback") {
  SocketScene scene(0, EV_READ);
  const SocketPair other;
  scene.subject.on_read = [&](bufferevent* bev) {
    if (scene.subject.reads == 1) {
      CHECK(bufferevent_setfd(bev, other.first) == 0);
    }
  };
  write_text(scene.peer(), "a");
  scene.settle();
  write_text(scene.peer(), "not read");
  write_text(other.second, "b");
  scene.settle();
  CHECK(peek_input(scene.bev) == "ab");
}

TEST_CASE("bufferevent_setfd: a number that was used before") {
  SocketScene scene(0, EV_READ);
  scene.settle();
  // Closed and opened again under the same number, while the loop knows the old one.
  const int number = scene.sockets.first;
  SocketPair other;
  REQUIRE(dup2(other.first, number) == number);
  CHECK(bufferevent_setfd(scene.bev.get(), number) == 0);
  write_text(other.second, "new file");
  scene.settle();
  CHECK(take_input(scene.bev) == "new file");
}

TEST_CASE("bufferevent_setfd: kinds that have no descriptor") {
  const Base base = make_base();
  const SocketPair sockets;
  bufferevent* pair[2];
  REQUIRE(bufferevent_pair_new(base.get(), 0, pair) == 0);
  CHECK(bufferevent_setfd(pair[0], sockets.first) == -1);
  CHECK(bufferevent_getfd(pair[0]) == -1);
  bufferevent_free(pair[0]);
  bufferevent_free(pair[1]);
}

TEST_CASE("bufferevent_setfd: through a filter") {
  SocketScene scene;
  const SocketPair other;
  const Bufferevent filter(bufferevent_filter_new(scene.bev.release(), nullptr, nullptr,
                                                  BEV_OPT_CLOSE_ON_FREE, nullptr, nullptr));
  REQUIRE(filter);
  CHECK(bufferevent_getfd(filter.get()) == scene.sockets.first);
  CHECK(bufferevent_setfd(filter.get(), other.first) == 0);
  CHECK(bufferevent_getfd(filter.get()) == other.first);
}

TEST_CASE("bufferevent_setfd: an error of the old one that was not reported yet is forgotten") {
  signal(SIGPIPE, SIG_IGN);
  const Base base = make_base();
  REQUIRE(event_base_priority_init(base.get(), 2) == 0);
  SocketPair broken;
  const SocketPair whole;
  Journal journal;
  const Bufferevent bev = make_bufferevent(base, broken.first);
  journal.watch(bev);
  CHECK(bufferevent_priority_set(bev.get(), 1) == 0);
  bufferevent_enable(bev.get(), EV_WRITE);
  settle(base);
  journal.clear();
  broken.close_second();
  write_text(bev, "text");
  // Its turn comes before that of the bufferevent's events.
  struct Switch {
    bufferevent* bev;
    int fd;
  } change{bev.get(), whole.first};
  const Event first(event_new(
      base.get(), -1, 0,
      [](evutil_socket_t, short, void* argument) {
        const auto* const self = static_cast<Switch*>(argument);
        bufferevent_setfd(self->bev, self->fd);
      },
      &change));
  event_priority_set(first.get(), 0);
  const timeval now{};
  event_add(first.get(), &now);
  settle(base);
  CHECK(take(whole.second) == "text");
  CHECK(journal.text() == "write");
}

TEST_CASE("bufferevent_replacefd: closes the old one", "[relevent]") {
  INTENDED_DIFFERENCE("bufferevent_replacefd is new in 2.2");
  SocketScene scene(BEV_OPT_CLOSE_ON_FREE, EV_READ);
  SocketPair other;
  const int old = std::exchange(scene.sockets.first, -1);
  const int fd = std::exchange(other.first, -1);
  CHECK(bufferevent_replacefd(scene.bev.get(), fd) == 0);
  CHECK_FALSE(is_open(old));
  CHECK(bufferevent_getfd(scene.bev.get()) == fd);
  write_text(other.second, "x");
  scene.settle();
  CHECK(take_input(scene.bev) == "x");
}

TEST_CASE("bufferevent_replacefd: the same one stays open", "[relevent]") {
  INTENDED_DIFFERENCE("bufferevent_replacefd is new in 2.2");
  SocketScene scene(0, EV_READ);
  CHECK(bufferevent_replacefd(scene.bev.get(), scene.sockets.first) == 0);
  write_text(scene.peer(), "x");
  scene.settle();
  CHECK(take_input(scene.bev) == "x");
}

TEST_CASE("bufferevent_replacefd: by one that cannot be watched", "[relevent]") {
  INTENDED_DIFFERENCE("bufferevent_replacefd is new in 2.2");
  SocketScene scene(0, EV_READ);
  const int old = std::exchange(scene.sockets.first, -1);
  const int closed = dup(old);
  close(closed);
  CHECK(bufferevent_replacefd(scene.bev.get(), closed) == -1);
  CHECK(bufferevent_getfd(scene.bev.get()) == closed);
  CHECK_FALSE(is_open(old));
}
