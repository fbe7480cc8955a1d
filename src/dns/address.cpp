#include "dns/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace relevent::dns {
namespace {

// What is behind the address in evutil_parse_sockaddr_port's notation.
bool has_port(const char* text) {
  if (const char* const bracket = std::strchr(text, ']'); bracket != nullptr) {
    return bracket[1] == ':';
  }
  const char* const colon = std::strchr(text, ':');
  return colon != nullptr && std::strchr(colon + 1, ':') == nullptr;
}

in_port_t& port_of(sockaddr_storage& storage) {
  return storage.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(storage).sin6_port
                                       : reinterpret_cast<sockaddr_in&>(storage).sin_port;
}

}  // namespace

Address::Text Address::text() const {
  char number[INET6_ADDRSTRLEN] = "?";
  Text result = {};
  const void* const bytes =
      family() == AF_INET6
          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr)
          : &reinterpret_cast<const sockaddr_in&>(storage).sin_addr;
  evutil_inet_ntop(family(), bytes, number, sizeof number);
  const unsigned port = ntohs(port_of(const_cast<sockaddr_storage&>(storage)));
  std::snprintf(result.text, sizeof result.text, family() == AF_INET6 ? "[%s]:%u" : "%s:%u", number,
                port);
  return result;
}

bool Address::is_loopback() const {
  if (family() == AF_INET6) {
    return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr) != 0;
  }
  const auto& in = reinterpret_cast<const sockaddr_in&>(storage);
  return ntohl(in.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

Address Address::with_port(std::uint16_t port) const {
  Address changed = *this;
  port_of(changed.storage) = htons(port);
  return changed;
}

bool Address::operator==(const Address& other) const {
  return evutil_sockaddr_cmp(get(), other.get(), 1) == 0 &&
         (family() != AF_INET6 ||
          reinterpret_cast<const sockaddr_in6&>(storage).sin6_scope_id ==
              reinterpret_cast<const sockaddr_in6&>(other.storage).sin6_scope_id);
}

bool parse_address(const char* text, std::uint16_t default_port, Address& address) {
  address = {};
  int length = sizeof address.storage;
  if (evutil_parse_sockaddr_port(text, reinterpret_cast<sockaddr*>(&address.storage), &length) !=
      0) {
    return false;
  }
  address.length = static_cast<socklen_t>(length);
  if (!has_port(text)) {
    port_of(address.storage) = htons(default_port);
  }
  return true;
}

bool copy_address(const sockaddr* from, int length, Address& address) {
  const auto size = static_cast<socklen_t>(length);
  if (length < static_cast<int>(sizeof(sockaddr_in))) {
    return false;
  }
  address = {};
  address.length = from->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  if ((from->sa_family != AF_INET && from->sa_family != AF_INET6) || size < address.length ||
      size > sizeof address.storage) {
    return false;
  }
  std::memcpy(&address.storage, from, address.length);
  return true;
}

Result<int> open_socket(int family, int type, const Address* local) {
  const int fd = ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return Result<int>::failure(errno);
  }
  if (local != nullptr && ::bind(fd, local->get(), local->length) != 0) {
    const int error = errno;
    ::close(fd);
    return Result<int>::failure(error);
  }
  return fd;
}

}  // namespace relevent::dns
