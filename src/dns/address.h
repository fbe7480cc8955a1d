// The address of a nameserver or client.
#pragma once

#include <event2/util.h>
#include <sys/socket.h>

#include <cstdint>

#include "base/result.h"

namespace relevent::dns {

inline constexpr std::uint16_t kDnsPort = 53;

// An IPv4 or IPv6 address with its port and scope.
struct Address {
  sockaddr_storage storage;
  socklen_t length;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
  // Address and port, as text for a log.
  struct Text {
    char text[128];
  };
  Text text() const;
  bool is_loopback() const;
  Address with_port(std::uint16_t port) const;
  bool operator==(const Address& other) const;
};

// From text: with or without a port, brackets or a scope; without a port, `default_port`.
// Fails: false for anything else, also for port 0.
[[nodiscard]] bool parse_address(const char* text, std::uint16_t default_port, Address& address);

// From a caller's socket address. Fails: false for another family, or a size too small for it.
[[nodiscard]] bool copy_address(const sockaddr* from, int length, Address& address);

// A non-blocking socket of this family, bound to `local` unless that is null. The caller owns it.
Result<int> open_socket(int family, int type, const Address* local);

}  // namespace relevent::dns
