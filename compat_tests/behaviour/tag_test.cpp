// Tagged data: its bytes, and what is made of bytes from a peer that errs or lies.
#include <event2/tag.h>
#include <event2/tag_compat.h>
#include <sys/time.h>

#include "evbuffer_tools.h"
#include "tracked_memory.h"

using namespace buffer_cases;

// No header declares these.
extern "C" {
int evtag_encode_tag(evbuffer* evbuf, ev_uint32_t tag);
int evtag_decode_tag(ev_uint32_t* ptag, evbuffer* evbuf);
int evtag_decode_int(ev_uint32_t* pnumber, evbuffer* evbuf);
int evtag_decode_int64(ev_uint64_t* pnumber, evbuffer* evbuf);
}

namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    text += kDigits[static_cast<unsigned char>(byte) >> 4];
    text += kDigits[byte & 0xf];
  }
  return text;
}

std::string from_hex(std::string_view text) {
  std::string bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

Buffer buffer_of(std::string_view hex_text) {
  Buffer buffer = make_buffer();
  REQUIRE(add(buffer, from_hex(hex_text)) == 0);
  return buffer;
}

// What `write` adds to an empty buffer.
template <class Write>
std::string written(Write write) {
  const Buffer buffer = make_buffer();
  write(buffer.get());
  return hex(content(buffer));
}

struct Taker {
  const char* name;
  int (*take)(evbuffer* source);
};

// Every function that takes an item from the front; those that want a certain one want tag 1 (and a
// payload of 1 byte).
constexpr Taker kTakers[] = {
    {"evtag_unmarshal_header", [](evbuffer* b) { return evtag_unmarshal_header(b, nullptr); }},
    {"evtag_consume", [](evbuffer* b) { return evtag_consume(b); }},
    {"evtag_unmarshal",
     [](evbuffer* b) {
       ev_uint32_t tag = 0;
       const Buffer to = make_buffer();
       const int result = evtag_unmarshal(b, &tag, to.get());
       CHECK((result >= 0 || length(to) == 0));
       return result;
     }},
    {"evtag_unmarshal_int",
     [](evbuffer* b) {
       ev_uint32_t number = 0;
       return evtag_unmarshal_int(b, 1, &number);
     }},
    {"evtag_unmarshal_int64",
     [](evbuffer* b) {
       ev_uint64_t number = 0;
       return evtag_unmarshal_int64(b, 1, &number);
     }},
    {"evtag_unmarshal_fixed",
     [](evbuffer* b) {
       char byte = 0;
       return evtag_unmarshal_fixed(b, 1, &byte, 1);
     }},
    {"evtag_unmarshal_string",
     [](evbuffer* b) {
       char* text = nullptr;
       const int result = evtag_unmarshal_string(b, 1, &text);
       CHECK((text != nullptr) == (result == 0));
       std::free(text);
       return result;
     }},
    {"evtag_unmarshal_timeval",
     [](evbuffer* b) {
       timeval time{};
       return evtag_unmarshal_timeval(b, 1, &time);
     }},
};

void check_all_fail(std::string_view bytes) {
  for (const Taker& taker : kTakers) {
    INFO(taker.name << " of " << bytes);
    CHECK(taker.take(buffer_of(bytes).get()) == -1);
  }
}

void check_nothing_taken(std::string_view bytes) {
  for (const Taker& taker : kTakers) {
    INFO(taker.name << " of " << bytes);
    const Buffer buffer = buffer_of(bytes);
    CHECK(taker.take(buffer.get()) == -1);
    CHECK(hex(content(buffer)) == bytes);
  }
}

}  // namespace

TEST_CASE("tag: numbers have the bytes that peers expect") {
  struct {
    ev_uint64_t number;
    const char* tag;
    const char* integer;
  } const rows[] = {
      {0, "00", "00"},
      {1, "01", "01"},
      {0x7f, "7f", "1f70"},
      {0x80, "8001", "1080"},
      {0x123, "a302", "2321"},
      {0x3fff, "ff7f", "3fff30"},
      {0x4000, "808001", "300040"},
      {0x10000000, "8080808001", "7000000010"},
      {0xffffffff, "ffffffff0f", "7ffffffff0"},
      {0x123456789abcdef0, nullptr, "f0fedcba9876543210"},
      {~ev_uint64_t{0}, nullptr, "fffffffffffffffff0"},
  };
  for (const auto& row : rows) {
    INFO(row.number);
    const auto small = static_cast<ev_uint32_t>(row.number);
    const bool is_small = small == row.number;
    CHECK(written([&](evbuffer* b) { encode_int64(b, row.number); }) == row.integer);
    const Buffer wide = buffer_of(row.integer);
    ev_uint64_t number64 = 0;
    CHECK(evtag_decode_int64(&number64, wide.get()) == 0);
    CHECK(number64 == row.number);
    CHECK(length(wide) == 0);

    const Buffer narrow = buffer_of(row.integer);
    ev_uint32_t number = 0;
    CHECK(evtag_decode_int(&number, narrow.get()) == (is_small ? 0 : -1));
    CHECK((length(narrow) == 0) == is_small);
    if (is_small) {
      CHECK(number == small);
      CHECK(written([&](evbuffer* b) { encode_int(b, small); }) == row.integer);
      const int tag_size = static_cast<int>(std::strlen(row.tag) / 2);
      CHECK(written([&](evbuffer* b) { CHECK(evtag_encode_tag(b, small) == tag_size); }) ==
            row.tag);
      const Buffer tags = buffer_of(row.tag);
      CHECK(evtag_peek(tags.get(), &number) == tag_size);
      CHECK(evtag_decode_tag(&number, tags.get()) == tag_size);
      CHECK(number == small);
      CHECK(length(tags) == 0);
    }
  }
}

TEST_CASE("tag: items have the bytes that peers expect") {
  evtag_init();
  timeval time{0x123456789a, 999999};
  CHECK(written([](evbuffer* b) { evtag_marshal(b, 300, "123", 3); }) == "ac0203313233");
  CHECK(written([](evbuffer* b) { evtag_marshal(b, 3, nullptr, 0); }) == "0300");
  CHECK(written([](evbuffer* b) { evtag_marshal_int(b, 1, 0x7f); }) == "01021f70");
  CHECK(written([](evbuffer* b) { evtag_marshal_int64(b, 1, 1); }) == "010101");
  CHECK(written([](evbuffer* b) { evtag_marshal_int64(b, 1, 0x8000000005); }) ==
        "0106950000000080");
  CHECK(written([](evbuffer* b) { evtag_marshal_string(b, 2, "hi"); }) == "02026869");
  CHECK(written([&](evbuffer* b) { evtag_marshal_timeval(b, 7, &time); }) ==
        "07087a987654304f324f");
  const Buffer payload = buffer_of("414243");
  CHECK(written([&](evbuffer* b) { evtag_marshal_buffer(b, 1, payload.get()); }) == "0103414243");
  CHECK(length(payload) == 0);
  const std::string large = pattern(100000);
  const Buffer items = make_buffer();
  evtag_marshal(items.get(), 9, large.data(), static_cast<ev_uint32_t>(large.size()));
  CHECK(content(items) == from_hex("0940a681") + large);
}

TEST_CASE("tag: what was marshalled is unmarshalled again") {
  const Buffer items = make_buffer();
  timeval time{77, 88};
  evtag_marshal_int(items.get(), 1, 4711);
  evtag_marshal_int64(items.get(), 2, ~ev_uint64_t{0});
  evtag_marshal_string(items.get(), 3, "text");
  evtag_marshal_timeval(items.get(), 400, &time);
  evtag_marshal(items.get(), 5, "abcd", 4);
  evtag_marshal(items.get(), 6, "efgh", 4);
  evtag_marshal(items.get(), 7, "dropped", 7);
  evtag_marshal_string(items.get(), 8, "");
  evtag_marshal(items.get(), 9, "ijkl", 4);

  ev_uint32_t number = 0;
  ev_uint64_t number64 = 0;
  char* text = nullptr;
  timeval got{};
  char fixed[4];
  CHECK(evtag_unmarshal_int(items.get(), 1, &number) == 3);
  CHECK(number == 4711);
  CHECK(evtag_unmarshal_int64(items.get(), 2, &number64) == 9);
  CHECK(number64 == ~ev_uint64_t{0});
  CHECK(evtag_unmarshal_string(items.get(), 3, &text) == 0);
  CHECK(std::string(text) == "text");
  std::free(text);
  CHECK(evtag_unmarshal_timeval(items.get(), 400, &got) == 0);
  CHECK((got.tv_sec == 77 && got.tv_usec == 88));
  CHECK(evtag_unmarshal_fixed(items.get(), 5, fixed, sizeof(fixed)) == 0);
  CHECK(std::string(fixed, 4) == "abcd");
  const Buffer payload = buffer_of("2d");
  CHECK(evtag_unmarshal(items.get(), &number, payload.get()) == 4);
  CHECK(number == 6);
  CHECK(content(payload) == "-efgh");
  CHECK(evtag_consume(items.get()) == 0);
  CHECK(evtag_unmarshal_string(items.get(), 8, &text) == 0);
  CHECK(std::string(text).empty());
  std::free(text);
  CHECK(evtag_unmarshal_header(items.get(), &number) == 4);
  CHECK(number == 9);
  CHECK(content(items) == "ijkl");
}

TEST_CASE("tag: looking takes nothing and needs no payload") {
  const Buffer items = buffer_of("ac02051234");
  ev_uint32_t number = 0;
  CHECK(evtag_peek(items.get(), &number) == 2);
  CHECK(number == 300);
  CHECK(evtag_peek(items.get(), nullptr) == 2);
  CHECK(evtag_payload_length(items.get(), &number) == 0);
  CHECK(number == 5);
  CHECK(evtag_peek_length(items.get(), &number) == 0);
  CHECK(number == 8);
  CHECK(length(items) == 5);
  const Buffer no_length = buffer_of("ac0220");
  CHECK(evtag_peek(no_length.get(), nullptr) == 2);
  CHECK(evtag_payload_length(no_length.get(), &number) == -1);
  CHECK(evtag_peek_length(no_length.get(), &number) == -1);
  CHECK(evtag_peek(buffer_of("").get(), nullptr) == -1);
}

TEST_CASE("tag: an item may lie in many segments") {
  const std::string bytes = from_hex("ac020373123401");
  Buffer items = make_buffer();
  for (const char& byte : bytes) {
    REQUIRE(evbuffer_add_reference(items.get(), &byte, 1, nullptr, nullptr) == 0);
  }
  ev_uint32_t tag = 0;
  const Buffer payload = make_buffer();
  CHECK(evtag_unmarshal(items.get(), &tag, payload.get()) == 3);
  CHECK(hex(content(payload)) == "731234");
  CHECK(hex(content(items)) == "01");
}

TEST_CASE("tag: a tag number that never ends is refused and nothing is taken") {
  for (const char* bytes : {"80", "8080808080", "808080808001", "808080808080808080808001",
                            "ffffffff1f", "ffffffff7f"}) {
    check_nothing_taken(bytes);
    const Buffer buffer = buffer_of(bytes);
    ev_uint32_t tag = 0;
    CHECK(evtag_peek(buffer.get(), &tag) == -1);
    CHECK(evtag_decode_tag(&tag, buffer.get()) == -1);
    CHECK(hex(content(buffer)) == bytes);
  }
}

TEST_CASE("tag: numbers that do not end are refused and nothing is taken") {
  for (const char* bytes : {"", "10", "8011111111", "f011111111111111"}) {
    const Buffer buffer = buffer_of(bytes);
    ev_uint32_t number = 0;
    CHECK(evtag_decode_int(&number, buffer.get()) == -1);
    CHECK(hex(content(buffer)) == bytes);
  }
  const Buffer buffer = buffer_of("f011111111111111");
  ev_uint64_t number = 0;
  CHECK(evtag_decode_int64(&number, buffer.get()) == -1);
  CHECK(length(buffer) == 8);
}

namespace {

// No length, one that does not end, one of 9 digits; less payload than was declared.
constexpr const char* kNotTaken[] = {"01",     "0110",     "01f0",        "018000000001",
                                     "0105ff", "01104142", "017fffffff70"};
// Payloads without a whole integer, and another tag than asked for.
constexpr const char* kNoNumber[] = {"0100", "010115", "01011502", "010320", "0202ffff"};

}  // namespace

TEST_CASE("tag: malformed and incomplete items are refused") {
  for (const char* bytes : kNotTaken) {
    check_all_fail(bytes);
  }
  for (const char* bytes : kNoNumber) {
    ev_uint32_t number = 0;
    ev_uint64_t number64 = 0;
    timeval time{};
    CHECK(evtag_unmarshal_int(buffer_of(bytes).get(), 1, &number) == -1);
    CHECK(evtag_unmarshal_int64(buffer_of(bytes).get(), 1, &number64) == -1);
    CHECK(evtag_unmarshal_timeval(buffer_of(bytes).get(), 1, &time) == -1);
  }
  char two[2];
  CHECK(evtag_unmarshal_fixed(buffer_of("010141").get(), 1, two, sizeof(two)) == -1);
  CHECK(evtag_unmarshal_fixed(buffer_of("0103414243").get(), 1, two, sizeof(two)) == -1);
}

TEST_CASE("tag: what is refused stays in the buffer") {
  INTENDED_DIFFERENCE(
      "an unmarshal function that fails takes nothing, so that it can be tried again");
  for (const char* bytes : kNotTaken) {
    check_nothing_taken(bytes);
  }
  for (const char* bytes : kNoNumber) {
    const Buffer buffer = buffer_of(bytes);
    ev_uint32_t number = 5;
    ev_uint64_t number64 = 5;
    timeval time{5, 5};
    CHECK(evtag_unmarshal_int(buffer.get(), 1, &number) == -1);
    CHECK(evtag_unmarshal_int64(buffer.get(), 1, &number64) == -1);
    CHECK(evtag_unmarshal_timeval(buffer.get(), 1, &time) == -1);
    CHECK((number == 5 && number64 == 5 && time.tv_sec == 5 && time.tv_usec == 5));
    CHECK(hex(content(buffer)) == bytes);
  }
}

TEST_CASE("tag: a declared length above INT_MAX is refused when it is taken") {
  for (const char* bytes : {"017000000080", "017ffffffff0"}) {
    check_all_fail(bytes);
  }
}

TEST_CASE("tag: a declared length above INT_MAX is malformed for all") {
  INTENDED_DIFFERENCE(
      "the sum of header and such a length overflowed, and no call could take the item");
  ev_uint32_t number = 5;
  for (const char* bytes : {"017000000080", "017ffffffff0"}) {
    check_nothing_taken(bytes);
    CHECK(evtag_peek_length(buffer_of(bytes).get(), &number) == -1);
    CHECK(evtag_payload_length(buffer_of(bytes).get(), &number) == -1);
    CHECK(number == 5);
  }
  CHECK(evtag_payload_length(buffer_of("017fffffff70").get(), &number) == 0);
  CHECK(number == INT_MAX);
}

TEST_CASE("tag: out of memory leaves both buffers as they were") {
  INTENDED_DIFFERENCE("part of an item that memory does not suffice for stays out of the buffer");
  const event_cases::TrackedMemory memory;
  const Buffer items = make_buffer();
  const std::string large = pattern(100000);
  event_cases::TrackedMemory::fail_after(0, true);
  evtag_marshal(items.get(), 1, large.data(), static_cast<ev_uint32_t>(large.size()));
  evtag_marshal_string(items.get(), 1, "abc");
  event_cases::TrackedMemory::never_fail();
  CHECK(length(items) == 0);
  // Either all of an item or nothing, and the payload stays where it was.
  const Buffer data = make_buffer();
  evbuffer_add(data.get(), "abc", 3);
  for (int good = 0; length(items) == 0; ++good) {
    REQUIRE(content(data) == "abc");
    event_cases::TrackedMemory::fail_after(good, true);
    evtag_marshal_buffer(items.get(), 1, data.get());
    event_cases::TrackedMemory::never_fail();
  }
  CHECK(hex(content(items)) == "0103616263");
  CHECK(length(data) == 0);
  evbuffer_drain(items.get(), length(items));

  evtag_marshal_string(items.get(), 1, "abc");
  const Buffer payload = make_buffer();
  char* text = nullptr;
  ev_uint32_t tag = 0;
  event_cases::TrackedMemory::fail_after(0, true);
  CHECK(evtag_unmarshal_string(items.get(), 1, &text) == -1);
  CHECK(evtag_unmarshal(items.get(), &tag, payload.get()) == -1);
  event_cases::TrackedMemory::never_fail();
  CHECK(text == nullptr);
  CHECK(length(payload) == 0);
  CHECK(hex(content(items)) == "0103616263");
}
