// What frames and handshakes are made of: SHA-1, Base64, UTF-8, frame headers and masks.
#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "ws/base64.h"
#include "ws/frame.h"
#include "ws/sha1.h"
#include "ws/utf8.h"

using namespace relevent::ws;

namespace {

std::string hex(const Sha1Digest& digest) {
  std::string text;
  for (const unsigned byte : digest) {
    text += "0123456789abcdef"[byte / 16];
    text += "0123456789abcdef"[byte % 16];
  }
  return text;
}

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string base64(const std::string& text) {
  std::string encoded(base64_length(text.size()), '#');
  encode_base64(bytes_of(text), encoded.data());
  return encoded;
}

// Checks the text whole, and cut in two at every place; they have to agree.
bool is_utf8(const std::string& text) {
  const auto bytes = bytes_of(text);
  Utf8Check whole;
  const bool valid = whole.add(bytes) && whole.complete();
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    Utf8Check pieces;
    const bool agrees = (pieces.add(bytes.first(cut)) && pieces.add(bytes.subspan(cut)) &&
                         pieces.complete()) == valid;
    CHECK(agrees);
  }
  return valid;
}

}  // namespace

TEST_CASE("ws sha1: the standard's examples and every length of the last block") {
  CHECK(hex(sha1(std::string())) == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  CHECK(hex(sha1(std::string("abc"))) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(hex(sha1(std::string("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))) ==
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  CHECK(hex(sha1(std::string(1000000, 'a'))) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
  CHECK(hex(sha1(std::string(55, 'a'))) == "c1c8bbdc22796e28c0e15163d20899b65621d65a");
  CHECK(hex(sha1(std::string(56, 'a'))) == "c2db330f6083854c99d4b5bfb6e8f29f201be699");
  CHECK(hex(sha1(std::string(64, 'a'))) == "0098ba824b5c16427bd7a1122a5a442a25ec644d");
}

TEST_CASE("ws base64: the standard's examples") {
  CHECK(base64("").empty());
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foob") == "Zm9vYg==");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64("\xff\xfe\xfb\xef") == "//777w==");
}

TEST_CASE("ws base64: whether text is an encoding") {
  CHECK(is_base64_of("dGhlIHNhbXBsZSBub25jZQ==", 16));
  CHECK(is_base64_of("Zm9v", 3));
  CHECK(is_base64_of("", 0));
  CHECK_FALSE(is_base64_of("dGhlIHNhbXBsZSBub25jZQ==", 17));
  CHECK_FALSE(is_base64_of("dGhlIHNhbXBsZSBub25jZQ=", 16));
  CHECK_FALSE(is_base64_of("dGhlIHNhbXBsZSBub25jZQ=a", 16));
  CHECK_FALSE(is_base64_of("dGhlIHNhbXBsZSBub25jZ===", 16));
  CHECK_FALSE(is_base64_of("dGhl!HNhbXBsZSBub25jZQ==", 16));
  CHECK_FALSE(is_base64_of("dGhl HNhbXBsZSBub25jZQ==", 16));
}

TEST_CASE("ws utf8: bounds of each length") {
  for (const char* text :
       {"", "ascii, more than a word of it", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
        "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
        "12345678\xe2\x82\xac", "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"}) {
    CAPTURE(text);
    CHECK(is_utf8(text));
  }
  CHECK(is_utf8(std::string("\0", 1)));
  for (const char* text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x7f", "\xc2\xc0", "\xe0\x9f\xbf",
        "\xe0\xa0", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xfe", "abcdefgh\x80", "\xe2\x82\x41"}) {
    CAPTURE(text);
    CHECK_FALSE(is_utf8(text));
  }
}

TEST_CASE("ws frame: headers of every form come back as they were written") {
  for (const std::uint64_t length :
       {std::uint64_t{0}, std::uint64_t{125}, std::uint64_t{126}, std::uint64_t{65535},
        std::uint64_t{65536}, std::uint64_t{1} << 40, ~std::uint64_t{0} >> 1}) {
    for (const bool masked : {false, true}) {
      FrameHeader header;
      header.opcode = Opcode::kBinary;
      header.final = !masked;
      header.masked = masked;
      header.length = length;
      header.key = {{1, 2, 3, 4}};
      std::uint8_t bytes[FrameHeader::kMaxSize];
      const size_t size = write_header(header, bytes);
      CHECK(size == (length < 126 ? 2U : length < 65536 ? 4U : 10U) + (masked ? 4U : 0U));
      CHECK(header_size({bytes, 2}) == size);
      CHECK(header_size({bytes, 1}) == 2);
      FrameHeader copy;
      REQUIRE(read_header({bytes, size}, copy));
      CHECK(copy.opcode == header.opcode);
      CHECK(copy.final == header.final);
      CHECK(copy.masked == masked);
      CHECK(copy.length == length);
      CHECK((!masked || std::memcmp(copy.key.bytes, header.key.bytes, 4) == 0));
    }
  }
}

TEST_CASE("ws frame: malformed headers") {
  const std::vector<std::vector<std::uint8_t>> rows = {
      {0xc1, 0},
      {0xa1, 0},
      {0x91, 0},  // reserved bits
      {0x83, 0},
      {0x87, 0},
      {0x8b, 0},
      {0x8f, 0},  // opcodes
      {0x08, 0},
      {0x09, 0},  // a part of a control frame
      {0x88, 126, 0, 126},
      {0x89, 126, 0, 200},  // a long one
      {0x81, 126, 0, 125},
      {0x81, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff},  // not the shortest form
      {0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0},     // more than 63 bits
  };
  for (const auto& row : rows) {
    CAPTURE(row);
    REQUIRE(header_size(row) == row.size());
    FrameHeader header;
    CHECK_FALSE(read_header(row, header));
  }
}

TEST_CASE("ws frame: a mask does not depend on how the payload is cut") {
  const MaskKey key = {{0x37, 0xfa, 0x21, 0x3d}};
  std::vector<std::uint8_t> plain(61);
  for (size_t i = 0; i < plain.size(); ++i) {
    plain[i] = static_cast<std::uint8_t>(i * 5);
  }
  std::vector<std::uint8_t> expected = plain;
  for (size_t i = 0; i < plain.size(); ++i) {
    expected[i] ^= key.bytes[i % 4];
  }
  for (size_t cut = 0; cut <= plain.size(); ++cut) {
    std::vector<std::uint8_t> masked = plain;
    apply_mask(std::span(masked).first(cut), key, 0);
    apply_mask(std::span(masked).subspan(cut), key, cut);
    CHECK(masked == expected);
  }
}

TEST_CASE("ws frame: close codes") {
  for (const int code : {1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999}) {
    CAPTURE(code);
    CHECK(is_close_code(static_cast<std::uint16_t>(code)));
  }
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535}) {
    CAPTURE(code);
    CHECK_FALSE(is_close_code(static_cast<std::uint16_t>(code)));
  }
}
