// The end of a bufferevent: inside its callbacks, with work pending, and with references.
#include "bufferevent_tools.h"
#include "tracked_memory.h"

using namespace event_cases;

TEST_CASE("bufferevent_free: in the read callback") {
  const int options = GENERATE(0, BEV_OPT_DEFER_CALLBACKS);
  SocketScene scene(options, EV_READ);
  scene.subject.on_read = [&](bufferevent* bev) {
    CHECK(take_input(bev) == "x");
    scene.bev.reset();
  };
  write_text(scene.peer(), "x");
  scene.sockets.close_second();
  CHECK(scene.calls() == "read");
  CHECK(added(scene.base) == 0);
}

TEST_CASE("bufferevent_free: in the write callback") {
  const int options = GENERATE(0, BEV_OPT_DEFER_CALLBACKS);
  SocketScene scene(options);
  scene.subject.on_write = [&](bufferevent*) { scene.bev.reset(); };
  write_text(scene.bev, "x");
  CHECK(scene.calls() == "write");
  CHECK(added(scene.base) == 0);
  CHECK(take(scene.peer()) == "x");
}

TEST_CASE("bufferevent_free: in the event callback") {
  const int options = GENERATE(0, BEV_OPT_DEFER_CALLBACKS);
  SocketScene scene(options, EV_READ);
  scene.subject.on_event = [&](bufferevent*, short) { scene.bev.reset(); };
  scene.sockets.close_second();
  CHECK(scene.calls() == "reading|eof");
  CHECK(added(scene.base) == 0);
}

TEST_CASE("bufferevent_free: of another one that is due") {
  const int options = GENERATE(0, BEV_OPT_DEFER_CALLBACKS);
  const Base base = make_base();
  const SocketPair pairs[2];
  Journal journal;
  Bufferevent bevs[2];
  for (int i = 0; i < 2; ++i) {
    bevs[i] = make_bufferevent(base, pairs[i].first, options);
    Journal::Subject& subject = journal.watch(bevs[i]);
    subject.on_read = [&bevs, i](bufferevent*) { bevs[1 - i].reset(); };
    bufferevent_enable(bevs[i].get(), EV_READ);
    write_text(pairs[i].second, "x");
  }
  settle(base);
  CHECK(journal.text() == "read");
  CHECK((bevs[0] == nullptr) != (bevs[1] == nullptr));
}

TEST_CASE("bufferevent_free: output that waits is not sent") {
  SocketScene scene;
  scene.calls();
  write_text(scene.bev, "lost");
  scene.bev.reset();
  scene.settle();
  CHECK(take(scene.peer()).empty());
  CHECK(scene.journal.text().empty());
  CHECK(added(scene.base) == 0);
}

TEST_CASE("bufferevent_free: callbacks that are pending are not called") {
  SocketScene scene(BEV_OPT_DEFER_CALLBACKS, EV_READ);
  bufferevent_trigger(scene.bev.get(), EV_READ | EV_WRITE, BEV_TRIG_IGNORE_WATERMARKS);
  bufferevent_trigger_event(scene.bev.get(), BEV_EVENT_ERROR, 0);
  CHECK(scene.journal.text().empty());
  scene.bev.reset();
  CHECK(scene.calls().empty());
}

TEST_CASE("bufferevent_free: the descriptor is closed when the loop has run") {
  SocketScene scene(BEV_OPT_CLOSE_ON_FREE, EV_READ);
  const int fd = std::exchange(scene.sockets.first, -1);
  scene.bev.reset();
  scene.settle();
  CHECK_FALSE(is_open(fd));
  char byte;
  CHECK(recv(scene.peer(), &byte, 1, 0) == 0);
}

TEST_CASE("bufferevent_free: in its callback, the descriptor too") {
  SocketScene scene(BEV_OPT_CLOSE_ON_FREE, EV_READ);
  const int fd = std::exchange(scene.sockets.first, -1);
  scene.subject.on_read = [&](bufferevent*) {
    scene.bev.reset();
    CHECK(is_open(fd));
  };
  write_text(scene.peer(), "x");
  scene.settle();
  CHECK_FALSE(is_open(fd));
}

TEST_CASE("bufferevent_free: what was taken from the buffers lives on") {
  SocketScene scene(0, EV_READ);
  write_text(scene.peer(), std::string(3000, 'k'));
  scene.settle();
  const Buffer kept(evbuffer_new());
  CHECK(bufferevent_read_buffer(scene.bev.get(), kept.get()) == 0);
  scene.bev.reset();
  scene.settle();
  CHECK(evbuffer_get_length(kept.get()) == 3000);
  CHECK(evbuffer_pullup(kept.get(), -1)[2999] == 'k');
}

TEST_CASE("bufferevent_free: references in the output are given back") {
  SocketScene scene;
  int cleaned = 0;
  static const char kData[] = "referenced";
  evbuffer_add_reference(
      bufferevent_get_output(scene.bev.get()), kData, sizeof kData,
      [](const void*, size_t, void* n) { ++*static_cast<int*>(n); }, &cleaned);
  CHECK(cleaned == 0);
  scene.bev.reset();
  scene.settle();
  CHECK(cleaned == 1);
}

TEST_CASE("bufferevent_incref: keeps the memory, not the callbacks") {
  SocketScene scene(0, EV_READ);
  bufferevent* bev = scene.bev.release();
  bufferevent_incref(bev);
  write_text(scene.peer(), "x");
  bufferevent_free(bev);
  CHECK(scene.calls().empty());
  // It is still there.
  CHECK(bufferevent_getfd(bev) == scene.sockets.first);
  CHECK(bufferevent_get_base(bev) == scene.base.get());
  bufferevent_data_cb read = Journal::read_callback;
  bufferevent_getcb(bev, &read, nullptr, nullptr, nullptr);
  CHECK(read == nullptr);
  CHECK(bufferevent_decref(bev) == 1);
  scene.settle();
}

TEST_CASE("bufferevent_decref: tells whether it was the last") {
  const Base base = make_base();
  bufferevent* bev = make_bufferevent(base, -1).release();
  bufferevent_incref(bev);
  bufferevent_incref(bev);
  CHECK(bufferevent_decref(bev) == 0);
  bufferevent_free(bev);
  CHECK(bufferevent_decref(bev) == 1);
  settle(base);
}

TEST_CASE("bufferevent_decref: the last one frees, without bufferevent_free") {
  const Base base = make_base();
  SocketPair sockets;
  bufferevent* bev = make_bufferevent(base, sockets.first, BEV_OPT_CLOSE_ON_FREE).release();
  const int fd = std::exchange(sockets.first, -1);
  CHECK(bufferevent_decref(bev) == 1);
  settle(base);
  CHECK_FALSE(is_open(fd));
}

TEST_CASE("bufferevent_incref: in a callback that frees") {
  SocketScene scene(0, EV_READ);
  scene.subject.on_read = [&](bufferevent* bev) {
    bufferevent_incref(bev);
    scene.bev.reset();
    CHECK(take_input(bev) == "x");
    CHECK(bufferevent_decref(bev) == 0);  // the library holds one while it calls back
  };
  write_text(scene.peer(), "x");
  CHECK(scene.calls() == "read");
}

TEST_CASE("bufferevent_free: gives all its memory back") {
  const TrackedMemory memory;
  {
    SocketScene scene(GENERATE(0, BEV_OPT_DEFER_CALLBACKS));
    write_text(scene.peer(), std::string(10'000, 'i'));
    write_text(scene.bev, std::string(10'000, 'o'));
    scene.settle();
    write_text(scene.bev, "waits");
    write_text(scene.peer(), "waits");
    scene.bev.reset();
    scene.settle();
  }
  libevent_global_shutdown();
  CHECK(TrackedMemory::live() == 0u);
  CHECK(TrackedMemory::strangers() == 0);
}

TEST_CASE("bufferevent_free: with the base, when no loop runs any more") {
  const TrackedMemory memory;
  SocketPair sockets;
  {
    const Base base = make_base();
    const Bufferevent bev =
        make_bufferevent(base, std::exchange(sockets.first, -1), BEV_OPT_CLOSE_ON_FREE);
    bufferevent_enable(bev.get(), EV_READ);
  }
  // The base finalizes what was freed before it.
  char byte;
  CHECK(recv(sockets.second, &byte, 1, 0) == 0);
  libevent_global_shutdown();
  CHECK(TrackedMemory::live() == 0u);
}

TEST_CASE("bufferevent_free: with the base, while callbacks are due") {
  INTENDED_DIFFERENCE("a bufferevent freed while a callback is due does not outlive its base");
  const TrackedMemory memory;
  SocketPair sockets;
  {
    const Base base = make_base();
    const Bufferevent socket = make_bufferevent(base, std::exchange(sockets.first, -1),
                                                BEV_OPT_DEFER_CALLBACKS | BEV_OPT_CLOSE_ON_FREE);
    Journal journal;
    journal.watch(socket);
    bufferevent_trigger(socket.get(), EV_READ, 0);
    bufferevent_trigger_event(socket.get(), BEV_EVENT_EOF, 0);
    bufferevent* ends[2];
    REQUIRE(bufferevent_pair_new(base.get(), 0, ends) == 0);
    const Bufferevent first(ends[0]);
    const Bufferevent second(ends[1]);
    journal.watch(second);
    bufferevent_enable(second.get(), EV_READ);
    write_text(first, "due");
  }
  char byte;
  CHECK(recv(sockets.second, &byte, 1, 0) == 0);
  libevent_global_shutdown();
  CHECK(TrackedMemory::live() == 0u);
}
