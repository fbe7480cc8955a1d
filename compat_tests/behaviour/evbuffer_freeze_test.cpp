// Frozen ends.
#include "evbuffer_tools.h"

using namespace buffer_cases;

namespace {

struct Frozen {
  explicit Frozen(bool front) {
    REQUIRE(add(buffer, "abc\n") == 0);
    REQUIRE(add(other, "other") == 0);
    CHECK(evbuffer_freeze(buffer.get(), front) == 0);
  }
  Buffer buffer = make_buffer();
  Buffer other = make_buffer();
  Buffer empty = make_buffer();
};

}  // namespace

TEST_CASE("evbuffer_freeze: nothing can be added at a frozen end") {
  const Frozen frozen(false);
  evbuffer* const buffer = frozen.buffer.get();
  evbuffer* const other = frozen.other.get();
  evbuffer_iovec pieces[] = {piece("x")};
  CHECK(evbuffer_add(buffer, "x", 1) == -1);
  CHECK(evbuffer_add(buffer, "", 0) == -1);
  CHECK(evbuffer_add_printf(buffer, "x") == -1);
  CHECK(evbuffer_add_printf(buffer, "%s", "") == -1);
  CHECK(evbuffer_add_iovec(buffer, pieces, 1) == 0);
  CHECK(evbuffer_reserve_space(buffer, 1, pieces, 1) == -1);
  CHECK(evbuffer_commit_space(buffer, pieces, 0) == -1);
  CHECK(evbuffer_commit_space(buffer, pieces, 1) == -1);
  CHECK(evbuffer_add_buffer(buffer, other) == -1);
  CHECK(evbuffer_add_buffer_reference(buffer, other) == -1);
  CHECK(evbuffer_remove_buffer(other, buffer, 2) == -1);
  CHECK(evbuffer_remove_buffer(other, buffer, 20) == -1);
  CHECK(evbuffer_remove_buffer(frozen.empty.get(), buffer, 20) == -1);
  CHECK(evbuffer_read(buffer, 0, 10) == -1);
  CHECK(evbuffer_read(buffer, 0, 0) == -1);
  Cleanup cleanup;
  CHECK(add_reference(frozen.buffer, "x", cleanup) == -1);
  CHECK(add_reference(frozen.buffer, "", cleanup) == -1);
  CHECK(cleanup.calls == 0);
  CHECK(content(frozen.buffer) == "abc\n");
  CHECK(content(frozen.other) == "other");
}

TEST_CASE("evbuffer_freeze: what a frozen end still allows") {
  const Frozen frozen(false);
  evbuffer* const buffer = frozen.buffer.get();
  CHECK(evbuffer_expand(buffer, 100000) == 0);
  CHECK(evbuffer_add_buffer(buffer, frozen.empty.get()) == 0);
  CHECK(evbuffer_add_buffer(buffer, buffer) == 0);
  CHECK(evbuffer_add_buffer_reference(buffer, frozen.empty.get()) == 0);
  CHECK(evbuffer_remove_buffer(frozen.other.get(), buffer, 0) == 0);
  CHECK(evbuffer_remove_buffer(buffer, buffer, 2) == 0);
  CHECK(evbuffer_prepend(buffer, "x", 1) == 0);
  CHECK(evbuffer_prepend_buffer(buffer, frozen.other.get()) == 0);
  CHECK(content(frozen.buffer) == "otherxabc\n");
  CHECK(evbuffer_pullup(buffer, -1) != nullptr);
  CHECK(evbuffer_drain(buffer, 6) == 0);
  char* const line = evbuffer_readln(buffer, nullptr, EVBUFFER_EOL_LF);
  REQUIRE(line != nullptr);
  CHECK(line == std::string("abc"));
  std::free(line);
}

TEST_CASE("evbuffer_freeze: nothing can be taken from or put at a frozen front") {
  const Frozen frozen(true);
  evbuffer* const buffer = frozen.buffer.get();
  evbuffer* const other = frozen.other.get();
  char out[10];
  CHECK(evbuffer_drain(buffer, 1) == -1);
  CHECK(evbuffer_drain(buffer, 0) == -1);
  CHECK(evbuffer_remove(buffer, out, 1) == -1);
  CHECK(evbuffer_copyout(buffer, out, 1) == -1);
  CHECK(evbuffer_copyout_from(buffer, nullptr, out, 1) == -1);
  const evbuffer_ptr second = at(frozen.buffer, 1);
  CHECK(evbuffer_copyout_from(buffer, &second, out, 1) == -1);
  CHECK(evbuffer_readln(buffer, nullptr, EVBUFFER_EOL_LF) == nullptr);
  CHECK(evbuffer_readline(buffer) == nullptr);
  CHECK(evbuffer_write(buffer, -1) == -1);
  CHECK(evbuffer_write_atmost(buffer, -1, 1) == -1);
  CHECK(evbuffer_prepend(buffer, "x", 1) == -1);
  CHECK(evbuffer_prepend_buffer(buffer, other) == -1);
  CHECK(evbuffer_prepend_buffer(other, buffer) == -1);
  CHECK(evbuffer_add_buffer(other, buffer) == -1);
  CHECK(evbuffer_remove_buffer(buffer, other, 1) == -1);
  CHECK(evbuffer_remove_buffer(buffer, other, 100) == -1);
  CHECK(length(frozen.buffer) == 4);
  CHECK(content(frozen.other) == "other");
  REQUIRE(evbuffer_unfreeze(buffer, 1) == 0);
  CHECK(content(frozen.buffer) == "abc\n");
}

TEST_CASE("evbuffer_freeze: what a frozen front still allows") {
  const Frozen frozen(true);
  evbuffer* const buffer = frozen.buffer.get();
  char out[10];
  CHECK(evbuffer_copyout(buffer, out, 0) == 0);
  CHECK(evbuffer_remove(buffer, out, 0) == 0);
  CHECK(evbuffer_prepend(buffer, "", 0) == 0);
  CHECK(evbuffer_prepend_buffer(buffer, frozen.empty.get()) == 0);
  CHECK(evbuffer_remove_buffer(buffer, frozen.other.get(), 0) == 0);
  CHECK(evbuffer_add(buffer, "def", 3) == 0);
  CHECK(evbuffer_search(buffer, "c", 1, nullptr).pos == 2);
  CHECK(evbuffer_search_eol(buffer, nullptr, nullptr, EVBUFFER_EOL_LF).pos == 3);
  CHECK(evbuffer_pullup(buffer, 2) != nullptr);
  CHECK(evbuffer_add_buffer_reference(frozen.other.get(), buffer) == 0);
  CHECK(content(frozen.other) == "otherabc\ndef");
}

TEST_CASE("evbuffer_freeze: an empty buffer with a frozen front has nothing to refuse") {
  const Buffer buffer = make_buffer();
  REQUIRE(evbuffer_freeze(buffer.get(), 1) == 0);
  char out[10];
  CHECK(evbuffer_drain(buffer.get(), 0) == 0);
  CHECK(evbuffer_drain(buffer.get(), 1) == 0);
  CHECK(evbuffer_remove(buffer.get(), out, 1) == 0);
  CHECK(evbuffer_copyout(buffer.get(), out, 1) == 0);
  const Buffer other = make_buffer();
  CHECK(evbuffer_add_buffer(other.get(), buffer.get()) == 0);
  CHECK(evbuffer_prepend_buffer(other.get(), buffer.get()) == 0);
  CHECK(evbuffer_remove_buffer(buffer.get(), other.get(), 1) == -1);
}

TEST_CASE("evbuffer_freeze: does not nest, and each end is its own") {
  const Buffer buffer = make_buffer();
  CHECK(evbuffer_unfreeze(buffer.get(), 0) == 0);
  evbuffer_freeze(buffer.get(), 0);
  evbuffer_freeze(buffer.get(), 0);
  evbuffer_unfreeze(buffer.get(), 1);
  CHECK(add(buffer, "a") == -1);
  evbuffer_unfreeze(buffer.get(), 0);
  CHECK(add(buffer, "a") == 0);
  CHECK(evbuffer_freeze(buffer.get(), 7) == 0);
  CHECK(evbuffer_drain(buffer.get(), 1) == -1);
  CHECK(add(buffer, "a") == 0);
}
