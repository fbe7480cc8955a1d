// When and in which order the write callback is called.
#include "bufferevent_tools.h"

using namespace event_cases;

TEST_CASE("bufferevent write callback: once when the output has gone") {
  SocketScene scene;
  scene.calls();
  write_text(scene.bev, "one");
  write_text(scene.bev, "two");
  CHECK(scene.calls() == "write");
  CHECK(take(scene.peer()) == "onetwo");
  CHECK(scene.calls().empty());
}

TEST_CASE("bufferevent write callback: enabling EV_WRITE without output calls it") {
  SocketScene scene(0, 0);
  CHECK(scene.calls().empty());
  SECTION("while it is enabled, as it is from the start") {
    CHECK(bufferevent_get_enabled(scene.bev.get()) == EV_WRITE);
  }
  SECTION("after it was disabled") { bufferevent_disable(scene.bev.get(), EV_WRITE); }
  bufferevent_enable(scene.bev.get(), EV_WRITE);
  CHECK(scene.calls() == "write");
  CHECK(scene.calls().empty());
}

TEST_CASE("bufferevent write callback: with output that waits, disabling keeps it back") {
  SocketScene scene;
  scene.calls();
  bufferevent_disable(scene.bev.get(), EV_WRITE);
  write_text(scene.bev, "kept");
  CHECK(scene.calls().empty());
  CHECK(take(scene.peer()).empty());
  CHECK(output_length(scene.bev) == 4);
  bufferevent_enable(scene.bev.get(), EV_WRITE);
  CHECK(scene.calls() == "write");
  CHECK(take(scene.peer()) == "kept");
}

TEST_CASE("bufferevent write callback: disabled right after the write") {
  SocketScene scene;
  scene.calls();
  write_text(scene.bev, "kept");
  bufferevent_disable(scene.bev.get(), EV_WRITE);
  CHECK(scene.calls().empty());
  CHECK(take(scene.peer()).empty());
}

TEST_CASE("bufferevent write callback: one that writes is called again") {
  SocketScene scene;
  scene.calls();
  scene.subject.on_write = [&](bufferevent* bev) {
    if (scene.subject.writes < 5) {
      write_text(bev, "more ");
    }
  };
  scene.subject.writes = 0;
  write_text(scene.bev, "start ");
  CHECK(scene.calls() == "write write write write write");
  CHECK(take(scene.peer()) == "start more more more more ");
}

TEST_CASE("bufferevent write callback: one that always writes lets the others live") {
  SocketScene scene;
  const SocketPair other;
  Journal journal;
  const Bufferevent reader = make_bufferevent(scene.base, other.first);
  Journal::Subject& subject = journal.watch(reader);
  bufferevent_enable(reader.get(), EV_READ);
  scene.subject.on_write = [&](bufferevent* bev) {
    take(scene.peer());
    write_text(bev, "again");
    if (scene.subject.writes == 10) {
      write_text(other.second, "x");
    }
  };
  int timer_calls = 0;
  const timeval now{};
  event_base_once(
      scene.base.get(), -1, EV_TIMEOUT,
      [](evutil_socket_t, short, void* n) { ++*static_cast<int*>(n); }, &timer_calls, &now);
  write_text(scene.bev, "start");
  CHECK(run_until(scene.base, [&] { return subject.reads == 1 && timer_calls == 1; }));
}

TEST_CASE("bufferevent write callback: no user code runs inside bufferevent_write") {
  SocketScene scene;
  scene.calls();
  bool writing = false;
  scene.subject.on_write = [&](bufferevent*) { CHECK_FALSE(writing); };
  writing = true;
  write_text(scene.bev, "x");
  bufferevent_enable(scene.bev.get(), EV_WRITE);
  CHECK(scene.journal.text().empty());
  writing = false;
  CHECK(scene.calls() == "write");
}

TEST_CASE("bufferevent write callback: comes after the read callback of the same moment") {
  SocketScene scene;
  scene.calls();
  write_text(scene.peer(), "in");
  write_text(scene.bev, "out");
  const std::string calls = scene.calls();
  // Both once; which is first depends on when the output is written.
  CHECK(calls.size() == std::string("read write").size());
  CHECK(calls.find("read") != std::string::npos);
  CHECK(calls.find("write") != std::string::npos);
}

TEST_CASE("bufferevent write callback: with the low mark, as soon as little is left") {
  SocketScene scene;
  scene.calls();
  bufferevent_setwatermark(scene.bev.get(), EV_WRITE, 1'000'000, 0);
  size_t left = 0;
  scene.subject.on_write = [&](bufferevent* bev) {
    if (left == 0) {
      left = output_length(bev);
    }
  };
  write_text(scene.bev, std::string(3'000'000, 'b'));
  size_t got = 0;
  CHECK(run_until(scene.base, [&] {
    got += take(scene.peer()).size();
    return got == 3'000'000;
  }));
  CHECK(left > 0);
  CHECK(left <= 1'000'000);
}

TEST_CASE("bufferevent write callback: with the low mark, called at each write below it") {
  SocketScene scene;
  scene.calls();
  bufferevent_setwatermark(scene.bev.get(), EV_WRITE, 100, 0);
  write_text(scene.bev, "few");
  CHECK(scene.calls() == "write");
  CHECK(take(scene.peer()) == "few");
}

TEST_CASE("bufferevent write callback: not for what an error leaves") {
  SocketScene scene(0, EV_WRITE);
  scene.calls();
  bufferevent_setwatermark(scene.bev.get(), EV_WRITE, 100, 0);
  scene.sockets.close_second();
  write_text(scene.bev, "x");
  CHECK(scene.calls() == "writing|error");
}

TEST_CASE("bufferevent write callback: in the order of priorities") {
  SocketScene scene;
  const SocketPair other;
  event_base_priority_init(scene.base.get(), 3);
  const Bufferevent urgent = make_bufferevent(scene.base, other.first);
  scene.journal.watch(urgent, "urgent");
  const Bufferevent lazy = make_bufferevent(scene.base, other.second);
  scene.journal.watch(lazy, "lazy");
  scene.calls();
  CHECK(bufferevent_priority_set(urgent.get(), 0) == 0);
  CHECK(bufferevent_priority_set(scene.bev.get(), 1) == 0);
  CHECK(bufferevent_priority_set(lazy.get(), 2) == 0);
  write_text(lazy, "x");
  write_text(scene.bev, "x");
  write_text(urgent, "x");
  CHECK(scene.calls() == "urgent:write write lazy:write");
}

TEST_CASE("bufferevent write callback: of equal priority, in the order of the writes") {
  const Base base = make_base();
  const SocketPair pairs[3];
  Journal journal;
  std::vector<Bufferevent> bevs;
  for (int i = 0; i < 3; ++i) {
    bevs.push_back(make_bufferevent(base, pairs[i].first));
    journal.watch(bevs.back(), std::to_string(i));
  }
  settle(base);
  journal.clear();
  for (const Bufferevent& bev : bevs) {
    write_text(bev, "x");
  }
  settle(base);
  CHECK(journal.text() == "0:write 1:write 2:write");
}
