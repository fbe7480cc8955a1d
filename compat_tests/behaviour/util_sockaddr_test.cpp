// evutil_parse_sockaddr_port and evutil_sockaddr_cmp.
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstring>
#include <string>

#include "support.h"

namespace {

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

int sign(int value) { return (value > 0) - (value < 0); }

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
