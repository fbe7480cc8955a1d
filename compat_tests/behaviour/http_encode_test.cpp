// evhttp_encode_uri, evhttp_uriencode, evhttp_decode_uri, evhttp_uridecode, evhttp_htmlescape
#include <event2/http.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "support.h"
#include "tracked_memory.h"

// Exported, but in no header.
extern "C" int evhttp_decode_uri_internal(const char* uri, size_t length, char* ret,
                                          int decode_plus);

namespace {

// A result as a string; "null" if there is none.
std::string text(char* result) {
  const std::string copy = result == nullptr ? "null" : result;
  std::free(result);
  return copy;
}

std::string uridecode(const std::string& encoded, int decode_plus) {
  size_t length = 12345;
  char* const decoded = evhttp_uridecode(encoded.c_str(), decode_plus, &length);
  CHECK(decoded[length] == '\0');
  const std::string copy(decoded, length);
  std::free(decoded);
  return copy;
}

std::string decode_internal(const std::string& encoded, int decode_plus) {
  std::string out(encoded.size() + 2, '#');
  const int length =
      evhttp_decode_uri_internal(encoded.data(), encoded.size(), out.data(), decode_plus);
  CHECK(out[static_cast<size_t>(length)] == '\0');
  CHECK(out.back() == '#');
  return out.substr(0, static_cast<size_t>(length));
}

const std::string kUnreserved =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

}  // namespace

TEST_CASE("http encode: all but unreserved characters is encoded") {
  std::string all;
  std::string expected;
  for (int c = 0; c < 256; ++c) {
    const char byte = static_cast<char>(c);
    all += byte;
    char encoded[4];
    evutil_snprintf(encoded, sizeof encoded, "%%%02X", static_cast<unsigned>(c));
    expected += kUnreserved.find(byte) != std::string::npos ? std::string(1, byte) : encoded;
  }
  CHECK(text(evhttp_uriencode(all.data(), 256, 0)) == expected);
  CHECK(text(evhttp_encode_uri(all.c_str() + 1)) == expected.substr(3));
  expected.replace(expected.find("%20"), 3, "+");
  CHECK(text(evhttp_uriencode(all.data(), 256, 1)) == expected);
}

TEST_CASE("http encode: how much is encoded") {
  CHECK(text(evhttp_encode_uri("")).empty());
  CHECK(text(evhttp_uriencode("abc", 0, 0)).empty());
  CHECK(text(evhttp_uriencode("a b c", 2, 1)) == "a+");
  CHECK(text(evhttp_uriencode("a\0b", 3, 0)) == "a%00b");
  CHECK(text(evhttp_uriencode("a\0b", -1, 0)) == "a");
  CHECK(text(evhttp_uriencode("a b", -1000, 0)) == "a%20b");
  const std::string spaces(100000, ' ');
  CHECK(text(evhttp_encode_uri(spaces.c_str())).size() == 300000);
}

TEST_CASE("http decode: percent-encoded bytes") {
  using namespace std::string_literals;
  const struct {
    std::string encoded;
    std::string decoded;
  } rows[] = {
      {"", ""},
      {"a", "a"},
      {"%41b%63", "Abc"},
      {"%fF%Ff", "\xff\xff"},
      {"%00x", "\0x"s},
      {"%2541", "%41"},
      {"%", "%"},
      {"%4", "%4"},
      {"a%", "a%"},
      {"%%", "%%"},
      {"%%41", "%A"},
      {"%4z%z4%zz", "%4z%z4%zz"},
      {"%-1%x1", "%-1%x1"},
      {"% 1", "% 1"},
      {"%0x1", "%0x1"},
      {"%\xff\xff", "%\xff\xff"},
      {"%c3%a4#/?&=", "\xc3\xa4#/?&="},
  };
  for (const auto& row : rows) {
    CAPTURE(row.encoded);
    CHECK(uridecode(row.encoded, 0) == row.decoded);
    CHECK(uridecode(row.encoded, 1) == row.decoded);
    CHECK(text(evhttp_decode_uri(row.encoded.c_str())) == row.decoded.c_str());
    for (const int decode_plus : {-1, 0, 1}) {
      CHECK(decode_internal(row.encoded, decode_plus) == row.decoded);
    }
  }
}

TEST_CASE("http decode: where a plus sign is a space") {
  const struct {
    const char* encoded;
    const char* everywhere;
    const char* in_query;
  } rows[] = {
      {"a+b", "a b", "a+b"},
      {"a+b?c+d", "a b?c d", "a+b?c d"},
      {"a+b%3fc+d", "a b?c d", "a+b?c+d"},
      {"+?+?+", " ? ? ", "+? ? "},
      {"%2b+%2B", "+ +", "+++"},
      {"%+1", "% 1", "%+1"},
      {"?%3f+#+", "?? # ", "?? # "},
  };
  for (const auto& row : rows) {
    CAPTURE(row.encoded);
    CHECK(uridecode(row.encoded, 1) == row.everywhere);
    CHECK(uridecode(row.encoded, -1) == row.everywhere);
    CHECK(uridecode(row.encoded, 2) == row.everywhere);
    CHECK(text(evhttp_decode_uri(row.encoded)) == row.in_query);
    CHECK(decode_internal(row.encoded, 1) == row.everywhere);
    CHECK(decode_internal(row.encoded, -1) == row.in_query);
  }
  CHECK(uridecode("a+b?c+d", 0) == "a+b?c+d");
  CHECK(decode_internal("a+b?c+d", 0) == "a+b?c+d");
  CHECK(decode_internal("a+b?c+d", 2) == "a+b?c+d");
}

TEST_CASE("http decode: the length of the result may stay untold") {
  CHECK(text(evhttp_uridecode("a%41", 0, nullptr)) == "aA");
}

TEST_CASE("http decode: a length that cuts an encoded byte") {
  char out[8];
  CHECK(evhttp_decode_uri_internal("a%41bc", 3, out, 0) == 3);
  CHECK(out == std::string("a%4"));
  CHECK(evhttp_decode_uri_internal("a%41bc", 4, out, 0) == 2);
  CHECK(out == std::string("aA"));
}

TEST_CASE("http encode: what is decoded is what was encoded") {
  std::string all;
  for (int i = 0; i < 1024; ++i) {
    all += static_cast<char>(i * 7);
  }
  for (const int plus : {0, 1}) {
    const std::string encoded = text(evhttp_uriencode(all.data(), 1024, plus));
    CHECK(uridecode(encoded, plus) == all);
  }
}

TEST_CASE("http htmlescape: characters that mean something in HTML") {
  CHECK(text(evhttp_htmlescape("")).empty());
  CHECK(text(evhttp_htmlescape("plain \xff\x01 text")) == "plain \xff\x01 text");
  CHECK(text(evhttp_htmlescape("<>\"'&")) == "&lt;&gt;&quot;&#039;&amp;");
  CHECK(text(evhttp_htmlescape("a<b>&amp;")) == "a&lt;b&gt;&amp;amp;");
  CHECK(text(evhttp_htmlescape(std::string(10000, '\'').c_str())).size() == 60000);
  CHECK(evhttp_htmlescape(nullptr) == nullptr);
}

TEST_CASE("http encode: the result is the caller's and null without memory") {
  const event_cases::TrackedMemory memory;
  char* results[] = {evhttp_encode_uri("a b"), evhttp_decode_uri("a%20b"),
                     evhttp_uridecode("a+b", 1, nullptr), evhttp_htmlescape("<")};
  CHECK(memory.live() == 4);
  for (char* result : results) {
    CHECK(memory.holds(result));
    memory.free(result);
  }
  memory.fail_after(0, true);
  size_t length = 0;
  CHECK(evhttp_encode_uri("a b") == nullptr);
  CHECK(evhttp_uriencode("a b", 2, 0) == nullptr);
  CHECK(evhttp_decode_uri("a%20b") == nullptr);
  CHECK(evhttp_uridecode("a+b", 1, &length) == nullptr);
  CHECK(evhttp_htmlescape("<") == nullptr);
  memory.never_fail();
  CHECK(memory.live() == 0);
}
