#include "util/sockaddr_compare.h"

#include <netinet/in.h>

#include <cstdint>
#include <cstring>

namespace relevent::util {
namespace {

// Through a copy: users' buffers need not be aligned.
template <class Address>
Address load(const sockaddr& address) {
  Address copy;
  std::memcpy(&copy, &address, sizeof copy);
  return copy;
}

bool is_loopback_ipv4(std::uint32_t address) { return address >> 24 == 127; }

}  // namespace

int compare_addresses(const sockaddr& a, const sockaddr& b, bool include_port) {
  if (a.sa_family != b.sa_family) {
    return a.sa_family - b.sa_family;
  }
  // Compat: addresses and ports are ordered as they lie in memory, not by value.
  if (a.sa_family == AF_INET) {
    const auto x = load<sockaddr_in>(a);
    const auto y = load<sockaddr_in>(b);
    if (x.sin_addr.s_addr != y.sin_addr.s_addr) {
      return x.sin_addr.s_addr < y.sin_addr.s_addr ? -1 : 1;
    }
    return include_port ? x.sin_port - y.sin_port : 0;
  }
  if (a.sa_family == AF_INET6) {
    const auto x = load<sockaddr_in6>(a);
    const auto y = load<sockaddr_in6>(b);
    const int order = std::memcmp(&x.sin6_addr, &y.sin6_addr, sizeof x.sin6_addr);
    if (order != 0) {
      return order;
    }
    return include_port ? x.sin6_port - y.sin6_port : 0;
  }
  return 1;
}

bool is_loopback(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    return is_loopback_ipv4(ntohl(load<sockaddr_in>(address).sin_addr.s_addr));
  }
  if (address.sa_family != AF_INET6) {
    return false;
  }
  const in6_addr ipv6 = load<sockaddr_in6>(address).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&ipv6)) {
    std::uint32_t mapped;
    std::memcpy(&mapped, &ipv6.s6_addr[12], sizeof mapped);
    return is_loopback_ipv4(ntohl(mapped));
  }
  return IN6_IS_ADDR_LOOPBACK(&ipv6);
}

}  // namespace relevent::util
