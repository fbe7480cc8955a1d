// evutil_getaddrinfo with addresses and local names only, its error texts, and freeing.
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <climits>
#include <string>
#include <vector>

#include "support.h"

namespace {

struct Hints {
  int flags = 0;
  int family = AF_UNSPEC;
  int type = SOCK_STREAM;
  int protocol = 0;
};

// One result as "address port type protocol".
std::string describe(const evutil_addrinfo& info) {
  char out[INET6_ADDRSTRLEN] = "?";
  int port = -1;
  if (info.ai_family == AF_INET) {
    REQUIRE(info.ai_addrlen == sizeof(sockaddr_in));
    const auto* const in = reinterpret_cast<const sockaddr_in*>(info.ai_addr);
    inet_ntop(AF_INET, &in->sin_addr, out, sizeof out);
    port = ntohs(in->sin_port);
  } else if (info.ai_family == AF_INET6) {
    REQUIRE(info.ai_addrlen == sizeof(sockaddr_in6));
    const auto* const in = reinterpret_cast<const sockaddr_in6*>(info.ai_addr);
    inet_ntop(AF_INET6, &in->sin6_addr, out, sizeof out);
    port = ntohs(in->sin6_port);
  }
  REQUIRE(info.ai_addr->sa_family == info.ai_family);
  return std::string(out) + " " + std::to_string(port) + " " + std::to_string(info.ai_socktype) +
         " " + std::to_string(info.ai_protocol);
}

struct Answer {
  int error = 0;
  std::vector<std::string> results;
  std::string canonical_name;
};

Answer ask(const char* host, const char* service, const evutil_addrinfo* hints) {
  evutil_addrinfo* list = nullptr;
  Answer answer;
  answer.error = evutil_getaddrinfo(host, service, hints, &list);
  if (answer.error != 0) {
    CHECK(list == nullptr);
    return answer;
  }
  REQUIRE(list != nullptr);
  if (list->ai_canonname != nullptr) {
    answer.canonical_name = list->ai_canonname;
  }
  for (const evutil_addrinfo* info = list; info != nullptr; info = info->ai_next) {
    answer.results.push_back(describe(*info));
  }
  // In which order the families come is the system's policy.
  std::sort(answer.results.begin(), answer.results.end());
  evutil_freeaddrinfo(list);
  return answer;
}

Answer ask(const char* host, const char* service, const Hints& wanted = {}) {
  evutil_addrinfo hints{};
  hints.ai_flags = wanted.flags;
  hints.ai_family = wanted.family;
  hints.ai_socktype = wanted.type;
  hints.ai_protocol = wanted.protocol;
  return ask(host, service, &hints);
}

// The only result, or the error.
std::string one(const char* host, const char* service, const Hints& wanted = {}) {
  const Answer answer = ask(host, service, wanted);
  if (answer.error != 0) {
    return std::to_string(answer.error);
  }
  CHECK(answer.results.size() == 1);
  return answer.results.front();
}

std::string error(int code) { return std::to_string(code); }

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("evutil_getaddrinfo: addresses and ports in digits") {
  CHECK(one("1.2.3.4", "80") == "1.2.3.4 80 1 6");
  CHECK(one("1.2.3.4", nullptr) == "1.2.3.4 0 1 6");
  CHECK(one("1.2.3.4", "0") == "1.2.3.4 0 1 6");
  CHECK(one("1.2.3.4", "65535") == "1.2.3.4 65535 1 6");
  CHECK(one("255.255.255.255", "80") == "255.255.255.255 80 1 6");
  CHECK(one("::1", "80") == "::1 80 1 6");
  CHECK(one("::", "80") == ":: 80 1 6");
  CHECK(one("::ffff:1.2.3.4", "80") == "::ffff:1.2.3.4 80 1 6");
  CHECK(one("::1", "80", {.type = SOCK_DGRAM}) == "::1 80 2 17");
}

TEST_CASE("evutil_getaddrinfo: old notations of IPv4") {
  for (const int flags : {0, EVUTIL_AI_NUMERICHOST}) {
    CHECK(one("127.1", "80", {.flags = flags}) == "127.0.0.1 80 1 6");
    CHECK(one("1.2.3", "80", {.flags = flags}) == "1.2.0.3 80 1 6");
    CHECK(one("0x7f.1", "80", {.flags = flags}) == "127.0.0.1 80 1 6");
    CHECK(one("010.1.1.1", "80", {.flags = flags}) == "8.1.1.1 80 1 6");
  }
}

TEST_CASE("evutil_getaddrinfo: with EVUTIL_AI_NUMERICHOST names are refused") {
  const Hints numeric{.flags = EVUTIL_AI_NUMERICHOST};
  for (const char* const host : {"localhost", "", "[::1]", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4.5",
                                 "256.1.1.1", "::g", "fe80::1%no-such-interface"}) {
    CAPTURE(host);
    CHECK(one(host, "80", numeric) == error(EVUTIL_EAI_NONAME));
  }
  const std::string huge(5000, 'a');
  CHECK(one(huge.c_str(), "80", numeric) == error(EVUTIL_EAI_NONAME));
}

TEST_CASE("evutil_getaddrinfo: scopes") {
  evutil_addrinfo hints{};
  hints.ai_flags = EVUTIL_AI_NUMERICHOST;
  hints.ai_socktype = SOCK_STREAM;
  evutil_addrinfo* list = nullptr;
  REQUIRE(evutil_getaddrinfo("fe80::1%7", "80", &hints, &list) == 0);
  CHECK(reinterpret_cast<const sockaddr_in6*>(list->ai_addr)->sin6_scope_id == 7);
  evutil_freeaddrinfo(list);
}

TEST_CASE("evutil_getaddrinfo: families") {
  CHECK(one("1.2.3.4", "80", {.family = AF_INET}) == "1.2.3.4 80 1 6");
  CHECK(one("::1", "80", {.family = AF_INET6}) == "::1 80 1 6");
  CHECK(one("1.2.3.4", "80", {.family = AF_INET6}) == error(EVUTIL_EAI_ADDRFAMILY));
  CHECK(one("::1", "80", {.family = AF_INET}) == error(EVUTIL_EAI_ADDRFAMILY));
  CHECK(one("1.2.3.4", "80", {.family = AF_UNIX}) == error(EVUTIL_EAI_FAMILY));
  CHECK(one("1.2.3.4", "80", {.family = 99}) == error(EVUTIL_EAI_FAMILY));
  CHECK(one("1.2.3.4", "80", {.flags = EVUTIL_AI_V4MAPPED, .family = AF_INET6}) ==
        "::ffff:1.2.3.4 80 1 6");
  CHECK(one("1.2.3.4", "80", {.flags = EVUTIL_AI_V4MAPPED | EVUTIL_AI_ALL, .family = AF_INET6}) ==
        "::ffff:1.2.3.4 80 1 6");
}

TEST_CASE("evutil_getaddrinfo: types and protocols") {
  const Strings all = {"1.2.3.4 80 1 6", "1.2.3.4 80 2 17", "1.2.3.4 80 3 0"};
  CHECK(ask("1.2.3.4", "80", nullptr).results == all);
  CHECK(ask("1.2.3.4", "80", Hints{.type = 0}).results == all);
  CHECK(one("1.2.3.4", "80", {.protocol = IPPROTO_TCP}) == "1.2.3.4 80 1 6");
  CHECK(one("1.2.3.4", "80", {.type = 0, .protocol = IPPROTO_UDP}) == "1.2.3.4 80 2 17");
  CHECK(one("1.2.3.4", "80", {.protocol = IPPROTO_UDP}) == error(EVUTIL_EAI_SOCKTYPE));
  CHECK(one("1.2.3.4", "80", {.type = 99}) == error(EVUTIL_EAI_SOCKTYPE));
  CHECK(one("1.2.3.4", "80", {.type = SOCK_RAW}) == error(EVUTIL_EAI_SERVICE));
}

TEST_CASE("evutil_getaddrinfo: no host is this machine") {
  const Answer local = ask(nullptr, "80");
  CHECK(local.error == 0);
  CHECK(local.results == Strings{"127.0.0.1 80 1 6", "::1 80 1 6"});
  CHECK(one(nullptr, "80", {.family = AF_INET}) == "127.0.0.1 80 1 6");
  CHECK(one(nullptr, "80", {.flags = EVUTIL_AI_PASSIVE, .family = AF_INET}) == "0.0.0.0 80 1 6");
  CHECK(one(nullptr, "80", {.flags = EVUTIL_AI_PASSIVE, .family = AF_INET6}) == ":: 80 1 6");
  const Answer passive = ask(nullptr, "80", Hints{.flags = EVUTIL_AI_PASSIVE});
  CHECK(passive.results == Strings{"0.0.0.0 80 1 6", ":: 80 1 6"});
  CHECK(one(nullptr, nullptr) == error(EVUTIL_EAI_NONAME));
  CHECK(one(nullptr, nullptr, {.flags = EVUTIL_AI_PASSIVE}) == error(EVUTIL_EAI_NONAME));
}

TEST_CASE("evutil_getaddrinfo: flags") {
  CHECK(one("1.2.3.4", "80", {.flags = 0x10000000}) == error(EVUTIL_EAI_BADFLAGS));
  CHECK(one(nullptr, "80", {.flags = EVUTIL_AI_CANONNAME}) == error(EVUTIL_EAI_BADFLAGS));
  CHECK(ask("1.2.3.4", "80", Hints{.flags = EVUTIL_AI_CANONNAME}).canonical_name == "1.2.3.4");
  CHECK(ask("1.2.3.4", "80").canonical_name.empty());
}

TEST_CASE("evutil_getaddrinfo: services") {
  const Hints numeric{.flags = EVUTIL_AI_NUMERICSERV};
  CHECK(one("1.2.3.4", "80", numeric) == "1.2.3.4 80 1 6");
  CHECK(one("1.2.3.4", "http", numeric) == error(EVUTIL_EAI_NONAME));
  CHECK(one(nullptr, "http", numeric) == error(EVUTIL_EAI_NONAME));
  for (const char* const bad : {"no-such-service", "-1", "80x", "0x50", "99999999999999999999"}) {
    CAPTURE(bad);
    CHECK(one("1.2.3.4", bad) == error(EVUTIL_EAI_SERVICE));
  }
  CHECK(one("1.2.3.4", " 80") == "1.2.3.4 80 1 6");
  CHECK(one("1.2.3.4", "+80") == "1.2.3.4 80 1 6");
  CHECK(one("1.2.3.4", "080") == "1.2.3.4 80 1 6");
}

TEST_CASE("evutil_getaddrinfo: a name that libc resolves without a server") {
  const Answer local = ask("localhost", "80", Hints{.family = AF_INET});
  REQUIRE(local.error == 0);
  CHECK(local.results.front() == "127.0.0.1 80 1 6");
  const Answer named =
      ask("localhost", "80", Hints{.flags = EVUTIL_AI_CANONNAME, .family = AF_INET});
  CHECK_FALSE(named.canonical_name.empty());
}

TEST_CASE("evutil_getaddrinfo: programs may free its results with libc's function") {
  evutil_addrinfo hints{};
  hints.ai_flags = EVUTIL_AI_NUMERICHOST | EVUTIL_AI_CANONNAME;
  evutil_addrinfo* list = nullptr;
  REQUIRE(evutil_getaddrinfo("127.0.0.1", "80", &hints, &list) == 0);
  ::freeaddrinfo(list);
  REQUIRE(::getaddrinfo("127.0.0.1", "80", &hints, &list) == 0);
  evutil_freeaddrinfo(list);
}

TEST_CASE("evutil_freeaddrinfo: parts of a list can be freed") {
  evutil_addrinfo* list = nullptr;
  REQUIRE(evutil_getaddrinfo("127.0.0.1", "80", nullptr, &list) == 0);
  evutil_addrinfo* const rest = list->ai_next;
  REQUIRE(rest != nullptr);
  list->ai_next = nullptr;
  evutil_freeaddrinfo(list);
  CHECK(describe(*rest) == "127.0.0.1 80 2 17");
  evutil_freeaddrinfo(rest);
}

TEST_CASE("evutil_freeaddrinfo: null is allowed") {
  INTENDED_DIFFERENCE("the reference crashes");
  evutil_freeaddrinfo(nullptr);
  SUCCEED();
}

TEST_CASE("evutil_gai_strerror: every error has a text of its own") {
  const auto text = [](int code) { return std::string(evutil_gai_strerror(code)); };
  CHECK(text(0) == "No error");
  CHECK(text(EVUTIL_EAI_ADDRFAMILY) == "address family for nodename not supported");
  CHECK(text(EVUTIL_EAI_AGAIN) == "temporary failure in name resolution");
  CHECK(text(EVUTIL_EAI_BADFLAGS) == "invalid value for ai_flags");
  CHECK(text(EVUTIL_EAI_FAIL) == "non-recoverable failure in name resolution");
  CHECK(text(EVUTIL_EAI_FAMILY) == "ai_family not supported");
  CHECK(text(EVUTIL_EAI_MEMORY) == "memory allocation failure");
  CHECK(text(EVUTIL_EAI_NODATA) == "no address associated with nodename");
  CHECK(text(EVUTIL_EAI_NONAME) == "nodename nor servname provided, or not known");
  CHECK(text(EVUTIL_EAI_SERVICE) == "servname not supported for ai_socktype");
  CHECK(text(EVUTIL_EAI_SOCKTYPE) == "ai_socktype not supported");
  CHECK(text(EVUTIL_EAI_SYSTEM) == "system error");
  CHECK(text(EVUTIL_EAI_CANCEL) == "Request canceled");
}

TEST_CASE("evutil_gai_strerror: other errors have libc's text") {
  for (const int code : {-104, -105, 1, 99, -901, -999, INT_MIN, INT_MAX}) {
    CHECK(std::string(evutil_gai_strerror(code)) == ::gai_strerror(code));
  }
}
