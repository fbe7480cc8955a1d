// Room that the caller writes into.
#include "evbuffer_tools.h"

using namespace buffer_cases;

namespace {

size_t total(const evbuffer_iovec* pieces, int count) {
  size_t sum = 0;
  for (int i = 0; i < count; ++i) {
    sum += pieces[i].iov_len;
  }
  return sum;
}

// Fills the pieces with the text, and lowers their lengths to what they hold.
int fill(evbuffer_iovec* pieces, int count, std::string_view text) {
  for (int i = 0; i < count; ++i) {
    pieces[i].iov_len = std::min(pieces[i].iov_len, text.size());
    std::memcpy(pieces[i].iov_base, text.data(), pieces[i].iov_len);
    text.remove_prefix(pieces[i].iov_len);
  }
  return count;
}

}  // namespace

TEST_CASE("evbuffer_reserve_space: gives at least what was asked for") {
  for (const size_t before : {0, 5, 400, 3000}) {
    for (const ev_ssize_t size : {1, 100, 500, 1000, 4096, 5000, 70000}) {
      for (int n = 1; n <= 3; ++n) {
        INFO(size << " bytes in " << n << " pieces after " << before);
        const Buffer buffer = make_buffer();
        REQUIRE(add(buffer, pattern(before)) == 0);
        evbuffer_iovec pieces[3];
        const int count = evbuffer_reserve_space(buffer.get(), size, pieces, n);
        REQUIRE(count >= 1);
        REQUIRE(count <= n);
        CHECK(total(pieces, count) >= static_cast<size_t>(size));
        CHECK(length(buffer) == before);
        const std::string text = pattern(static_cast<size_t>(size), 2);
        CHECK(evbuffer_commit_space(buffer.get(), pieces, fill(pieces, count, text)) == 0);
        CHECK(content(buffer) == pattern(before) + text);
      }
    }
  }
}

TEST_CASE("evbuffer_reserve_space: no bytes") {
  const Buffer buffer = make_buffer();
  evbuffer_iovec pieces[2];
  CHECK(evbuffer_reserve_space(buffer.get(), 0, pieces, 2) == 0);
  CHECK(evbuffer_reserve_space(buffer.get(), 0, pieces, 1) == 1);
  CHECK(pieces[0].iov_len > 0);
  REQUIRE(add(buffer, "abc") == 0);
  CHECK(evbuffer_reserve_space(buffer.get(), 0, pieces, 2) == 0);
  CHECK(evbuffer_reserve_space(buffer.get(), 0, pieces, 1) == 1);
  CHECK(pieces[0].iov_len > 0);
}

TEST_CASE("evbuffer_reserve_space: bad arguments") {
  const Buffer buffer = make_buffer();
  REQUIRE(add(buffer, "abc") == 0);
  evbuffer_iovec pieces[3];
  CHECK(evbuffer_reserve_space(buffer.get(), -1, pieces, 1) == -1);
  CHECK(evbuffer_reserve_space(buffer.get(), 1, pieces, 0) == -1);
  CHECK(evbuffer_reserve_space(buffer.get(), 1, pieces, -1) == -1);
  for (int n = 1; n <= 3; ++n) {
    CHECK(evbuffer_reserve_space(buffer.get(), EV_SSIZE_MAX, pieces, n) == -1);
    CHECK(evbuffer_reserve_space(buffer.get(), EV_SSIZE_MAX - 3, pieces, n) == -1);
  }
  CHECK(content(buffer) == "abc");
}

TEST_CASE("evbuffer_reserve_space: a second reservation gives the same room") {
  const Buffer buffer = make_buffer();
  REQUIRE(add(buffer, "abc") == 0);
  evbuffer_iovec first[2];
  evbuffer_iovec second[2];
  const int count = evbuffer_reserve_space(buffer.get(), 3000, first, 2);
  REQUIRE(count >= 1);
  REQUIRE(evbuffer_reserve_space(buffer.get(), 3000, second, 2) == count);
  for (int i = 0; i < count; ++i) {
    CHECK(first[i].iov_base == second[i].iov_base);
    CHECK(first[i].iov_len == second[i].iov_len);
  }
}

TEST_CASE("evbuffer_commit_space: less than was reserved, in any piece") {
  const Buffer buffer = make_buffer();
  REQUIRE(add(buffer, "abc") == 0);
  evbuffer_iovec pieces[2];
  REQUIRE(evbuffer_reserve_space(buffer.get(), 10000, pieces, 2) == 2);
  std::memcpy(pieces[0].iov_base, "d", 1);
  std::memcpy(pieces[1].iov_base, "efg", 3);
  pieces[0].iov_len = 1;
  pieces[1].iov_len = 3;
  CHECK(evbuffer_commit_space(buffer.get(), pieces, 2) == 0);
  CHECK(content(buffer) == "abcdefg");
  CHECK(add(buffer, "h") == 0);
  CHECK(content(buffer) == "abcdefgh");
}

TEST_CASE("evbuffer_commit_space: only the first of two pieces") {
  const Buffer buffer = make_buffer();
  REQUIRE(add(buffer, "abc") == 0);
  evbuffer_iovec pieces[2];
  REQUIRE(evbuffer_reserve_space(buffer.get(), 10000, pieces, 2) == 2);
  std::memcpy(pieces[0].iov_base, "def", 3);
  pieces[0].iov_len = 3;
  CHECK(evbuffer_commit_space(buffer.get(), pieces, 1) == 0);
  CHECK(content(buffer) == "abcdef");
}

TEST_CASE("evbuffer_commit_space: nothing") {
  const Buffer buffer = make_buffer();
  evbuffer_iovec pieces[2];
  REQUIRE(evbuffer_reserve_space(buffer.get(), 100, pieces, 1) == 1);
  CHECK(evbuffer_commit_space(buffer.get(), pieces, 0) == 0);
  CHECK(evbuffer_commit_space(buffer.get(), pieces, -1) == 0);
  pieces[0].iov_len = 0;
  CHECK(evbuffer_commit_space(buffer.get(), pieces, 1) == 0);
  CHECK(length(buffer) == 0);
  CHECK(segments(buffer).empty());
}

TEST_CASE("evbuffer_commit_space: pieces that were not reserved are refused") {
  const Buffer buffer = make_buffer();
  REQUIRE(add(buffer, "abc") == 0);
  evbuffer_iovec pieces[3];
  REQUIRE(evbuffer_reserve_space(buffer.get(), 10000, pieces, 2) == 2);
  evbuffer_iovec wrong[3];
  const auto refused = [&](int count) {
    CHECK(evbuffer_commit_space(buffer.get(), wrong, count) == -1);
    CHECK(content(buffer) == "abc");
    std::memcpy(wrong, pieces, sizeof wrong);
  };
  std::memcpy(wrong, pieces, sizeof wrong);
  wrong[0].iov_len += 1;
  refused(1);
  wrong[1].iov_len += 1;
  refused(2);
  wrong[1].iov_len = SIZE_MAX;
  refused(2);
  wrong[0].iov_base = static_cast<char*>(wrong[0].iov_base) + 1;
  wrong[0].iov_len = 1;
  refused(1);
  wrong[0] = {wrong, 1};
  refused(1);
  std::swap(wrong[0], wrong[1]);
  refused(2);
}

TEST_CASE("evbuffer_commit_space: after the buffer was changed") {
  const Buffer buffer = make_buffer();
  evbuffer_iovec room;
  REQUIRE(evbuffer_reserve_space(buffer.get(), 100, &room, 1) == 1);
  room.iov_len = 10;
  REQUIRE(add(buffer, "abc") == 0);
  CHECK(evbuffer_commit_space(buffer.get(), &room, 1) == -1);
  REQUIRE(evbuffer_reserve_space(buffer.get(), 100, &room, 1) == 1);
  room.iov_len = 2;
  std::memcpy(room.iov_base, "de", 2);
  REQUIRE(evbuffer_drain(buffer.get(), 1) == 0);
  CHECK(evbuffer_commit_space(buffer.get(), &room, 1) == 0);
  CHECK(content(buffer) == "bcde");
  CHECK(evbuffer_commit_space(buffer.get(), &room, 1) == -1);
}

TEST_CASE("evbuffer_drain: of an empty buffer leaves the room that was reserved") {
  const Buffer buffer = make_buffer();
  evbuffer_iovec piece;
  REQUIRE(evbuffer_reserve_space(buffer.get(), 100, &piece, 1) == 1);
  CHECK(evbuffer_drain(buffer.get(), 10) == 0);
  CHECK(evbuffer_drain(buffer.get(), 0) == 0);
  fill(&piece, 1, "later");
  CHECK(evbuffer_commit_space(buffer.get(), &piece, 1) == 0);
  CHECK(content(buffer) == "later");
}
