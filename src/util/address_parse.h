// Addresses in text. Accepts what the reference accepts, which is more than inet_pton(3) does:
// leading zeros and blanks in IPv4, a final colon and 0x in IPv6.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>

namespace relevent::util {

std::optional<in_addr> parse_ipv4(const char* begin, const char* end);
std::optional<in6_addr> parse_ipv6(const char* begin, const char* end);

// The scope behind the '%' of an IPv6 address: the name of an interface, or its number. Nothing at
// all is scope 0.
std::optional<std::uint32_t> parse_scope(const char* begin, const char* end);

// An IPv6 address that may end in "%scope". `scope` is set as soon as that part could be read, also
// if the address cannot.
std::optional<in6_addr> parse_ipv6_scoped(const char* begin, const char* end, std::uint32_t& scope);

// The text of "address", "IPv4:port", "[IPv6]" or "[IPv6]:port" as a socket address. Without a
// port, port 0. `length` holds the room at `out`, and then the size of the address; the rest of the
// room, as far as a sockaddr_storage goes, is cleared. On failure both are left alone.
// C API: evutil_parse_sockaddr_port.
[[nodiscard]] bool parse_sockaddr_port(const char* text, sockaddr* out, int* length);

}  // namespace relevent::util
