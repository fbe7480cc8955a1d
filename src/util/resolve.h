// Host and service names to socket addresses, by libc's resolver.
#pragma once

#include <netdb.h>
#include <sys/socket.h>

namespace relevent::util {

// libc's getaddrinfo: 0, or one of EVUTIL_EAI_*. Blocks for names that need a server. `result` is
// null on failure. C API: evutil_getaddrinfo.
int resolve(const char* host, const char* service, const addrinfo* hints, addrinfo** result);

// One result of our own, in one block from the hooks: for addresses that libc did not look up.
// Protocol, type and flags are those of `hints`; no canonical name.
// Fails: null.
[[nodiscard]] addrinfo* new_address_info(const sockaddr& address, socklen_t length,
                                         const addrinfo& hints);

// Frees a list of results of either origin, also a mixed one; each goes back to where it came from.
// Null is allowed. C API: evutil_freeaddrinfo.
void free_address_info(addrinfo* list);

// The text for an error of resolve(). C API: evutil_gai_strerror.
const char* resolve_error_text(int error);

}  // namespace relevent::util
