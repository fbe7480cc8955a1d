#pragma once

#include "dns/resolver.h"

namespace relevent::dns {

// Reads a file in the format of resolv.conf(5) into a resolver. The resolver's lock is held.
// Returns an EVDNS_ERROR_* value. C API: evdns_base_resolv_conf_parse.
int load_resolv_conf(Resolver& resolver, int groups, const char* path);

// The same for text with a NUL behind it, which is cut to pieces.
int parse_resolv_conf(Resolver& resolver, int groups, char* text);

}  // namespace relevent::dns
