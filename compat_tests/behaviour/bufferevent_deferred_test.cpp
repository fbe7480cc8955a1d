// BEV_OPT_DEFER_CALLBACKS and BEV_OPT_UNLOCK_CALLBACKS.
#include <event2/thread.h>

#include "bufferevent_tools.h"

using namespace event_cases;

TEST_CASE("BEV_OPT_DEFER_CALLBACKS: reads and writes as without") {
  SocketScene scene(BEV_OPT_DEFER_CALLBACKS);
  CHECK(scene.calls() == "write");
  write_text(scene.peer(), "in");
  CHECK(scene.calls() == "read");
  CHECK(take_input(scene.bev) == "in");
  write_text(scene.bev, "out");
  CHECK(scene.calls() == "write");
  CHECK(take(scene.peer()) == "out");
  scene.sockets.close_second();
  CHECK(scene.calls() == "reading|eof");
}

TEST_CASE("BEV_OPT_DEFER_CALLBACKS: several of a kind become one") {
  SocketScene scene(BEV_OPT_DEFER_CALLBACKS, EV_READ);
  for (int i = 0; i < 3; ++i) {
    bufferevent_trigger(scene.bev.get(), EV_READ, 0);
    bufferevent_trigger(scene.bev.get(), EV_WRITE, 0);
  }
  CHECK(scene.journal.text().empty());
  CHECK(scene.calls() == "read write");
}

TEST_CASE("BEV_OPT_DEFER_CALLBACKS: events are joined") {
  SocketScene scene(BEV_OPT_DEFER_CALLBACKS, EV_READ);
  bufferevent_trigger_event(scene.bev.get(), BEV_EVENT_READING | BEV_EVENT_EOF, 0);
  bufferevent_trigger_event(scene.bev.get(), BEV_EVENT_WRITING | BEV_EVENT_ERROR, 0);
  CHECK(scene.calls() == "reading|writing|eof|error");
}

TEST_CASE("BEV_OPT_DEFER_CALLBACKS: the order is connected, read, write, the rest") {
  SocketScene scene(BEV_OPT_DEFER_CALLBACKS, EV_READ);
  bufferevent_trigger_event(scene.bev.get(), BEV_EVENT_EOF | BEV_EVENT_READING, 0);
  bufferevent_trigger(scene.bev.get(), EV_WRITE, 0);
  bufferevent_trigger_event(scene.bev.get(), BEV_EVENT_CONNECTED, 0);
  bufferevent_trigger(scene.bev.get(), EV_READ, 0);
  CHECK(scene.calls() == "connected read write reading|eof");
}

TEST_CASE("BEV_OPT_DEFER_CALLBACKS: the errno of the error reaches the callback") {
  SocketScene scene(BEV_OPT_DEFER_CALLBACKS, EV_WRITE);
  scene.calls();
  scene.sockets.close_second();
  write_text(scene.bev, "x");
  // Something else fails between the error and the callback.
  scene.subject.on_event = [](bufferevent*, short) {};
  const Event other(event_new(
      scene.base.get(), -1, 0, [](evutil_socket_t, short, void*) { errno = EDOM; }, nullptr));
  event_active(other.get(), EV_TIMEOUT, 1);
  CHECK(scene.calls() == "writing|error");
  CHECK(scene.subject.error == EPIPE);
}

TEST_CASE("BEV_OPT_DEFER_CALLBACKS: joined events have the errno of the error") {
  SocketScene scene(BEV_OPT_DEFER_CALLBACKS, EV_READ);
  errno = EPIPE;
  bufferevent_trigger_event(scene.bev.get(), BEV_EVENT_WRITING | BEV_EVENT_ERROR, 0);
  errno = 0;
  CHECK(scene.calls() == "writing|error");
  CHECK(scene.subject.error == EPIPE);
  // From both directions at once.
  bufferevent_enable(scene.bev.get(), EV_READ | EV_WRITE);
  scene.calls();
  scene.sockets.close_second();
  write_text(scene.bev, "x");
  scene.settle();
  REQUIRE_FALSE(scene.subject.events.empty());
  CHECK((scene.subject.events.back() & BEV_EVENT_ERROR) != 0);
  CHECK(scene.subject.error == EPIPE);
}

TEST_CASE("BEV_OPT_DEFER_CALLBACKS: what an earlier callback makes due is called with the rest") {
  SocketScene scene(BEV_OPT_DEFER_CALLBACKS, EV_READ);
  SECTION("write, once, in the read callback that has one pending") {
    scene.subject.on_read = [](bufferevent* bev) { bufferevent_trigger(bev, EV_WRITE, 0); };
    bufferevent_trigger(scene.bev.get(), EV_READ | EV_WRITE, 0);
    CHECK(scene.calls() == "read write");
  }
  SECTION("write and an event, in the read callback") {
    scene.subject.on_read = [](bufferevent* bev) {
      bufferevent_trigger(bev, EV_WRITE, 0);
      bufferevent_trigger_event(bev, BEV_EVENT_EOF, 0);
    };
    const SocketPair sockets;
    const Bufferevent other = make_bufferevent(scene.base, sockets.first, BEV_OPT_DEFER_CALLBACKS);
    scene.journal.watch(other, "other");
    bufferevent_trigger(scene.bev.get(), EV_READ, 0);
    bufferevent_trigger(other.get(), EV_READ, 0);
    CHECK(scene.calls() == "read write eof other:read");
  }
  SECTION("read, in the write callback: next time") {
    scene.subject.on_write = [&](bufferevent* bev) {
      if (scene.subject.writes == 1) {
        bufferevent_trigger(bev, EV_READ, 0);
      }
    };
    bufferevent_trigger(scene.bev.get(), EV_WRITE, 0);
    bufferevent_trigger_event(scene.bev.get(), BEV_EVENT_EOF, 0);
    CHECK(scene.calls() == "write eof read");
  }
  SECTION("read again at the high mark: after the others") {
    bufferevent_setwatermark(scene.bev.get(), EV_READ, 0, 2);
    write_text(scene.peer(), "xx");
    scene.subject.on_read = [&](bufferevent* bev) {
      if (scene.subject.reads == 2) {
        take_input(bev);
      } else {
        bufferevent_trigger(bev, EV_WRITE, 0);
      }
    };
    CHECK(scene.calls() == "read write read");
  }
}

TEST_CASE("BEV_OPT_DEFER_CALLBACKS: callbacks set meanwhile are the ones called") {
  SocketScene scene(BEV_OPT_DEFER_CALLBACKS, EV_READ);
  bufferevent_trigger(scene.bev.get(), EV_READ, 0);
  Journal later;
  SECTION("others") {
    later.watch(scene.bev, "later");
    scene.settle();
    CHECK(later.text() == "later:read");
  }
  SECTION("none") { bufferevent_setcb(scene.bev.get(), nullptr, nullptr, nullptr, nullptr); }
  CHECK(scene.calls().empty());
}

TEST_CASE("BEV_OPT_DEFER_CALLBACKS: disabled meanwhile, it is called all the same") {
  SocketScene scene(BEV_OPT_DEFER_CALLBACKS, EV_READ);
  bufferevent_trigger(scene.bev.get(), EV_READ, 0);
  bufferevent_disable(scene.bev.get(), EV_READ);
  CHECK(scene.calls() == "read");
}

TEST_CASE("BEV_OPT_DEFER_CALLBACKS: a callback that triggers is called in the next round") {
  SocketScene scene(BEV_OPT_DEFER_CALLBACKS, EV_READ);
  scene.subject.on_read = [&](bufferevent* bev) {
    if (scene.subject.reads < 4) {
      bufferevent_trigger(bev, EV_READ, 0);
      CHECK(scene.subject.reads < 4);  // not now
    }
  };
  bufferevent_trigger(scene.bev.get(), EV_READ, 0);
  CHECK(scene.calls() == "read read read read");
}

TEST_CASE("BEV_OPT_DEFER_CALLBACKS: freed by the first of several callbacks") {
  SocketScene scene(BEV_OPT_DEFER_CALLBACKS, EV_READ);
  bufferevent_trigger_event(scene.bev.get(), BEV_EVENT_CONNECTED, 0);
  bufferevent_trigger(scene.bev.get(), EV_READ | EV_WRITE, 0);
  bufferevent_trigger_event(scene.bev.get(), BEV_EVENT_ERROR, 0);
  scene.subject.on_event = [&](bufferevent*, short) { scene.bev.reset(); };
  CHECK(scene.calls() == "connected");
}

TEST_CASE("BEV_OPT_DEFER_CALLBACKS: in the order in which they became due") {
  const Base base = make_base();
  const SocketPair pairs[3];
  Journal journal;
  std::vector<Bufferevent> bevs;
  for (int i = 0; i < 3; ++i) {
    bevs.push_back(make_bufferevent(base, pairs[i].first, BEV_OPT_DEFER_CALLBACKS));
    journal.watch(bevs.back(), std::to_string(i));
  }
  for (const int i : {2, 0, 1}) {
    bufferevent_trigger(bevs[static_cast<size_t>(i)].get(), EV_READ, 0);
  }
  settle(base);
  CHECK(journal.text() == "2:read 0:read 1:read");
}

TEST_CASE("BEV_OPT_DEFER_CALLBACKS: a pending callback keeps the loop") {
  SocketScene scene(BEV_OPT_DEFER_CALLBACKS, 0);
  CHECK(added(scene.base) == 0);
  bufferevent_trigger(scene.bev.get(), EV_WRITE, 0);
  CHECK(active(scene.base) == 1);
  CHECK(event_base_dispatch(scene.base.get()) == 1);
  CHECK(scene.journal.text() == "write");
}

TEST_CASE("BEV_OPT_UNLOCK_CALLBACKS: not without BEV_OPT_DEFER_CALLBACKS") {
  const Base base = make_base();
  const SocketPair sockets;
  CHECK(bufferevent_socket_new(base.get(), sockets.first, BEV_OPT_UNLOCK_CALLBACKS) == nullptr);
  CHECK(bufferevent_socket_new(base.get(), sockets.first,
                               BEV_OPT_UNLOCK_CALLBACKS | BEV_OPT_THREADSAFE) == nullptr);
  bufferevent* pair[2] = {};
  CHECK(bufferevent_pair_new(base.get(), BEV_OPT_UNLOCK_CALLBACKS, pair) == 0);
  bufferevent_free(pair[0]);
  bufferevent_free(pair[1]);
  CHECK(is_open(sockets.first));
}

TEST_CASE("BEV_OPT_UNLOCK_CALLBACKS: the order, and freeing") {
  REQUIRE(evthread_use_pthreads() == 0);
  SocketScene scene(BEV_OPT_DEFER_CALLBACKS | BEV_OPT_UNLOCK_CALLBACKS | BEV_OPT_THREADSAFE,
                    EV_READ);
  bufferevent_trigger(scene.bev.get(), EV_WRITE, 0);
  bufferevent_trigger_event(scene.bev.get(), BEV_EVENT_EOF | BEV_EVENT_READING, 0);
  bufferevent_trigger_event(scene.bev.get(), BEV_EVENT_CONNECTED, 0);
  bufferevent_trigger(scene.bev.get(), EV_READ, 0);
  CHECK(scene.calls() == "connected read write reading|eof");
  scene.subject.on_read = [&](bufferevent*) { scene.bev.reset(); };
  bufferevent_trigger(scene.bev.get(), EV_READ | EV_WRITE, 0);
  const std::string calls = scene.calls();
  CHECK(calls.substr(0, 4) == "read");
  CHECK(scene.bev == nullptr);
}
