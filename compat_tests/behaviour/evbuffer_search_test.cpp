// Positions in evbuffers, and strings found there.
#include "evbuffer_tools.h"

using namespace buffer_cases;

namespace {

ev_ssize_t find(const Buffer& buffer, std::string_view what) {
  return evbuffer_search(buffer.get(), what.data(), what.size(), nullptr).pos;
}

ev_ssize_t find(const Buffer& buffer, std::string_view what, size_t start) {
  const evbuffer_ptr from = at(buffer, start);
  return evbuffer_search(buffer.get(), what.data(), what.size(), &from).pos;
}

ev_ssize_t find(const Buffer& buffer, std::string_view what, size_t start, size_t end) {
  const evbuffer_ptr from = at(buffer, start);
  const evbuffer_ptr until = at(buffer, end);
  return evbuffer_search_range(buffer.get(), what.data(), what.size(), &from, &until).pos;
}

ev_ssize_t expected(const std::string& text, std::string_view what, size_t start, size_t end) {
  const size_t found = text.substr(0, std::max(start, end)).find(what, start);
  return found == std::string::npos || found + what.size() > end ? -1
                                                                 : static_cast<ev_ssize_t>(found);
}

}  // namespace

TEST_CASE("evbuffer_ptr_set: every position, and one byte behind the last") {
  const Buffer buffer = in_segments({"abc", "def"});
  evbuffer_ptr place;
  for (size_t pos = 0; pos <= 6; ++pos) {
    CHECK(evbuffer_ptr_set(buffer.get(), &place, pos, EVBUFFER_PTR_SET) == 0);
    CHECK(place.pos == static_cast<ev_ssize_t>(pos));
  }
  for (const size_t pos : {size_t{7}, size_t{100}, SIZE_MAX, size_t{EV_SSIZE_MAX}}) {
    CHECK(evbuffer_ptr_set(buffer.get(), &place, pos, EVBUFFER_PTR_SET) == -1);
    CHECK(place.pos == -1);
  }
  const Buffer empty = make_buffer();
  CHECK(evbuffer_ptr_set(empty.get(), &place, 0, EVBUFFER_PTR_SET) == 0);
  CHECK(place.pos == 0);
  CHECK(evbuffer_ptr_set(empty.get(), &place, 0, EVBUFFER_PTR_ADD) == 0);
  CHECK(evbuffer_ptr_set(empty.get(), &place, 1, EVBUFFER_PTR_SET) == -1);
}

TEST_CASE("evbuffer_ptr_set: forwards from a position") {
  const Buffer buffer = in_segments({"abc", "def", "ghi"});
  for (size_t from = 0; from <= 9; ++from) {
    for (size_t by = 0; by <= 9 - from; ++by) {
      evbuffer_ptr place = at(buffer, from);
      REQUIRE(evbuffer_ptr_set(buffer.get(), &place, by, EVBUFFER_PTR_ADD) == 0);
      REQUIRE(place.pos == static_cast<ev_ssize_t>(from + by));
      char byte = 0;
      REQUIRE(evbuffer_copyout_from(buffer.get(), &place, &byte, 1) == (from + by < 9));
      CHECK((from + by == 9 || byte == static_cast<char>('a' + from + by)));
    }
  }
}

TEST_CASE("evbuffer_ptr_set: beyond the end") {
  const Buffer buffer = in_segments({"abc", "def"});
  evbuffer_ptr place = at(buffer, 2);
  CHECK(evbuffer_ptr_set(buffer.get(), &place, 5, EVBUFFER_PTR_ADD) == -1);
  CHECK(place.pos == -1);
  CHECK(evbuffer_ptr_set(buffer.get(), &place, 0, EVBUFFER_PTR_ADD) == -1);
  place = at(buffer, 2);
  CHECK(evbuffer_ptr_set(buffer.get(), &place, EV_SSIZE_MAX, EVBUFFER_PTR_ADD) == -1);
  CHECK(place.pos == -1);
  place = at(buffer, 2);
  for (const size_t by : {SIZE_MAX, SIZE_MAX - 1}) {
    CHECK(evbuffer_ptr_set(buffer.get(), &place, by, EVBUFFER_PTR_ADD) == -1);
    CHECK(place.pos == 2);
  }
}

TEST_CASE("evbuffer_search: inside a segment and across borders") {
  const Buffer buffer = in_segments({"abc", "def", "g", "", "hi"});
  CHECK(find(buffer, "a") == 0);
  CHECK(find(buffer, "bc") == 1);
  CHECK(find(buffer, "cde") == 2);
  CHECK(find(buffer, "fghi") == 5);
  CHECK(find(buffer, "abcdefghi") == 0);
  CHECK(find(buffer, "abcdefghij") == -1);
  CHECK(find(buffer, "hj") == -1);
  CHECK(find(buffer, "cde", 2) == 2);
  CHECK(find(buffer, "cde", 3) == -1);
  CHECK(find(buffer, "i", 8) == 8);
  CHECK(find(buffer, "i", 9) == -1);
}

TEST_CASE("evbuffer_search: the empty string is where the search begins") {
  const Buffer buffer = in_segments({"abc", "def"});
  CHECK(evbuffer_search(buffer.get(), "", 0, nullptr).pos == 0);
  CHECK(find(buffer, "", 2) == 2);
  CHECK(find(buffer, "", 6) == 6);
  CHECK(find(make_buffer(), "") == 0);
  CHECK(find(make_buffer(), "a") == -1);
  CHECK(find(buffer, "", 4, 2) == 4);
}

TEST_CASE("evbuffer_search: the result is a position like any other") {
  const Buffer buffer = in_segments({"abc", "abc", "abc"});
  const evbuffer_ptr start = at(buffer, 0);
  evbuffer_ptr place = evbuffer_search(buffer.get(), "cab", 3, &start);
  REQUIRE(place.pos == 2);
  CHECK(start.pos == 0);
  char out[4] = {};
  CHECK(evbuffer_copyout_from(buffer.get(), &place, out, 3) == 3);
  CHECK(out == std::string("cab"));
  REQUIRE(evbuffer_ptr_set(buffer.get(), &place, 1, EVBUFFER_PTR_ADD) == 0);
  CHECK(evbuffer_search(buffer.get(), "cab", 3, &place).pos == 5);
}

TEST_CASE("evbuffer_search: from an invalid position finds nothing") {
  const Buffer buffer = in_segments({"abc", "def"});
  evbuffer_ptr nowhere;
  REQUIRE(evbuffer_ptr_set(buffer.get(), &nowhere, 7, EVBUFFER_PTR_SET) == -1);
  CHECK(evbuffer_search(buffer.get(), "a", 1, &nowhere).pos == -1);
  CHECK(evbuffer_search(buffer.get(), "", 0, &nowhere).pos == -1);
  CHECK(evbuffer_search_eol(buffer.get(), &nowhere, nullptr, EVBUFFER_EOL_LF).pos == -1);
  const evbuffer_ptr start = at(buffer, 0);
  CHECK(evbuffer_search_range(buffer.get(), "e", 1, &start, &nowhere).pos == -1);
}

TEST_CASE("evbuffer_search: a string that is longer than any buffer") {
  INTENDED_DIFFERENCE("a string of more than EV_SSIZE_MAX bytes is found where the search begins");
  const Buffer buffer = in_segments({"abc"});
  CHECK(evbuffer_search(buffer.get(), "a", SIZE_MAX, nullptr).pos == -1);
  CHECK(evbuffer_search(buffer.get(), "a", size_t{EV_SSIZE_MAX} + 1, nullptr).pos == -1);
  CHECK(evbuffer_search(buffer.get(), "a", size_t{EV_SSIZE_MAX}, nullptr).pos == -1);
}

TEST_CASE("evbuffer_search_range: the match ends before the end") {
  const Buffer buffer = in_segments({"abc", "def", "ghi"});
  CHECK(find(buffer, "bcd", 0, 3) == -1);
  CHECK(find(buffer, "bcd", 0, 4) == 1);
  CHECK(find(buffer, "a", 0, 0) == -1);
  CHECK(find(buffer, "a", 0, 1) == 0);
  CHECK(find(buffer, "e", 4, 2) == -1);
  CHECK(find(buffer, "c", 4, 2) == -1);
  CHECK(find(buffer, "ghi", 0, 9) == 6);
  CHECK(evbuffer_search_range(buffer.get(), "ghi", 3, nullptr, nullptr).pos == 6);
}

TEST_CASE("evbuffer_search: agrees with std::string, however the bytes are cut") {
  std::string text;
  unsigned state = 7;
  const auto random = [&state](unsigned limit) {
    state = state * 1664525u + 1013904223u;
    return (state >> 16) % limit;
  };
  for (int round = 0; round < 60; ++round) {
    text.clear();
    const Buffer buffer = make_buffer();
    std::vector<std::string> parts;
    for (unsigned i = 0; i < 12; ++i) {
      std::string part;
      for (unsigned k = random(6); k > 0; --k) {
        part += "ab"[random(round % 5 == 0 ? 9 : 2) == 0];
      }
      parts.push_back(part);
    }
    for (const std::string& part : parts) {
      evbuffer_add_reference(buffer.get(), part.data(), part.size(), nullptr, nullptr);
      text += part;
    }
    for (unsigned size = 1; size <= 7; ++size) {
      for (int i = 0; i < 4; ++i) {
        const size_t from = random(static_cast<unsigned>(text.size()) + 1);
        std::string what = text.substr(from, size);
        if (i == 3 || what.empty()) {
          what = pattern(size).replace(0, 1, "a");
        }
        const size_t start = random(static_cast<unsigned>(text.size()) + 1);
        const size_t end = random(static_cast<unsigned>(text.size()) + 1);
        INFO(text << " " << what << " " << start << " " << end);
        REQUIRE(find(buffer, what, start) == expected(text, what, start, text.size()));
        REQUIRE(find(buffer, what, start, end) == expected(text, what, start, end));
      }
    }
  }
}

TEST_CASE("evbuffer_search: in a large buffer with many near misses") {
  const Buffer buffer = make_buffer();
  std::string text;
  for (int i = 0; i < 20000; ++i) {
    text += i % 7 == 0 ? "ab\r" : "abab";
  }
  text += "\r\n\r\nabac";
  for (size_t pos = 0; pos < text.size(); pos += 777) {
    REQUIRE(add(buffer, std::string_view(text).substr(pos, 777)) == 0);
  }
  CHECK(find(buffer, "\r\n\r\n") == static_cast<ev_ssize_t>(text.find("\r\n\r\n")));
  CHECK(find(buffer, "abac") == static_cast<ev_ssize_t>(text.find("abac")));
  CHECK(find(buffer, text.substr(50000, 5000)) ==
        static_cast<ev_ssize_t>(text.find(text.substr(50000, 5000))));
}

TEST_CASE("evbuffer_find: pulls up to the end of the match") {
  const Buffer buffer = in_segments({"abc", "def", "ghi", "jkl"});
  const auto find_text = [&](const char* what) {
    return evbuffer_find(buffer.get(), reinterpret_cast<const unsigned char*>(what),
                         std::strlen(what));
  };
  unsigned char* const found = find_text("fg");
  REQUIRE(found != nullptr);
  CHECK(found == evbuffer_pullup(buffer.get(), 7) + 5);
  CHECK(evbuffer_get_contiguous_space(buffer.get()) == 7);
  CHECK(find_text("abc") == evbuffer_pullup(buffer.get(), 3));
  CHECK(find_text("zz") == nullptr);
  CHECK(find_text("") == nullptr);
  CHECK(evbuffer_find(make_buffer().get(), found, 1) == nullptr);
  CHECK(content(buffer) == "abcdefghijkl");
}
