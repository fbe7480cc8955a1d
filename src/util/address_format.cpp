#include "util/address_format.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace relevent::util {
namespace {

constexpr int kGroups = 8;

// Puts text together in a block that is large enough for every address.
class Writer {
 public:
  void character(char c) { *next_++ = c; }
  void number(unsigned value, int base) {
    next_ = std::to_chars(next_, text_ + sizeof text_, value, base).ptr;
  }
  void ipv4(std::uint32_t address) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      number(address >> shift & 0xff, 10);
      if (shift != 0) {
        character('.');
      }
    }
  }

  [[nodiscard]] bool copy_to(std::span<char> out) {
    character('\0');
    const auto size = static_cast<std::size_t>(next_ - text_);
    if (size > out.size()) {
      return false;
    }
    std::memcpy(out.data(), text_, size);
    return true;
  }

 private:
  char text_[64];
  char* next_ = text_;
};

struct Run {
  int begin = -1;
  int end = -1;
};

// The first of the longest runs of two or more zero groups.
Run longest_zero_run(const std::uint16_t (&groups)[kGroups]) {
  Run best;
  for (int i = 0; i < kGroups;) {
    int end = i;
    while (end < kGroups && groups[end] == 0) {
      ++end;
    }
    if (end - i >= 2 && end - i > best.end - best.begin) {
      best = {i, end};
    }
    i = end == i ? i + 1 : end;
  }
  return best;
}

// Whether the last two groups are written as an IPv4 address.
bool ends_in_ipv4(const std::uint16_t (&groups)[kGroups]) {
  for (int i = 0; i < 5; ++i) {
    if (groups[i] != 0) {
      return false;
    }
  }
  // Compat: "::1:0" and "::1" are not IPv4-compatible addresses, "::1:1" is one.
  return groups[5] == 0xffff || (groups[5] == 0 && groups[6] != 0 && groups[7] != 0);
}

}  // namespace

bool format_ipv4(const in_addr& address, std::span<char> out) {
  Writer writer;
  writer.ipv4(ntohl(address.s_addr));
  return writer.copy_to(out);
}

bool format_ipv6(const in6_addr& address, std::span<char> out) {
  std::uint16_t groups[kGroups];
  for (int i = 0; i < kGroups; ++i) {
    groups[i] =
        static_cast<std::uint16_t>(address.s6_addr[2 * i] << 8 | address.s6_addr[2 * i + 1]);
  }
  const bool ipv4 = ends_in_ipv4(groups);
  const Run gap = longest_zero_run(groups);
  Writer writer;
  for (int i = 0; i < kGroups; ++i) {
    if (i == gap.begin) {
      writer.character(':');
      writer.character(':');
      i = gap.end - 1;
      continue;
    }
    if (i > 0 && i != gap.end) {
      writer.character(':');
    }
    if (ipv4 && i == 6) {
      writer.ipv4(static_cast<std::uint32_t>(groups[6]) << 16 | groups[7]);
      break;
    }
    writer.number(groups[i], 16);
  }
  return writer.copy_to(out);
}

const char* format_endpoint(const sockaddr& address, socklen_t length, std::span<char> out) {
  char host[INET6_ADDRSTRLEN];
  if (address.sa_family == AF_INET && length >= sizeof(sockaddr_in)) {
    sockaddr_in in;
    std::memcpy(&in, &address, sizeof in);
    static_cast<void>(format_ipv4(in.sin_addr, host));
    std::snprintf(out.data(), out.size(), "%s:%u", host, unsigned{ntohs(in.sin_port)});
  } else if (address.sa_family == AF_INET6 && length >= sizeof(sockaddr_in6)) {
    sockaddr_in6 in;
    std::memcpy(&in, &address, sizeof in);
    static_cast<void>(format_ipv6(in.sin6_addr, host));
    char scope[16] = "";
    if (in.sin6_scope_id != 0) {
      std::snprintf(scope, sizeof scope, "%%%u", in.sin6_scope_id);
    }
    std::snprintf(out.data(), out.size(), "[%s%s]:%u", host, scope, unsigned{ntohs(in.sin6_port)});
  } else if (address.sa_family == AF_UNIX && length > offsetof(sockaddr_un, sun_path)) {
    // The path need not have an end mark, and an abstract one begins with it.
    const auto* const path =
        reinterpret_cast<const char*>(&address) + offsetof(sockaddr_un, sun_path);
    const int room = static_cast<int>(length - offsetof(sockaddr_un, sun_path));
    std::snprintf(out.data(), out.size(), *path == '\0' ? "unix:@%.*s" : "unix:%.*s",
                  *path == '\0' ? room - 1 : room, *path == '\0' ? path + 1 : path);
  } else {
    std::snprintf(out.data(), out.size(), "<address of family %d>", int{address.sa_family});
  }
  return out.data();
}

}  // namespace relevent::util
