// Bytes that are added without copying: of the user's, and of other evbuffers.
#include "evbuffer_tools.h"

using namespace buffer_cases;

TEST_CASE("evbuffer_add_reference: the clean-up comes once, when the last byte has left") {
  const char text[] = "abcdef";
  Cleanup cleanup;
  const Buffer buffer = make_buffer();
  REQUIRE(evbuffer_add_reference(buffer.get(), text, 6, Cleanup::call, &cleanup) == 0);
  evbuffer_iovec shown;
  REQUIRE(evbuffer_peek(buffer.get(), -1, nullptr, &shown, 1) == 1);
  CHECK(shown.iov_base == text);
  CHECK(evbuffer_pullup(buffer.get(), 6) == reinterpret_cast<const unsigned char*>(text));
  evbuffer_drain(buffer.get(), 5);
  CHECK(cleanup.calls == 0);
  evbuffer_drain(buffer.get(), 1);
  CHECK(cleanup.calls == 1);
  CHECK(cleanup.data == text);
  CHECK(cleanup.size == 6);
}

TEST_CASE("evbuffer_add_reference: every way out cleans up") {
  Cleanup cleanup;
  int expected = 0;
  char out[100];
  const auto fresh = [&] {
    Buffer buffer = make_buffer();
    REQUIRE(add(buffer, "<") == 0);
    REQUIRE(add_reference(buffer, "abc", cleanup) == 0);
    REQUIRE(add(buffer, ">\n") == 0);
    return buffer;
  };
  const auto cleaned = [&] {
    CHECK(cleanup.calls == ++expected);
    CHECK(cleanup.size == 3);
  };
  fresh().reset();
  cleaned();
  {
    const Buffer buffer = fresh();
    CHECK(evbuffer_remove(buffer.get(), out, 5) == 5);
    cleaned();
  }
  {
    const Buffer buffer = fresh();
    CHECK(evbuffer_pullup(buffer.get(), 5) != nullptr);
    cleaned();
  }
  {
    const Buffer buffer = fresh();
    std::free(evbuffer_readln(buffer.get(), nullptr, EVBUFFER_EOL_LF));
    cleaned();
  }
  {
    const Buffer buffer = fresh();
    const Buffer to = make_buffer();
    CHECK(evbuffer_remove_buffer(buffer.get(), to.get(), 2) == 2);
    CHECK(cleanup.calls == expected);
    CHECK(evbuffer_remove_buffer(buffer.get(), to.get(), 3) == 3);
    CHECK(content(to) == "<abc>");
  }
  cleaned();
  {
    const SocketPair pair;
    const Buffer buffer = fresh();
    CHECK(evbuffer_write(buffer.get(), pair.first) == 6);
    cleaned();
  }
}

TEST_CASE("evbuffer_add_reference: moves with its segment") {
  Cleanup cleanup;
  Buffer buffer = make_buffer();
  REQUIRE(add_reference(buffer, "abc", cleanup) == 0);
  const Buffer to = make_buffer();
  REQUIRE(evbuffer_add_buffer(to.get(), buffer.get()) == 0);
  buffer.reset();
  CHECK(cleanup.calls == 0);
  REQUIRE(evbuffer_drain(to.get(), 3) == 0);
  CHECK(cleanup.calls == 1);
}

TEST_CASE("evbuffer_add_reference: no bytes clean up at the latest with the buffer") {
  Cleanup first;
  Cleanup second;
  Buffer buffer = make_buffer();
  REQUIRE(add_reference(buffer, "", first) == 0);
  REQUIRE(add(buffer, "abc") == 0);
  REQUIRE(add_reference(buffer, "", second) == 0);
  CHECK(content(buffer) == "abc");
  CHECK(evbuffer_add_reference(buffer.get(), nullptr, 0, nullptr, nullptr) == 0);
  CHECK(evbuffer_drain(buffer.get(), 3) == 0);
  CHECK(length(buffer) == 0);
  buffer.reset();
  CHECK(first.calls == 1);
  CHECK(second.calls == 1);
  CHECK(second.size == 0);
}

TEST_CASE("evbuffer_add_reference: bytes added later do not go into the user's memory") {
  char text[] = "abcdef";
  const Buffer buffer = make_buffer();
  REQUIRE(evbuffer_add_reference(buffer.get(), text, 3, nullptr, nullptr) == 0);
  REQUIRE(add(buffer, "xyz") == 0);
  evbuffer_drain(buffer.get(), 2);
  REQUIRE(evbuffer_prepend(buffer.get(), "12", 2) == 0);
  CHECK(content(buffer) == "12cxyz");
  CHECK(std::string(text) == "abcdef");
}

TEST_CASE("evbuffer_add_reference_with_offset: adds from there, cleans up the whole") {
  INTENDED_DIFFERENCE("evbuffer_add_reference_with_offset is of 2.2");
  const char text[] = "abcdef";
  Cleanup cleanup;
  const Buffer buffer = make_buffer();
  REQUIRE(evbuffer_add_reference_with_offset(buffer.get(), text, 2, 3, Cleanup::call, &cleanup) ==
          0);
  CHECK(content(buffer) == "cde");
  CHECK(evbuffer_add_reference_with_offset(buffer.get(), text, 2, SIZE_MAX, Cleanup::call,
                                           &cleanup) == -1);
  CHECK(evbuffer_add_reference_with_offset(buffer.get(), text, SIZE_MAX, 2, Cleanup::call,
                                           &cleanup) == -1);
  CHECK(cleanup.calls == 0);
  evbuffer_drain(buffer.get(), 3);
  CHECK(cleanup.calls == 1);
  CHECK(cleanup.data == text);
  CHECK(cleanup.size == 5);
}

TEST_CASE("evbuffer_add_buffer_reference: both buffers have the bytes") {
  const Buffer source = make_buffer();
  const Buffer sharer = make_buffer();
  REQUIRE(add(source, "abc") == 0);
  Cleanup cleanup;
  REQUIRE(add_reference(source, "01234567", cleanup) == 0);
  REQUIRE(add(sharer, ">") == 0);
  CHECK(evbuffer_add_buffer_reference(sharer.get(), source.get()) == 0);
  CHECK(content(source) == "abc01234567");
  CHECK(content(sharer) == ">abc01234567");
  // The memory is the same.
  evbuffer_iovec a[2];
  evbuffer_iovec b[3];
  REQUIRE(evbuffer_peek(source.get(), -1, nullptr, a, 2) == 2);
  REQUIRE(evbuffer_peek(sharer.get(), -1, nullptr, b, 3) == 3);
  CHECK(a[0].iov_base == b[1].iov_base);
  CHECK(a[1].iov_base == b[2].iov_base);
}

TEST_CASE("evbuffer_add_buffer_reference: changes of one do not show in the other") {
  const Buffer source = make_buffer();
  const Buffer sharer = make_buffer();
  REQUIRE(add(source, "abcdef") == 0);
  REQUIRE(evbuffer_add_buffer_reference(sharer.get(), source.get()) == 0);
  REQUIRE(add(source, "++") == 0);
  REQUIRE(add(sharer, "--") == 0);
  REQUIRE(evbuffer_prepend(source.get(), "1", 1) == 0);
  REQUIRE(evbuffer_prepend(sharer.get(), "2", 1) == 0);
  CHECK(content(source) == "1abcdef++");
  CHECK(content(sharer) == "2abcdef--");
  REQUIRE(evbuffer_drain(source.get(), 4) == 0);
  REQUIRE(add(source, pattern(1000)) == 0);
  CHECK(evbuffer_pullup(source.get(), -1) != nullptr);
  CHECK(content(sharer) == "2abcdef--");
  REQUIRE(evbuffer_drain(sharer.get(), 2) == 0);
  CHECK(evbuffer_pullup(sharer.get(), -1) != nullptr);
  CHECK(content(sharer) == "bcdef--");
  CHECK(content(source) == "def++" + pattern(1000));
}

TEST_CASE("evbuffer_add_buffer_reference: either buffer can go first") {
  for (const bool source_first : {true, false}) {
    Cleanup cleanup;
    Buffer source = make_buffer();
    Buffer sharer = make_buffer();
    Buffer second = make_buffer();
    REQUIRE(add(source, "abc") == 0);
    REQUIRE(add_reference(source, "def", cleanup) == 0);
    REQUIRE(evbuffer_add_buffer_reference(sharer.get(), source.get()) == 0);
    REQUIRE(evbuffer_add_buffer_reference(second.get(), source.get()) == 0);
    (source_first ? source : sharer).reset();
    CHECK(content(source_first ? sharer : source) == "abcdef");
    CHECK(content(second) == "abcdef");
    second.reset();
    CHECK(cleanup.calls == 0);
    (source_first ? sharer : source).reset();
    CHECK(cleanup.calls == 1);
    CHECK(cleanup.size == 3);
  }
}

TEST_CASE("evbuffer_add_buffer_reference: what is shared already is refused") {
  const Buffer source = make_buffer();
  const Buffer sharer = make_buffer();
  const Buffer third = make_buffer();
  REQUIRE(add(source, "abc") == 0);
  REQUIRE(evbuffer_add_buffer_reference(sharer.get(), source.get()) == 0);
  REQUIRE(add(sharer, "own") == 0);
  CHECK(evbuffer_add_buffer_reference(third.get(), sharer.get()) == -1);
  CHECK(evbuffer_add_buffer_reference(source.get(), source.get()) == -1);
  CHECK(length(third) == 0);
  CHECK(content(sharer) == "abcown");
  // But bytes that were copied out of it are its own.
  REQUIRE(evbuffer_remove_buffer(sharer.get(), third.get(), 2) == 2);
  const Buffer fourth = make_buffer();
  CHECK(evbuffer_add_buffer_reference(fourth.get(), third.get()) == 0);
  CHECK(content(fourth) == "ab");
}

TEST_CASE("evbuffer_add_buffer_reference: of nothing") {
  const Buffer source = make_buffer();
  const Buffer sharer = make_buffer();
  CHECK(evbuffer_add_buffer_reference(sharer.get(), source.get()) == 0);
  CHECK(evbuffer_add_buffer_reference(sharer.get(), sharer.get()) == 0);
  Cleanup cleanup;
  REQUIRE(add_reference(source, "", cleanup) == 0);
  CHECK(evbuffer_add_buffer_reference(sharer.get(), source.get()) == 0);
  REQUIRE(evbuffer_expand(source.get(), 10) == 0);
  CHECK(evbuffer_add_buffer_reference(sharer.get(), source.get()) == 0);
  CHECK(length(sharer) == 0);
  REQUIRE(add(source, "abc") == 0);
  REQUIRE(add_reference(source, "", cleanup) == 0);
  CHECK(evbuffer_add_buffer_reference(sharer.get(), source.get()) == 0);
  CHECK(content(sharer) == "abc");
  CHECK(segments(sharer) == std::vector<size_t>{3});
}

TEST_CASE("evbuffer_add_buffer_reference: shared segments move and are written") {
  const Buffer source = in_segments({"abc", "def"});
  const Buffer sharer = make_buffer();
  const Buffer other = make_buffer();
  REQUIRE(evbuffer_add_buffer_reference(sharer.get(), source.get()) == 0);
  REQUIRE(evbuffer_remove_buffer(sharer.get(), other.get(), 4) == 4);
  CHECK(content(other) == "abcd");
  CHECK(content(sharer) == "ef");
  REQUIRE(evbuffer_add_buffer(other.get(), sharer.get()) == 0);
  const SocketPair pair;
  CHECK(evbuffer_write(other.get(), pair.first) == 6);
  CHECK(read_all(pair.second) == "abcdef");
  CHECK(content(source) == "abcdef");
}
