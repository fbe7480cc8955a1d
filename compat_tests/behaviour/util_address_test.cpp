// evutil's addresses: inet_pton, inet_ntop, parsing with ports, comparing.
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstring>
#include <string>

#include "support.h"

namespace {

// What evutil_inet_pton makes of a text, in inet_ntop's notation; or its return value.
std::string pton(int family, const std::string& text) {
  unsigned char address[sizeof(in6_addr)];
  const int result = evutil_inet_pton(family, text.c_str(), address);
  if (result != 1) {
    return std::to_string(result);
  }
  char out[INET6_ADDRSTRLEN];
  REQUIRE(inet_ntop(family, address, out, sizeof out) == out);
  return out;
}

std::string pton4(const std::string& text) {
  return pton(AF_INET, text);
}
std::string pton6(const std::string& text) {
  return pton(AF_INET6, text);
}

std::string ntop(int family, const char* text) {
  unsigned char address[sizeof(in6_addr)];
  REQUIRE(inet_pton(family, text, address) == 1);
  char out[64];
  REQUIRE(evutil_inet_ntop(family, address, out, sizeof out) == out);
  return out;
}

struct Parsed {
  sockaddr_storage address{};
  int length = sizeof(sockaddr_storage);
  int result = -2;
};

Parsed parse(const std::string& text) {
  Parsed parsed;
  parsed.result = evutil_parse_sockaddr_port(
      text.c_str(), reinterpret_cast<sockaddr*>(&parsed.address), &parsed.length);
  return parsed;
}

// "address port" or "address port scope"; "-1" if it was refused.
std::string endpoint(const std::string& text) {
  const Parsed parsed = parse(text);
  if (parsed.result != 0) {
    REQUIRE(parsed.result == -1);
    REQUIRE(parsed.length == sizeof(sockaddr_storage));
    return "-1";
  }
  char out[INET6_ADDRSTRLEN];
  if (parsed.address.ss_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(parsed.address);
    REQUIRE(parsed.length == sizeof in);
    inet_ntop(AF_INET, &in.sin_addr, out, sizeof out);
    return std::string(out) + " " + std::to_string(ntohs(in.sin_port));
  }
  REQUIRE(parsed.address.ss_family == AF_INET6);
  const auto& in = reinterpret_cast<const sockaddr_in6&>(parsed.address);
  REQUIRE(parsed.length == sizeof in);
  REQUIRE(in.sin6_flowinfo == 0);
  inet_ntop(AF_INET6, &in.sin6_addr, out, sizeof out);
  std::string result = std::string(out) + " " + std::to_string(ntohs(in.sin6_port));
  if (in.sin6_scope_id != 0) {
    result += " " + std::to_string(in.sin6_scope_id);
  }
  return result;
}

int sign(int value) {
  return (value > 0) - (value < 0);
}

int compare(const char* a, const char* b, int include_port) {
  const Parsed x = parse(a);
  const Parsed y = parse(b);
  REQUIRE(x.result == 0);
  REQUIRE(y.result == 0);
  const auto* const left = reinterpret_cast<const sockaddr*>(&x.address);
  const auto* const right = reinterpret_cast<const sockaddr*>(&y.address);
  const int order = evutil_sockaddr_cmp(left, right, include_port);
  CHECK(sign(evutil_sockaddr_cmp(right, left, include_port)) == -sign(order));
  CHECK(evutil_sockaddr_cmp(left, left, include_port) == 0);
  return sign(order);
}

}  // namespace

TEST_CASE("evutil_inet_pton: IPv4") {
  CHECK(pton4("1.2.3.4") == "1.2.3.4");
  CHECK(pton4("0.0.0.0") == "0.0.0.0");
  CHECK(pton4("255.255.255.255") == "255.255.255.255");
  for (const char* const bad :
       {"",          "1",        "1.2.3",     "1.2.3.",     "1.2.3.4.",
        "1.2.3.4.5", ".1.2.3",   "1..2.3",    "256.1.1.1",  "1.2.3.999",
        "1.2.3.4 ",  "1.2.3.4x", "1.2.3.4\n", "1 .2.3.4",   "0x1.2.3.4",
        "1.2.3.-4",  "a.b.c.d",  "::1",       "1.2.3.4%lo", "1.2.3.99999999999999999999"}) {
    CAPTURE(bad);
    CHECK(pton4(bad) == "0");
  }
}

TEST_CASE("evutil_inet_pton: lax IPv4, with blanks, signs and leading zeros in decimal") {
  CHECK(pton4("01.02.03.04") == "1.2.3.4");
  CHECK(pton4("010.1.1.1") == "10.1.1.1");
  CHECK(pton4(std::string(1000, '0') + "1.2.3.4") == "1.2.3.4");
  CHECK(pton4(" 1.2.3.4") == "1.2.3.4");
  CHECK(pton4("1. 2.\t3.+4") == "1.2.3.4");
  CHECK(pton4("-0.0.0.1") == "0.0.0.1");
}

TEST_CASE("evutil_inet_pton: IPv6") {
  CHECK(pton6("::") == "::");
  CHECK(pton6("::1") == "::1");
  CHECK(pton6("1::") == "1::");
  CHECK(pton6("1:2:3:4:5:6:7:8") == "1:2:3:4:5:6:7:8");
  CHECK(pton6("0001:0002:0003:0004:0005:0006:0007:0008") == "1:2:3:4:5:6:7:8");
  CHECK(pton6("ABCD::abcd") == "abcd::abcd");
  CHECK(pton6("::2:3:4:5:6:7:8") == "0:2:3:4:5:6:7:8");
  CHECK(pton6("1:2:3:4:5:6:7::") == "1:2:3:4:5:6:7:0");
  CHECK(pton6("1::3:4:5:6:7:8") == "1:0:3:4:5:6:7:8");
  CHECK(pton6("::ffff:1.2.3.4") == "::ffff:1.2.3.4");
  CHECK(pton6("::1.2.3.4") == "::1.2.3.4");
  CHECK(pton6("1:2:3:4:5:6:1.2.3.4") == "1:2:3:4:5:6:102:304");
  CHECK(pton6("1:2:3:4:5::1.2.3.4") == "1:2:3:4:5:0:102:304");
}

TEST_CASE("evutil_inet_pton: what is no IPv6 address") {
  for (const char* const bad : {"",
                                ":",
                                "1",
                                ":::",
                                "::::",
                                "1:::2",
                                "1::2::3",
                                ":1",
                                ":1:2:3:4:5:6:7:8",
                                "1:2:3:4:5:6:7",
                                "1:2:3:4:5:6:7:8:9",
                                "1:2:3:4:5:6:7:8::",
                                "::1:2:3:4:5:6:7:8",
                                "1:2:3:4::5:6:7:8",
                                "12345::",
                                "00001::",
                                "g::",
                                "::1g",
                                "::+1",
                                "::-1",
                                "::1 ",
                                " ::1",
                                "::1%lo",
                                "::1%",
                                "[::1]",
                                "1.2.3.4",
                                ":1.2.3.4",
                                "1:1.2.3.4",
                                "::1.2.3",
                                "::1.2.3.",
                                "::.1.2.3",
                                "::1.2.3.256",
                                "::1.2.3.4.5",
                                "::1.2.3.4:5",
                                "1.2.3.4::",
                                "1:2:3:4:5:6:7:1.2.3.4",
                                "1:2:3:4:5:1.2.3.4",
                                "1:2:3:4:5:6::1.2.3.4",
                                "::+1.2.3.4",
                                "::a1.2.3.4",
                                "::ffff1.2.3.4",
                                "::a.2.3.4"}) {
    CAPTURE(bad);
    CHECK(pton6(bad) == "0");
  }
  CHECK(pton6(std::string(10000, ':')) == "0");
  CHECK(pton6("::" + std::string(10000, '0')) == "0");
}

TEST_CASE("evutil_inet_pton: lax IPv6, with a final colon, 0x, and zeros in IPv4") {
  CHECK(pton6("::1:") == "::1");
  CHECK(pton6("1::2:3:") == "1::2:3");
  CHECK(pton6("1:2:3:4:5:6:7:8:") == "1:2:3:4:5:6:7:8");
  CHECK(pton6("1:2:3:4:5:6:7:") == "0");
  CHECK(pton6("::0x1") == "::1");
  CHECK(pton6("0X12::0x3") == "12::3");
  CHECK(pton6("::0x") == "0");
  CHECK(pton6("::0x123") == "0");
  CHECK(pton6("::ffff:01.02.3.4") == "::ffff:1.2.3.4");
  CHECK(pton6("::ffff:1. 2.+3.4") == "::ffff:1.2.3.4");
}

TEST_CASE("evutil_inet_pton: an octet that exceeds 32 bits is refused, not wrapped round") {
  INTENDED_DIFFERENCE("the reference takes 1.2.3.4294967297 for 1.2.3.1");
  CHECK(pton4("1.2.3.4294967297") == "0");
  CHECK(pton4("-4294967295.2.3.4") == "0");
  CHECK(pton6("::ffff:1.2.3.4294967297") == "0");
}

TEST_CASE("evutil_inet_pton: failures do not touch the output; unknown families give -1") {
  unsigned char address[16];
  std::memset(address, 0x5a, sizeof address);
  unsigned char before[16];
  std::memcpy(before, address, sizeof address);
  CHECK(evutil_inet_pton(AF_INET, "1.2.3", address) == 0);
  CHECK(evutil_inet_pton(AF_INET6, "1:2:3:4:5:6:7", address) == 0);
  CHECK(evutil_inet_pton(AF_INET6, "::1.2.3", address) == 0);
  CHECK(evutil_inet_pton(AF_UNIX, "1.2.3.4", address) == -1);
  CHECK(evutil_inet_pton(AF_UNSPEC, "1.2.3.4", address) == -1);
  CHECK(evutil_inet_pton(-1, "::1", address) == -1);
  CHECK(std::memcmp(address, before, sizeof address) == 0);
}

TEST_CASE("evutil_inet_pton_scope: interfaces by name and by number") {
  char name[IF_NAMESIZE];
  REQUIRE(if_indextoname(1, name) == name);  // the loopback interface
  in6_addr address;
  unsigned index = 99;
  CHECK(evutil_inet_pton_scope(AF_INET6, (std::string("fe80::1%") + name).c_str(), &address,
                               &index) == 1);
  CHECK(index == 1);
  CHECK(address.s6_addr[0] == 0xfe);
  CHECK(address.s6_addr[15] == 1);
  const auto scope = [&](const char* text) {
    index = 99;
    return evutil_inet_pton_scope(AF_INET6, text, &address, &index);
  };
  CHECK(scope("fe80::1%7") == 1);
  CHECK(index == 7);
  CHECK(scope("::1%4294967294") == 1);
  CHECK(index == 4294967294u);
  CHECK(scope("::%007") == 1);
  CHECK(index == 7);
  CHECK(scope("fe80::1") == 1);
  CHECK(index == 0);
  CHECK(scope("fe80::1%") == 1);
  CHECK(index == 0);
  CHECK(scope("fe80::1%0") == 1);
  CHECK(index == 0);
}

TEST_CASE("evutil_inet_pton_scope: what is refused") {
  in6_addr address;
  unsigned index = 99;
  for (const char* const bad : {"fe80::1%no-such-interface", "fe80::1%1x", "fe80::1%1%1",
                                "fe80::1%%", "%", "%1", "fe80::1x%1", "", "1.2.3.4%1"}) {
    CAPTURE(bad);
    CHECK(evutil_inet_pton_scope(AF_INET6, bad, &address, &index) == 0);
  }
  const std::string huge = "fe80::1%" + std::string(100000, 'x');
  CHECK(evutil_inet_pton_scope(AF_INET6, huge.c_str(), &address, &index) == 0);
  CHECK(index == 0);
  index = 99;
  CHECK(evutil_inet_pton_scope(AF_INET, "1.2.3.4%1", &address, &index) == 0);
  CHECK(index == 0);
  index = 99;
  CHECK(evutil_inet_pton_scope(AF_INET, "1.2.3.4", &address, &index) == 1);
  CHECK(index == 0);
  index = 99;
  CHECK(evutil_inet_pton_scope(AF_UNIX, "1.2.3.4", &address, &index) == -1);
  CHECK(index == 0);
}

TEST_CASE("evutil_inet_pton_scope: a number that exceeds 32 bits or is negative is refused") {
  INTENDED_DIFFERENCE("the reference takes %4294967297 for %1 and %-1 for %4294967295");
  in6_addr address;
  unsigned index = 99;
  for (const char* const bad :
       {"fe80::1%4294967297", "fe80::1%-1", "fe80::1%99999999999999999999"}) {
    CAPTURE(bad);
    CHECK(evutil_inet_pton_scope(AF_INET6, bad, &address, &index) == 0);
    CHECK(index == 0);
  }
}

TEST_CASE("evutil_inet_ntop: IPv4 in the canonical form, if there is room") {
  CHECK(ntop(AF_INET, "0.0.0.0") == "0.0.0.0");
  CHECK(ntop(AF_INET, "1.20.3.255") == "1.20.3.255");
  CHECK(ntop(AF_INET, "255.255.255.255") == "255.255.255.255");
  const in_addr address{htonl(0x01020304)};
  char out[16];
  CHECK(evutil_inet_ntop(AF_INET, &address, out, 8) == out);
  CHECK(std::string(out) == "1.2.3.4");
  for (std::size_t size = 0; size < 8; ++size) {
    CAPTURE(size);
    std::memset(out, 'Z', sizeof out);
    CHECK(evutil_inet_ntop(AF_INET, &address, out, size) == nullptr);
    CHECK(out[size] == 'Z');
  }
}

TEST_CASE("evutil_inet_ntop: IPv6, the first longest run of zeros is left out") {
  for (const char* const same :
       {"::", "::1", "::ffff", "1::", "1::2", "1:0:2:3:4:5:6:7", "0:1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:0", "::1:2:3:4:5:6", "1:2:3:4:5:6::", "1::1:0:0:1:1", "0:0:1::1:0",
        "1:0:0:2::3", "abcd:ef01:2345:6789:abcd:ef01:2345:6789",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}) {
    CHECK(ntop(AF_INET6, same) == same);
  }
}

TEST_CASE("evutil_inet_ntop: IPv6 that ends in IPv4") {
  CHECK(ntop(AF_INET6, "::ffff:1.2.3.4") == "::ffff:1.2.3.4");
  CHECK(ntop(AF_INET6, "::ffff:0:0") == "::ffff:0.0.0.0");
  CHECK(ntop(AF_INET6, "::1.2.3.4") == "::1.2.3.4");
  CHECK(ntop(AF_INET6, "::1:2") == "::0.1.0.2");
  CHECK(ntop(AF_INET6, "::1:0") == "::1:0");
  CHECK(ntop(AF_INET6, "::2") == "::2");
  CHECK(ntop(AF_INET6, "::ffff:1:2:3") == "::ffff:1:2:3");
  CHECK(ntop(AF_INET6, "64:ff9b::1.2.3.4") == "64:ff9b::102:304");
}

TEST_CASE("evutil_inet_ntop: too little room for IPv6, unknown families") {
  const in6_addr address = in6addr_loopback;
  char out[16];
  CHECK(evutil_inet_ntop(AF_INET6, &address, out, 4) == out);
  CHECK(std::string(out) == "::1");
  for (std::size_t size = 0; size < 3; ++size) {
    CAPTURE(size);
    std::memset(out, 'Z', sizeof out);
    CHECK(evutil_inet_ntop(AF_INET6, &address, out, size) == nullptr);
    CHECK(out[size] == 'Z');
  }
  CHECK(evutil_inet_ntop(AF_UNIX, &address, out, sizeof out) == nullptr);
  CHECK(evutil_inet_ntop(AF_UNSPEC, &address, out, sizeof out) == nullptr);
}

TEST_CASE("evutil_inet_ntop: room for IPv6 without its end mark is too little") {
  INTENDED_DIFFERENCE("the reference cuts the last character off and reports success");
  const in6_addr address = in6addr_loopback;
  char out[16];
  CHECK(evutil_inet_ntop(AF_INET6, &address, out, 3) == nullptr);
}

TEST_CASE("evutil_parse_sockaddr_port: IPv4") {
  CHECK(endpoint("1.2.3.4") == "1.2.3.4 0");
  CHECK(endpoint("1.2.3.4:80") == "1.2.3.4 80");
  CHECK(endpoint("1.2.3.4:1") == "1.2.3.4 1");
  CHECK(endpoint("1.2.3.4:65535") == "1.2.3.4 65535");
  CHECK(endpoint("0.0.0.0:1") == "0.0.0.0 1");
  for (const char* const bad :
       {"1.2.3.4:0", "1.2.3.4:65536", "1.2.3.4:-1", "1.2.3.4:", "1.2.3.4:x", "1.2.3.4:0x50",
        "1.2.3.4:99999999999999999999", "1.2.3.4:80:80", "1.2.3", "1.2.3.4.5", "256.1.1.1",
        "1.2.3.4 ", ":80", "[1.2.3.4]", "[1.2.3.4]:80", "1.2.3.4]", "1.2.3.4%lo", "localhost",
        "localhost:80"}) {
    CAPTURE(bad);
    CHECK(endpoint(bad) == "-1");
  }
}

TEST_CASE("evutil_parse_sockaddr_port: IPv6") {
  CHECK(endpoint("::1") == "::1 0");
  CHECK(endpoint("::") == ":: 0");
  CHECK(endpoint("[::1]") == "::1 0");
  CHECK(endpoint("[::1]:80") == "::1 80");
  CHECK(endpoint("[::]:65535") == ":: 65535");
  CHECK(endpoint("1:2:3:4:5:6:7:8") == "1:2:3:4:5:6:7:8 0");
  CHECK(endpoint("::1:80") == "::0.1.0.128 0");
  CHECK(endpoint("::ffff:1.2.3.4") == "::ffff:1.2.3.4 0");
  CHECK(endpoint("[::ffff:1.2.3.4]:80") == "::ffff:1.2.3.4 80");
  for (const char* const bad :
       {"",     ":",       "[",      "]",       "[]",          "[]:80",        "[::1",
        "::1]", "[[::1]]", "[::1]:", "[::1]:0", "[::1]:65536", "[::1]:-1",     "[::1]:x",
        ":::",  "1:2",     "1:2:3",  "1::2::3", "g::1",        "::1.2.3.4:80", "1.2.3.4::"}) {
    CAPTURE(bad);
    CHECK(endpoint(bad) == "-1");
  }
}

TEST_CASE("evutil_parse_sockaddr_port: scopes") {
  char name[IF_NAMESIZE];
  REQUIRE(if_indextoname(1, name) == name);
  CHECK(endpoint(std::string("fe80::1%") + name) == "fe80::1 0 1");
  CHECK(endpoint(std::string("[fe80::1%") + name + "]:80") == "fe80::1 80 1");
  CHECK(endpoint("fe80::1%7") == "fe80::1 0 7");
  CHECK(endpoint("[fe80::1%7]:80") == "fe80::1 80 7");
  CHECK(endpoint("fe80::1%") == "fe80::1 0");
  CHECK(endpoint("[fe80::1%no-such-if]:80") == "-1");
  CHECK(endpoint("[fe80::1]%7") == "fe80::1 0");
}

TEST_CASE("evutil_parse_sockaddr_port: lax port, and lax text behind a bracket") {
  CHECK(endpoint("1.2.3.4:80x") == "1.2.3.4 80");
  CHECK(endpoint("1.2.3.4: 80") == "1.2.3.4 80");
  CHECK(endpoint("1.2.3.4:+80") == "1.2.3.4 80");
  CHECK(endpoint("1.2.3.4:080") == "1.2.3.4 80");
  CHECK(endpoint("1.2.3.4:" + std::string(1000, '0') + "80") == "1.2.3.4 80");
  CHECK(endpoint("[::1]:80:90") == "::1 80");
  CHECK(endpoint("[::1]80") == "::1 0");
  CHECK(endpoint("[::1]]") == "::1 0");
  CHECK(endpoint("[::1] :80") == "::1 0");
}

TEST_CASE("evutil_parse_sockaddr_port: a port that exceeds 32 bits is refused") {
  INTENDED_DIFFERENCE("the reference takes port 4294967376 for 80");
  CHECK(endpoint("1.2.3.4:4294967376") == "-1");
  CHECK(endpoint("[::1]:4294967376") == "-1");
  CHECK(endpoint("[fe80::1%4294967297]:80") == "-1");
}

TEST_CASE("evutil_parse_sockaddr_port: long addresses") {
  const std::string zeros(120, '0');
  CHECK(endpoint(zeros + "1.2.3.4:80") == "1.2.3.4 80");    // 127 characters
  CHECK(endpoint("0" + zeros + "1.2.3.4:80") == "-1");      // 128
  CHECK(endpoint("0" + zeros + "1.2.3.4") == "1.2.3.4 0");  // without a port it does not matter
  const std::string scope(122, '0');
  CHECK(endpoint("[::1%" + scope + "3]:80") == "::1 80 3");  // 127
  CHECK(endpoint("[::1%0" + scope + "3]:80") == "-1");       // 128
  for (const char c : {'0', '1', ':', '.', '[', ']', '%', ' '}) {
    CAPTURE(c);
    CHECK(endpoint(std::string(100000, c)) == "-1");
    CHECK(endpoint("[" + std::string(100000, c) + "]:80") == "-1");
  }
}

TEST_CASE("evutil_parse_sockaddr_port: the room is honoured and cleared") {
  const auto fits = [](const char* text, int room) {
    unsigned char block[sizeof(sockaddr_storage) + 8];
    std::memset(block, 0x5a, sizeof block);
    int length = room;
    const int result =
        evutil_parse_sockaddr_port(text, reinterpret_cast<sockaddr*>(block), &length);
    CAPTURE(text, room);
    if (result != 0) {
      CHECK(result == -1);
      CHECK(length == room);
    }
    const auto used = static_cast<std::size_t>(result == 0 ? room : 0);
    for (std::size_t i = used; i < sizeof block; ++i) {
      REQUIRE(block[i] == 0x5a);
    }
    if (result == 0) {
      for (std::size_t i = static_cast<std::size_t>(length); i < used; ++i) {
        REQUIRE(block[i] == 0);
      }
    }
    return result == 0;
  };
  CHECK(fits("1.2.3.4:80", 16));
  CHECK(fits("1.2.3.4:80", 128));
  CHECK(fits("[::1]:80", 28));
  CHECK(fits("[::1]:80", 29));
  for (const int room : {0, 1, 2, 15, -1, -128, -2147483647 - 1}) {
    CHECK_FALSE(fits("1.2.3.4:80", room));
    CHECK_FALSE(fits("[::1]:80", room));
  }
  CHECK_FALSE(fits("[::1]:80", 16));
  CHECK_FALSE(fits("[::1]:80", 27));
  CHECK_FALSE(fits("nonsense", 128));
}

TEST_CASE("evutil_sockaddr_cmp: equality with and without the port") {
  CHECK(compare("1.2.3.4:5", "1.2.3.4:5", 1) == 0);
  CHECK(compare("1.2.3.4:5", "1.2.3.4:6", 0) == 0);
  CHECK(compare("1.2.3.4:5", "1.2.3.4:6", 1) != 0);
  CHECK(compare("1.2.3.4:5", "1.2.3.5:5", 0) != 0);
  CHECK(compare("[::1]:5", "[::1]:5", 1) == 0);
  CHECK(compare("[::1]:5", "[::1]:6", 0) == 0);
  CHECK(compare("[::1]:5", "[::1]:6", 1) != 0);
  CHECK(compare("::1", "::2", 0) != 0);
  CHECK(compare("1.2.3.4", "::ffff:1.2.3.4", 0) != 0);
  CHECK(compare("fe80::1%1", "fe80::1%2", 1) == 0);
}

TEST_CASE("evutil_sockaddr_cmp: the order of the reference") {
  CHECK(compare("1.2.3.4", "1.2.3.5", 0) < 0);
  CHECK(compare("1.0.0.2", "2.0.0.1", 0) > 0);
  CHECK(compare("200.0.0.1", "1.2.3.4", 0) < 0);
  CHECK(compare("255.255.255.255", "0.0.0.0", 0) > 0);
  CHECK(compare("1.2.3.4", "::1", 0) < 0);
  CHECK(compare("ff::1", "1::1", 0) > 0);
  CHECK(compare("1.2.3.4:256", "1.2.3.4:1", 1) < 0);
  CHECK(compare("1.2.3.4:65535", "1.2.3.4:1", 1) > 0);
}

TEST_CASE("evutil_sockaddr_cmp: other families are never equal") {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto* const any = reinterpret_cast<const sockaddr*>(&address);
  CHECK(evutil_sockaddr_cmp(any, any, 0) == 1);
  CHECK(evutil_sockaddr_cmp(any, any, 1) == 1);
}
