/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_DNS_COMPAT_H_INCLUDED_
#define EVENT2_DNS_COMPAT_H_INCLUDED_

/**
 * @file event2/dns_compat.h
 *
 * DNS functions of libevent 1.4. They work on one resolver for the whole process, which
 * evdns_init() makes on the current base. Use event2/dns.h.
 *
 * evdns_nameserver_add(), evdns_nameserver_ip_add(), evdns_set_option() and
 * evdns_resolv_conf_parse() make that resolver, without nameservers, if there is none; the others
 * need one (but for evdns_shutdown(), and evdns_add_server_port(), which needs the current base
 * alone). Making and freeing it is not safe while other threads use it. Otherwise each function
 * works, returns and calls back as the one it names.
 */

#include <event2/event-config.h>
#ifdef EVENT__HAVE_SYS_TYPES_H
#include <sys/types.h>
#endif
#ifdef EVENT__HAVE_SYS_TIME_H
#include <sys/time.h>
#endif

#include <event2/dns.h>
#include <event2/util.h>
#include <event2/visibility.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Makes the process's resolver on the current base, from /etc/resolv.conf and the hosts file.
 *
 * @return 0; else not 0.
 * @deprecated Use evdns_base_new().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evdns_init(void);

/**
 * The process's resolver.
 *
 * @return the resolver; NULL if there is none.
 * @deprecated Use evdns_base_new().
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evdns_base *evdns_get_global_base(void);

/**
 * Frees the process's resolver. @see evdns_base_free()
 *
 * @param fail_requests not 0: requests under way fail with #DNS_ERR_SHUTDOWN; 0: their callbacks
 *     are not called.
 * @deprecated Use evdns_base_free().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evdns_shutdown(int fail_requests);

/**
 * Adds a nameserver.
 *
 * @param address its IPv4 address in network byte order.
 * @return 0; else not 0.
 * @deprecated Use evdns_base_nameserver_add().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evdns_nameserver_add(unsigned long int address);

/**
 * The number of nameservers.
 *
 * @return the number.
 * @deprecated Use evdns_base_count_nameservers().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evdns_count_nameservers(void);

/**
 * Removes all nameservers; requests wait.
 *
 * @return 0.
 * @deprecated Use evdns_base_clear_nameservers_and_suspend().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evdns_clear_nameservers_and_suspend(void);

/**
 * Sends the requests that wait.
 *
 * @return 0.
 * @deprecated Use evdns_base_resume().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evdns_resume(void);

/**
 * Adds a nameserver by its address as text.
 *
 * @param ip_as_string the address, with or without port.
 * @return 0; else not 0.
 * @deprecated Use evdns_base_nameserver_ip_add().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evdns_nameserver_ip_add(const char *ip_as_string);

/**
 * Asks for the IPv4 addresses of a name. It cannot be cancelled.
 *
 * @param name the name.
 * @param flags 0, or DNS_QUERY_* flags, or'ed.
 * @param callback called with the result.
 * @param ptr its last argument.
 * @return 0; -1 on failure: then the callback is not called.
 * @deprecated Use evdns_base_resolve_ipv4().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evdns_resolve_ipv4(const char *name, int flags, evdns_callback_type callback, void *ptr);

/**
 * Asks for the IPv6 addresses of a name. It cannot be cancelled.
 *
 * @param name the name.
 * @param flags 0, or DNS_QUERY_* flags, or'ed.
 * @param callback called with the result.
 * @param ptr its last argument.
 * @return 0; -1 on failure: then the callback is not called.
 * @deprecated Use evdns_base_resolve_ipv6().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evdns_resolve_ipv6(const char *name, int flags, evdns_callback_type callback, void *ptr);

struct in_addr;
struct in6_addr;

/**
 * Asks for the name of an IPv4 address. It cannot be cancelled.
 *
 * @param in the address.
 * @param flags 0, or DNS_QUERY_* flags, or'ed.
 * @param callback called with the result.
 * @param ptr its last argument.
 * @return 0; -1 on failure: then the callback is not called.
 * @deprecated Use evdns_base_resolve_reverse().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evdns_resolve_reverse(const struct in_addr *in, int flags, evdns_callback_type callback,
                          void *ptr);

/**
 * Asks for the name of an IPv6 address. It cannot be cancelled.
 *
 * @param in the address.
 * @param flags 0, or DNS_QUERY_* flags, or'ed.
 * @param callback called with the result.
 * @param ptr its last argument.
 * @return 0; -1 on failure: then the callback is not called.
 * @deprecated Use evdns_base_resolve_reverse_ipv6().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evdns_resolve_reverse_ipv6(const struct in6_addr *in, int flags, evdns_callback_type callback,
                               void *ptr);

/**
 * Sets an option.
 *
 * @param option its name.
 * @param val its value.
 * @param flags ignored.
 * @return 0; -1 if the value is malformed.
 * @deprecated Use evdns_base_set_option().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evdns_set_option(const char *option, const char *val, int flags);

/**
 * Reads a file in the format of resolv.conf(5).
 *
 * @param flags DNS_OPTION_* flags, or'ed.
 * @param filename the file.
 * @return as evdns_base_resolv_conf_parse().
 * @deprecated Use evdns_base_resolv_conf_parse().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evdns_resolv_conf_parse(int flags, const char *const filename);

/**
 * Empties the search list.
 *
 * @deprecated Use evdns_base_search_clear().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evdns_search_clear(void);

/**
 * Adds a domain to the front of the search list.
 *
 * @param domain the domain.
 * @deprecated Use evdns_base_search_add().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evdns_search_add(const char *domain);

/**
 * Sets how many dots a name must have to be tried alone first.
 *
 * @param ndots the number.
 * @deprecated Use evdns_base_search_ndots_set().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evdns_search_ndots_set(const int ndots);

/**
 * Makes a DNS server on a UDP socket and the current base.
 *
 * @param socket a bound, non-blocking UDP socket.
 * @param flags 0.
 * @param callback called for each request.
 * @param user_data its last argument.
 * @return the port; NULL on failure.
 * @deprecated Use evdns_add_server_port_with_base().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
struct evdns_server_port *evdns_add_server_port(evutil_socket_t socket, int flags,
                                                evdns_request_callback_fn_type callback,
                                                void *user_data);

#ifdef _WIN32
/**
 * Takes the nameservers from the system; on Windows only.
 *
 * @return 0, or -1 on failure.
 * @deprecated Use evdns_base_config_windows_nameservers().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evdns_config_windows_nameservers(void);
#define EVDNS_CONFIG_WINDOWS_NAMESERVERS_IMPLEMENTED
#endif

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_DNS_COMPAT_H_INCLUDED_ */
