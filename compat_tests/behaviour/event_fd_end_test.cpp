// Ends and errors of connections, bad descriptors and files, by each backend.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>

#include <cstring>

#include "event_recorder.h"

using namespace event_cases;

namespace {

struct Pipe {
  Pipe() { REQUIRE(pipe2(fds, O_NONBLOCK | O_CLOEXEC) == 0); }
  ~Pipe() {
    end(0);
    end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void end(int which) {
    if (fds[which] >= 0) {
      close(std::exchange(fds[which], -1));
    }
  }
  int fds[2];
};

// A descriptor number that nobody uses.
int unused_fd() {
  const int fd = dup(STDERR_FILENO);
  close(fd);
  return fd;
}

}  // namespace

TEST_CASE("event fd end: the peer's close is readable, and reading gives the end") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  SocketPair pair;
  Recorder recorder;
  const Event ev = recorder.make(base.get(), pair.first, EV_READ | EV_PERSIST, "read");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  write_byte(pair.second);
  pair.close_second();
  turn(base);
  CHECK(recorder.what("read") == EV_READ);
  CHECK(drain(pair.first) == 1);
  turn(base);
  CHECK(recorder.count("read") == 2);
  CHECK(recorder.what("read") == EV_READ);
  char byte;
  CHECK(read(pair.first, &byte, 1) == 0);
}

TEST_CASE("event fd end: the peer's close makes readers and writers ready") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  SocketPair pair;
  Recorder recorder;
  const Event reader = recorder.make(base.get(), pair.first, EV_READ, "read");
  const Event writer = recorder.make(base.get(), pair.first, EV_WRITE, "write");
  const Event both = recorder.make(base.get(), pair.first, EV_READ | EV_WRITE, "both");
  for (event* ev : {reader.get(), writer.get(), both.get()}) {
    REQUIRE(event_add(ev, nullptr) == 0);
  }
  pair.close_second();
  CHECK(turn(base) == 0);
  CHECK(recorder.order() == "both write read");
  CHECK(recorder.what("both") == (EV_READ | EV_WRITE));
  CHECK(recorder.what("write") == EV_WRITE);
  CHECK(recorder.what("read") == EV_READ);
}

TEST_CASE("event fd end: half a close is readable and leaves writing alone") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  SocketPair pair;
  Recorder recorder;
  const Event reader = recorder.make(base.get(), pair.first, EV_READ, "read");
  REQUIRE(event_add(reader.get(), nullptr) == 0);
  REQUIRE(shutdown(pair.second, SHUT_WR) == 0);
  turn(base);
  CHECK(recorder.what("read") == EV_READ);
  write_byte(pair.first);
  CHECK(drain(pair.second) == 1);
}

TEST_CASE("event fd end: a pipe tells its reader when the writer goes") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  Pipe tube;
  Recorder recorder;
  const Event ev = recorder.make(base.get(), tube.fds[0], EV_READ | EV_PERSIST, "read");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  turn(base);
  CHECK(recorder.calls().empty());
  tube.end(1);
  turn(base);
  turn(base);
  CHECK(recorder.order() == "read read");
  CHECK(recorder.what("read") == EV_READ);
}

TEST_CASE("event fd end: a full pipe tells its writer when the reader goes") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  Pipe tube;
  Recorder recorder;
  const std::string block(4096, 'b');
  while (write(tube.fds[1], block.data(), block.size()) > 0) {
  }
  const Event ev = recorder.make(base.get(), tube.fds[1], EV_WRITE, "write");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  turn(base);
  CHECK(recorder.calls().empty());
  tube.end(0);
  turn(base);
  CHECK(recorder.order() == "write");
  CHECK(recorder.what("write") == EV_WRITE);
}

TEST_CASE("event fd end: a pipe's writer that asks for EV_READ hears of the reader's end") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  Pipe tube;
  Recorder recorder;
  const Event ev = recorder.make(base.get(), tube.fds[1], EV_READ, "read");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  turn(base);
  CHECK(recorder.calls().empty());
  tube.end(0);
  turn(base);
  CHECK(recorder.what("read") == EV_READ);
}

TEST_CASE("event fd end: a refused connection is reported to readers and writers") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  Recorder recorder;
  // A port of our own at which nobody listens.
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  const int owner = socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(bind(owner, reinterpret_cast<sockaddr*>(&address), length) == 0);
  REQUIRE(getsockname(owner, reinterpret_cast<sockaddr*>(&address), &length) == 0);

  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), length) != 0) {
    CHECK((errno == EINPROGRESS || errno == ECONNREFUSED));
  }
  const Event ev = recorder.make(base.get(), fd, EV_READ | EV_WRITE, "connect");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(recorder.what("connect") == (EV_READ | EV_WRITE));
  close(fd);
  close(owner);
}

TEST_CASE("event_add: a descriptor that is not open is refused by epoll, with errno") {
  const std::string backend = "epoll";
  const Base base = make_backend(backend);
  const LogCapture log;
  Recorder recorder;
  const Event ev = recorder.make(base.get(), unused_fd(), EV_READ, "bad");
  errno = 0;
  CHECK(event_add(ev.get(), nullptr) == -1);
  CHECK(errno == EBADF);
  CHECK(log.contains(EVENT_LOG_WARN, ""));
  CHECK(event_pending(ev.get(), EV_READ, nullptr) == 0);
  CHECK(added(base) == 0);
  CHECK(event_del(ev.get()) == 0);
  CHECK(turn(base) == 1);
}

TEST_CASE("event_add: a failed attempt does not keep the event from working later") {
  const Base base = make_base_with("epoll");
  const LogCapture log;
  Recorder recorder;
  const int fd = unused_fd();
  const Event ev = recorder.make(base.get(), fd, EV_READ, "read");
  const timeval delay = ms(60'000);
  REQUIRE(event_add(ev.get(), &delay) == -1);
  CHECK(event_pending(ev.get(), EV_READ | EV_TIMEOUT, nullptr) == 0);
  Pipe tube;
  REQUIRE(dup2(tube.fds[0], fd) == fd);
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  write_byte(tube.fds[1]);
  CHECK(turn(base) == 0);
  CHECK(recorder.what("read") == EV_READ);
  if (fd != tube.fds[0] && fd != tube.fds[1]) {
    close(fd);
  }
}

TEST_CASE("event_add: a descriptor that is not open is readable for poll") {
  const Base base = make_base_with("poll");
  Recorder recorder;
  const Event ev = recorder.make(base.get(), unused_fd(), EV_READ, "bad");
  CHECK(event_add(ev.get(), nullptr) == 0);
  CHECK(turn(base) == 0);
  CHECK(recorder.what("bad") == EV_READ);
}

TEST_CASE("event_base_loop: a descriptor that is not open makes select fail until it is deleted") {
  const Base base = make_base_with("select");
  const LogCapture log;
  Recorder recorder;
  const Event ev = recorder.make(base.get(), unused_fd(), EV_READ, "bad");
  CHECK(event_add(ev.get(), nullptr) == 0);
  CHECK(turn(base) == -1);
  CHECK(log.contains(EVENT_LOG_WARN, ""));
  CHECK(event_base_dispatch(base.get()) == -1);
  CHECK(recorder.calls().empty());
  CHECK(event_del(ev.get()) == 0);
  CHECK(turn(base) == 1);
}

TEST_CASE("event fd end: files and the null device are always ready for poll and select") {
  const std::string backend = GENERATE(as<std::string>{}, "poll", "select");
  const char* path = GENERATE("/dev/null", "/proc/self/exe");
  CAPTURE(backend, path);
  const Base base = make_base_with(backend.c_str());
  Recorder recorder;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  REQUIRE(fd >= 0);
  const Event ev = recorder.make(base.get(), fd, EV_READ | EV_WRITE | EV_PERSIST, "file");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  turn(base);
  turn(base);
  CHECK(recorder.order() == "file file");
  CHECK(recorder.what("file") == (EV_READ | EV_WRITE));
  close(fd);
}
