#pragma once

#include <sys/socket.h>

namespace relevent::util {

// Orders two addresses: by family, then address, then (if wanted) port. IPv6 scopes do not count.
// Only Internet addresses can be equal. The order itself means nothing.
// C API: evutil_sockaddr_cmp.
int compare_addresses(const sockaddr& a, const sockaddr& b, bool include_port);

// Whether the address is on this machine: 127.0.0.0/8, ::1, or the former mapped into IPv6.
bool is_loopback(const sockaddr& address);

}  // namespace relevent::util
