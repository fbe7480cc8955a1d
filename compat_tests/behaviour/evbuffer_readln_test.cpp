// Lines and their ends.
#include "evbuffer_tools.h"

using namespace buffer_cases;

namespace {

constexpr evbuffer_eol_style kStyles[] = {EVBUFFER_EOL_ANY, EVBUFFER_EOL_CRLF,
                                          EVBUFFER_EOL_CRLF_STRICT, EVBUFFER_EOL_LF};

struct Case {
  std::string text;
  // For each style: the position and length of the first end, then the lines and the rest.
  struct {
    ev_ssize_t pos;
    size_t size;
    std::vector<std::string> lines;
    std::string rest;
  } expected[4];
};

const Case kCases[] = {
    {"abc\r\ndef\n",
     {{3, 2, {"abc", "def"}, ""},
      {3, 2, {"abc", "def"}, ""},
      {3, 2, {"abc"}, "def\n"},
      {4, 1, {"abc\r", "def"}, ""}}},
    {"abc\r",
     {{3, 1, {"abc"}, ""}, {-1, 0, {}, "abc\r"}, {-1, 0, {}, "abc\r"}, {-1, 0, {}, "abc\r"}}},
    {"\r\r\n\nx",
     {{0, 4, {""}, "x"},
      {1, 2, {"\r", ""}, "x"},
      {1, 2, {"\r"}, "\nx"},
      {2, 1, {"\r\r", ""}, "x"}}},
    {"a\rb\nc",
     {{1, 1, {"a", "b"}, "c"},
      {3, 1, {"a\rb"}, "c"},
      {-1, 0, {}, "a\rb\nc"},
      {3, 1, {"a\rb"}, "c"}}},
    {"a\n\rb",
     {{1, 2, {"a"}, "b"}, {1, 1, {"a"}, "\rb"}, {-1, 0, {}, "a\n\rb"}, {1, 1, {"a"}, "\rb"}}},
    {"\n", {{0, 1, {""}, ""}, {0, 1, {""}, ""}, {-1, 0, {}, "\n"}, {0, 1, {""}, ""}}},
    {"a\r\r\n",
     {{1, 3, {"a"}, ""}, {2, 2, {"a\r"}, ""}, {2, 2, {"a\r"}, ""}, {3, 1, {"a\r\r"}, ""}}},
    {"ab\rc\r\n",
     {{2, 1, {"ab", "c"}, ""},
      {4, 2, {"ab\rc"}, ""},
      {4, 2, {"ab\rc"}, ""},
      {5, 1, {"ab\rc\r"}, ""}}},
    {"abc", {{-1, 0, {}, "abc"}, {-1, 0, {}, "abc"}, {-1, 0, {}, "abc"}, {-1, 0, {}, "abc"}}},
    {"", {{-1, 0, {}, ""}, {-1, 0, {}, ""}, {-1, 0, {}, ""}, {-1, 0, {}, ""}}},
};

// The text in segments of this size.
Buffer cut(const std::string& text, size_t size) {
  Buffer buffer = make_buffer();
  for (size_t pos = 0; pos < text.size(); pos += size) {
    evbuffer_add_reference(buffer.get(), text.data() + pos, std::min(size, text.size() - pos),
                           nullptr, nullptr);
  }
  return buffer;
}

}  // namespace

TEST_CASE("evbuffer_readln: all styles, however the bytes are cut") {
  for (const Case& each : kCases) {
    for (int i = 0; i < 4; ++i) {
      for (const size_t size : {1, 2, 3, 100}) {
        INFO("case " << &each - kCases << ", style " << i << ", segments of " << size);
        const Buffer buffer = cut(each.text, size);
        for (const std::string& expected : each.expected[i].lines) {
          size_t read = 99;
          char* const line = evbuffer_readln(buffer.get(), &read, kStyles[i]);
          REQUIRE(line != nullptr);
          CHECK(std::string(line, read) == expected);
          CHECK(line[read] == '\0');
          std::free(line);
        }
        size_t read = 99;
        CHECK(evbuffer_readln(buffer.get(), &read, kStyles[i]) == nullptr);
        CHECK(read == 0);
        CHECK(evbuffer_readln(buffer.get(), nullptr, kStyles[i]) == nullptr);
        CHECK(content(buffer) == each.expected[i].rest);
      }
    }
  }
}

TEST_CASE("evbuffer_search_eol: all styles, however the bytes are cut") {
  for (const Case& each : kCases) {
    for (int i = 0; i < 4; ++i) {
      for (const size_t size : {1, 2, 3, 100}) {
        INFO("case " << &each - kCases << ", style " << i << ", segments of " << size);
        const Buffer buffer = cut(each.text, size);
        size_t eol = 99;
        CHECK(evbuffer_search_eol(buffer.get(), nullptr, &eol, kStyles[i]).pos ==
              each.expected[i].pos);
        CHECK(eol == each.expected[i].size);
        CHECK(evbuffer_search_eol(buffer.get(), nullptr, nullptr, kStyles[i]).pos ==
              each.expected[i].pos);
        CHECK(content(buffer) == each.text);
      }
    }
  }
}

TEST_CASE("evbuffer_search_eol: from a position, what is before it does not count") {
  for (const size_t size : {1, 2, 3, 100}) {
    const std::string text = "ab\r\ncd\r\n";
    const Buffer buffer = cut(text, size);
    evbuffer_ptr from = at(buffer, 3);
    size_t eol = 0;
    for (const evbuffer_eol_style style : {EVBUFFER_EOL_ANY, EVBUFFER_EOL_CRLF, EVBUFFER_EOL_LF}) {
      CHECK(evbuffer_search_eol(buffer.get(), &from, &eol, style).pos == 3);
      CHECK(eol == 1);
    }
    const evbuffer_ptr found =
        evbuffer_search_eol(buffer.get(), &from, &eol, EVBUFFER_EOL_CRLF_STRICT);
    CHECK(found.pos == 6);
    CHECK(eol == 2);
    char out[3] = {};
    CHECK(evbuffer_copyout_from(buffer.get(), &found, out, 2) == 2);
    CHECK(out == std::string("\r\n"));
    from = at(buffer, 4);
    CHECK(evbuffer_search_eol(buffer.get(), &from, &eol, EVBUFFER_EOL_CRLF).pos == 6);
    CHECK(eol == 2);
    from = at(buffer, 8);
    CHECK(evbuffer_search_eol(buffer.get(), &from, &eol, EVBUFFER_EOL_ANY).pos == -1);
    CHECK(eol == 0);
  }
}

TEST_CASE("evbuffer_readln: lines that end with a 0, and lines that contain one") {
  const Buffer buffer = make_buffer();
  REQUIRE(evbuffer_add(buffer.get(), "ab\0c\nd\0\0e", 9) == 0);
  size_t size = 0;
  size_t eol = 0;
  CHECK(evbuffer_search_eol(buffer.get(), nullptr, &eol, EVBUFFER_EOL_NUL).pos == 2);
  CHECK(eol == 1);
  char* line = evbuffer_readln(buffer.get(), &size, EVBUFFER_EOL_LF);
  REQUIRE(line != nullptr);
  CHECK(std::string(line, size) == std::string("ab\0c", 4));
  std::free(line);
  for (const char* expected : {"d", ""}) {
    line = evbuffer_readln(buffer.get(), &size, EVBUFFER_EOL_NUL);
    REQUIRE(line != nullptr);
    CHECK(std::string(line, size) == expected);
    std::free(line);
  }
  CHECK(evbuffer_readln(buffer.get(), &size, EVBUFFER_EOL_NUL) == nullptr);
  CHECK(content(buffer) == "e");
}

TEST_CASE("evbuffer_readln: a style that does not exist") {
  const Buffer buffer = in_segments({"abc\n"});
  size_t size = 99;
  CHECK(evbuffer_readln(buffer.get(), &size, static_cast<evbuffer_eol_style>(7)) == nullptr);
  CHECK(evbuffer_search_eol(buffer.get(), nullptr, &size, static_cast<evbuffer_eol_style>(7)).pos ==
        -1);
  CHECK(size == 0);
  CHECK(content(buffer) == "abc\n");
}

TEST_CASE("evbuffer_readln: a long line that comes in pieces") {
  const Buffer buffer = make_buffer();
  const std::string text = pattern(100000);
  for (size_t pos = 0; pos < text.size(); pos += 1000) {
    CHECK(evbuffer_readln(buffer.get(), nullptr, EVBUFFER_EOL_CRLF) == nullptr);
    REQUIRE(add(buffer, std::string_view(text).substr(pos, 1000)) == 0);
  }
  REQUIRE(add(buffer, "\r") == 0);
  CHECK(evbuffer_readln(buffer.get(), nullptr, EVBUFFER_EOL_CRLF) == nullptr);
  REQUIRE(add(buffer, "\nrest") == 0);
  size_t size = 0;
  char* const line = evbuffer_readln(buffer.get(), &size, EVBUFFER_EOL_CRLF);
  REQUIRE(line != nullptr);
  CHECK(std::string(line, size) == text);
  std::free(line);
  CHECK(content(buffer) == "rest");
}

TEST_CASE("evbuffer_readline: as readln with any end") {
  const Buffer buffer = in_segments({"a\r", "\n\nb\n", "c"});
  for (const char* expected : {"a", "b"}) {
    char* const line = evbuffer_readline(buffer.get());
    REQUIRE(line != nullptr);
    CHECK(std::string(line) == expected);
    std::free(line);
  }
  CHECK(evbuffer_readline(buffer.get()) == nullptr);
  CHECK(content(buffer) == "c");
}
