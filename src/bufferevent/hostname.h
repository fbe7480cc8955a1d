// Connecting to a host by its name.
#pragma once

#include <event2/util.h>

#include "bufferevent/core.h"
#include "surface/surface.h"

struct evdns_base;

namespace relevent::bev {

// How evdns looks names up; null as long as it is not there.
void set_resolver(const relevent_resolver* resolver);

// Looks the name up and connects to the first address. `dns` null: by libc, which blocks.
// Lock: the bufferevent's is held. Fails: -1 if the look-up cannot even start.
// C API: bufferevent_socket_connect_hostname, bufferevent_socket_connect_hostname_hints.
int connect_hostname(Core& core, evdns_base* dns, const evutil_addrinfo& hints, const char* name,
                     int port);

// Gives up a look-up that runs, if there is one.
void cancel_lookup(Core& core);
// The same, and the bufferevent is as it was before.
void end_lookup(Core& core);
// The same, as an address is about to be connected to in its place.
void replace_lookup(Core& core);

int dns_error(const Core& core);

}  // namespace relevent::bev
