// Regular files and devices under epoll: always ready, as poll has it.
#include <fcntl.h>

#include "event_recorder.h"

using namespace event_cases;

namespace {

constexpr const char* kReason = "the reference's epoll refuses regular files with EPERM";

struct File {
  explicit File(const char* path) : fd(open(path, O_RDONLY | O_CLOEXEC)) { REQUIRE(fd >= 0); }
  ~File() { close(fd); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd;
};

}  // namespace

TEST_CASE("event fd file: a file is always ready for epoll") {
  INTENDED_DIFFERENCE(kReason);
  const std::string backend = GENERATE(as<std::string>{}, "epoll", "changelist");
  const char* path = GENERATE("/dev/null", "/proc/self/exe");
  CAPTURE(backend, path);
  const Base base = make_backend(backend);
  const LogCapture log;
  Recorder recorder;
  const File file(path);
  const Event ev = recorder.make(base.get(), file.fd, EV_READ | EV_WRITE | EV_PERSIST, "file");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  CHECK(event_pending(ev.get(), EV_READ | EV_WRITE, nullptr) == (EV_READ | EV_WRITE));
  CHECK(added(base) == 1);
  CHECK(turn(base) == 0);
  CHECK(turn(base) == 0);
  CHECK(recorder.order() == "file file");
  CHECK(recorder.what("file") == (EV_READ | EV_WRITE));
  CHECK(event_del(ev.get()) == 0);
  CHECK(turn(base) == 1);
  CHECK(recorder.count("file") == 2);
  CHECK(log.count() == 0);
}

TEST_CASE("event fd file: a loop that waits is not held up by other descriptors") {
  INTENDED_DIFFERENCE(kReason);
  const Base base = make_base_with("epoll");
  Recorder recorder;
  SocketPair quiet;
  const File file("/dev/null");
  const Event waiting = recorder.make(base.get(), quiet.first, EV_READ, "quiet");
  const Event ev = recorder.make(base.get(), file.fd, EV_READ, "file");
  REQUIRE(event_add(waiting.get(), nullptr) == 0);
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(recorder.order() == "file");
  // The file's event is over; the loop waits as usual again.
  const timeval brief = ms(20);
  event_base_loopexit(base.get(), &brief);
  CHECK(event_base_dispatch(base.get()) == 0);
  CHECK(recorder.order() == "file");
}

TEST_CASE("event fd file: sockets are still served while a file is always ready") {
  INTENDED_DIFFERENCE(kReason);
  const Base base = make_base_with("epoll");
  Recorder recorder;
  SocketPair pair;
  const File file("/dev/null");
  const Event ev = recorder.make(base.get(), file.fd, EV_READ | EV_PERSIST, "file");
  const Event reader = recorder.make(base.get(), pair.first, EV_READ | EV_PERSIST, "socket");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  REQUIRE(event_add(reader.get(), nullptr) == 0);
  write_byte(pair.second);
  turn(base);
  CHECK(recorder.count("file") == 1);
  CHECK(recorder.count("socket") == 1);
}

TEST_CASE("event fd file: several events share a file") {
  INTENDED_DIFFERENCE(kReason);
  const Base base = make_base_with("epoll");
  Recorder recorder;
  const File file("/dev/null");
  const Event reader = recorder.make(base.get(), file.fd, EV_READ | EV_PERSIST, "read");
  const Event writer = recorder.make(base.get(), file.fd, EV_WRITE | EV_PERSIST, "write");
  REQUIRE(event_add(reader.get(), nullptr) == 0);
  REQUIRE(event_add(writer.get(), nullptr) == 0);
  turn(base);
  CHECK(recorder.count("read") == 1);
  CHECK(recorder.count("write") == 1);
  REQUIRE(event_del(reader.get()) == 0);
  turn(base);
  CHECK(recorder.count("read") == 1);
  CHECK(recorder.count("write") == 2);
  CHECK(recorder.what("write") == EV_WRITE);
}

TEST_CASE("event fd file: the number of a closed file can become a socket's") {
  INTENDED_DIFFERENCE(kReason);
  const Base base = make_base_with("epoll");
  Recorder recorder;
  SocketPair pair;
  const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const Event ev = recorder.make(base.get(), fd, EV_READ | EV_PERSIST, "read");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  turn(base);
  REQUIRE(event_del(ev.get()) == 0);
  REQUIRE(dup2(pair.first, fd) == fd);
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  turn(base);
  CHECK(recorder.count("read") == 1);
  write_byte(pair.second);
  turn(base);
  CHECK(recorder.count("read") == 2);
  REQUIRE(event_del(ev.get()) == 0);
  close(fd);
}
