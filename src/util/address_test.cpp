#include <netinet/in.h>
#include <sys/un.h>

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "util/address_format.h"
#include "util/address_parse.h"
#include "util/number.h"
#include "util/sockaddr_compare.h"

using namespace relevent::util;

namespace {

sockaddr_storage parsed(const char* text) {
  sockaddr_storage address{};
  int length = sizeof address;
  REQUIRE(parse_sockaddr_port(text, reinterpret_cast<sockaddr*>(&address), &length));
  return address;
}

const sockaddr& generic(const sockaddr_storage& address) {
  return reinterpret_cast<const sockaddr&>(address);
}

std::string formatted(const char* text) {
  const sockaddr_storage address = parsed(text);
  char out[kEndpointSize];
  return format_endpoint(generic(address), sizeof address, out);
}

// Parses from a block that ends where the text ends, so that a sanitizer sees each read behind it.
template <class Parse>
auto exactly(Parse parse, const std::string& text) {
  const std::unique_ptr<char[]> block(new char[text.size()]);
  std::memcpy(block.get(), text.data(), text.size());
  return parse(block.get(), block.get() + text.size());
}

}  // namespace

TEST_CASE("util: decimals saturate and say where they end") {
  const auto read = [](const std::string& text) {
    const char* const begin = text.data();
    const Decimal number = read_decimal(begin, begin + text.size());
    return std::tuple(number.value, number.negative, number.end - begin);
  };
  CHECK(read("12x") == std::tuple(12u, false, 2));
  CHECK(read(" -7") == std::tuple(7u, true, 3));
  CHECK(read("+") == std::tuple(0u, false, 0));
  CHECK(read("") == std::tuple(0u, false, 0));
  CHECK(read("4294967296") == std::tuple(UINT32_MAX, false, 10));
  CHECK(read("99999999999999999999999") == std::tuple(UINT32_MAX, false, 23));
}

TEST_CASE("util: ports have to be between 1 and 65535") {
  const auto port = [](const std::string& text) {
    return exactly(parse_port, text).value_or(std::uint16_t{0});
  };
  CHECK(port("1") == 1);
  CHECK(port("65535") == 65535);
  for (const char* const bad : {"", "0", "65536", "-1", "4294967297", "x", " "}) {
    CAPTURE(bad);
    CHECK(port(bad) == 0);
  }
}

TEST_CASE("util: parsers read nothing behind the end of their text") {
  for (const char* const text : {"",     "1",     "1.",    "1.2.3.4",    "1.2.3.4.",
                                 ":",    "::",    "1:",    "::1",        "0x",
                                 "::0x", "::0x1", "1::",   "::1.2.3.4",  "::ffff:1.2.3.",
                                 "%",    "::%",   "::%lo", "fe80::1%99", "1:2:3:4:5:6:7:8"}) {
    CAPTURE(text);
    static_cast<void>(exactly(parse_ipv4, text));
    static_cast<void>(exactly(parse_ipv6, text));
    std::uint32_t scope = 0;
    static_cast<void>(exactly(
        [&](const char* begin, const char* end) { return parse_ipv6_scoped(begin, end, scope); },
        text));
  }
  SUCCEED();
}

TEST_CASE("util: scopes are interfaces or numbers, of any length") {
  CHECK(exactly(parse_scope, "lo").value_or(0) == 1);
  CHECK(exactly(parse_scope, "7").value_or(0) == 7);
  CHECK(exactly(parse_scope, "").value_or(9) == 0);
  CHECK(exactly(parse_scope, "4294967294").value_or(0) == 4294967294u);
  CHECK_FALSE(exactly(parse_scope, "4294967296"));
  CHECK_FALSE(exactly(parse_scope, "-1"));
  CHECK_FALSE(exactly(parse_scope, std::string(5000, 'x')));
  CHECK(exactly(parse_scope, std::string(5000, '0') + "3").value_or(0) == 3);
}

TEST_CASE("util: an address that does not parse leaves the output alone") {
  sockaddr_storage address;
  std::memset(&address, 0x5a, sizeof address);
  sockaddr_storage before = address;
  int length = sizeof address;
  CHECK_FALSE(parse_sockaddr_port("nonsense", reinterpret_cast<sockaddr*>(&address), &length));
  CHECK(length == static_cast<int>(sizeof address));
  CHECK(std::memcmp(&address, &before, sizeof address) == 0);
}

TEST_CASE("util: a room that claims to be enormous is cleared no further than a sockaddr_storage") {
  struct {
    sockaddr_storage address;
    unsigned char behind;
  } block{{}, 0x5a};
  int length = INT32_MAX;
  REQUIRE(parse_sockaddr_port("::1", reinterpret_cast<sockaddr*>(&block.address), &length));
  CHECK(length == static_cast<int>(sizeof(sockaddr_in6)));
  CHECK(block.behind == 0x5a);
}

TEST_CASE("util: endpoints as text") {
  CHECK(formatted("1.2.3.4:80") == "1.2.3.4:80");
  CHECK(formatted("255.255.255.255:65535") == "255.255.255.255:65535");
  CHECK(formatted("::1") == "[::1]:0");
  CHECK(formatted("[fe80::1%2]:80") == "[fe80::1%2]:80");
  CHECK(formatted("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967294]:65535") ==
        "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967294]:65535");
  char tiny[5];
  const sockaddr_storage address = parsed("1.2.3.4:80");
  CHECK(std::string(format_endpoint(generic(address), sizeof address, tiny)) == "1.2.");
}

TEST_CASE("util: endpoints that are no Internet addresses") {
  char out[kEndpointSize];
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto& any = reinterpret_cast<const sockaddr&>(address);
  const auto text = [&](std::size_t path_length) {
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_length);
    return std::string(format_endpoint(any, length, out));
  };
  std::memset(address.sun_path, 'p', sizeof address.sun_path);
  CHECK(text(3) == "unix:ppp");
  CHECK(text(sizeof address.sun_path) == "unix:" + std::string(sizeof address.sun_path, 'p'));
  address.sun_path[0] = '\0';
  CHECK(text(3) == "unix:@pp");
  CHECK(text(0) == "<address of family 1>");
  const sockaddr_storage ipv6 = parsed("::1");
  CHECK(std::string(format_endpoint(generic(ipv6), sizeof(sockaddr_in), out)) ==
        "<address of family 10>");
}

TEST_CASE("util: formatting needs room for the end mark and writes nothing without it") {
  in6_addr address = in6addr_loopback;
  char out[8];
  std::memset(out, 'Z', sizeof out);
  CHECK_FALSE(format_ipv6(address, {out, 3}));
  CHECK(out[0] == 'Z');
  CHECK(format_ipv6(address, {out, 4}));
  CHECK(std::string(out) == "::1");
  CHECK(out[4] == 'Z');
  CHECK_FALSE(format_ipv4(in_addr{0}, {}));
}

TEST_CASE("util: loopback addresses") {
  const auto loopback = [](const char* text) { return is_loopback(generic(parsed(text))); };
  CHECK(loopback("127.0.0.1"));
  CHECK(loopback("127.255.255.254:80"));
  CHECK(loopback("::1"));
  CHECK(loopback("::ffff:127.0.0.1"));
  CHECK_FALSE(loopback("128.0.0.1"));
  CHECK_FALSE(loopback("::2"));
  CHECK_FALSE(loopback("::"));
  CHECK_FALSE(loopback("::ffff:1.2.3.4"));
  sockaddr_storage other{};
  other.ss_family = AF_UNIX;
  CHECK_FALSE(is_loopback(generic(other)));
}
