// Reading from descriptors and writing to them.
#include <sys/socket.h>

#include "evbuffer_tools.h"

using namespace buffer_cases;

namespace {

void send_all(evutil_socket_t fd, std::string_view text) {
  REQUIRE(write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

}  // namespace

TEST_CASE("evbuffer_read: at most 4096 bytes, or fewer on demand") {
  for (const auto& [limit, expected] : std::initializer_list<std::pair<int, int>>{{-1, 4096},
                                                                                  {-7, 4096},
                                                                                  {1, 1},
                                                                                  {100, 100},
                                                                                  {4095, 4095},
                                                                                  {4096, 4096},
                                                                                  {5000, 4096},
                                                                                  {100000, 4096},
                                                                                  {INT_MAX, 4096},
                                                                                  {0, 0}}) {
    INFO(limit);
    const SocketPair pair;
    const std::string text = pattern(20000);
    send_all(pair.second, text);
    const Buffer buffer = make_buffer();
    CHECK(evbuffer_read(buffer.get(), pair.first, limit) == expected);
    CHECK(content(buffer) == text.substr(0, static_cast<size_t>(expected)));
  }
}

TEST_CASE("evbuffer_read: appends, whatever room there is") {
  const SocketPair pair;
  const Buffer buffer = make_buffer();
  std::string expected;
  for (unsigned i = 0; i < 60; ++i) {
    const std::string text = pattern(i * 67 % 4000 + 1, i);
    send_all(pair.second, text);
    REQUIRE(evbuffer_read(buffer.get(), pair.first, -1) == static_cast<int>(text.size()));
    expected += text;
    if (i % 4 == 0) {
      REQUIRE(add(buffer, "between") == 0);
      expected += "between";
    }
    if (i % 5 == 0) {
      REQUIRE(evbuffer_drain(buffer.get(), expected.size() / 2) == 0);
      expected.erase(0, expected.size() / 2);
    }
    REQUIRE(content(buffer) == expected);
  }
}

TEST_CASE("evbuffer_read: end of the stream, nothing there, and bad descriptors") {
  SocketPair pair;
  const Buffer buffer = make_buffer();
  errno = 0;
  CHECK(evbuffer_read(buffer.get(), pair.first, -1) == -1);
  CHECK(errno == EAGAIN);
  send_all(pair.second, "abc");
  pair.close_second();
  CHECK(evbuffer_read(buffer.get(), pair.first, -1) == 3);
  CHECK(evbuffer_read(buffer.get(), pair.first, -1) == 0);
  CHECK(evbuffer_read(buffer.get(), pair.first, 0) == 0);
  for (const int bad : {-1, 9999}) {
    errno = 0;
    CHECK(evbuffer_read(buffer.get(), bad, 10) == -1);
    CHECK(errno == EBADF);
    CHECK(evbuffer_read(buffer.get(), bad, 0) == -1);
  }
  CHECK(content(buffer) == "abc");
}

TEST_CASE("evbuffer_read: from pipes, files and datagrams") {
  const Buffer buffer = make_buffer();
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  send_all(ends[1], "pipe");
  CHECK(evbuffer_read(buffer.get(), ends[0], -1) == 4);
  close(ends[0]);
  close(ends[1]);
  const TempFile file(pattern(6000));
  lseek(file.fd(), 0, SEEK_SET);
  CHECK(evbuffer_read(buffer.get(), file.fd(), -1) == 4096);
  CHECK(evbuffer_read(buffer.get(), file.fd(), -1) == 1904);
  CHECK(evbuffer_read(buffer.get(), file.fd(), -1) == 0);
  REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0);
  send_all(ends[1], "first");
  send_all(ends[1], "second");
  CHECK(evbuffer_read(buffer.get(), ends[0], -1) == 5);
  CHECK(evbuffer_read(buffer.get(), ends[0], -1) == 6);
  close(ends[0]);
  close(ends[1]);
  CHECK(content(buffer) == "pipe" + pattern(6000) + "firstsecond");
}

TEST_CASE("evbuffer_set_max_read: the limit of one read") {
  INTENDED_DIFFERENCE("evbuffer_set_max_read is of 2.2");
  const SocketPair pair;
  const Buffer buffer = make_buffer();
  send_all(pair.second, pattern(30000));
  CHECK(evbuffer_get_max_read(buffer.get()) == 4096);
  CHECK(evbuffer_set_max_read(buffer.get(), 20000) == 0);
  CHECK(evbuffer_get_max_read(buffer.get()) == 20000);
  CHECK(evbuffer_read(buffer.get(), pair.first, -1) == 20000);
  CHECK(evbuffer_set_max_read(buffer.get(), 10) == 0);
  CHECK(evbuffer_read(buffer.get(), pair.first, 5000) == 10);
  CHECK(evbuffer_set_max_read(buffer.get(), size_t{INT_MAX} + 1) == -1);
  CHECK(evbuffer_get_max_read(buffer.get()) == 10);
  CHECK(content(buffer) == pattern(30000).substr(0, 20010));
}

TEST_CASE("evbuffer_write: all segments in one go") {
  const SocketPair pair;
  const Buffer buffer = in_segments({"abc", "def", "", "ghi"});
  REQUIRE(add(buffer, "!") == 0);
  CHECK(evbuffer_write(buffer.get(), pair.first) == 10);
  CHECK(length(buffer) == 0);
  CHECK(read_all(pair.second) == "abcdefghi!");
}

TEST_CASE("evbuffer_write: a full socket takes a part") {
  const SocketPair pair;
  const Buffer buffer = make_buffer();
  const std::string text = pattern(3000000);
  REQUIRE(add(buffer, text) == 0);
  std::string received;
  int calls = 0;
  while (length(buffer) > 0) {
    const int count = evbuffer_write(buffer.get(), pair.first);
    if (count < 0) {
      REQUIRE(errno == EAGAIN);
      received += read_all(pair.second);
    }
    CHECK(length(buffer) <= text.size());
    REQUIRE(++calls < 10000);
  }
  received += read_all(pair.second);
  CHECK(received == text);
}

TEST_CASE("evbuffer_write_atmost: the limit") {
  const SocketPair pair;
  const Buffer buffer = in_segments({"abc", "def", "ghi"});
  CHECK(evbuffer_write_atmost(buffer.get(), pair.first, 2) == 2);
  CHECK(evbuffer_write_atmost(buffer.get(), pair.first, 4) == 4);
  CHECK(content(buffer) == "ghi");
  CHECK(evbuffer_write_atmost(buffer.get(), pair.first, 0) == -1);
  CHECK(evbuffer_write_atmost(buffer.get(), pair.first, 100) == 3);
  CHECK(evbuffer_write_atmost(buffer.get(), pair.first, 100) == -1);
  CHECK(evbuffer_write(buffer.get(), pair.first) == -1);
  REQUIRE(add(buffer, "jkl") == 0);
  CHECK(evbuffer_write_atmost(buffer.get(), pair.first, -7) == 3);
  REQUIRE(add(buffer, "mno") == 0);
  CHECK(evbuffer_write_atmost(buffer.get(), pair.first, EV_SSIZE_MAX) == 3);
  CHECK(read_all(pair.second) == "abcdefghijklmno");
}

TEST_CASE("evbuffer_write: more segments than one system call takes") {
  const SocketPair pair;
  const Buffer buffer = make_buffer();
  std::string expected;
  static const std::string text = pattern(10);
  for (int i = 0; i < 2000; ++i) {
    evbuffer_add_reference(buffer.get(), text.data(), 10, nullptr, nullptr);
    expected += text;
  }
  std::string received;
  for (int calls = 0; length(buffer) > 0 && calls < 10000; ++calls) {
    if (evbuffer_write(buffer.get(), pair.first) < 0) {
      REQUIRE(errno == EAGAIN);
    }
    received += read_all(pair.second);
  }
  CHECK(received == expected);
}

TEST_CASE("evbuffer_write: errors leave the bytes") {
  SocketPair pair;
  const Buffer buffer = in_segments({"abc"});
  errno = 0;
  CHECK(evbuffer_write(buffer.get(), -1) == -1);
  CHECK(errno == EBADF);
  pair.close_second();
  CHECK(evbuffer_write(buffer.get(), pair.first) == -1);
  CHECK(errno == EPIPE);
  CHECK(content(buffer) == "abc");
}
