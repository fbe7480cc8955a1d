// Files added to evbuffers.
#include "evbuffer_tools.h"

using namespace buffer_cases;

namespace {

Buffer make_sender(bool drains) {
  Buffer buffer = make_buffer();
  if (drains) {
    evbuffer_set_flags(buffer.get(), EVBUFFER_FLAG_DRAINS_TO_FD);
  }
  return buffer;
}

// What comes out at the other end when all is written.
std::string send_off(const Buffer& buffer) {
  const SocketPair pair;
  std::string received;
  for (int calls = 0; length(buffer) > 0 && calls < 10000; ++calls) {
    if (evbuffer_write(buffer.get(), pair.first) < 0) {
      REQUIRE(errno == EAGAIN);
    }
    received += read_all(pair.second);
  }
  return received;
}

}  // namespace

TEST_CASE("evbuffer_add_file: a part of a file, written to a socket") {
  for (const bool drains : {false, true}) {
    INFO(drains);
    TempFile file("0123456789");
    lseek(file.fd(), 3, SEEK_SET);
    const Buffer buffer = make_sender(drains);
    REQUIRE(add(buffer, "<") == 0);
    REQUIRE(evbuffer_add_file(buffer.get(), file.give(), 2, 5) == 0);
    REQUIRE(add(buffer, ">") == 0);
    CHECK(length(buffer) == 7);
    CHECK(lseek(file.fd(), 0, SEEK_CUR) == 3);
    CHECK(file.is_open());
    CHECK(send_off(buffer) == "<23456>");
    CHECK_FALSE(file.is_open());
  }
}

TEST_CASE("evbuffer_add_file: bytes of a buffer that does not drain to a descriptor can be seen") {
  TempFile file("0123456789");
  const Buffer buffer = make_buffer();
  REQUIRE(evbuffer_add_file(buffer.get(), file.give(), 1, 8) == 0);
  CHECK(content(buffer) == "12345678");
  CHECK(evbuffer_search(buffer.get(), "45", 2, nullptr).pos == 3);
  evbuffer_drain(buffer.get(), 3);
  CHECK(evbuffer_pullup(buffer.get(), 2)[0] == '4');
  const Buffer other = make_buffer();
  CHECK(evbuffer_remove_buffer(buffer.get(), other.get(), 2) == 2);
  CHECK(content(other) == "45");
  CHECK(content(buffer) == "678");
  CHECK(file.is_open());
  CHECK(evbuffer_drain(buffer.get(), 3) == 0);
  CHECK_FALSE(file.is_open());
}

TEST_CASE("evbuffer_add_file: large files in many writes") {
  for (const bool drains : {false, true}) {
    const std::string text = pattern(1000000);
    TempFile file(text);
    const Buffer buffer = make_sender(drains);
    REQUIRE(evbuffer_add_file(buffer.get(), file.give(), 5000, 900000) == 0);
    REQUIRE(add(buffer, "end") == 0);
    CHECK(send_off(buffer) == text.substr(5000, 900000) + "end");
    CHECK_FALSE(file.is_open());
  }
}

TEST_CASE("evbuffer_add_file: up to the end of the file") {
  for (const bool drains : {false, true}) {
    TempFile file("0123456789");
    const Buffer buffer = make_sender(drains);
    REQUIRE(evbuffer_add_file(buffer.get(), file.give(), 0, -1) == 0);
    CHECK(length(buffer) == 10);
    CHECK(send_off(buffer) == "0123456789");
  }
}

TEST_CASE("evbuffer_add_file: up to the end of the file, from an offset") {
  INTENDED_DIFFERENCE("length -1 with an offset takes the length of the whole file");
  for (const bool drains : {false, true}) {
    TempFile file("0123456789");
    const Buffer buffer = make_sender(drains);
    REQUIRE(evbuffer_add_file(buffer.get(), file.give(), 6, -1) == 0);
    CHECK(length(buffer) == 4);
    CHECK(send_off(buffer) == "6789");
    TempFile second("0123456789");
    CHECK(evbuffer_add_file(buffer.get(), second.fd(), 11, -1) == -1);
    CHECK(second.is_open());
  }
}

TEST_CASE("evbuffer_add_file: who closes the file") {
  const LogCapture quiet;
  for (const bool drains : {false, true}) {
    INFO(drains);
    const Buffer buffer = make_sender(drains);
    TempFile file("0123456789");
    CHECK(evbuffer_add_file(buffer.get(), file.fd(), -1, 5) == -1);
    CHECK(file.is_open());
    CHECK(evbuffer_add_file(buffer.get(), file.fd(), 0, -2) == -1);
    CHECK(file.is_open());
    CHECK(evbuffer_add_file(buffer.get(), -1, 0, -1) == -1);
    if (!drains) {
      CHECK(evbuffer_add_file(buffer.get(), file.fd(), 0, 0) == -1);
      CHECK(file.is_open());
      const TempFile empty("");
      CHECK(evbuffer_add_file(buffer.get(), empty.fd(), 0, -1) == -1);
      CHECK(empty.is_open());
      CHECK(evbuffer_add_file(buffer.get(), -1, 0, 10) == -1);
    }
    CHECK(length(buffer) == 0);
    evbuffer_freeze(buffer.get(), 0);
    CHECK(evbuffer_add_file(buffer.get(), file.give(), 0, 10) == -1);
    CHECK_FALSE(file.is_open());
  }
}

TEST_CASE("evbuffer_add_file: a pipe cannot be added to be seen") {
  const LogCapture quiet;
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  REQUIRE(write(ends[1], "abc", 3) == 3);
  const Buffer buffer = make_buffer();
  CHECK(evbuffer_add_file(buffer.get(), ends[0], 0, 3) == -1);
  CHECK(fcntl(ends[0], F_GETFD) != -1);
  CHECK(length(buffer) == 0);
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE("evbuffer_add_file: a file that cannot be mapped is read") {
  const LogCapture quiet;
  const Buffer buffer = make_buffer();
  const int fd = open("/proc/self/status", O_RDONLY);
  REQUIRE(fd >= 0);
  REQUIRE(evbuffer_add_file(buffer.get(), fd, 0, 5) == 0);
  CHECK(content(buffer) == "Name:");
}

TEST_CASE("evbuffer_add_file: a file that the kernel cannot send is read") {
  INTENDED_DIFFERENCE("writing fails for good with EINVAL where sendfile cannot be used");
  const Buffer buffer = make_sender(true);
  const int fd = open("/proc/self/status", O_RDONLY);
  REQUIRE(fd >= 0);
  REQUIRE(evbuffer_add_file(buffer.get(), fd, 0, 5) == 0);
  CHECK(send_off(buffer) == "Name:");
}

TEST_CASE("evbuffer_add_file: a file that got shorter") {
  const SocketPair pair;
  TempFile file("0123456789");
  const Buffer buffer = make_sender(true);
  REQUIRE(evbuffer_add_file(buffer.get(), file.give(), 0, 10) == 0);
  REQUIRE(ftruncate(file.fd(), 4) == 0);
  CHECK(evbuffer_write(buffer.get(), pair.first) == 4);
  CHECK(evbuffer_write(buffer.get(), pair.first) == 0);
  CHECK(length(buffer) == 6);
  CHECK(read_all(pair.second) == "0123");
}

TEST_CASE("evbuffer_add_file: bytes behind the last page of a file") {
  INTENDED_DIFFERENCE("looking at bytes that a file does not have ends in SIGBUS");
  const LogCapture quiet;
  const Buffer buffer = make_buffer();
  const TempFile file("0123456789");
  CHECK(evbuffer_add_file(buffer.get(), file.fd(), 0, 100000) == -1);
  CHECK(file.is_open());
  CHECK(length(buffer) == 0);
}

TEST_CASE("evbuffer_write_atmost: the limit holds for files") {
  INTENDED_DIFFERENCE("evbuffer_write_atmost sends files without a limit");
  const SocketPair pair;
  TempFile file("0123456789");
  const Buffer buffer = make_sender(true);
  REQUIRE(evbuffer_add_file(buffer.get(), file.give(), 0, 10) == 0);
  CHECK(evbuffer_write_atmost(buffer.get(), pair.first, 3) == 3);
  CHECK(evbuffer_write_atmost(buffer.get(), pair.first, 4) == 4);
  CHECK(length(buffer) == 3);
  CHECK(read_all(pair.second) == "0123456");
}

TEST_CASE(
    "evbuffer_add_file: bytes of a buffer that drains to a descriptor can be seen all the same") {
  INTENDED_DIFFERENCE("looking at bytes that wait to be sent from a file is undefined");
  const auto fresh = [] {
    TempFile file("0123456789");
    Buffer buffer = make_sender(true);
    add(buffer, "<");
    REQUIRE(evbuffer_add_file(buffer.get(), file.give(), 0, 10) == 0);
    add(buffer, ">");
    evbuffer_drain(buffer.get(), 3);
    return buffer;
  };
  CHECK(content(fresh()) == "23456789>");
  CHECK(segments(fresh()) == std::vector<size_t>{8, 1});
  CHECK(evbuffer_search(fresh().get(), "9>", 2, nullptr).pos == 7);
  CHECK(evbuffer_pullup(fresh().get(), -1) != nullptr);
  const Buffer from = fresh();
  const Buffer to = make_buffer();
  CHECK(evbuffer_remove_buffer(from.get(), to.get(), 4) == 4);
  CHECK(content(to) == "2345");
  CHECK(content(from) == "6789>");
  CHECK(evbuffer_remove_buffer(from.get(), to.get(), 2) == 2);
  CHECK(send_off(to) == "234567");
  CHECK(send_off(from) == "89>");
}
