// Peers that close one direction, and streams that end while data is on the way.
#include "bufferevent_tools.h"

using namespace event_cases;

TEST_CASE("bufferevent: a peer that only stopped writing still gets data") {
  SocketScene scene;
  scene.calls();
  write_text(scene.peer(), "question");
  shutdown(scene.peer(), SHUT_WR);
  CHECK(scene.calls() == "read reading|eof");
  CHECK(take_input(scene.bev) == "question");
  CHECK(bufferevent_get_enabled(scene.bev.get()) == EV_WRITE);
  write_text(scene.bev, "answer");
  CHECK(scene.calls() == "write");
  CHECK(take(scene.peer()) == "answer");
}

TEST_CASE("bufferevent: a lot of output after the end of the input") {
  SocketScene scene;
  scene.calls();
  shutdown(scene.peer(), SHUT_WR);
  const std::string big(2'000'000, 'b');
  write_text(scene.bev, big);
  std::string got;
  CHECK(run_until(scene.base, [&] {
    got += take(scene.peer());
    return got.size() == big.size();
  }));
  scene.settle();
  CHECK(scene.subject.events == std::vector<short>{BEV_EVENT_READING | BEV_EVENT_EOF});
  CHECK(scene.subject.writes >= 1);
}

TEST_CASE("bufferevent: closing our own direction") {
  SocketScene scene;
  scene.calls();
  write_text(scene.bev, "done");
  scene.settle();
  CHECK(shutdown(bufferevent_getfd(scene.bev.get()), SHUT_WR) == 0);
  CHECK(take(scene.peer()) == "done");
  char byte;
  CHECK(recv(scene.peer(), &byte, 1, 0) == 0);
  scene.journal.clear();
  // The other direction goes on.
  write_text(scene.peer(), "reply");
  CHECK(scene.calls() == "read");
  CHECK(take_input(scene.bev) == "reply");
  write_text(scene.bev, "too late");
  CHECK(scene.calls() == "writing|error");
  CHECK(scene.subject.error == EPIPE);
}

TEST_CASE("bufferevent: the end of the stream while output waits for room") {
  SocketScene scene(0, EV_READ);
  fill(scene.sockets.first);
  write_text(scene.bev, "waits");
  scene.calls();
  shutdown(scene.peer(), SHUT_WR);
  CHECK(scene.calls() == "reading|eof");
  CHECK(output_length(scene.bev) == 5);
  take(scene.peer());
  CHECK(scene.calls() == "write");
  CHECK(take(scene.peer()).find("waits") != std::string::npos);
}

TEST_CASE("bufferevent: the peer leaves while output waits for room") {
  SocketScene scene(0, EV_WRITE);
  fill(scene.sockets.first);
  scene.journal.clear();
  write_text(scene.bev, "waits");
  scene.settle();
  scene.journal.clear();
  scene.sockets.close_second();
  CHECK(scene.calls() == "writing|error");
  CHECK(scene.subject.error == EPIPE);
}

TEST_CASE("bufferevent: the peer leaves, and nobody reads or writes") {
  SocketScene scene(0, 0);
  scene.sockets.close_second();
  CHECK(scene.calls().empty());
  CHECK(added(scene.base) == 0);
}

TEST_CASE("bufferevent: both directions learn that the peer is gone") {
  SocketScene scene;
  scene.calls();
  scene.sockets.close_second();
  write_text(scene.bev, "x");
  const std::string calls = scene.calls();
  CHECK((calls == "reading|eof writing|error" || calls == "writing|error reading|eof"));
  CHECK(bufferevent_get_enabled(scene.bev.get()) == 0);
}

TEST_CASE("bufferevent: data, then the end, with reading enabled late") {
  SocketScene scene(0, 0);
  write_text(scene.peer(), "all of it");
  scene.sockets.close_second();
  CHECK(scene.calls().empty());
  bufferevent_enable(scene.bev.get(), EV_READ);
  CHECK(scene.calls() == "read reading|eof");
  CHECK(take_input(scene.bev) == "all of it");
}

TEST_CASE("bufferevent: reading disabled by the read callback puts the end off") {
  SocketScene scene(0, EV_READ);
  scene.subject.on_read = [](bufferevent* bev) { bufferevent_disable(bev, EV_READ); };
  write_text(scene.peer(), "x");
  scene.sockets.close_second();
  CHECK(scene.calls() == "read");
  bufferevent_enable(scene.bev.get(), EV_READ);
  CHECK(scene.calls() == "reading|eof");
}

TEST_CASE("bufferevent: much data before the end is all read first") {
  SocketScene scene(0, EV_READ);
  std::string got;
  std::string at_end;
  scene.subject.on_read = [&](bufferevent* bev) { got += take_input(bev); };
  scene.subject.on_event = [&](bufferevent*, short) { at_end = got; };
  const size_t sent = fill(scene.peer());
  scene.sockets.close_second();
  scene.settle();
  CHECK(at_end.size() == sent);
  CHECK(scene.subject.events == std::vector<short>{BEV_EVENT_READING | BEV_EVENT_EOF});
}

TEST_CASE("bufferevent: in the event callback of the end, a last message") {
  SocketScene scene(0, EV_READ);
  scene.calls();
  scene.subject.on_event = [](bufferevent* bev, short) { write_text(bev, "bye"); };
  scene.subject.on_write = [&](bufferevent*) { scene.bev.reset(); };
  shutdown(scene.peer(), SHUT_WR);
  CHECK(scene.calls() == "reading|eof write");
  CHECK(take(scene.peer()) == "bye");
}
