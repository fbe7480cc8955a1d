/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_UTIL_H_INCLUDED_
#define EVENT2_UTIL_H_INCLUDED_

/**
 * @file event2/util.h
 *
 * Types, and helpers for sockets, addresses, time, strings and random numbers that behave alike on
 * every system.
 *
 * The functions keep no state but for the random generator, and may be called from any thread.
 */

#include <event2/visibility.h>

#include <event2/event-config.h>
#ifdef EVENT__HAVE_SYS_TIME_H
#include <sys/time.h>
#endif
#ifdef EVENT__HAVE_STDINT_H
#include <stdint.h>
#endif
#ifdef EVENT__HAVE_SYS_TYPES_H
#include <sys/types.h>
#endif
#ifdef EVENT__HAVE_STDDEF_H
#include <stddef.h>
#endif
#ifdef _MSC_VER
#include <BaseTsd.h>
#endif
#include <stdarg.h>
#ifdef EVENT__HAVE_NETDB_H
#include <netdb.h>
#endif

#ifdef _WIN32
#include <winsock2.h>
#ifdef EVENT__HAVE_GETADDRINFO
#include <ws2tcpip.h>
#endif
#else
#ifdef EVENT__HAVE_ERRNO_H
#include <errno.h>
#endif
#include <sys/socket.h>
#endif

#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @name Integers
 *
 * Of exactly the width in their name; from the days before every system had <stdint.h>. They are
 * macros, and stay so because programs test for them.
 * @{
 */
/** 64 bits. */
#define ev_uint64_t uint64_t
/** 64 bits, signed. */
#define ev_int64_t int64_t
/** 32 bits. */
#define ev_uint32_t uint32_t
/** 32 bits, signed. */
#define ev_int32_t int32_t
/** 16 bits. */
#define ev_uint16_t uint16_t
/** 16 bits, signed. */
#define ev_int16_t int16_t
/** 8 bits. */
#define ev_uint8_t uint8_t
/** 8 bits, signed. */
#define ev_int8_t int8_t
/** Wide enough for a pointer. */
#define ev_uintptr_t uintptr_t
/** Wide enough for a pointer, signed. */
#define ev_intptr_t intptr_t

/** As wide as size_t, signed. */
#ifdef _MSC_VER
#define ev_ssize_t SSIZE_T
#else
#define ev_ssize_t ssize_t
#endif

/** An offset in a file. Its width is that of the library, whatever the width of the program's own
 * off_t is. */
#if defined(_WIN32) || EVENT__SIZEOF_OFF_T == 8
#define ev_off_t ev_int64_t
#elif EVENT__SIZEOF_OFF_T == 4
#define ev_off_t ev_int32_t
#else
#define ev_off_t off_t
#endif
/** @} */

/**
 * @name Limits of the integers
 * @{
 */
/** The largest value of ev_uint64_t. */
#define EV_UINT64_MAX UINT64_MAX
/** The largest value of ev_int64_t. */
#define EV_INT64_MAX INT64_MAX
/** The least value of ev_int64_t. */
#define EV_INT64_MIN INT64_MIN
/** The largest value of ev_uint32_t. */
#define EV_UINT32_MAX UINT32_MAX
/** The largest value of ev_int32_t. */
#define EV_INT32_MAX INT32_MAX
/** The least value of ev_int32_t. */
#define EV_INT32_MIN INT32_MIN
/** The largest value of ev_uint16_t. */
#define EV_UINT16_MAX UINT16_MAX
/** The largest value of ev_int16_t. */
#define EV_INT16_MAX INT16_MAX
/** The least value of ev_int16_t. */
#define EV_INT16_MIN INT16_MIN
/** The largest value of ev_uint8_t. */
#define EV_UINT8_MAX UINT8_MAX
/** The largest value of ev_int8_t. */
#define EV_INT8_MAX INT8_MAX
/** The least value of ev_int8_t. */
#define EV_INT8_MIN INT8_MIN

#if EVENT__SIZEOF_SIZE_T == 8
#define EV_SIZE_MAX EV_UINT64_MAX
#define EV_SSIZE_MAX EV_INT64_MAX
#elif EVENT__SIZEOF_SIZE_T == 4
#define EV_SIZE_MAX EV_UINT32_MAX
#define EV_SSIZE_MAX EV_INT32_MAX
#else
#error "size_t is neither 4 nor 8 bytes wide"
#endif
/** The least value of ev_ssize_t. */
#define EV_SSIZE_MIN ((-EV_SSIZE_MAX) - 1)
/** @} */

/** The length of a socket address. */
#ifdef _WIN32
#define ev_socklen_t int
#else
#define ev_socklen_t socklen_t
#endif

/** A socket or other descriptor: int, but for Windows. */
#ifdef _WIN32
#define evutil_socket_t intptr_t
#else
#define evutil_socket_t int
#endif

/**
 * @name Monotonic time
 *
 * A clock for measuring intervals, which never goes back and does not move when the time of day is
 * set. Its zero means nothing.
 * @{
 */
/** A monotonic clock. A timer may be used by one thread at a time. */
struct evutil_monotonic_timer;

/** Prefer the most precise clock to the cheapest one. */
#define EV_MONOT_PRECISE 1
/** Do not use the system's monotonic clock but make one from the time of day; for tests. */
#define EV_MONOT_FALLBACK 2

/**
 * Makes a timer. Configure it before its first use.
 *
 * @return the timer, which evutil_monotonic_timer_free() frees; NULL if memory runs out.
 * @since 2.1.5
 */
EVENT2_EXPORT_SYMBOL
struct evutil_monotonic_timer* evutil_monotonic_timer_new(void);

/**
 * Frees a timer.
 *
 * @param timer the timer, or NULL.
 * @since 2.1.5
 */
EVENT2_EXPORT_SYMBOL
void evutil_monotonic_timer_free(struct evutil_monotonic_timer* timer);

/**
 * Chooses the clock of a timer.
 *
 * @param timer the timer.
 * @param flags 0, or EV_MONOT_PRECISE, EV_MONOT_FALLBACK, or both.
 * @return 0, or -1 on failure.
 * @since 2.1.5
 */
EVENT2_EXPORT_SYMBOL
int evutil_configure_monotonic_time(struct evutil_monotonic_timer* timer, int flags);

/**
 * Reads a timer.
 *
 * @param timer a timer that was configured.
 * @param tp receives the time.
 * @return 0, or -1 on failure.
 * @since 2.1.5
 */
EVENT2_EXPORT_SYMBOL
int evutil_gettime_monotonic(struct evutil_monotonic_timer* timer, struct timeval* tp);
/** @} */

/**
 * Writes a date the way HTTP wants it, such as "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 1123, also
 * RFC 9110 section 5.6.7), whatever the locale.
 *
 * @param date receives the text, cut off if there is no room and always terminated.
 * @param datelen the size of @p date in bytes; 30 are enough, with 0 nothing is done.
 * @param tm the time in UTC, or NULL for now.
 * @return the length of the whole text: it was cut off if this is not less than @p datelen. 0 if
 *   @p datelen is 0.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
int evutil_date_rfc1123(char* date, const size_t datelen, const struct tm* tm);

/**
 * @name Sockets
 *
 * Where not said otherwise, a function returns 0, or -1 with the reason in EVUTIL_SOCKET_ERROR().
 * @{
 */
/**
 * Makes two sockets that are connected to each other.
 *
 * @param d address family: AF_UNIX; on Windows AF_INET, for a pair over the loopback interface.
 * @param type SOCK_STREAM or SOCK_DGRAM; on Linux also with SOCK_NONBLOCK and SOCK_CLOEXEC.
 * @param protocol 0.
 * @param sv receives the two sockets.
 * @return 0, or -1 on failure.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evutil_socketpair(int d, int type, int protocol, evutil_socket_t sv[2]);

/**
 * Makes a socket return rather than wait.
 *
 * @param sock the socket.
 * @return 0, or -1 on failure.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evutil_make_socket_nonblocking(evutil_socket_t sock);

/**
 * Lets a listening socket be bound again to its address right after the last one was closed
 * (SO_REUSEADDR where that is what it means).
 *
 * @param sock a socket that is not bound yet.
 * @return 0, or -1 on failure.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evutil_make_listen_socket_reuseable(evutil_socket_t sock);

/**
 * Lets several sockets listen on the same address and share its connections (SO_REUSEPORT). All of
 * them have to ask for it.
 *
 * @param sock a socket that is not bound yet.
 * @return 0, also where the system knows no such thing; -1 on failure.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
int evutil_make_listen_socket_reuseable_port(evutil_socket_t sock);

/**
 * Makes an IPv6 socket serve IPv6 alone, so that the same port can be bound for IPv4 separately
 * (IPV6_V6ONLY, RFC 3493).
 *
 * @param sock an IPv6 socket that is not bound yet.
 * @return 0, also where the system knows no such thing; -1 on failure.
 * @since 2.1.9
 */
EVENT2_EXPORT_SYMBOL
int evutil_make_listen_socket_ipv6only(evutil_socket_t sock);

/**
 * Makes an IPv6 socket serve IPv4 as well, by mapped addresses: the opposite of
 * evutil_make_listen_socket_ipv6only().
 *
 * @param sock an IPv6 socket that is not bound yet.
 * @return 0, also where the system knows no such thing; -1 on failure.
 * @since 2.2
 */
EVENT2_EXPORT_SYMBOL
int evutil_make_listen_socket_not_ipv6only(evutil_socket_t sock);

/**
 * Has a socket closed when the process executes another program.
 *
 * @param sock the socket.
 * @return 0, or -1 on failure.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evutil_make_socket_closeonexec(evutil_socket_t sock);

/**
 * Closes a socket.
 *
 * @param sock what socket() or accept() returned.
 * @return 0, or -1 on failure.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evutil_closesocket(evutil_socket_t sock);
/** The name evutil_closesocket() had as a macro. */
#define EVUTIL_CLOSESOCKET(s) evutil_closesocket(s)

/**
 * Has a listening TCP socket report a connection only when its first data is there
 * (TCP_DEFER_ACCEPT). Only for protocols in which the client speaks first.
 *
 * @param sock the listening socket.
 * @return 0, also where the system knows no such thing; -1 on failure.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
int evutil_make_tcp_listen_socket_deferred(evutil_socket_t sock);

/**
 * Has the system probe an idle TCP connection, so that a peer that is gone is noticed.
 *
 * @param sock a TCP socket.
 * @param on nonzero to turn the probes on, 0 to turn them off.
 * @param timeout seconds without traffic until the first probe; further probes follow quickly, so
 *   that the connection fails soon after that. Of no meaning if @p on is 0.
 * @return 0, or -1 on failure.
 * @since 2.2
 */
EVENT2_EXPORT_SYMBOL
int evutil_set_tcp_keepalive(evutil_socket_t sock, int on, int timeout);
/** @} */

/**
 * @name Errors of sockets
 *
 * Most systems keep them in errno; Windows does not. Inside the callback of an event or a
 * bufferevent, the error is the one that led to it.
 * @{
 */
#if defined(_WIN32)
#define EVUTIL_SOCKET_ERROR() WSAGetLastError()
#define EVUTIL_SET_SOCKET_ERROR(errcode) \
  do {                                   \
    WSASetLastError(errcode);            \
  } while (0)
EVENT2_EXPORT_SYMBOL
int evutil_socket_geterror(evutil_socket_t sock);
EVENT2_EXPORT_SYMBOL
const char* evutil_socket_error_to_string(int errcode);
#define EVUTIL_INVALID_SOCKET INVALID_SOCKET
#else
/** The error of the last operation on a socket in this thread. */
#define EVUTIL_SOCKET_ERROR() (errno)
/** Sets what EVUTIL_SOCKET_ERROR() returns. */
#define EVUTIL_SET_SOCKET_ERROR(errcode) \
  do {                                   \
    errno = (errcode);                   \
  } while (0)
/** The last error of this socket; where the system does not know, of the last operation. */
#define evutil_socket_geterror(sock) (errno)
/** The text for an error; include <string.h>. */
#define evutil_socket_error_to_string(errcode) (strerror(errcode))
/** What is no socket. */
#define EVUTIL_INVALID_SOCKET -1
#endif
/** @} */

/**
 * @name Arithmetic with struct timeval
 *
 * All arguments are pointers. The results are normal: 0 <= tv_usec < 1000000.
 * @{
 */
#ifdef EVENT__HAVE_TIMERADD
/** Sets *vvp to the sum of *tvp and *uvp. */
#define evutil_timeradd(tvp, uvp, vvp) timeradd((tvp), (uvp), (vvp))
/** Sets *vvp to *tvp less *uvp. */
#define evutil_timersub(tvp, uvp, vvp) timersub((tvp), (uvp), (vvp))
#else
#define evutil_timeradd(tvp, uvp, vvp)                \
  do {                                                \
    (vvp)->tv_sec = (tvp)->tv_sec + (uvp)->tv_sec;    \
    (vvp)->tv_usec = (tvp)->tv_usec + (uvp)->tv_usec; \
    if ((vvp)->tv_usec >= 1000000) {                  \
      (vvp)->tv_sec += 1;                             \
      (vvp)->tv_usec -= 1000000;                      \
    }                                                 \
  } while (0)
#define evutil_timersub(tvp, uvp, vvp)                \
  do {                                                \
    (vvp)->tv_sec = (tvp)->tv_sec - (uvp)->tv_sec;    \
    (vvp)->tv_usec = (tvp)->tv_usec - (uvp)->tv_usec; \
    if ((vvp)->tv_usec < 0) {                         \
      (vvp)->tv_sec -= 1;                             \
      (vvp)->tv_usec += 1000000;                      \
    }                                                 \
  } while (0)
#endif

#ifdef EVENT__HAVE_TIMERCLEAR
/** Sets *tvp to zero. */
#define evutil_timerclear(tvp) timerclear(tvp)
#else
#define evutil_timerclear(tvp) (tvp)->tv_sec = (tvp)->tv_usec = 0
#endif

/** Compares two times; cmp is one of ==, !=, <, <=, > and >=. The arguments are evaluated twice. */
#define evutil_timercmp(tvp, uvp, cmp)                                   \
  (((tvp)->tv_sec == (uvp)->tv_sec) ? ((tvp)->tv_usec cmp(uvp)->tv_usec) \
                                    : ((tvp)->tv_sec cmp(uvp)->tv_sec))

#ifdef EVENT__HAVE_TIMERISSET
/** Whether *tvp is not zero. */
#define evutil_timerisset(tvp) timerisset(tvp)
#else
#define evutil_timerisset(tvp) ((tvp)->tv_sec || (tvp)->tv_usec)
#endif

/** gettimeofday(), also where the system lacks it. */
#ifdef EVENT__HAVE_GETTIMEOFDAY
#define evutil_gettimeofday(tv, tz) gettimeofday((tv), (tz))
#else
struct timezone;
EVENT2_EXPORT_SYMBOL
int evutil_gettimeofday(struct timeval* tv, struct timezone* tz);
#endif
/** @} */

/** The place of a field in a structure, in bytes. */
#ifdef offsetof
#define evutil_offsetof(type, field) offsetof(type, field)
#else
#define evutil_offsetof(type, field) ((off_t)(&((type*)0)->field))
#endif

/**
 * @name Strings
 * @{
 */
/**
 * Reads a number, as strtoll() does.
 *
 * @param s the text; spaces, a sign and for base 16 or 0 a prefix may stand before the digits.
 * @param endptr NULL, or receives where the number ends; @p s if there is none.
 * @param base 2 to 36, or 0 to take it from the prefix.
 * @return the number; 0 if there is none. Out of range gives the nearest limit and errno ERANGE.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
ev_int64_t evutil_strtoll(const char* s, char** endptr, int base);

/**
 * Formats text, as snprintf() of C99 does, and always terminates it.
 *
 * @param buf receives the text.
 * @param buflen the size of @p buf; with 0 nothing is done.
 * @param format as for printf().
 * @return the length of the whole text, even if it was cut off; 0 if @p buflen is 0; negative on
 *   failure.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evutil_snprintf(char* buf, size_t buflen, const char* format, ...)
#ifdef __GNUC__
    __attribute__((format(printf, 3, 4)))
#endif
    ;

/**
 * evutil_snprintf() with its arguments in a list.
 *
 * @param buf receives the text.
 * @param buflen the size of @p buf; with 0 nothing is done.
 * @param format as for printf().
 * @param ap the arguments.
 * @return as evutil_snprintf().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evutil_vsnprintf(char* buf, size_t buflen, const char* format, va_list ap)
#ifdef __GNUC__
    __attribute__((format(printf, 3, 0)))
#endif
    ;

/**
 * Compares two strings, taking A to Z and a to z for the same and nothing else, whatever the
 * locale.
 *
 * @param str1 a string.
 * @param str2 another one.
 * @return 0 if they are equal; negative or positive as @p str1 comes before or after @p str2.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evutil_ascii_strcasecmp(const char* str1, const char* str2);

/**
 * evutil_ascii_strcasecmp() of no more than the first @p n bytes.
 *
 * @param str1 a string, or @p n bytes.
 * @param str2 another one.
 * @param n how many bytes to compare at most.
 * @return as evutil_ascii_strcasecmp().
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evutil_ascii_strncasecmp(const char* str1, const char* str2, size_t n);
/** @} */

struct sockaddr;

/**
 * @name Addresses
 * @{
 */
/**
 * Writes an IP address, as inet_ntop() does.
 *
 * @param af AF_INET or AF_INET6.
 * @param src a struct in_addr or struct in6_addr.
 * @param dst receives the text.
 * @param len the size of @p dst in bytes.
 * @return @p dst; NULL if there is no room or the family is unknown.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
const char* evutil_inet_ntop(int af, const void* src, char* dst, size_t len);

/**
 * Reads an IP address that may end in a scope, such as "fe80::1%eth0" or "fe80::1%2".
 *
 * @param af AF_INET or AF_INET6; only the latter has scopes.
 * @param src the text.
 * @param dst receives a struct in_addr or struct in6_addr.
 * @param indexp receives the index of the interface; 0 if the text has no scope. A number is taken
 *   as it stands, whether such an interface exists or not.
 * @return 1; 0 if this is no such address or no interface has this name; -1 if the family is
 * unknown.
 * @since 2.1.12
 */
EVENT2_EXPORT_SYMBOL
int evutil_inet_pton_scope(int af, const char* src, void* dst, unsigned* indexp);

/**
 * Reads an IP address, as inet_pton() does.
 *
 * @param af AF_INET or AF_INET6.
 * @param src the text.
 * @param dst receives a struct in_addr or struct in6_addr.
 * @return 1; 0 if this is no such address; -1 if the family is unknown.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evutil_inet_pton(int af, const char* src, void* dst);

/**
 * Reads an IP address with or without a port: "1.2.3.4", "1.2.3.4:80", "::1", "[::1]" or
 * "[::1]:80". IPv6 addresses may have a scope.
 *
 * @param str the text.
 * @param out receives a struct sockaddr_in or struct sockaddr_in6; give it a struct
 *   sockaddr_storage. Without a port in the text, the port is 0.
 * @param outlen the size of @p out in bytes; receives how much of it was used.
 * @return 0; -1 if the text is malformed, the port is not 1 to 65535 or there is no room.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evutil_parse_sockaddr_port(const char* str, struct sockaddr* out, int* outlen);

/**
 * Compares two addresses of the families AF_INET and AF_INET6.
 *
 * @param sa1 an address.
 * @param sa2 another one.
 * @param include_port whether to compare the ports too.
 * @return 0 if they are equal; negative or positive as @p sa1 comes before or after @p sa2 in an
 *   order that is the same in every call. Addresses of other families are never equal.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evutil_sockaddr_cmp(const struct sockaddr* sa1, const struct sockaddr* sa2, int include_port);
/** @} */

/**
 * @name Looking up names
 * @{
 */
/** What evutil_getaddrinfo() takes and returns: the system's struct addrinfo where there is one. */
#ifdef EVENT__HAVE_STRUCT_ADDRINFO
#define evutil_addrinfo addrinfo
#else
struct evutil_addrinfo {
  int ai_flags;
  int ai_family;
  int ai_socktype;
  int ai_protocol;
  size_t ai_addrlen;
  char* ai_canonname;
  struct sockaddr* ai_addr;
  struct evutil_addrinfo* ai_next;
};
#endif

/* The system's values, or our own for what it lacks. */
#if defined(EAI_ADDRFAMILY) && defined(EVENT__HAVE_GETADDRINFO)
#define EVUTIL_EAI_ADDRFAMILY EAI_ADDRFAMILY
#else
/** The name has no address of this family. */
#define EVUTIL_EAI_ADDRFAMILY -901
#endif
#if defined(EAI_AGAIN) && defined(EVENT__HAVE_GETADDRINFO)
#define EVUTIL_EAI_AGAIN EAI_AGAIN
#else
/** The lookup failed for now. */
#define EVUTIL_EAI_AGAIN -902
#endif
#if defined(EAI_BADFLAGS) && defined(EVENT__HAVE_GETADDRINFO)
#define EVUTIL_EAI_BADFLAGS EAI_BADFLAGS
#else
/** The flags are not valid. */
#define EVUTIL_EAI_BADFLAGS -903
#endif
#if defined(EAI_FAIL) && defined(EVENT__HAVE_GETADDRINFO)
#define EVUTIL_EAI_FAIL EAI_FAIL
#else
/** The lookup failed for good. */
#define EVUTIL_EAI_FAIL -904
#endif
#if defined(EAI_FAMILY) && defined(EVENT__HAVE_GETADDRINFO)
#define EVUTIL_EAI_FAMILY EAI_FAMILY
#else
/** The family is unknown. */
#define EVUTIL_EAI_FAMILY -905
#endif
#if defined(EAI_MEMORY) && defined(EVENT__HAVE_GETADDRINFO)
#define EVUTIL_EAI_MEMORY EAI_MEMORY
#else
/** Memory ran out. */
#define EVUTIL_EAI_MEMORY -906
#endif
/* Some systems define EAI_NODATA as another name of EAI_NONAME. */
#if defined(EAI_NODATA) && defined(EVENT__HAVE_GETADDRINFO) && \
    (!defined(EAI_NONAME) || EAI_NODATA != EAI_NONAME)
#define EVUTIL_EAI_NODATA EAI_NODATA
#else
/** The name has no address. */
#define EVUTIL_EAI_NODATA -907
#endif
#if defined(EAI_NONAME) && defined(EVENT__HAVE_GETADDRINFO)
#define EVUTIL_EAI_NONAME EAI_NONAME
#else
/** There is no such name. */
#define EVUTIL_EAI_NONAME -908
#endif
#if defined(EAI_SERVICE) && defined(EVENT__HAVE_GETADDRINFO)
#define EVUTIL_EAI_SERVICE EAI_SERVICE
#else
/** The service is unknown for this type of socket. */
#define EVUTIL_EAI_SERVICE -909
#endif
#if defined(EAI_SOCKTYPE) && defined(EVENT__HAVE_GETADDRINFO)
#define EVUTIL_EAI_SOCKTYPE EAI_SOCKTYPE
#else
/** The type of socket is unknown. */
#define EVUTIL_EAI_SOCKTYPE -910
#endif
#if defined(EAI_SYSTEM) && defined(EVENT__HAVE_GETADDRINFO)
#define EVUTIL_EAI_SYSTEM EAI_SYSTEM
#else
/** A system error, in errno. */
#define EVUTIL_EAI_SYSTEM -911
#endif

/** The lookup was cancelled: evdns_getaddrinfo_cancel(). */
#define EVUTIL_EAI_CANCEL -90001

#if defined(AI_PASSIVE) && defined(EVENT__HAVE_GETADDRINFO)
#define EVUTIL_AI_PASSIVE AI_PASSIVE
#else
/** The address is for bind(): without a name it is the wildcard, not the loopback. */
#define EVUTIL_AI_PASSIVE 0x1000
#endif
#if defined(AI_CANONNAME) && defined(EVENT__HAVE_GETADDRINFO)
#define EVUTIL_AI_CANONNAME AI_CANONNAME
#else
/** Return the canonical name in the first result. */
#define EVUTIL_AI_CANONNAME 0x2000
#endif
#if defined(AI_NUMERICHOST) && defined(EVENT__HAVE_GETADDRINFO)
#define EVUTIL_AI_NUMERICHOST AI_NUMERICHOST
#else
/** The name is an address; look nothing up. */
#define EVUTIL_AI_NUMERICHOST 0x4000
#endif
#if defined(AI_NUMERICSERV) && defined(EVENT__HAVE_GETADDRINFO)
#define EVUTIL_AI_NUMERICSERV AI_NUMERICSERV
#else
/** The service is a port number. */
#define EVUTIL_AI_NUMERICSERV 0x8000
#endif
#if defined(AI_V4MAPPED) && defined(EVENT__HAVE_GETADDRINFO)
#define EVUTIL_AI_V4MAPPED AI_V4MAPPED
#else
/** Return IPv4 addresses as mapped IPv6 ones if there are no others. */
#define EVUTIL_AI_V4MAPPED 0x10000
#endif
#if defined(AI_ALL) && defined(EVENT__HAVE_GETADDRINFO)
#define EVUTIL_AI_ALL AI_ALL
#else
/** With EVUTIL_AI_V4MAPPED: even if there are others. */
#define EVUTIL_AI_ALL 0x20000
#endif
#if defined(AI_ADDRCONFIG) && defined(EVENT__HAVE_GETADDRINFO)
#define EVUTIL_AI_ADDRCONFIG AI_ADDRCONFIG
#else
/** Return only families for which this machine has an address itself. */
#define EVUTIL_AI_ADDRCONFIG 0x40000
#endif

struct evutil_addrinfo;

/**
 * Looks up a name, as getaddrinfo() does (RFC 3493 section 6.1). It waits for the answer;
 * evdns_getaddrinfo() does not.
 *
 * @param nodename a name or an address; or NULL for this machine.
 * @param servname a service or a port number; or NULL for port 0. Not both may be NULL.
 * @param hints_in what is wanted: ai_family, ai_socktype, ai_protocol and ai_flags (EVUTIL_AI_*);
 *   the rest must be 0. NULL for anything.
 * @param res receives the list of results, which evutil_freeaddrinfo() frees. Not valid on failure.
 * @return 0, or one of EVUTIL_EAI_*.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evutil_getaddrinfo(const char* nodename, const char* servname,
                       const struct evutil_addrinfo* hints_in, struct evutil_addrinfo** res);

/**
 * Frees what evutil_getaddrinfo() or evdns_getaddrinfo() returned.
 *
 * @param ai the first of the results; not NULL.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evutil_freeaddrinfo(struct evutil_addrinfo* ai);

/**
 * The text for an EVUTIL_EAI_* error.
 *
 * @param err what evutil_getaddrinfo() returned.
 * @return a string that stays valid.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
const char* evutil_gai_strerror(int err);
/** @} */

/**
 * @name Random numbers
 *
 * From the system's generator, fit for cryptographic use; the child of a fork gets numbers of its
 * own. Any thread may call these functions.
 * @{
 */
/**
 * Fills a buffer with random bytes.
 *
 * @param buf the buffer.
 * @param n how many bytes.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evutil_secure_rng_get_bytes(void* buf, size_t n);

/**
 * Makes sure that random numbers can be had. Programs that are about to give up access to the
 * system's devices (chroot(), seccomp) may call it before; otherwise there is no need to.
 *
 * @return 0, or -1 if there is no source of randomness.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evutil_secure_rng_init(void);

/**
 * Names a device to read randomness from instead of /dev/urandom, where the system has nothing
 * better than a device. Call it before all other functions for random numbers.
 *
 * @param fname the path; the string must stay valid.
 * @return 0; -1 if this system needs no device, and @p fname is not used.
 * @since 2.0.22
 */
EVENT2_EXPORT_SYMBOL
int evutil_secure_rng_set_urandom_device_file(char* fname);

/**
 * Mixes more randomness in. There is no need to, and where the numbers come from the system's
 * generator it has no effect.
 *
 * @param dat the bytes.
 * @param datlen how many.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evutil_secure_rng_add_bytes(const char* dat, size_t datlen);
/** @} */

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_UTIL_H_INCLUDED_ */
