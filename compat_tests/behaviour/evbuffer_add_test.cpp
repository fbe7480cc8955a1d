// Bytes copied to the end and the front of an evbuffer.
#include <cstdarg>
#include <cstring>

#include "evbuffer_tools.h"

using namespace buffer_cases;

TEST_CASE("evbuffer_new: is empty") {
  const Buffer buffer = make_buffer();
  REQUIRE(buffer);
  CHECK(length(buffer) == 0);
  CHECK(evbuffer_get_contiguous_space(buffer.get()) == 0);
  CHECK(segments(buffer).empty());
}

TEST_CASE("evbuffer_add: bytes come out in the order they went in") {
  const Buffer buffer = make_buffer();
  std::string expected;
  for (unsigned i = 0; i < 300; ++i) {
    const std::string text = pattern(i * 7 % 1000, i);
    REQUIRE(add(buffer, text) == 0);
    expected += text;
  }
  CHECK(length(buffer) == expected.size());
  CHECK(content(buffer) == expected);
}

TEST_CASE("evbuffer_add: no bytes are no change") {
  const Buffer buffer = make_buffer();
  CHECK(evbuffer_add(buffer.get(), "x", 0) == 0);
  CHECK(length(buffer) == 0);
  REQUIRE(add(buffer, "abc") == 0);
  CHECK(evbuffer_add(buffer.get(), nullptr, 0) == 0);
  CHECK(content(buffer) == "abc");
}

TEST_CASE("evbuffer_add: one large piece stays in one segment") {
  const Buffer buffer = make_buffer();
  const std::string large = pattern(300000);
  REQUIRE(add(buffer, large) == 0);
  CHECK(evbuffer_get_contiguous_space(buffer.get()) == large.size());
  CHECK(content(buffer) == large);
}

TEST_CASE("evbuffer_add: bytes of the buffer itself can be added to it") {
  const Buffer buffer = make_buffer();
  REQUIRE(add(buffer, "abcdef") == 0);
  REQUIRE(evbuffer_add(buffer.get(), evbuffer_pullup(buffer.get(), -1), 3) == 0);
  CHECK(content(buffer) == "abcdefabc");
}

TEST_CASE("evbuffer_add: sizes near the limit are refused") {
  const Buffer buffer = make_buffer();
  REQUIRE(add(buffer, "abc") == 0);
  for (const size_t size : {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 3, size_t{EV_SSIZE_MAX},
                            size_t{EV_SSIZE_MAX} + 1, size_t{EV_SSIZE_MAX} - 2}) {
    INFO(size);
    CHECK(evbuffer_add(buffer.get(), "x", size) == -1);
    CHECK(evbuffer_prepend(buffer.get(), "x", size) == -1);
    CHECK(evbuffer_expand(buffer.get(), size) == -1);
    CHECK(content(buffer) == "abc");
  }
}

TEST_CASE("evbuffer_prepend: bytes come first") {
  const Buffer buffer = make_buffer();
  std::string expected;
  for (unsigned i = 0; i < 200; ++i) {
    const std::string text = pattern(i * 11 % 700, i);
    REQUIRE(evbuffer_prepend(buffer.get(), text.data(), text.size()) == 0);
    expected = text + expected;
    if (i % 10 == 0) {
      REQUIRE(add(buffer, "tail") == 0);
      expected += "tail";
    }
  }
  CHECK(content(buffer) == expected);
}

TEST_CASE("evbuffer_prepend: in front of a reference, and after a part was drained") {
  const Buffer buffer = in_segments({"reference"});
  CHECK(evbuffer_prepend(buffer.get(), "a ", 2) == 0);
  CHECK(evbuffer_prepend(buffer.get(), "not ", 4) == 0);
  CHECK(content(buffer) == "not a reference");
  CHECK(evbuffer_drain(buffer.get(), 4) == 0);
  CHECK(evbuffer_prepend(buffer.get(), "still ", 6) == 0);
  CHECK(content(buffer) == "still a reference");
}

TEST_CASE("evbuffer_prepend: to an expanded empty buffer") {
  const Buffer buffer = make_buffer();
  REQUIRE(evbuffer_expand(buffer.get(), 5000) == 0);
  REQUIRE(evbuffer_prepend(buffer.get(), "world", 5) == 0);
  REQUIRE(evbuffer_prepend(buffer.get(), "hello ", 6) == 0);
  REQUIRE(add(buffer, "!") == 0);
  CHECK(content(buffer) == "hello world!");
}

TEST_CASE("evbuffer_expand: the room is used in one piece") {
  for (const size_t before : {0, 1, 100, 5000}) {
    INFO(before);
    const Buffer buffer = make_buffer();
    REQUIRE(add(buffer, pattern(before)) == 0);
    REQUIRE(evbuffer_expand(buffer.get(), 40000) == 0);
    CHECK(content(buffer) == pattern(before));
    evbuffer_iovec room;
    REQUIRE(evbuffer_reserve_space(buffer.get(), 40000, &room, 1) == 1);
    CHECK(room.iov_len >= 40000);
    REQUIRE(add(buffer, pattern(40000, 2)) == 0);
    CHECK(content(buffer) == pattern(before) + pattern(40000, 2));
  }
}

TEST_CASE("evbuffer_add_printf: text and its length") {
  const Buffer buffer = make_buffer();
  CHECK(evbuffer_add_printf(buffer.get(), "%s=%d;", "key", -42) == 8);
  CHECK(evbuffer_add_printf(buffer.get(), "%s", "") == 0);
  CHECK(evbuffer_add_printf(buffer.get(), "100%% %c%5u|%-6s|%06.2f|%#lx|%zu|%%", 'x', 7u, "ab",
                            3.14159, 255ul, size_t{12}) == 35);
  CHECK(content(buffer) == "key=-42;100% x    7|ab    |003.14|0xff|12|%");
}

TEST_CASE("evbuffer_add_printf: plain directives") {
  const Buffer buffer = make_buffer();
  char expected[1000];
  const auto both = [&](auto... arguments) {
    evbuffer_drain(buffer.get(), length(buffer));
    const int size = std::snprintf(expected, sizeof expected, arguments...);
    CHECK(evbuffer_add_printf(buffer.get(), arguments...) == size);
    CHECK(content(buffer) == std::string(expected, static_cast<size_t>(size)));
  };
  both("no directive");
  both("%d %i %u", 0, INT_MIN, UINT_MAX);
  both("%ld %lu %lld %llu", LONG_MIN, ULONG_MAX, LLONG_MAX, ULLONG_MAX);
  both("%zu %zd %x %X %o", SIZE_MAX, ptrdiff_t{-5}, 0xbeefu, 0xbeefu, 8u);
  both("%s%s%s", "a", "", "c");
  both("%c%c", 'x', 0);
  both("%hd %hhd %hu %p", 70000, 300, 70000, static_cast<void*>(expected));
  both("%.*s|%5s|%-5s|%.2s", 2, "abcdef", "x", "y", "wxyz");
  both("%05d|%+d|% d|%5d|%-5d|", 42, 42, 42, 42, 42);
  both("%g %e %f %a", 1.5, 1.5, 1.5, 1.5);
  both("%%%s%%", "percent");
  both("%1$s %1$s", "twice");
}

TEST_CASE("evbuffer_add_printf: a 0 lies behind the text") {
  const std::string text(600, 'x');
  for (const std::size_t size : {1u, 47u, 48u, 63u, 64u, 65u, 207u, 208u, 463u, 464u, 600u}) {
    for (const char* const format : {"%s", "%5s"}) {
      CAPTURE(size, format);
      // What was in the memory before must not hide that nothing was written there.
      evbuffer_add(make_buffer().get(), text.data(), text.size());
      const Buffer buffer = make_buffer();
      REQUIRE(evbuffer_add_printf(buffer.get(), format, text.c_str() + text.size() - size) > 0);
      const auto* const start = reinterpret_cast<const char*>(evbuffer_pullup(buffer.get(), -1));
      CHECK(std::strlen(start) == evbuffer_get_length(buffer.get()));
    }
  }
}

TEST_CASE("evbuffer_add_printf: texts longer than any room") {
  const Buffer buffer = make_buffer();
  std::string expected;
  for (int width = 1; width < 200000; width = width * 3 + 1) {
    CHECK(evbuffer_add_printf(buffer.get(), "%*d", width, 7) == width);
    expected += std::string(static_cast<size_t>(width - 1), ' ') + "7";
  }
  const std::string large = pattern(100000);
  CHECK(evbuffer_add_printf(buffer.get(), "<%s>", large.c_str()) == 100002);
  CHECK(content(buffer) == expected + "<" + large + ">");
}

TEST_CASE("evbuffer_add_printf: a bad format adds nothing") {
  const Buffer buffer = make_buffer();
  REQUIRE(add(buffer, "abc") == 0);
  const std::string bad = "text %";
  CHECK(evbuffer_add_printf(buffer.get(), bad.c_str(), 1) == -1);
  CHECK(evbuffer_add_printf(buffer.get(), "%lc", static_cast<wint_t>(0xd800)) == -1);
  CHECK(content(buffer) == "abc");
}

namespace {

int forward(evbuffer* buffer, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int result = evbuffer_add_vprintf(buffer, format, arguments);
  va_end(arguments);
  return result;
}

}  // namespace

TEST_CASE("evbuffer_add_vprintf: takes a list") {
  const Buffer buffer = make_buffer();
  CHECK(forward(buffer.get(), "%s %d %s", "a", 1, pattern(3000).c_str()) == 3004);
  CHECK(content(buffer) == "a 1 " + pattern(3000));
}

TEST_CASE("evbuffer_add_iovec: all pieces in order") {
  const Buffer buffer = make_buffer();
  const std::string large = pattern(20000);
  evbuffer_iovec pieces[] = {piece("abc"), piece(""), piece(large.c_str()), piece("def")};
  CHECK(evbuffer_add_iovec(buffer.get(), pieces, 4) == 20006);
  CHECK(evbuffer_add_iovec(buffer.get(), pieces, 0) == 0);
  CHECK(evbuffer_add_iovec(buffer.get(), pieces, -1) == 0);
  CHECK(evbuffer_add_iovec(buffer.get(), pieces + 1, 1) == 0);
  CHECK(content(buffer) == "abc" + large + "def");
}

TEST_CASE("evbuffer_add_iovec: a sum that is too large adds nothing") {
  INTENDED_DIFFERENCE("evbuffer_add_iovec adds some pieces of a sum that overflows");
  const Buffer buffer = make_buffer();
  evbuffer_iovec pieces[] = {piece("abc"), piece("def")};
  pieces[1].iov_len = SIZE_MAX - 2;
  CHECK(evbuffer_add_iovec(buffer.get(), pieces, 2) == 0);
  pieces[1].iov_len = size_t{EV_SSIZE_MAX} - 2;
  CHECK(evbuffer_add_iovec(buffer.get(), pieces, 2) == 0);
  CHECK(length(buffer) == 0);
}

TEST_CASE("evbuffer_set_flags: takes and clears any bits") {
  const Buffer buffer = make_buffer();
  CHECK(evbuffer_set_flags(buffer.get(), EVBUFFER_FLAG_DRAINS_TO_FD) == 0);
  CHECK(evbuffer_set_flags(buffer.get(), UINT64_MAX) == 0);
  CHECK(evbuffer_clear_flags(buffer.get(), UINT64_MAX) == 0);
}
