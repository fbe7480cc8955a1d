// Bytes taken from an evbuffer, copied out of it, and shown in place.
#include "evbuffer_tools.h"

using namespace buffer_cases;

TEST_CASE("evbuffer_drain: from the front, over segments, and all") {
  const Buffer buffer = in_segments({"abc", "def", "ghi"});
  CHECK(evbuffer_drain(buffer.get(), 0) == 0);
  CHECK(evbuffer_drain(buffer.get(), 2) == 0);
  CHECK(content(buffer) == "cdefghi");
  CHECK(evbuffer_drain(buffer.get(), 4) == 0);
  CHECK(content(buffer) == "ghi");
  CHECK(evbuffer_drain(buffer.get(), 100) == 0);
  CHECK(length(buffer) == 0);
  CHECK(evbuffer_drain(buffer.get(), SIZE_MAX) == 0);
  CHECK(evbuffer_drain(buffer.get(), 0) == 0);
  CHECK(add(buffer, "again") == 0);
  CHECK(content(buffer) == "again");
}

TEST_CASE("evbuffer_remove: copies and drains as much as there is") {
  const Buffer buffer = in_segments({"abc", "def"});
  char out[20] = "..................";
  CHECK(evbuffer_remove(buffer.get(), out, 0) == 0);
  CHECK(evbuffer_remove(buffer.get(), out, 4) == 4);
  CHECK(std::string(out) == "abcd..............");
  CHECK(evbuffer_remove(buffer.get(), out, 20) == 2);
  CHECK(std::string(out) == "efcd..............");
  CHECK(evbuffer_remove(buffer.get(), out, 20) == 0);
  CHECK(add(buffer, "xyz") == 0);
  CHECK(evbuffer_remove(buffer.get(), out, SIZE_MAX) == 3);
  CHECK(length(buffer) == 0);
}

TEST_CASE("evbuffer_copyout: leaves the buffer as it is") {
  const Buffer buffer = in_segments({"abc", "def"});
  char out[20] = "..................";
  CHECK(evbuffer_copyout(buffer.get(), out, 5) == 5);
  CHECK(std::string(out) == "abcde.............");
  CHECK(evbuffer_copyout(buffer.get(), out, 19) == 6);
  CHECK(evbuffer_copyout(buffer.get(), out, SIZE_MAX) == 6);
  CHECK(evbuffer_copyout(buffer.get(), out, size_t{EV_SSIZE_MAX} + 1) == 6);
  CHECK(segments(buffer) == std::vector<size_t>{3, 3});
  CHECK(evbuffer_copyout(make_buffer().get(), out, SIZE_MAX) == 0);
}

TEST_CASE("evbuffer_copyout_from: from every position") {
  const Buffer buffer = in_segments({"abc", "def", "ghi"});
  const std::string all = "abcdefghi";
  for (size_t pos = 0; pos <= 9; ++pos) {
    const evbuffer_ptr from = at(buffer, pos);
    for (size_t size = 0; size <= 12; ++size) {
      char out[20] = {};
      INFO(pos << ", " << size);
      const std::string expected = all.substr(pos, size);
      CHECK(evbuffer_copyout_from(buffer.get(), &from, out, size) ==
            static_cast<ev_ssize_t>(expected.size()));
      CHECK(out == expected);
    }
  }
  char out[20];
  CHECK(evbuffer_copyout_from(buffer.get(), nullptr, out, 20) == 9);
}

TEST_CASE("evbuffer_copyout_from: sums that are too large are refused") {
  const Buffer buffer = in_segments({"abc", "def", "ghi"});
  const evbuffer_ptr from = at(buffer, 4);
  char out[20];
  CHECK(evbuffer_copyout_from(buffer.get(), &from, out, SIZE_MAX) == -1);
  CHECK(evbuffer_copyout_from(buffer.get(), &from, out, size_t{EV_SSIZE_MAX} - 3) == -1);
  CHECK(evbuffer_copyout_from(buffer.get(), &from, out, size_t{EV_SSIZE_MAX} - 4) == 5);
}

TEST_CASE("evbuffer_copyout_from: an invalid position") {
  INTENDED_DIFFERENCE("copying from a position that evbuffer_ptr_set refused crashes");
  const Buffer buffer = in_segments({"abc", "def"});
  evbuffer_ptr nowhere;
  REQUIRE(evbuffer_ptr_set(buffer.get(), &nowhere, 7, EVBUFFER_PTR_SET) == -1);
  char out[20];
  CHECK(evbuffer_copyout_from(buffer.get(), &nowhere, out, 3) == -1);
}

TEST_CASE("evbuffer_pullup: makes the front contiguous and no more") {
  const Buffer buffer = in_segments({"abc", "def", "ghi"});
  const std::string all = "abcdefghi";
  for (const size_t size : {2, 3, 4, 6, 7, 9}) {
    INFO(size);
    unsigned char* const bytes = evbuffer_pullup(buffer.get(), static_cast<ev_ssize_t>(size));
    REQUIRE(bytes != nullptr);
    CHECK(std::string(reinterpret_cast<char*>(bytes), size) == all.substr(0, size));
    CHECK(evbuffer_get_contiguous_space(buffer.get()) >= size);
    CHECK(content(buffer) == all);
  }
  CHECK(segments(buffer) == std::vector<size_t>{9});
}

TEST_CASE("evbuffer_pullup: sizes that give NULL, and all") {
  const Buffer buffer = in_segments({"abc", "def"});
  CHECK(evbuffer_pullup(buffer.get(), 0) == nullptr);
  CHECK(evbuffer_pullup(buffer.get(), 7) == nullptr);
  CHECK(evbuffer_pullup(buffer.get(), EV_SSIZE_MAX) == nullptr);
  CHECK(segments(buffer) == std::vector<size_t>{3, 3});
  CHECK(evbuffer_pullup(buffer.get(), -2) != nullptr);
  CHECK(segments(buffer) == std::vector<size_t>{6});
  const Buffer empty = make_buffer();
  CHECK(evbuffer_pullup(empty.get(), -1) == nullptr);
  CHECK(evbuffer_pullup(empty.get(), 0) == nullptr);
  CHECK(evbuffer_pullup(empty.get(), 1) == nullptr);
  CHECK(EVBUFFER_DATA(empty.get()) == nullptr);
  CHECK(EVBUFFER_LENGTH(buffer.get()) == 6);
}

TEST_CASE("evbuffer_pullup: keeps what follows, and the room for more") {
  const Buffer buffer = make_buffer();
  std::string expected;
  for (unsigned i = 0; i < 50; ++i) {
    const std::string text = pattern(i * 37 % 900 + 1, i);
    REQUIRE(add(buffer, text) == 0);
    expected += text;
    if (i % 3 == 0) {
      REQUIRE(evbuffer_drain(buffer.get(), 17) == 0);
      expected.erase(0, 17);
    }
    const auto size = static_cast<ev_ssize_t>(expected.size() * (i % 5) / 4);
    if (size > 0 && size <= static_cast<ev_ssize_t>(expected.size())) {
      REQUIRE(evbuffer_pullup(buffer.get(), size) != nullptr);
    }
    REQUIRE(content(buffer) == expected);
  }
}

TEST_CASE("evbuffer_peek: shows whole segments and counts those that are needed") {
  const Buffer buffer = in_segments({"abc", "def", "ghi"});
  // Bytes wanted, then the number of segments from positions 0, 1, 5 and 9.
  const struct {
    ev_ssize_t size;
    int needed[4];
  } cases[] = {{1, {1, 1, 1, 0}}, {3, {1, 2, 2, 0}}, {4, {2, 2, 2, 0}},  {6, {2, 3, 2, 0}},
               {7, {3, 3, 2, 0}}, {9, {3, 3, 2, 0}}, {10, {3, 3, 2, 0}}, {1000, {3, 3, 2, 0}}};
  const size_t positions[] = {0, 1, 5, 9};
  for (const auto& [size, needed] : cases) {
    for (int i = 0; i < 4; ++i) {
      for (int room = 0; room <= 4; ++room) {
        INFO(size << " bytes from " << positions[i] << " in " << room);
        evbuffer_ptr from = at(buffer, positions[i]);
        evbuffer_iovec pieces[4] = {};
        CHECK(evbuffer_peek(buffer.get(), size, i == 0 && room % 2 == 0 ? nullptr : &from,
                            room == 0 ? nullptr : pieces, room) == needed[i]);
        std::string shown;
        for (int k = 0; k < std::min(room, needed[i]); ++k) {
          shown.append(static_cast<char*>(pieces[k].iov_base), pieces[k].iov_len);
        }
        CHECK(shown == std::string("abcdefghi").substr(positions[i], shown.size()));
        CHECK(pieces[std::min(3, std::min(room, needed[i]))].iov_base ==
              (std::min(room, needed[i]) == 4 ? pieces[3].iov_base : nullptr));
      }
    }
  }
}

TEST_CASE("evbuffer_peek: as much as the pieces have") {
  const Buffer buffer = in_segments({"abc", "def", "ghi"});
  evbuffer_iovec pieces[4];
  for (const ev_ssize_t size : {-1, -5}) {
    CHECK(evbuffer_peek(buffer.get(), size, nullptr, nullptr, 0) == 3);
    CHECK(evbuffer_peek(buffer.get(), size, nullptr, pieces, 1) == 1);
    CHECK(evbuffer_peek(buffer.get(), size, nullptr, pieces, 2) == 2);
    CHECK(evbuffer_peek(buffer.get(), size, nullptr, pieces, 4) == 3);
    evbuffer_ptr from = at(buffer, 4);
    CHECK(evbuffer_peek(buffer.get(), size, &from, pieces, 4) == 2);
    CHECK(evbuffer_peek(buffer.get(), size, &from, nullptr, 0) == 2);
    CHECK(pieces[0].iov_len == 2);
  }
  CHECK(evbuffer_peek(buffer.get(), 5, nullptr, pieces, -1) == 2);
}

TEST_CASE("evbuffer_peek: no bytes") {
  const Buffer buffer = in_segments({"abc", "def"});
  evbuffer_iovec pieces[4];
  CHECK(evbuffer_peek(buffer.get(), 0, nullptr, pieces, 4) == 0);
  evbuffer_ptr from = at(buffer, 1);
  CHECK(evbuffer_peek(buffer.get(), 0, &from, pieces, 4) == 1);
  CHECK(pieces[0].iov_len == 2);
  from = at(buffer, 6);
  CHECK(evbuffer_peek(buffer.get(), 0, &from, pieces, 4) == 0);
  const Buffer empty = make_buffer();
  for (const ev_ssize_t size : {-1, 0, 5}) {
    CHECK(evbuffer_peek(empty.get(), size, nullptr, pieces, 4) == 0);
    CHECK(evbuffer_peek(empty.get(), size, nullptr, nullptr, 0) == 0);
  }
}

TEST_CASE("evbuffer_peek: an invalid position shows nothing") {
  const Buffer buffer = in_segments({"abc"});
  evbuffer_ptr nowhere;
  REQUIRE(evbuffer_ptr_set(buffer.get(), &nowhere, 4, EVBUFFER_PTR_SET) == -1);
  evbuffer_iovec pieces[4];
  CHECK(evbuffer_peek(buffer.get(), -1, &nowhere, pieces, 4) == 0);
}
