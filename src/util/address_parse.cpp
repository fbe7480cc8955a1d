#include "util/address_parse.h"

#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "util/ascii.h"
#include "util/number.h"

namespace relevent::util {
namespace {

constexpr int kGroups = 8;
constexpr int kGroupsBeforeIpv4 = 6;
// Compat: the longest address that may have brackets or a port ("evutil_parse_sockaddr_port:
// long").
constexpr std::ptrdiff_t kMaxHostText = 127;

// The groups of an IPv6 address while they are read.
struct Groups {
  std::uint16_t value[kGroups] = {};
  int limit = kGroups;
  int count = 0;
  int gap = -1;  // how many groups stand before the "::"
};

// One hexadecimal group of at most four characters; returns what follows, or null.
const char* read_group(const char* begin, const char* end, std::uint16_t& value) {
  const char* next = begin;
  // Compat: strtol's prefix, which counts towards the four ("evutil_inet_pton: lax IPv6").
  if (end - begin > 2 && begin[0] == '0' && to_lower(begin[1]) == 'x' && is_hex_digit(begin[2])) {
    next += 2;
  }
  unsigned group = 0;
  for (; next != end && is_hex_digit(*next); ++next) {
    if (next - begin == 4) {
      return nullptr;
    }
    group = group * 16 + static_cast<unsigned>(hex_value(*next));
  }
  value = static_cast<std::uint16_t>(group);
  return next;
}

// All of [begin, end): groups, colons and at most one "::".
bool read_groups(const char* begin, const char* end, Groups& groups) {
  const char* next = begin;
  if (end - next >= 2 && next[0] == ':' && next[1] == ':') {
    groups.gap = 0;
    next += 2;
  }
  while (next != end) {
    if (!is_hex_digit(*next) || groups.count == groups.limit) {
      return false;
    }
    next = read_group(next, end, groups.value[groups.count]);
    if (next == nullptr) {
      return false;
    }
    ++groups.count;
    if (next == end) {
      break;
    }
    if (*next++ != ':') {
      return false;
    }
    // Compat: a single colon at the end is let through ("evutil_inet_pton: lax IPv6").
    if (next != end && *next == ':') {
      if (groups.gap >= 0) {
        return false;
      }
      groups.gap = groups.count;
      ++next;
    }
  }
  return groups.gap >= 0 ? groups.count < groups.limit : groups.count == groups.limit;
}

// Moves what stands behind the "::" to the end.
void expand_gap(Groups& groups) {
  if (groups.gap >= 0) {
    std::uint16_t* const first = groups.value;
    std::uint16_t* const moved =
        std::move_backward(first + groups.gap, first + groups.count, first + groups.limit);
    std::fill(first + groups.gap, moved, std::uint16_t{0});
  }
}

// What an address says, before it becomes a socket address.
struct Endpoint {
  bool ipv6 = false;
  const char* host = nullptr;
  const char* host_end = nullptr;
  const char* port = nullptr;  // null if there is none
};

std::optional<Endpoint> split_endpoint(const char* text, const char* end) {
  Endpoint result;
  if (*text == '[') {
    const char* const bracket = std::strchr(text, ']');
    if (bracket == nullptr || bracket - (text + 1) > kMaxHostText) {
      return std::nullopt;
    }
    result = {true, text + 1, bracket, nullptr};
    // Compat: anything but a colon behind the bracket is not looked at.
    if (bracket[1] == ':') {
      result.port = bracket + 2;
    }
    return result;
  }
  const char* const colon = std::strchr(text, ':');
  if (colon == nullptr) {
    return Endpoint{false, text, end, nullptr};
  }
  if (std::strchr(colon + 1, ':') != nullptr) {
    return Endpoint{true, text, end, nullptr};
  }
  if (colon - text > kMaxHostText) {
    return std::nullopt;
  }
  return Endpoint{false, text, colon, colon + 1};
}

template <class Address>
bool store(const Address& address, sockaddr* out, int* length) {
  if (*length < static_cast<int>(sizeof address)) {
    return false;
  }
  // Compat: programs compare whole sockaddr_storages, so the rest of the room is cleared.
  const std::size_t room = static_cast<std::size_t>(*length);
  std::memset(out, 0, room < sizeof(sockaddr_storage) ? room : sizeof(sockaddr_storage));
  std::memcpy(out, &address, sizeof address);
  *length = static_cast<int>(sizeof address);
  return true;
}

}  // namespace

std::optional<in_addr> parse_ipv4(const char* begin, const char* end) {
  std::uint32_t address = 0;
  const char* next = begin;
  for (int octets = 0; octets < 4; ++octets) {
    if (octets > 0 && (next == end || *next++ != '.')) {
      return std::nullopt;
    }
    const Decimal octet = read_decimal(next, end);
    if (octet.end == next || octet.value > 255 || (octet.negative && octet.value != 0)) {
      return std::nullopt;
    }
    address = address << 8 | octet.value;
    next = octet.end;
  }
  if (next != end) {
    return std::nullopt;
  }
  return in_addr{htonl(address)};
}

std::optional<in6_addr> parse_ipv6(const char* begin, const char* end) {
  Groups groups;
  const char* groups_end = end;
  std::uint32_t ipv4 = 0;
  const char* const dot = begin == end ? nullptr
                                       : static_cast<const char*>(std::memchr(
                                             begin, '.', static_cast<std::size_t>(end - begin)));
  if (dot != nullptr) {
    groups_end = dot;
    while (groups_end != begin && is_hex_digit(groups_end[-1])) {
      --groups_end;
    }
    const std::optional<in_addr> tail = parse_ipv4(groups_end, end);
    if (groups_end == dot || !tail) {
      return std::nullopt;
    }
    groups.limit = kGroupsBeforeIpv4;
    ipv4 = ntohl(tail->s_addr);
  }
  if (!read_groups(begin, groups_end, groups)) {
    return std::nullopt;
  }
  expand_gap(groups);
  if (dot != nullptr) {
    groups.value[6] = static_cast<std::uint16_t>(ipv4 >> 16);
    groups.value[7] = static_cast<std::uint16_t>(ipv4);
  }
  in6_addr address;
  for (int i = 0; i < kGroups; ++i) {
    address.s6_addr[2 * i] = static_cast<std::uint8_t>(groups.value[i] >> 8);
    address.s6_addr[2 * i + 1] = static_cast<std::uint8_t>(groups.value[i]);
  }
  return address;
}

std::optional<std::uint32_t> parse_scope(const char* begin, const char* end) {
  char name[IF_NAMESIZE];
  const auto size = static_cast<std::size_t>(end - begin);
  if (size < sizeof name) {
    std::memcpy(name, begin, size);
    name[size] = '\0';
    const int saved_errno = errno;
    const unsigned index = if_nametoindex(name);
    errno = saved_errno;
    if (index != 0) {
      return index;
    }
  }
  const Decimal number = read_decimal(begin, end);
  const bool wraps = number.value == UINT32_MAX || (number.negative && number.value != 0);
  if (number.end != end || wraps) {
    return std::nullopt;
  }
  return number.value;
}

std::optional<in6_addr> parse_ipv6_scoped(const char* begin, const char* end,
                                          std::uint32_t& scope) {
  scope = 0;
  const char* address_end = std::find(begin, end, '%');
  if (address_end != end) {
    const std::optional<std::uint32_t> parsed = parse_scope(address_end + 1, end);
    if (!parsed) {
      return std::nullopt;
    }
    scope = *parsed;
  }
  return parse_ipv6(begin, address_end);
}

bool parse_sockaddr_port(const char* text, sockaddr* out, int* length) {
  const char* const end = text + std::strlen(text);
  const std::optional<Endpoint> endpoint = split_endpoint(text, end);
  if (!endpoint) {
    return false;
  }
  std::uint16_t port = 0;
  if (endpoint->port != nullptr) {
    const std::optional<std::uint16_t> parsed = parse_port(endpoint->port, end);
    if (!parsed) {
      return false;
    }
    port = *parsed;
  }
  if (!endpoint->ipv6) {
    const std::optional<in_addr> address = parse_ipv4(endpoint->host, endpoint->host_end);
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(port);
    result.sin_addr = address.value_or(in_addr{});
    return address && store(result, out, length);
  }
  std::uint32_t scope = 0;
  const std::optional<in6_addr> address =
      parse_ipv6_scoped(endpoint->host, endpoint->host_end, scope);
  sockaddr_in6 result{};
  result.sin6_family = AF_INET6;
  result.sin6_port = htons(port);
  result.sin6_addr = address.value_or(in6_addr{});
  result.sin6_scope_id = scope;
  return address && store(result, out, length);
}

}  // namespace relevent::util
