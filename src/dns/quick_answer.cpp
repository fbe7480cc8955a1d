#include "dns/quick_answer.h"

#include <unistd.h>

#include <charconv>

namespace relevent::dns {
namespace {

// A number, or a name that libc knows for this kind of socket. False if it is neither.
bool find_port(const char* service, const Wanted& wanted, std::uint16_t& port) {
  const char* const end = service + std::strlen(service);
  const auto parsed = std::from_chars(service, end, port);
  if (parsed.ec == std::errc() && parsed.ptr == end) {
    return true;
  }
  if (*service == '\0' || (*service >= '0' && *service <= '9') || *service == '-' ||
      (wanted.flags & EVUTIL_AI_NUMERICSERV) != 0) {
    return false;
  }
  evutil_addrinfo hints = {};
  hints.ai_family = AF_INET;
  hints.ai_socktype = wanted.socktype;
  hints.ai_protocol = wanted.protocol;
  evutil_addrinfo* found = nullptr;
  if (evutil_getaddrinfo(nullptr, service, &hints, &found) != 0) {
    return false;
  }
  port = ntohs(reinterpret_cast<const sockaddr_in*>(found->ai_addr)->sin_port);
  evutil_freeaddrinfo(found);
  return true;
}

// Whether the system knows a way to a host far away (a root nameserver). No packet is sent.
bool has_route(const char* far_away) {
  Address address;
  if (!parse_address(far_away, kDnsPort, address)) {
    return false;
  }
  const auto fd = open_socket(address.family(), SOCK_DGRAM, nullptr);
  if (!fd) {
    return false;
  }
  const bool reachable = ::connect(*fd, address.get(), address.length) == 0;
  ::close(*fd);
  return reachable;
}

// With EVUTIL_AI_ADDRCONFIG: asks only for a family that this host can use; for both if it has
// none.
int configured_family(int family) {
  if (family != AF_UNSPEC) {
    return family;
  }
  const bool v4 = has_route("198.41.0.4");
  const bool v6 = has_route("2001:503:ba3e::2:30");
  return v4 == v6 ? AF_UNSPEC : v4 ? AF_INET : AF_INET6;
}

int answer_without_node(const Wanted& wanted, AddressList& list) {
  const bool passive = (wanted.flags & EVUTIL_AI_PASSIVE) != 0;
  const in_addr v4 = {htonl(passive ? INADDR_ANY : INADDR_LOOPBACK)};
  const in6_addr& v6 = passive ? in6addr_any : in6addr_loopback;
  const bool whole = (!wanted.takes(AF_INET) || list.append(AF_INET, &v4, wanted)) &&
                     (!wanted.takes(AF_INET6) || list.append(AF_INET6, &v6, wanted));
  return whole ? 0 : EVUTIL_EAI_MEMORY;
}

bool parse_number(const char* node, Address& address) {
  return std::strchr(node, '[') == nullptr && parse_address(node, 0, address) &&
         address == address.with_port(0);
}

int answer_from_hosts(const Resolver& resolver, const char* node, const Wanted& wanted,
                      AddressList& list) {
  bool whole = true;
  resolver.hosts().find(node, [&](const Address& address) {
    whole = !wanted.takes(address.family()) || list.append(address, wanted);
    return whole;
  });
  return !whole ? EVUTIL_EAI_MEMORY : list.empty() ? kNeedsQuery : 0;
}

}  // namespace

int answer_without_query(Resolver& resolver, const char* node, const char* service,
                         const evutil_addrinfo* hints, Wanted& wanted, AddressList& list) {
  wanted = {};
  if (hints != nullptr) {
    wanted = {hints->ai_family, hints->ai_socktype, hints->ai_protocol, hints->ai_flags, 0};
  }
  if (wanted.family != AF_UNSPEC && wanted.family != AF_INET && wanted.family != AF_INET6) {
    return EVUTIL_EAI_FAMILY;
  }
  if ((node == nullptr && service == nullptr) ||
      (service != nullptr && !find_port(service, wanted, wanted.port))) {
    return EVUTIL_EAI_NONAME;
  }
  if (node == nullptr) {
    return answer_without_node(wanted, list);
  }
  if ((wanted.flags & EVUTIL_AI_NUMERICHOST) != 0) {
    // libc does all of this one, with its own idea of the kinds of sockets.
    evutil_addrinfo* found = nullptr;
    const int error = evutil_getaddrinfo(node, service, hints, &found);
    list.adopt(found);
    return error;
  }
  // Compat: an address of another family than that wanted is asked for like a name.
  if (Address address; parse_number(node, address) && wanted.takes(address.family())) {
    return list.append(address, wanted) ? 0 : EVUTIL_EAI_MEMORY;
  }
  if ((wanted.flags & EVUTIL_AI_ADDRCONFIG) != 0) {
    wanted.family = configured_family(wanted.family);
  }
  const SurfaceLockGuard guard(resolver.lock());
  const int error = answer_from_hosts(resolver, node, wanted, list);
  if (error != kNeedsQuery || !resolver.uses_cache()) {
    return error;
  }
  const int cached = resolver.cache().find(node, wanted, now(), list);
  return cached == 0 || cached == EVUTIL_EAI_MEMORY ? cached : kNeedsQuery;
}

}  // namespace relevent::dns
