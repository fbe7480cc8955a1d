// event2/dns_compat.h: the functions of libevent 1.4, on one resolver for the process
#include <event2/dns.h>
#include <event2/dns_compat.h>

#include "base/attributes.h"

namespace {

constinit evdns_base* g_resolver = nullptr;

// Made without nameservers if there is none. Null without memory.
evdns_base* need_resolver() {
  if (g_resolver == nullptr) {
    g_resolver = evdns_base_new(nullptr, 0);
  }
  return g_resolver;
}

}  // namespace

extern "C" {

RELEVENT_API int evdns_init(void) {
  evdns_base* const resolver = evdns_base_new(nullptr, EVDNS_BASE_INITIALIZE_NAMESERVERS);
  if (resolver == nullptr) {
    return -1;
  }
  g_resolver = resolver;
  return 0;
}

RELEVENT_API evdns_base* evdns_get_global_base(void) { return g_resolver; }

RELEVENT_API void evdns_shutdown(int fail_requests) {
  if (g_resolver != nullptr) {
    evdns_base* const resolver = g_resolver;
    g_resolver = nullptr;
    evdns_base_free(resolver, fail_requests);
  }
}

RELEVENT_API int evdns_nameserver_add(unsigned long int address) {
  evdns_base* const resolver = need_resolver();
  return resolver != nullptr ? evdns_base_nameserver_add(resolver, address) : -1;
}

RELEVENT_API int evdns_nameserver_ip_add(const char* ip_as_string) {
  evdns_base* const resolver = need_resolver();
  return resolver != nullptr ? evdns_base_nameserver_ip_add(resolver, ip_as_string) : -1;
}

RELEVENT_API int evdns_set_option(const char* option, const char* val, int) {
  evdns_base* const resolver = need_resolver();
  return resolver != nullptr ? evdns_base_set_option(resolver, option, val) : -1;
}

RELEVENT_API int evdns_resolv_conf_parse(int flags, const char* const filename) {
  evdns_base* const resolver = need_resolver();
  return resolver != nullptr ? evdns_base_resolv_conf_parse(resolver, flags, filename)
                             : EVDNS_ERROR_OUT_OF_MEMORY;
}

RELEVENT_API int evdns_count_nameservers(void) { return evdns_base_count_nameservers(g_resolver); }

RELEVENT_API int evdns_clear_nameservers_and_suspend(void) {
  return evdns_base_clear_nameservers_and_suspend(g_resolver);
}

RELEVENT_API int evdns_resume(void) { return evdns_base_resume(g_resolver); }

RELEVENT_API int evdns_resolve_ipv4(const char* name, int flags, evdns_callback_type callback,
                                    void* ptr) {
  return evdns_base_resolve_ipv4(g_resolver, name, flags, callback, ptr) != nullptr ? 0 : -1;
}

RELEVENT_API int evdns_resolve_ipv6(const char* name, int flags, evdns_callback_type callback,
                                    void* ptr) {
  return evdns_base_resolve_ipv6(g_resolver, name, flags, callback, ptr) != nullptr ? 0 : -1;
}

RELEVENT_API int evdns_resolve_reverse(const in_addr* in, int flags, evdns_callback_type callback,
                                       void* ptr) {
  return evdns_base_resolve_reverse(g_resolver, in, flags, callback, ptr) != nullptr ? 0 : -1;
}

RELEVENT_API int evdns_resolve_reverse_ipv6(const in6_addr* in, int flags,
                                            evdns_callback_type callback, void* ptr) {
  return evdns_base_resolve_reverse_ipv6(g_resolver, in, flags, callback, ptr) != nullptr ? 0 : -1;
}

RELEVENT_API void evdns_search_clear(void) { evdns_base_search_clear(g_resolver); }

RELEVENT_API void evdns_search_add(const char* domain) {
  evdns_base_search_add(g_resolver, domain);
}

RELEVENT_API void evdns_search_ndots_set(const int ndots) {
  evdns_base_search_ndots_set(g_resolver, ndots);
}

RELEVENT_API evdns_server_port* evdns_add_server_port(evutil_socket_t socket, int flags,
                                                      evdns_request_callback_fn_type callback,
                                                      void* user_data) {
  return evdns_add_server_port_with_base(nullptr, socket, flags, callback, user_data);
}

}  // extern "C"
