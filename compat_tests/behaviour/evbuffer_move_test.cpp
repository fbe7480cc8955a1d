// Bytes that go from one evbuffer to another.
#include "evbuffer_tools.h"

using namespace buffer_cases;

TEST_CASE("evbuffer_add_buffer: moves the segments") {
  const Buffer from = in_segments({"abc", "def"});
  const Buffer to = in_segments({"xyz"});
  CHECK(evbuffer_add_buffer(to.get(), from.get()) == 0);
  CHECK(length(from) == 0);
  CHECK(content(to) == "xyzabcdef");
  CHECK(segments(to) == std::vector<size_t>{3, 3, 3});
  CHECK(evbuffer_add_buffer(to.get(), from.get()) == 0);
  CHECK(evbuffer_add_buffer(to.get(), to.get()) == 0);
  CHECK(evbuffer_add_buffer(from.get(), to.get()) == 0);
  CHECK(content(from) == "xyzabcdef");
  CHECK(add(to, "new") == 0);
  CHECK(content(to) == "new");
}

TEST_CASE("evbuffer_add_buffer: with room left over on both sides") {
  const Buffer from = make_buffer();
  const Buffer to = make_buffer();
  std::string expected;
  for (unsigned i = 0; i < 30; ++i) {
    const std::string text = pattern(i * 100 + 1, i);
    REQUIRE(add(from, text) == 0);
    REQUIRE(evbuffer_expand(from.get(), i % 2 * 3000) == 0);
    REQUIRE(evbuffer_expand(to.get(), i % 3 * 2000) == 0);
    REQUIRE(evbuffer_add_buffer(to.get(), from.get()) == 0);
    REQUIRE(add(to, "-") == 0);
    expected += text + "-";
  }
  CHECK(content(to) == expected);
}

TEST_CASE("evbuffer_prepend_buffer: moves the segments to the front") {
  const Buffer from = in_segments({"abc", "def"});
  const Buffer to = in_segments({"xyz"});
  REQUIRE(evbuffer_expand(from.get(), 100) == 0);
  CHECK(evbuffer_prepend_buffer(to.get(), from.get()) == 0);
  CHECK(length(from) == 0);
  CHECK(content(to) == "abcdefxyz");
  CHECK(evbuffer_prepend_buffer(to.get(), from.get()) == 0);
  CHECK(evbuffer_prepend_buffer(to.get(), to.get()) == 0);
  CHECK(evbuffer_prepend_buffer(from.get(), to.get()) == 0);
  CHECK(content(from) == "abcdefxyz");
  CHECK(add(from, "!") == 0);
  CHECK(content(from) == "abcdefxyz!");
}

TEST_CASE("evbuffer_remove_buffer: whole segments and parts") {
  const std::string all = "abcdefghijkl";
  for (size_t count = 0; count <= 14; ++count) {
    for (const std::string_view before : {"", "<>"}) {
      INFO(count << " bytes after " << before.size());
      const Buffer from = in_segments({"abc", "def", "ghi", "jkl"});
      const Buffer to = make_buffer();
      REQUIRE(add(to, before) == 0);
      const size_t moved = std::min(count, all.size());
      CHECK(evbuffer_remove_buffer(from.get(), to.get(), count) == static_cast<int>(moved));
      CHECK(content(to) == std::string(before) + all.substr(0, moved));
      CHECK(content(from) == all.substr(moved));
      CHECK(add(to, "+") == 0);
      CHECK(add(from, "-") == 0);
      CHECK(content(to) == std::string(before) + all.substr(0, moved) + "+");
      CHECK(content(from) == all.substr(moved) + "-");
    }
  }
}

TEST_CASE("evbuffer_remove_buffer: of an empty buffer, and to itself") {
  const Buffer empty = make_buffer();
  const Buffer buffer = in_segments({"abc"});
  CHECK(evbuffer_remove_buffer(empty.get(), buffer.get(), 10) == 0);
  CHECK(evbuffer_remove_buffer(buffer.get(), buffer.get(), 2) == 0);
  CHECK(evbuffer_remove_buffer(buffer.get(), empty.get(), 0) == 0);
  CHECK(evbuffer_remove_buffer(buffer.get(), empty.get(), SIZE_MAX) == 3);
  CHECK(content(empty) == "abc");
}

TEST_CASE("evbuffer_remove_buffer: more bytes than an int can tell") {
  INTENDED_DIFFERENCE("evbuffer_remove_buffer returns a negative number after moving 2 GiB");
  static char bytes[1];
  const Buffer from = make_buffer();
  const Buffer to = make_buffer();
  for (int i = 0; i < 3; ++i) {
    REQUIRE(evbuffer_add_reference(from.get(), bytes, size_t{1} << 30, nullptr, nullptr) == 0);
  }
  CHECK(evbuffer_remove_buffer(from.get(), to.get(), SIZE_MAX) == INT_MAX);
  CHECK(length(from) == 0);
  CHECK(length(to) == size_t{3} << 30);
}

TEST_CASE("evbuffer_add_buffer: lengths that would overflow are refused") {
  INTENDED_DIFFERENCE("buffers of references get longer than SIZE_MAX");
  static char bytes[1];
  const Buffer huge = make_buffer();
  const Buffer other = in_segments({"abc"});
  Cleanup cleanup;
  CHECK(evbuffer_add_reference(huge.get(), bytes, SIZE_MAX, Cleanup::call, &cleanup) == -1);
  REQUIRE(evbuffer_add_reference(huge.get(), bytes, size_t{EV_SSIZE_MAX} - 2, nullptr, nullptr) ==
          0);
  CHECK(add_reference(huge, "abc", cleanup) == -1);
  CHECK(cleanup.calls == 0);
  CHECK(evbuffer_add_buffer(huge.get(), other.get()) == -1);
  CHECK(evbuffer_prepend_buffer(huge.get(), other.get()) == -1);
  CHECK(evbuffer_add_buffer_reference(huge.get(), other.get()) == -1);
  CHECK(evbuffer_add_buffer(other.get(), huge.get()) == -1);
  CHECK(evbuffer_remove_buffer(other.get(), huge.get(), 100) == -1);
  CHECK(evbuffer_add(huge.get(), "abc", 3) == -1);
  CHECK(evbuffer_prepend(huge.get(), "abc", 3) == -1);
  CHECK(evbuffer_add_printf(huge.get(), "%s", "abc") == -1);
  evbuffer_iovec room[2] = {piece("ab"), piece("c")};
  CHECK(evbuffer_add_iovec(huge.get(), room, 2) == 0);
  CHECK(evbuffer_reserve_space(huge.get(), 3, room, 2) == -1);
  CHECK(evbuffer_reserve_space(huge.get(), 3, room, 1) == -1);
  CHECK(evbuffer_expand(huge.get(), 3) == -1);
  CHECK(length(huge) == size_t{EV_SSIZE_MAX} - 2);
  CHECK(content(other) == "abc");
}
