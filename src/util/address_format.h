// Addresses as text.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <span>

namespace relevent::util {

// Write the address with its end mark. Fails: false, and nothing is written, if it does not fit.
// C API: evutil_inet_ntop.
[[nodiscard]] bool format_ipv4(const in_addr& address, std::span<char> out);
[[nodiscard]] bool format_ipv6(const in6_addr& address, std::span<char> out);

// Room for every result of format_endpoint: brackets, scope, colon and port included.
inline constexpr std::size_t kEndpointSize = 128;

// For messages: "1.2.3.4:80", "[fe80::1%2]:80", "unix:/path", or what kind of address it is. Cut
// off where the room ends. Returns `out`.
const char* format_endpoint(const sockaddr& address, socklen_t length, std::span<char> out);

}  // namespace relevent::util
