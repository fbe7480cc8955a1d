// The interface of 1.4: bufferevent_compat.h.
#include <event2/bufferevent_compat.h>
#include <event2/bufferevent_struct.h>
#include <event2/event_compat.h>

#include "bufferevent_tools.h"

using namespace event_cases;

TEST_CASE("bufferevent_new: on the base of event_init, with its callbacks") {
  const Base base(event_init());
  REQUIRE(base);
  const SocketPair sockets;
  Journal journal;
  Journal::Subject& subject = journal.watch(make_bufferevent(base, -1).get());
  const Bufferevent bev(bufferevent_new(sockets.first, Journal::read_callback,
                                        Journal::write_callback, Journal::event_callback,
                                        &subject));
  REQUIRE(bev);
  CHECK(bufferevent_get_base(bev.get()) == nullptr);  // it works on the current base all the same
  CHECK(bufferevent_getfd(bev.get()) == sockets.first);
  CHECK(bufferevent_get_enabled(bev.get()) == EV_WRITE);
  bufferevent_enable(bev.get(), EV_READ);
  write_text(sockets.second, "in");
  write_text(bev, "out");
  settle(base);
  CHECK(take(sockets.second) == "out");
  CHECK(take_input(bev) == "in");
  CHECK(subject.reads == 1);
  CHECK(subject.writes == 1);
}

TEST_CASE("bufferevent_new: does not close the descriptor") {
  const Base base(event_init());
  const SocketPair sockets;
  bufferevent_free(bufferevent_new(sockets.first, nullptr, nullptr, nullptr, nullptr));
  settle(base);
  CHECK(is_open(sockets.first));
}

TEST_CASE("bufferevent_settimeout: takes whole seconds, of which 0 are none") {
  const Base base = make_base();
  const Bufferevent bev = make_bufferevent(base, -1);
  bufferevent_settimeout(bev.get(), 3, 5);
  CHECK(bev->timeout_read.tv_sec == 3);
  CHECK(bev->timeout_read.tv_usec == 0);
  CHECK(bev->timeout_write.tv_sec == 5);
  bufferevent_settimeout(bev.get(), 0, 7);
  CHECK(bev->timeout_read.tv_sec == 0);
  CHECK(bev->timeout_write.tv_sec == 7);
}

TEST_CASE("bufferevent_settimeout: the timeout is real") {
  SocketScene scene(0, EV_READ);
  bufferevent_settimeout(scene.bev.get(), 1, 0);
  const std::int64_t start = now_ms();
  CHECK(run_until(scene.base, [&] { return !scene.subject.events.empty(); }));
  CHECK(now_ms() - start >= 950);
  CHECK(scene.calls() == "reading|timeout");
}

TEST_CASE("bufferevent_compat.h: the names of 1.4") {
  // Types and macros that old programs use.
  const evbuffercb data = Journal::read_callback;
  const everrorcb error = Journal::event_callback;
  CHECK(data != nullptr);
  CHECK(error != nullptr);
  CHECK(EVBUFFER_READ == BEV_EVENT_READING);
  CHECK(EVBUFFER_WRITE == BEV_EVENT_WRITING);
  CHECK(EVBUFFER_EOF == BEV_EVENT_EOF);
  CHECK(EVBUFFER_ERROR == BEV_EVENT_ERROR);
  CHECK(EVBUFFER_TIMEOUT == BEV_EVENT_TIMEOUT);
  const Base base = make_base();
  const Bufferevent bev = make_bufferevent(base, -1);
  CHECK(EVBUFFER_INPUT(bev.get()) == bufferevent_get_input(bev.get()));
  CHECK(EVBUFFER_OUTPUT(bev.get()) == bufferevent_get_output(bev.get()));
}

TEST_CASE("bufferevent_base_set: for a bufferevent of bufferevent_new") {
  const Base current(event_init());
  const Base other = make_base();
  const SocketPair sockets;
  const Bufferevent bev(bufferevent_new(sockets.first, nullptr, nullptr, nullptr, nullptr));
  CHECK(bufferevent_base_set(other.get(), bev.get()) == 0);
  bufferevent_enable(bev.get(), EV_READ);
  write_text(sockets.second, "x");
  settle(other);
  CHECK(take_input(bev) == "x");
}
