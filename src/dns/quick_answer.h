#pragma once

#include "dns/addresses.h"
#include "dns/resolver.h"

namespace relevent::dns {

inline constexpr int kNeedsQuery = -90002;  // no EVUTIL_EAI_* value

// The part of evdns_getaddrinfo that needs no nameserver: checks the arguments, and answers for no
// node, addresses in numbers, the hosts file and the cache. 0 or EVUTIL_EAI_*; or kNeedsQuery, with
// `wanted` filled in.
int answer_without_query(Resolver& resolver, const char* node, const char* service,
                         const evutil_addrinfo* hints, Wanted& wanted, AddressList& list);

}  // namespace relevent::dns
