#include "util/resolve.h"

#include <netinet/in.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>

#include "mem/hooks.h"

using namespace relevent;

namespace {

int g_live = 0;
bool g_fail = false;

void* counting_malloc(std::size_t size) {
  if (g_fail) return nullptr;
  ++g_live;
  return std::malloc(size);
}
void* counting_realloc(void* block, std::size_t size) { return std::realloc(block, size); }
void counting_free(void* block) {
  --g_live;
  std::free(block);
}

struct Hooked {
  Hooked() { mem::set_hooks(counting_malloc, counting_realloc, counting_free); }
  ~Hooked() {
    g_fail = false;
    mem::set_hooks(nullptr, nullptr, nullptr);
  }
};

sockaddr_in loopback() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(80);
  return address;
}

addrinfo* own_result(socklen_t length = sizeof(sockaddr_in)) {
  const sockaddr_in address = loopback();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_protocol = IPPROTO_TCP;
  return util::new_address_info(reinterpret_cast<const sockaddr&>(address), length, hints);
}

addrinfo* libc_results() {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  addrinfo* list = nullptr;
  REQUIRE(util::resolve("127.0.0.1", "80", &hints, &list) == 0);
  REQUIRE(list->ai_next != nullptr);
  return list;
}

addrinfo& last(addrinfo* list) {
  while (list->ai_next != nullptr) list = list->ai_next;
  return *list;
}

}  // namespace

TEST_CASE("util: results of our own come from the hooks and carry their address") {
  const Hooked hooked;
  addrinfo* const info = own_result();
  REQUIRE(info != nullptr);
  CHECK(g_live == 1);
  CHECK(info->ai_family == AF_INET);
  CHECK(info->ai_socktype == SOCK_STREAM);
  CHECK(info->ai_protocol == IPPROTO_TCP);
  const sockaddr_in address = loopback();
  REQUIRE(info->ai_addrlen == sizeof address);
  CHECK(std::memcmp(info->ai_addr, &address, sizeof address) == 0);
  info->ai_canonname = mem::duplicate_string("name");
  util::free_address_info(info);
  CHECK(g_live == 0);
  g_fail = true;
  CHECK(own_result() == nullptr);
  g_fail = false;
  CHECK(own_result(sizeof(sockaddr_storage) + 1) == nullptr);
}

TEST_CASE("util: a mixed list of results goes back to where each came from") {
  const Hooked hooked;
  addrinfo* const list = libc_results();
  last(list).ai_next = own_result();
  last(list).ai_next = own_result();
  last(list).ai_next = libc_results();
  last(list).ai_next = own_result();
  CHECK(g_live == 3);
  util::free_address_info(list);
  CHECK(g_live == 0);
  util::free_address_info(nullptr);
}

TEST_CASE("util: a failed resolution leaves no result") {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  auto* list = reinterpret_cast<addrinfo*>(&hints);
  CHECK(util::resolve("name", "80", &hints, &list) == EAI_NONAME);
  CHECK(list == nullptr);
}
