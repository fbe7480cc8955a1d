// Socket bufferevents: reading, writing, the end of the stream, errors.
#include <sys/mman.h>

#include "bufferevent_tools.h"

using namespace event_cases;

TEST_CASE("bufferevent_socket_new: what a new one is like") {
  const Base base = make_base();
  const SocketPair sockets;
  const Bufferevent bev = make_bufferevent(base, sockets.first);
  CHECK(bufferevent_get_base(bev.get()) == base.get());
  CHECK(bufferevent_getfd(bev.get()) == sockets.first);
  CHECK(bufferevent_get_enabled(bev.get()) == EV_WRITE);
  CHECK(bufferevent_get_underlying(bev.get()) == nullptr);
  CHECK(bufferevent_get_input(bev.get()) != bufferevent_get_output(bev.get()));
  CHECK(input_length(bev) == 0);
  CHECK(output_length(bev) == 0);
  // It waits for nothing, so it does not keep the loop.
  CHECK(added(base) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
}

TEST_CASE("bufferevent_socket_new: without callbacks it reads and writes all the same") {
  const Base base = make_base();
  const SocketPair sockets;
  const Bufferevent bev = make_bufferevent(base, sockets.first);
  CHECK(bufferevent_enable(bev.get(), EV_READ) == 0);
  write_text(sockets.second, "in");
  write_text(bev, "out");
  settle(base);
  CHECK(peek_input(bev) == "in");
  CHECK(take(sockets.second) == "out");
}

TEST_CASE("bufferevent_socket_new: without a descriptor it waits for one") {
  const Base base = make_base();
  Journal journal;
  const Bufferevent bev = make_bufferevent(base, -1);
  journal.watch(bev);
  CHECK(bufferevent_getfd(bev.get()) == -1);
  CHECK(bufferevent_enable(bev.get(), EV_READ | EV_WRITE) == 0);
  write_text(bev, "early");
  settle(base);
  CHECK(journal.text().empty());
  CHECK(output_length(bev) == 5);
}

TEST_CASE("bufferevent: reads only while reading is enabled") {
  SocketScene scene(0, EV_WRITE);
  scene.calls();
  write_text(scene.peer(), "one");
  CHECK(scene.calls().empty());
  CHECK(input_length(scene.bev) == 0);
  CHECK(bufferevent_enable(scene.bev.get(), EV_READ) == 0);
  CHECK(scene.calls() == "read");
  CHECK(take_input(scene.bev) == "one");
  CHECK(bufferevent_disable(scene.bev.get(), EV_READ) == 0);
  write_text(scene.peer(), "two");
  CHECK(scene.calls().empty());
  CHECK(bufferevent_get_enabled(scene.bev.get()) == EV_WRITE);
}

TEST_CASE("bufferevent: one read callback for what arrived, whether or not it is taken") {
  SocketScene scene(0, EV_READ);
  write_text(scene.peer(), "a");
  write_text(scene.peer(), "b");
  CHECK(scene.calls() == "read");
  CHECK(peek_input(scene.bev) == "ab");
  CHECK(scene.calls().empty());  // nothing new, nothing to say
  write_text(scene.peer(), "c");
  CHECK(scene.calls() == "read");
  CHECK(peek_input(scene.bev) == "abc");
}

TEST_CASE("bufferevent: a message is read at once whatever waits in the input") {
  SocketScene scene(0, EV_READ);
  std::string all;
  // Messages of different sizes stay in the input, so that there is more or less room behind them.
  for (const size_t size : {209u, 280u, 17u, 300u, 5u, 250u, 400u, 64u, 330u}) {
    const std::string message(size, static_cast<char>('a' + size % 26));
    write_text(scene.peer(), message);
    all += message;
    CHECK(scene.calls() == "read");
    CHECK(evbuffer_get_length(bufferevent_get_input(scene.bev.get())) == all.size());
  }
  CHECK(take_input(scene.bev) == all);
}

TEST_CASE("bufferevent_read: takes what there is, up to a size") {
  SocketScene scene(0, EV_READ);
  write_text(scene.peer(), "hello");
  scene.settle();
  char data[16] = {};
  CHECK(bufferevent_read(scene.bev.get(), data, 2) == 2);
  CHECK(std::string(data) == "he");
  CHECK(bufferevent_read(scene.bev.get(), data, 0) == 0);
  CHECK(bufferevent_read(scene.bev.get(), data, sizeof data) == 3);
  CHECK(std::string(data) == "llo");
  CHECK(bufferevent_read(scene.bev.get(), data, sizeof data) == 0);
}

TEST_CASE("bufferevent_read_buffer: moves all of the input to the end of a buffer") {
  SocketScene scene(0, EV_READ);
  write_text(scene.peer(), "world");
  scene.settle();
  const Buffer buffer(evbuffer_new());
  evbuffer_add(buffer.get(), "hello ", 6);
  CHECK(bufferevent_read_buffer(scene.bev.get(), buffer.get()) == 0);
  CHECK(input_length(scene.bev) == 0);
  CHECK(evbuffer_get_length(buffer.get()) == 11);
  CHECK(bufferevent_read_buffer(scene.bev.get(), buffer.get()) == 0);
}

TEST_CASE("bufferevent_write_buffer: empties the buffer into the output") {
  SocketScene scene;
  const Buffer buffer(evbuffer_new());
  CHECK(bufferevent_write_buffer(scene.bev.get(), buffer.get()) == 0);
  evbuffer_add(buffer.get(), "moved", 5);
  CHECK(bufferevent_write_buffer(scene.bev.get(), buffer.get()) == 0);
  CHECK(evbuffer_get_length(buffer.get()) == 0);
  CHECK(output_length(scene.bev) == 5);
  scene.settle();
  CHECK(output_length(scene.bev) == 0);
  CHECK(take(scene.peer()) == "moved");
}

TEST_CASE("bufferevent_write: of nothing") {
  SocketScene scene;
  scene.calls();
  CHECK(bufferevent_write(scene.bev.get(), "", 0) == 0);
  CHECK(bufferevent_write(scene.bev.get(), nullptr, 0) == 0);
  CHECK(scene.calls().empty());
}

TEST_CASE("bufferevent: what is added to the output buffer is written") {
  SocketScene scene;
  evbuffer* output = bufferevent_get_output(scene.bev.get());
  evbuffer_add_printf(output, "%d-", 42);
  evbuffer_add(output, "b", 1);
  evbuffer_prepend(output, "a", 1);
  scene.settle();
  CHECK(take(scene.peer()).find("42-b") != std::string::npos);
}

TEST_CASE("bufferevent: the ends that belong to it are frozen") {
  SocketScene scene(0, EV_READ);
  write_text(scene.peer(), "in");
  scene.settle();
  write_text(scene.bev, "out");
  evbuffer* input = bufferevent_get_input(scene.bev.get());
  evbuffer* output = bufferevent_get_output(scene.bev.get());
  char data[4];
  CHECK(evbuffer_add(input, "x", 1) == -1);
  CHECK(evbuffer_remove(output, data, 1) == -1);
  CHECK(evbuffer_drain(output, 1) == -1);
  CHECK(evbuffer_prepend(output, "x", 1) == -1);
  CHECK(evbuffer_prepend(input, "x", 1) == 0);
  CHECK(peek_input(scene.bev) == "xin");
}

TEST_CASE("bufferevent: several writes leave in one piece") {
  evutil_socket_t fds[2];
  // Each write to such a socket is a packet of its own.
  REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds) == 0);
  const Base base = make_base();
  Journal journal;
  {
    const Bufferevent bev = make_bufferevent(base, fds[0], BEV_OPT_CLOSE_ON_FREE);
    Journal::Subject& subject = journal.watch(bev);
    bufferevent_enable(bev.get(), EV_READ);
    char data[64];
    const auto packet = [&] {
      settle(base);
      const ssize_t n = recv(fds[1], data, sizeof data, MSG_DONTWAIT);
      return n < 0 ? std::string("none") : std::string(data, static_cast<size_t>(n));
    };
    SECTION("outside") {
      write_text(bev, "a");
      write_text(bev, "b");
      write_text(bev, "c");
      CHECK(packet() == "abc");
    }
    SECTION("in a callback") {
      subject.on_read = [](bufferevent* self) {
        write_text(self, "a");
        write_text(self, "b");
        evbuffer_add(bufferevent_get_output(self), "c", 1);
      };
      write_text(fds[1], "x");
      CHECK(packet() == "abc");
    }
    CHECK(packet() == "none");
  }
  close(fds[1]);
}

TEST_CASE("bufferevent: nothing is written before the loop runs") {
  SocketScene scene;
  write_text(scene.bev, "later");
  CHECK(take(scene.peer()).empty());
  CHECK(output_length(scene.bev) == 5);
  CHECK(added(scene.base) >= 1);  // and this keeps the loop
  scene.settle();
  CHECK(take(scene.peer()) == "later");
}

TEST_CASE("bufferevent: more than the socket takes goes as there is room") {
  SocketScene scene;
  const std::string big(4'000'000, 'b');
  write_text(scene.bev, big);
  scene.settle();
  CHECK(output_length(scene.bev) > 0);
  CHECK(scene.subject.writes == 0);
  std::string got;
  CHECK(run_until(scene.base, [&] {
    got += take(scene.peer());
    return got.size() == big.size();
  }));
  CHECK(got == big);
  scene.settle();
  CHECK(scene.subject.writes == 1);
}

TEST_CASE("bufferevent: a lot of input arrives whole") {
  SocketScene scene(0, EV_READ);
  std::string sent;
  std::string got;
  scene.subject.on_read = [&](bufferevent* bev) { got += take_input(bev); };
  for (int round = 0; round < 20; ++round) {
    sent += std::string(fill(scene.peer()), 'f');
    scene.settle();
  }
  CHECK(run_until(scene.base, [&] { return got.size() == sent.size(); }));
  CHECK(got == sent);
}

TEST_CASE("bufferevent: the end of the stream is an event") {
  SocketScene scene(0, EV_READ);
  scene.sockets.close_second();
  CHECK(scene.calls() == "reading|eof");
  // Reading is disabled then, and it is said once.
  CHECK(bufferevent_get_enabled(scene.bev.get()) == EV_WRITE);
  CHECK(scene.calls().empty());
  CHECK(added(scene.base) == 0);
  bufferevent_enable(scene.bev.get(), EV_READ);
  CHECK(scene.calls() == "reading|eof");
}

TEST_CASE("bufferevent: the end of the stream comes after the data") {
  SocketScene scene(0, EV_READ);
  write_text(scene.peer(), "last words");
  scene.sockets.close_second();
  CHECK(scene.calls() == "read reading|eof");
  CHECK(peek_input(scene.bev) == "last words");
}

TEST_CASE("bufferevent: data that nobody took is there when the stream ends") {
  SocketScene scene(0, EV_READ);
  std::string at_end;
  scene.subject.on_event = [&](bufferevent* bev, short) { at_end = take_input(bev); };
  write_text(scene.peer(), "one ");
  scene.settle();
  write_text(scene.peer(), "two");
  scene.sockets.close_second();
  scene.settle();
  CHECK(at_end == "one two");
}

TEST_CASE("bufferevent: an error while reading, with its errno") {
  SocketScene scene(0, EV_READ);
  // A peer that leaves without reading resets the connection.
  write_text(scene.bev, "unread");
  scene.settle();
  scene.journal.clear();
  scene.sockets.close_second();
  CHECK(scene.calls() == "reading|error");
  CHECK(scene.subject.error == ECONNRESET);
  CHECK(bufferevent_get_enabled(scene.bev.get()) == EV_WRITE);
}

TEST_CASE("bufferevent: an error while writing, with its errno") {
  SocketScene scene(0, EV_WRITE);
  scene.calls();
  scene.sockets.close_second();
  write_text(scene.bev, "to nobody");
  CHECK(scene.calls() == "writing|error");
  CHECK(scene.subject.error == EPIPE);
  CHECK(bufferevent_get_enabled(scene.bev.get()) == 0);
  CHECK(output_length(scene.bev) == 9);
}

TEST_CASE("bufferevent: BEV_OPT_CLOSE_ON_FREE, or not") {
  const Base base = make_base();
  SocketPair sockets;
  make_bufferevent(base, sockets.first).reset();
  settle(base);
  CHECK(is_open(sockets.first));
  make_bufferevent(base, sockets.first, BEV_OPT_CLOSE_ON_FREE).reset();
  settle(base);
  CHECK_FALSE(is_open(sockets.first));
  sockets.first = -1;
}

TEST_CASE("bufferevent: a file that got shorter ends the writing") {
  SocketScene scene;
  scene.calls();
  const int file = memfd_create("short", 0);
  REQUIRE(file >= 0);
  REQUIRE(ftruncate(file, 5000) == 0);
  REQUIRE(evbuffer_add_file(bufferevent_get_output(scene.bev.get()), file, 0, 5000) == 0);
  REQUIRE(ftruncate(file, 1000) == 0);
  CHECK(run_until(scene.base, [&] { return !scene.subject.events.empty(); }));
  CHECK(scene.subject.events == std::vector<short>{BEV_EVENT_WRITING | BEV_EVENT_EOF});
  CHECK(take(scene.peer()).size() == 1000);
  CHECK(output_length(scene.bev) == 4000);
  CHECK(bufferevent_get_enabled(scene.bev.get()) == EV_READ);
  scene.settle();
  CHECK(scene.subject.events.size() == 1);
}
