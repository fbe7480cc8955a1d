// event2/dns.h: the resolver
#include <arpa/inet.h>
#include <event2/dns.h>
#include <event2/dns_compat.h>

#include <cstdio>

#include "base/attributes.h"
#include "dns/log.h"
#include "dns/lookup.h"
#include "dns/resolv_conf.h"
#include "dns/resolver.h"

using relevent::SurfaceLockGuard;
using namespace relevent::dns;

namespace {

constexpr const char* kResolvConf = "/etc/resolv.conf";
constexpr int kErrorAddress = 4;
constexpr int kErrorArguments = 2;
constexpr unsigned kBaseFlags = EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_NO_CACHE |
                                EVDNS_BASE_DISABLE_WHEN_INACTIVE |
                                EVDNS_BASE_NAMESERVERS_NO_DEFAULT;

// What evdns is to bufferevent_socket_connect_hostname.
constexpr relevent_resolver kResolverForCore = {
    [](evdns_base* base, const char* name, const char* service, const evutil_addrinfo* hints,
       void (*done)(int error, evutil_addrinfo* addresses, void* argument),
       void* argument) -> void* {
      return Lookup::start(base, name, service, hints, done, argument, true);
    },
    [](void* request) {
      evdns_getaddrinfo_cancel(static_cast<evdns_getaddrinfo_request*>(request));
    }};

// Calls the user's callback with what the request found.
void call_user(Request& request) {
  if (request.callback == nullptr) {
    return;
  }
  const Answer& answer = request.answer;
  if (answer.result != DNS_ERR_NONE) {
    request.callback(answer.result, 0, 0, answer.ttl, nullptr, request.argument);
    return;
  }
  const std::uint16_t type = request.query.type;
  char* host = reinterpret_cast<char*>(const_cast<std::uint8_t*>(answer.data.data()));
  void* const addresses = type == kTypePtr ? static_cast<void*>(&host) : host;
  const char kind = type == kTypeA ? DNS_IPv4_A : type == kTypeAaaa ? DNS_IPv6_AAAA : DNS_PTR;
  request.callback(DNS_ERR_NONE, kind, answer.count, answer.ttl, addresses, request.argument);
  if ((request.flags & DNS_CNAME_CALLBACK) != 0 && type != kTypePtr && answer.cname) {
    char* cname = answer.cname.get();
    request.callback(DNS_ERR_NONE, DNS_CNAME, 1, answer.ttl, &cname, request.argument);
  }
}
constexpr Request::Receiver kUser = {call_user};

evdns_request* ask(evdns_base* base, const char* name, std::uint16_t type, int flags,
                   evdns_callback_type callback, void* argument) {
  const SurfaceLockGuard guard(base->lock());
  return base->resolve(name, type, flags, kUser, callback, argument);
}

int add_nameserver(evdns_base* base, const Address& address) {
  const SurfaceLockGuard guard(base->lock());
  return base->add_nameserver(address);
}

}  // namespace

extern "C" {

RELEVENT_API evdns_base* evdns_base_new(event_base* event_base, int initialize_nameservers) {
  auto flags = static_cast<unsigned>(initialize_nameservers);
  if ((flags & ~kBaseFlags) != 0) {
    log_warning(
        "Unrecognized flag passed to evdns_base_new(). Assuming you meant "
        "EVDNS_BASE_INITIALIZE_NAMESERVERS.");
    flags |= EVDNS_BASE_INITIALIZE_NAMESERVERS;
  }
  relevent_set_resolver(&kResolverForCore);
  evdns_base* const base = Resolver::create(event_base, static_cast<int>(flags));
  if (base == nullptr || (flags & EVDNS_BASE_INITIALIZE_NAMESERVERS) == 0) {
    return base;
  }
  const int groups =
      DNS_OPTIONS_ALL |
      ((flags & EVDNS_BASE_NAMESERVERS_NO_DEFAULT) != 0 ? DNS_OPTION_NAMESERVERS_NO_DEFAULT : 0);
  const int error = evdns_base_resolv_conf_parse(base, groups, kResolvConf);
  if (error == EVDNS_ERROR_OUT_OF_MEMORY) {
    base->free(false);
    return nullptr;
  }
  return base;
}

RELEVENT_API void evdns_base_free(evdns_base* base, int fail_requests) {
  base->free(fail_requests != 0);
}

RELEVENT_API const char* evdns_err_to_string(int err) { return result_text(err); }

RELEVENT_API int evdns_base_nameserver_add(evdns_base* base, unsigned long int address) {
  sockaddr_in in = {};
  in.sin_family = AF_INET;
  in.sin_port = htons(kDnsPort);
  in.sin_addr.s_addr = static_cast<in_addr_t>(address);
  Address copy;
  return copy_address(reinterpret_cast<const sockaddr*>(&in), sizeof in, copy)
             ? add_nameserver(base, copy)
             : kErrorArguments;
}

RELEVENT_API int evdns_base_nameserver_ip_add(evdns_base* base, const char* ip_as_string) {
  Address address;
  if (!parse_address(ip_as_string, kDnsPort, address)) {
    log_warning("Unable to parse nameserver address %s", ip_as_string);
    return kErrorAddress;
  }
  return add_nameserver(base, address);
}

RELEVENT_API int evdns_base_nameserver_sockaddr_add(evdns_base* base, const sockaddr* sa,
                                                    ev_socklen_t len, unsigned) {
  Address address;
  return copy_address(sa, static_cast<int>(len), address) ? add_nameserver(base, address)
                                                          : kErrorArguments;
}

RELEVENT_API int evdns_base_count_nameservers(evdns_base* base) {
  const SurfaceLockGuard guard(base->lock());
  return base->count_nameservers();
}

RELEVENT_API int evdns_base_clear_nameservers_and_suspend(evdns_base* base) {
  const SurfaceLockGuard guard(base->lock());
  base->suspend();
  return 0;
}

RELEVENT_API int evdns_base_resume(evdns_base* base) {
  const SurfaceLockGuard guard(base->lock());
  base->resume();
  return 0;
}

RELEVENT_API int evdns_base_get_nameserver_addr(evdns_base* base, int idx, sockaddr* sa,
                                                ev_socklen_t len) {
  const SurfaceLockGuard guard(base->lock());
  const Nameserver* const server = base->nameserver(idx);
  if (server == nullptr) {
    return -1;
  }
  const Address& address = server->address;
  if (len >= address.length) {
    std::memcpy(sa, address.get(), address.length);
  }
  return static_cast<int>(address.length);
}

RELEVENT_API int evdns_base_get_nameserver_fd(evdns_base* base, int idx) {
  const SurfaceLockGuard guard(base->lock());
  const Nameserver* const server = base->nameserver(idx);
  return server != nullptr ? server->fd : -1;
}

RELEVENT_API evdns_request* evdns_base_resolve_ipv4(evdns_base* base, const char* name, int flags,
                                                    evdns_callback_type callback, void* ptr) {
  return ask(base, name, kTypeA, flags, callback, ptr);
}

RELEVENT_API evdns_request* evdns_base_resolve_ipv6(evdns_base* base, const char* name, int flags,
                                                    evdns_callback_type callback, void* ptr) {
  return ask(base, name, kTypeAaaa, flags, callback, ptr);
}

RELEVENT_API evdns_request* evdns_base_resolve_reverse(evdns_base* base, const in_addr* in,
                                                       int flags, evdns_callback_type callback,
                                                       void* ptr) {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(in);
  char name[32];
  std::snprintf(name, sizeof name, "%u.%u.%u.%u.in-addr.arpa", bytes[3], bytes[2], bytes[1],
                bytes[0]);
  return ask(base, name, kTypePtr, flags | DNS_QUERY_NO_SEARCH, callback, ptr);
}

RELEVENT_API evdns_request* evdns_base_resolve_reverse_ipv6(evdns_base* base, const in6_addr* in,
                                                            int flags, evdns_callback_type callback,
                                                            void* ptr) {
  char name[80];
  char* end = name;
  for (int i = 15; i >= 0; --i) {
    const unsigned byte = in->s6_addr[i];
    end += std::snprintf(end, 5, "%x.%x.", byte & 0xf, byte >> 4);
  }
  std::strcpy(end, "ip6.arpa");
  return ask(base, name, kTypePtr, flags | DNS_QUERY_NO_SEARCH, callback, ptr);
}

RELEVENT_API void evdns_cancel_request(evdns_base*, evdns_request* req) {
  Resolver& resolver = req->resolver;
  const SurfaceLockGuard guard(resolver.lock());
  resolver.cancel(*req);
}

RELEVENT_API evdns_getaddrinfo_request* evdns_getaddrinfo(evdns_base* dns_base,
                                                          const char* nodename,
                                                          const char* servname,
                                                          const evutil_addrinfo* hints_in,
                                                          evdns_getaddrinfo_cb cb, void* arg) {
  return Lookup::start(dns_base != nullptr ? dns_base : evdns_get_global_base(), nodename, servname,
                       hints_in, cb, arg, false);
}

RELEVENT_API void evdns_getaddrinfo_cancel(evdns_getaddrinfo_request* req) { req->cancel(); }

}  // extern "C"
