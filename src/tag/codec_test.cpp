#include "tag/codec.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace relevent::tag;

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes tag_bytes(std::uint32_t tag) {
  Bytes bytes(kMaxTagSize);
  bytes.resize(encode_tag(tag, bytes.data()));
  return bytes;
}

Bytes number_bytes(std::uint64_t number) {
  Bytes bytes(kMaxInt64Size);
  bytes.resize(encode_number(number, bytes.data()));
  return bytes;
}

}  // namespace

TEST_CASE("tag codec: tags are groups of seven bits with the lowest first") {
  CHECK(tag_bytes(0) == Bytes{0});
  CHECK(tag_bytes(0x7f) == Bytes{0x7f});
  CHECK(tag_bytes(0x80) == Bytes{0x80, 0x01});
  CHECK(tag_bytes(0xffffffff) == Bytes{0xff, 0xff, 0xff, 0xff, 0x0f});
}

TEST_CASE("tag codec: numbers are counted digits with the lowest first") {
  CHECK(number_bytes(0) == Bytes{0x00});
  CHECK(number_bytes(0xf) == Bytes{0x0f});
  CHECK(number_bytes(0x10) == Bytes{0x10, 0x10});
  CHECK(number_bytes(0x123) == Bytes{0x23, 0x21});
  CHECK(number_bytes(0x123456789abcdef0) ==
        Bytes{0xf0, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10});
}

TEST_CASE("tag codec: what was encoded is decoded") {
  for (int bit = 0; bit < 64; ++bit) {
    for (const std::uint64_t number : {std::uint64_t{1} << bit, (std::uint64_t{1} << bit) - 1}) {
      const Bytes bytes = number_bytes(number);
      REQUIRE(decode_int64(bytes));
      CHECK(decode_int64(bytes)->value == number);
      CHECK(decode_int64(bytes)->size == bytes.size());
      CHECK(decode_int(bytes).has_value() == (number <= UINT32_MAX));
      if (number <= UINT32_MAX) {
        const auto small = static_cast<std::uint32_t>(number);
        CHECK(decode_int(bytes)->value == small);
        CHECK(decode_tag(tag_bytes(small))->value == small);
      }
    }
  }
}

TEST_CASE("tag codec: numbers that do not end or are too large are nothing") {
  CHECK_FALSE(decode_tag(Bytes{}));
  CHECK_FALSE(decode_tag(Bytes{0x80}));
  CHECK_FALSE(decode_tag(Bytes(100, 0x80)));
  CHECK_FALSE(decode_tag(Bytes{0xff, 0xff, 0xff, 0xff, 0x1f}));
  CHECK_FALSE(decode_int(Bytes{}));
  CHECK_FALSE(decode_int(Bytes{0x10}));
  CHECK_FALSE(decode_int(Bytes(9, 0x80)));
  CHECK(decode_int64(Bytes(9, 0x80)));
  CHECK_FALSE(decode_int64(Bytes(8, 0xf0)));
}
