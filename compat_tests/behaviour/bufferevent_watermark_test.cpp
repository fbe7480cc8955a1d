// The marks of both directions, and reading that stops and goes on because of them.
#include "bufferevent_tools.h"

using namespace event_cases;

namespace {

// A scene whose bufferevent reads at most `high` bytes ahead, and has no read callback: at the mark
// it would be called all the time.
struct HighScene : SocketScene {
  explicit HighScene(size_t high) : SocketScene(0, EV_READ) {
    bufferevent_setcb(bev.get(), nullptr, nullptr, Journal::event_callback, &subject);
    bufferevent_setwatermark(bev.get(), EV_READ, 0, high);
  }
  evbuffer* input() { return bufferevent_get_input(bev.get()); }
  std::string content() {
    settle();
    return peek_input(bev);
  }
  void with_read_callback() {
    bufferevent_setcb(bev.get(), Journal::read_callback, nullptr, Journal::event_callback,
                      &subject);
  }
};

}  // namespace

TEST_CASE("bufferevent_setwatermark: what it set can be read back") {
  const SocketScene scene;
  size_t low = 1;
  size_t high = 1;
  CHECK(bufferevent_getwatermark(scene.bev.get(), EV_READ, &low, &high) == 0);
  CHECK(low == 0);
  CHECK(high == 0);
  CHECK(bufferevent_getwatermark(scene.bev.get(), EV_WRITE, &low, &high) == 0);
  CHECK(low == 0);
  CHECK(high == 0);

  bufferevent_setwatermark(scene.bev.get(), EV_READ, 3, 7);
  bufferevent_setwatermark(scene.bev.get(), EV_WRITE, 11, 13);
  CHECK(bufferevent_getwatermark(scene.bev.get(), EV_READ, &low, &high) == 0);
  CHECK(low == 3);
  CHECK(high == 7);
  CHECK(bufferevent_getwatermark(scene.bev.get(), EV_WRITE, &low, &high) == 0);
  CHECK(low == 11);
  CHECK(high == 13);

  bufferevent_setwatermark(scene.bev.get(), EV_READ | EV_WRITE, 5, 6);
  CHECK(bufferevent_getwatermark(scene.bev.get(), EV_READ, nullptr, &high) == 0);
  CHECK(bufferevent_getwatermark(scene.bev.get(), EV_WRITE, &low, nullptr) == 0);
  CHECK(low == 5);
  CHECK(high == 6);

  // One direction at a time.
  CHECK(bufferevent_getwatermark(scene.bev.get(), EV_READ | EV_WRITE, &low, &high) != 0);
  CHECK(bufferevent_getwatermark(scene.bev.get(), 0, &low, &high) != 0);
  CHECK(low == 5);
}

TEST_CASE("bufferevent_setwatermark: no read callback below the low mark") {
  SocketScene scene(0, EV_READ);
  bufferevent_setwatermark(scene.bev.get(), EV_READ, 5, 0);
  write_text(scene.peer(), "1234");
  CHECK(scene.calls().empty());
  CHECK(input_length(scene.bev) == 4);  // though it was read
  write_text(scene.peer(), "5");
  CHECK(scene.calls() == "read");
  write_text(scene.peer(), "6");
  CHECK(scene.calls() == "read");  // it is above it still
  take_input(scene.bev);
  write_text(scene.peer(), "7");
  CHECK(scene.calls().empty());
}

TEST_CASE("bufferevent_setwatermark: the end of the stream does not wait for the low mark") {
  SocketScene scene(0, EV_READ);
  bufferevent_setwatermark(scene.bev.get(), EV_READ, 5, 0);
  write_text(scene.peer(), "123");
  scene.sockets.close_second();
  CHECK(scene.calls() == "reading|eof");
  CHECK(take_input(scene.bev) == "123");
}

TEST_CASE("bufferevent_setwatermark: a lower low mark is looked at when data comes") {
  SocketScene scene(0, EV_READ);
  bufferevent_setwatermark(scene.bev.get(), EV_READ, 5, 0);
  write_text(scene.peer(), "123");
  scene.settle();
  bufferevent_setwatermark(scene.bev.get(), EV_READ, 1, 0);
  CHECK(scene.calls().empty());
  write_text(scene.peer(), "4");
  CHECK(scene.calls() == "read");
}

TEST_CASE("bufferevent_setwatermark: reading stops at the high mark") {
  HighScene scene(10);
  write_text(scene.peer(), "0123456789abcdefghij");
  CHECK(scene.content() == "0123456789");
  // It is still enabled, and waits for room, not for the socket.
  CHECK(bufferevent_get_enabled(scene.bev.get()) == (EV_READ | EV_WRITE));
  CHECK(added(scene.base) == 0);
  CHECK(event_base_dispatch(scene.base.get()) == 1);
}

TEST_CASE("bufferevent_setwatermark: any way to take from the input lets it read on") {
  HighScene scene(10);
  write_text(scene.peer(), "0123456789abcdefghij");
  CHECK(scene.content() == "0123456789");
  char data[16];
  const Buffer buffer(evbuffer_new());
  std::string expected = "abcdefghij";
  SECTION("bufferevent_read") { bufferevent_read(scene.bev.get(), data, 10); }
  SECTION("bufferevent_read, in part") {
    bufferevent_read(scene.bev.get(), data, 1);
    expected = "123456789a";
  }
  SECTION("bufferevent_read_buffer") { bufferevent_read_buffer(scene.bev.get(), buffer.get()); }
  SECTION("evbuffer_drain") { evbuffer_drain(scene.input(), 10); }
  SECTION("evbuffer_remove") { evbuffer_remove(scene.input(), data, 10); }
  SECTION("evbuffer_remove_buffer") { evbuffer_remove_buffer(scene.input(), buffer.get(), 10); }
  SECTION("evbuffer_add_buffer") { evbuffer_add_buffer(buffer.get(), scene.input()); }
  SECTION("evbuffer_prepend_buffer") { evbuffer_prepend_buffer(buffer.get(), scene.input()); }
  CHECK(scene.content() == expected);
}

TEST_CASE("bufferevent_setwatermark: taking all in the read callback keeps it reading") {
  HighScene scene(10);
  scene.with_read_callback();
  std::string got;
  scene.subject.on_read = [&](bufferevent* bev) {
    CHECK(input_length(bev) <= 10);
    got += take_input(bev);
  };
  const std::string sent = std::string(95, 'x') + "01234";
  write_text(scene.peer(), sent);
  scene.settle();
  CHECK(got == sent);
  CHECK(scene.subject.reads == 10);
}

TEST_CASE("bufferevent_setwatermark: at the high mark the read callback comes again and again") {
  // So that one which takes a message at a time gets to all of them.
  HighScene scene(10);
  scene.with_read_callback();
  std::vector<size_t> lengths;
  scene.subject.on_read = [&](bufferevent* bev) {
    lengths.push_back(input_length(bev));
    if (lengths.size() == 5) {
      take_input(bev);
    }
  };
  write_text(scene.peer(), "0123456789");
  scene.settle();
  CHECK(lengths == std::vector<size_t>{10, 10, 10, 10, 10});
}

TEST_CASE("bufferevent_setwatermark: one message per read callback") {
  HighScene scene(10);
  scene.with_read_callback();
  std::string got;
  scene.subject.on_read = [&](bufferevent* bev) {
    char byte;
    CHECK(bufferevent_read(bev, &byte, 1) == 1);
    got += byte;
  };
  write_text(scene.peer(), "0123456789abcde");
  scene.settle();
  // As long as there is something to read: then it is below the mark.
  CHECK(got == "012345");
  CHECK(peek_input(scene.bev) == "6789abcde");
}

TEST_CASE("bufferevent_setwatermark: the calls at the high mark end with disabling") {
  HighScene scene(10);
  scene.with_read_callback();
  scene.subject.on_read = [&](bufferevent* bev) {
    if (scene.subject.reads == 3) {
      bufferevent_disable(bev, EV_READ);
    }
  };
  write_text(scene.peer(), "0123456789");
  CHECK(scene.calls() == "read read read");
}

TEST_CASE("bufferevent_setwatermark: the calls at the high mark let others live") {
  HighScene scene(10);
  scene.with_read_callback();
  int timer_calls = 0;
  scene.subject.on_read = [&](bufferevent* bev) {
    if (timer_calls == 1) {
      take_input(bev);
    }
  };
  write_text(scene.peer(), "0123456789");
  const timeval soon = ms(10);
  event_base_once(
      scene.base.get(), -1, EV_TIMEOUT,
      [](evutil_socket_t, short, void* n) { ++*static_cast<int*>(n); }, &timer_calls, &soon);
  CHECK(run_until(scene.base, [&] { return input_length(scene.bev) == 0 && timer_calls == 1; }));
}

TEST_CASE("bufferevent_setwatermark: what stays in the input counts") {
  HighScene scene(4);
  write_text(scene.peer(), "abcdefgh");
  CHECK(scene.content() == "abcd");
  evbuffer_drain(scene.input(), 3);
  CHECK(scene.content() == "defg");
}

TEST_CASE("bufferevent_setwatermark: a higher mark, or none, lets it read on") {
  HighScene scene(4);
  write_text(scene.peer(), "0123456789");
  CHECK(scene.content() == "0123");
  SECTION("higher") {
    bufferevent_setwatermark(scene.bev.get(), EV_READ, 0, 6);
    CHECK(scene.content() == "012345");
  }
  SECTION("none") {
    bufferevent_setwatermark(scene.bev.get(), EV_READ, 0, 0);
    CHECK(scene.content() == "0123456789");
  }
}

TEST_CASE("bufferevent_setwatermark: a mark below what is there stops it") {
  SocketScene scene(0, EV_READ);
  write_text(scene.peer(), "0123456789");
  scene.calls();
  bufferevent_setwatermark(scene.bev.get(), EV_READ, 0, 5);
  CHECK(added(scene.base) == 0);
  write_text(scene.peer(), "more");
  CHECK(scene.calls().empty());
  CHECK(input_length(scene.bev) == 10);
  evbuffer_drain(bufferevent_get_input(scene.bev.get()), 5);
  CHECK(scene.calls().empty());  // at the mark is not below it
  std::string got;
  scene.subject.on_read = [&](bufferevent* bev) { got += take_input(bev); };
  evbuffer_drain(bufferevent_get_input(scene.bev.get()), 1);
  CHECK(scene.calls() == "read read");
  CHECK(got == "6789more");
}

TEST_CASE("bufferevent_setwatermark: disabling and enabling does not overcome the high mark") {
  HighScene scene(4);
  write_text(scene.peer(), "01234567");
  scene.settle();
  bufferevent_disable(scene.bev.get(), EV_READ);
  bufferevent_enable(scene.bev.get(), EV_READ);
  CHECK(scene.content() == "0123");
}

TEST_CASE("bufferevent_setwatermark: room while reading is disabled") {
  HighScene scene(4);
  write_text(scene.peer(), "01234567");
  CHECK(scene.content() == "0123");
  bufferevent_disable(scene.bev.get(), EV_READ);
  take_input(scene.bev);
  CHECK(scene.content().empty());
  bufferevent_enable(scene.bev.get(), EV_READ);
  CHECK(scene.content() == "4567");
}

TEST_CASE("bufferevent_setwatermark: the end of the stream waits behind the high mark") {
  HighScene scene(4);
  write_text(scene.peer(), "0123");
  scene.sockets.close_second();
  CHECK(scene.calls().empty());
  take_input(scene.bev);
  CHECK(scene.calls() == "reading|eof");
}

TEST_CASE("bufferevent_setwatermark: of EV_WRITE, high, does not hold a socket's output back") {
  SocketScene scene;
  scene.calls();
  bufferevent_setwatermark(scene.bev.get(), EV_WRITE, 0, 2);
  write_text(scene.bev, "0123456789");
  CHECK(output_length(scene.bev) == 10);
  CHECK(scene.calls() == "write");
  CHECK(take(scene.peer()) == "0123456789");
}

TEST_CASE("bufferevent_setwatermark: in the read callback") {
  SocketScene scene(0, EV_READ);
  // As programs do that read a length first.
  scene.subject.on_read = [&](bufferevent* bev) {
    if (scene.subject.reads == 1) {
      CHECK(input_length(bev) >= 2);
      evbuffer_drain(bufferevent_get_input(bev), 2);
      bufferevent_setwatermark(bev, EV_READ, 6, 0);
    }
  };
  bufferevent_setwatermark(scene.bev.get(), EV_READ, 2, 0);
  write_text(scene.peer(), "hhbbb");
  CHECK(scene.calls() == "read");
  write_text(scene.peer(), "bb");
  CHECK(scene.calls().empty());
  write_text(scene.peer(), "b");
  CHECK(scene.calls() == "read");
}
