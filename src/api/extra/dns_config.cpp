// event2/dns.h: options, files and the cache of a resolver
#include <event2/dns.h>

#include "base/attributes.h"
#include "dns/log.h"
#include "dns/quick_answer.h"
#include "dns/resolv_conf.h"

using relevent::SurfaceLockGuard;
using namespace relevent::dns;

extern "C" {

RELEVENT_API int evdns_base_set_option(evdns_base* base, const char* option, const char* val) {
  const SurfaceLockGuard guard(base->lock());
  return base->set_option(option, val, DNS_OPTIONS_ALL) ? 0 : -1;
}

RELEVENT_API int evdns_base_resolv_conf_parse(evdns_base* base, int flags,
                                              const char* const filename) {
  const SurfaceLockGuard guard(base->lock());
  return load_resolv_conf(*base, flags, filename);
}

RELEVENT_API int evdns_base_load_hosts(evdns_base* base, const char* hosts_fname) {
  const SurfaceLockGuard guard(base->lock());
  return base->hosts().load(hosts_fname);
}

RELEVENT_API void evdns_base_clear_host_addresses(evdns_base* base) {
  const SurfaceLockGuard guard(base->lock());
  base->hosts().clear();
}

RELEVENT_API void evdns_base_search_clear(evdns_base* base) {
  const SurfaceLockGuard guard(base->lock());
  base->clear_search_domains();
}

RELEVENT_API void evdns_base_search_add(evdns_base* base, const char* domain) {
  const SurfaceLockGuard guard(base->lock());
  if (!base->add_search_domain(domain, true)) {
    log_warning("No memory for the search domain %s", domain);
  }
}

RELEVENT_API void evdns_base_search_ndots_set(evdns_base* base, const int ndots) {
  const SurfaceLockGuard guard(base->lock());
  base->set_ndots(ndots);
}

RELEVENT_API void evdns_set_log_fn(evdns_debug_log_fn_type fn) { set_log_function(fn); }
RELEVENT_API void evdns_set_transaction_id_fn(ev_uint16_t (*)(void)) {}
RELEVENT_API void evdns_set_random_bytes_fn(void (*)(char*, size_t)) {}

RELEVENT_API void evdns_cache_write(evdns_base* dns_base, char* nodename, evutil_addrinfo* res,
                                    int ttl) {
  const SurfaceLockGuard guard(dns_base->lock());
  dns_base->cache().write(nodename, res, now() + ttl * kSecond);
}

RELEVENT_API int evdns_cache_lookup(evdns_base* base, const char* nodename, evutil_addrinfo* hints,
                                    ev_uint16_t port, evutil_addrinfo** res) {
  Wanted wanted = {};
  if (hints != nullptr) {
    wanted = {hints->ai_family, hints->ai_socktype, hints->ai_protocol, hints->ai_flags, 0};
  }
  wanted.port = port;
  AddressList list;
  const SurfaceLockGuard guard(base->lock());
  const int error = base->cache().find(nodename, wanted, now(), list);
  *res = error == 0 ? list.take() : nullptr;
  return error;
}

}  // extern "C"
