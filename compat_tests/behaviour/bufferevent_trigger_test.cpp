// bufferevent_trigger and bufferevent_trigger_event.
#include "bufferevent_tools.h"

using namespace event_cases;

TEST_CASE("bufferevent_trigger: calls back at once") {
  SocketScene scene(0, 0);
  scene.calls();
  bufferevent_trigger(scene.bev.get(), EV_READ, 0);
  CHECK(scene.journal.text() == "read");
  bufferevent_trigger(scene.bev.get(), EV_WRITE, 0);
  CHECK(scene.journal.text() == "read write");
  bufferevent_trigger(scene.bev.get(), EV_READ | EV_WRITE, 0);
  CHECK(scene.calls() == "read write read write");
  bufferevent_trigger(scene.bev.get(), 0, 0);
  CHECK(scene.calls().empty());
}

TEST_CASE("bufferevent_trigger: looks at the low marks") {
  SocketScene scene(0, EV_READ);
  scene.calls();
  bufferevent_setwatermark(scene.bev.get(), EV_READ, 3, 0);
  write_text(scene.peer(), "ab");
  scene.settle();
  bufferevent_trigger(scene.bev.get(), EV_READ, 0);
  CHECK(scene.journal.text().empty());
  write_text(scene.peer(), "c");
  scene.settle();
  scene.journal.clear();
  bufferevent_trigger(scene.bev.get(), EV_READ, 0);
  CHECK(scene.journal.text() == "read");
}

TEST_CASE("bufferevent_trigger: EV_WRITE with output above the low mark") {
  SocketScene scene(0, 0);
  scene.calls();
  write_text(scene.bev, "ab");
  bufferevent_trigger(scene.bev.get(), EV_WRITE, 0);
  CHECK(scene.journal.text().empty());
  bufferevent_setwatermark(scene.bev.get(), EV_WRITE, 2, 0);
  bufferevent_trigger(scene.bev.get(), EV_WRITE, 0);
  CHECK(scene.journal.text() == "write");
}

TEST_CASE("bufferevent_trigger: BEV_TRIG_IGNORE_WATERMARKS") {
  SocketScene scene(0, 0);
  scene.calls();
  bufferevent_setwatermark(scene.bev.get(), EV_READ, 3, 0);
  write_text(scene.bev, "output");
  bufferevent_trigger(scene.bev.get(), EV_READ | EV_WRITE, BEV_TRIG_IGNORE_WATERMARKS);
  CHECK(scene.journal.text() == "read write");
}

TEST_CASE("bufferevent_trigger: BEV_TRIG_DEFER_CALLBACKS calls back from the loop") {
  SocketScene scene(0, 0);
  scene.calls();
  bufferevent_trigger(scene.bev.get(), EV_READ | EV_WRITE, BEV_TRIG_DEFER_CALLBACKS);
  CHECK(scene.journal.text().empty());
  CHECK(scene.calls() == "read write");
}

TEST_CASE("bufferevent_trigger: the marks are looked at when it is called") {
  SocketScene scene(0, 0);
  scene.calls();
  bufferevent_trigger(scene.bev.get(), EV_READ, BEV_TRIG_DEFER_CALLBACKS);
  bufferevent_setwatermark(scene.bev.get(), EV_READ, 3, 0);
  CHECK(scene.calls() == "read");
}

TEST_CASE("bufferevent_trigger: without callbacks nothing happens") {
  SocketScene scene(0, 0);
  bufferevent_setcb(scene.bev.get(), nullptr, nullptr, nullptr, nullptr);
  bufferevent_trigger(scene.bev.get(), EV_READ | EV_WRITE, 0);
  bufferevent_trigger(scene.bev.get(), EV_READ | EV_WRITE, BEV_TRIG_DEFER_CALLBACKS);
  bufferevent_trigger_event(scene.bev.get(), BEV_EVENT_EOF, 0);
  bufferevent_trigger_event(scene.bev.get(), BEV_EVENT_EOF, BEV_TRIG_DEFER_CALLBACKS);
  CHECK(scene.calls().empty());
}

TEST_CASE("bufferevent_trigger_event: calls back at once, with what it is given") {
  SocketScene scene(0, 0);
  scene.calls();
  bufferevent_trigger_event(scene.bev.get(), BEV_EVENT_READING | BEV_EVENT_TIMEOUT, 0);
  CHECK(scene.journal.text() == "reading|timeout");
  CHECK(scene.subject.events == std::vector<short>{BEV_EVENT_READING | BEV_EVENT_TIMEOUT});
  scene.journal.clear();
  bufferevent_trigger_event(scene.bev.get(), BEV_EVENT_CONNECTED, 0);
  CHECK(scene.journal.text() == "connected");
  // It changes nothing.
  CHECK(bufferevent_get_enabled(scene.bev.get()) == EV_WRITE);
}

TEST_CASE("bufferevent_trigger_event: BEV_TRIG_DEFER_CALLBACKS") {
  SocketScene scene(0, 0);
  scene.calls();
  errno = EXDEV;
  bufferevent_trigger_event(scene.bev.get(), BEV_EVENT_ERROR, BEV_TRIG_DEFER_CALLBACKS);
  errno = 0;
  CHECK(scene.journal.text().empty());
  bufferevent_trigger_event(scene.bev.get(), BEV_EVENT_READING, BEV_TRIG_DEFER_CALLBACKS);
  CHECK(scene.calls() == "reading|error");
}

TEST_CASE("bufferevent_trigger_event: keeps the errno") {
  SocketScene scene(0, 0);
  scene.calls();
  errno = EXDEV;
  bufferevent_trigger_event(scene.bev.get(), BEV_EVENT_ERROR, 0);
  CHECK(scene.subject.error == EXDEV);
}

TEST_CASE("bufferevent_trigger: from inside a callback") {
  SocketScene scene(0, EV_READ);
  scene.calls();
  scene.subject.on_read = [&](bufferevent* bev) {
    if (scene.subject.reads == 1) {
      bufferevent_trigger(bev, EV_READ, 0);
      scene.subject.note("after");
      bufferevent_trigger(bev, EV_WRITE, BEV_TRIG_DEFER_CALLBACKS);
      scene.subject.note("later");
    }
  };
  write_text(scene.peer(), "x");
  CHECK(scene.calls() == "read read after later write");
}

TEST_CASE("bufferevent_trigger_event: a callback that frees") {
  const int options = GENERATE(0, static_cast<int>(BEV_TRIG_DEFER_CALLBACKS));
  SocketScene scene(0, 0);
  scene.calls();
  scene.subject.on_event = [&](bufferevent*, short) { scene.bev.reset(); };
  bufferevent_trigger_event(scene.bev.get(), BEV_EVENT_EOF, options);
  CHECK(scene.calls() == "eof");
}

TEST_CASE("bufferevent_trigger: a callback that frees ends it") {
  SocketScene scene(0, 0);
  scene.calls();
  scene.subject.on_read = [&](bufferevent*) { scene.bev.reset(); };
  bufferevent_trigger(scene.bev.get(), EV_READ | EV_WRITE, 0);
  CHECK(scene.calls() == "read");
}

TEST_CASE("bufferevent_trigger: of a pair's end") {
  const Base base = make_base();
  bufferevent* pair[2];
  REQUIRE(bufferevent_pair_new(base.get(), 0, pair) == 0);
  Journal journal;
  journal.watch(pair[0]);
  // Pairs always defer.
  bufferevent_trigger(pair[0], EV_READ | EV_WRITE, 0);
  CHECK(journal.text().empty());
  settle(base);
  CHECK(journal.text() == "read write");
  bufferevent_free(pair[0]);
  bufferevent_free(pair[1]);
}
