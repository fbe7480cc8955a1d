// event2/util.h
#include <event2/util.h>

#include <arpa/inet.h>

#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>

#include "base/attributes.h"
#include "base/result.h"
#include "mem/create.h"
#include "os/clock.h"
#include "util/address_format.h"
#include "util/address_parse.h"
#include "util/ascii.h"
#include "util/date.h"
#include "util/monotonic.h"
#include "util/resolve.h"
#include "util/rng.h"
#include "util/sockaddr_compare.h"
#include "util/socket_options.h"
#include "util/socket_pair.h"
#include "util/text.h"

namespace mem = relevent::mem;
namespace os = relevent::os;
namespace util = relevent::util;

struct evutil_monotonic_timer final : util::MonotonicTimer {};

namespace {

// 0, or -1 with errno set.
int status(const relevent::Result<void>& result) {
  if (!result) {
    errno = result.error();
    return -1;
  }
  return 0;
}

// For inet_pton: 1 and the address stored, or 0.
template <class Address>
int store(const Address& address, void* out) {
  if (!address) {
    return 0;
  }
  std::memcpy(out, &*address, sizeof *address);
  return 1;
}

}  // namespace

extern "C" {

// Monotonic time and dates

RELEVENT_API evutil_monotonic_timer* evutil_monotonic_timer_new() {
  return mem::create<evutil_monotonic_timer>();
}

RELEVENT_API void evutil_monotonic_timer_free(evutil_monotonic_timer* timer) {
  mem::destroy(timer);
}

RELEVENT_API int evutil_configure_monotonic_time(evutil_monotonic_timer* timer, int flags) {
  using Source = util::MonotonicTimer::Source;
  if ((flags & EV_MONOT_FALLBACK) != 0) {
    timer->configure(Source::kWallClock);
  } else {
    timer->configure((flags & EV_MONOT_PRECISE) != 0 ? Source::kPrecise : Source::kCoarse);
  }
  return 0;
}

RELEVENT_API int evutil_gettime_monotonic(evutil_monotonic_timer* timer, timeval* tp) {
  *tp = os::to_timeval(timer->now());
  return 0;
}

RELEVENT_API int evutil_date_rfc1123(char* date, const size_t datelen, const tm* tm) {
  return util::format_rfc1123(date, datelen, tm);
}

// Sockets

RELEVENT_API int evutil_socketpair(int d, int type, int protocol, evutil_socket_t sv[2]) {
  return status(util::make_socket_pair(d, type, protocol, sv));
}

RELEVENT_API int evutil_make_socket_nonblocking(evutil_socket_t sock) {
  return status(util::set_nonblocking(sock));
}

RELEVENT_API int evutil_make_socket_closeonexec(evutil_socket_t sock) {
  return status(util::set_close_on_exec(sock));
}

RELEVENT_API int evutil_make_listen_socket_reuseable(evutil_socket_t sock) {
  return status(util::set_reuse_address(sock));
}

RELEVENT_API int evutil_make_listen_socket_reuseable_port(evutil_socket_t sock) {
  return status(util::set_reuse_port(sock));
}

RELEVENT_API int evutil_make_listen_socket_ipv6only(evutil_socket_t sock) {
  return status(util::set_ipv6_only(sock, true));
}

RELEVENT_API int evutil_make_listen_socket_not_ipv6only(evutil_socket_t sock) {
  return status(util::set_ipv6_only(sock, false));
}

RELEVENT_API int evutil_make_tcp_listen_socket_deferred(evutil_socket_t sock) {
  return status(util::set_deferred_accept(sock));
}

RELEVENT_API int evutil_set_tcp_keepalive(evutil_socket_t sock, int on, int timeout) {
  return status(util::set_tcp_keepalive(sock, on != 0, timeout));
}

RELEVENT_API int evutil_closesocket(evutil_socket_t sock) {
  return status(util::close_socket(sock));
}

// Text

RELEVENT_API ev_int64_t evutil_strtoll(const char* s, char** endptr, int base) {
  return std::strtoll(s, endptr, base);
}

RELEVENT_API int evutil_vsnprintf(char* buf, size_t buflen, const char* format, va_list ap) {
  return util::format_text_v(buf, buflen, format, ap);
}

RELEVENT_API int evutil_snprintf(char* buf, size_t buflen, const char* format, ...) {
  va_list ap;
  va_start(ap, format);
  const int length = util::format_text_v(buf, buflen, format, ap);
  va_end(ap);
  return length;
}

RELEVENT_API int evutil_ascii_strcasecmp(const char* str1, const char* str2) {
  return util::compare_ignore_case(str1, str2);
}

RELEVENT_API int evutil_ascii_strncasecmp(const char* str1, const char* str2, size_t n) {
  return util::compare_ignore_case(str1, str2, n);
}

// Addresses

RELEVENT_API const char* evutil_inet_ntop(int af, const void* src, char* dst, size_t len) {
  bool fits = false;
  if (af == AF_INET) {
    in_addr address;
    std::memcpy(&address, src, sizeof address);
    fits = util::format_ipv4(address, {dst, len});
  } else if (af == AF_INET6) {
    in6_addr address;
    std::memcpy(&address, src, sizeof address);
    fits = util::format_ipv6(address, {dst, len});
  } else {
    errno = EAFNOSUPPORT;
    return nullptr;
  }
  if (!fits) {
    errno = ENOSPC;
    return nullptr;
  }
  return dst;
}

RELEVENT_API int evutil_inet_pton_scope(int af, const char* src, void* dst, unsigned* indexp) {
  *indexp = 0;
  if (af != AF_INET6) {
    return evutil_inet_pton(af, src, dst);
  }
  return store(util::parse_ipv6_scoped(src, src + std::strlen(src), *indexp), dst);
}

RELEVENT_API int evutil_inet_pton(int af, const char* src, void* dst) {
  const char* const end = src + std::strlen(src);
  if (af == AF_INET) {
    return store(util::parse_ipv4(src, end), dst);
  }
  if (af == AF_INET6) {
    return store(util::parse_ipv6(src, end), dst);
  }
  errno = EAFNOSUPPORT;
  return -1;
}

RELEVENT_API int evutil_parse_sockaddr_port(const char* str, sockaddr* out, int* outlen) {
  return util::parse_sockaddr_port(str, out, outlen) ? 0 : -1;
}

RELEVENT_API int evutil_sockaddr_cmp(const sockaddr* sa1, const sockaddr* sa2, int include_port) {
  return util::compare_addresses(*sa1, *sa2, include_port != 0);
}

// Looking up names

RELEVENT_API int evutil_getaddrinfo(const char* nodename, const char* servname,
                                    const evutil_addrinfo* hints_in, evutil_addrinfo** res) {
  return util::resolve(nodename, servname, hints_in, res);
}

RELEVENT_API void evutil_freeaddrinfo(evutil_addrinfo* ai) { util::free_address_info(ai); }

RELEVENT_API const char* evutil_gai_strerror(int err) { return util::resolve_error_text(err); }

// Random numbers

RELEVENT_API int evutil_secure_rng_init() { return util::init_random() ? 0 : -1; }

RELEVENT_API void evutil_secure_rng_get_bytes(void* buf, size_t n) { util::fill_random(buf, n); }

// Compat: the reference, too, has the system's generator on Linux, where neither a device nor
// bytes from the user are of use. It says so here ...
RELEVENT_API int evutil_secure_rng_set_urandom_device_file(char*) { return -1; }

// ... and silently does nothing here.
RELEVENT_API void evutil_secure_rng_add_bytes(const char*, size_t) {}

}  // extern "C"
