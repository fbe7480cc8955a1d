/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_DNS_H_INCLUDED_
#define EVENT2_DNS_H_INCLUDED_

/**
 * @file event2/dns.h
 *
 * An asynchronous DNS resolver, and the means to write a DNS server.
 *
 * @par Looking a name up
 * @code
 * static void found(int result, struct evutil_addrinfo *res, void *arg) {
 *   if (result != 0)
 *     fprintf(stderr, "%s\n", evutil_gai_strerror(result));
 *   else
 *     evutil_freeaddrinfo(res);
 * }
 * struct evdns_base *dns = evdns_base_new(base, EVDNS_BASE_INITIALIZE_NAMESERVERS);
 * evdns_getaddrinfo(dns, "www.example.com", "443", NULL, found, NULL);
 * event_base_dispatch(base);
 * @endcode
 * evdns_getaddrinfo() works as getaddrinfo(3) does, with addresses in numbers, service names, the
 * hosts file and both families. The functions evdns_base_resolve_ipv4() and so on make one query of
 * one type, and only ask nameservers.
 *
 * @par Nameservers
 * Queries are spread over all nameservers. One that does not answer, or refuses to, is left out
 * until it answers a probe, which is sent at growing intervals. A query is repeated with another
 * nameserver, at once after an answer that is of no use, and fails in the end: with
 * #DNS_ERR_TIMEOUT if there was no answer. While there is no nameserver, queries wait. At most
 * `max-inflight` are under way at a time, the rest wait for their turn.
 *
 * @par Searching
 * With a search list, a name with fewer dots than `ndots` (1 unless set) is tried with each of its
 * domains first and alone last; another name, alone first. With the list `example.net`,
 * "www" is tried as www.example.net, then www; "www.a" as www.a, then www.a.example.net. A dot at
 * the end counts as any other.
 *
 * @par Threads
 * The functions that take an evdns_base or one of its requests may be called from any thread, if
 * threading was enabled before the base was made. A server's ports and requests also have locks.
 *
 * @par Callbacks
 * They run from the loop of the base, in its thread, with no lock held; never inside the function
 * that starts a query. (evdns_getaddrinfo() is the exception.) They may start and cancel requests,
 * and free the evdns_base.
 */

#include <event2/visibility.h>

#include <event2/util.h>

#ifdef __cplusplus
extern "C" {
#endif

struct event_base;
struct evconnlistener;
struct in6_addr;
struct in_addr;
struct sockaddr;

/** A resolver: nameservers, options, and the requests under way. */
struct evdns_base;
/** A query under way. */
struct evdns_request;
/** A lookup by evdns_getaddrinfo() under way. */
struct evdns_getaddrinfo_request;
/** A socket that a DNS server receives requests on. */
struct evdns_server_port;
/** A request that a DNS server has received; see event2/dns_struct.h. */
struct evdns_server_request;
/** A question of such a request; see event2/dns_struct.h. */
struct evdns_server_question;

#ifndef EVDNS_NAME_MAX
/** The longest name, in bytes. @since 2.2 (relevent: as an addition to 2.1) */
#define EVDNS_NAME_MAX 255
#endif

/**
 * @name Results of a query
 *
 * Those up to 5 are the response codes of RFC 1035.
 * @{
 */
/** Success. */
#define DNS_ERR_NONE 0
/** The nameserver could not read the query. */
#define DNS_ERR_FORMAT 1
/** The nameserver failed. */
#define DNS_ERR_SERVERFAILED 2
/** The name does not exist. */
#define DNS_ERR_NOTEXIST 3
/** The nameserver does not do this kind of query. */
#define DNS_ERR_NOTIMPL 4
/** The nameserver refuses to answer. */
#define DNS_ERR_REFUSED 5
/** The reply is cut short. */
#define DNS_ERR_TRUNCATED 65
/** Another error, or a malformed reply. */
#define DNS_ERR_UNKNOWN 66
/** No nameserver answered in time. */
#define DNS_ERR_TIMEOUT 67
/** The evdns_base was freed. */
#define DNS_ERR_SHUTDOWN 68
/** evdns_cancel_request() was called. */
#define DNS_ERR_CANCEL 69
/** The name exists, but has no record of this type. */
#define DNS_ERR_NODATA 70
/** @} */

/**
 * @name Kinds of answers, the argument `type` of evdns_callback_type
 * @{
 */
/** IPv4 addresses. */
#define DNS_IPv4_A 1
/** Host names. */
#define DNS_PTR 2
/** IPv6 addresses. */
#define DNS_IPv6_AAAA 3
/** The canonical name. @see DNS_CNAME_CALLBACK @since 2.2 (relevent: as an addition to 2.1) */
#define DNS_CNAME 4
/** @} */

/**
 * @name Flags of a query
 * @{
 */
/** Take the name as it is, without the search list. */
#define DNS_QUERY_NO_SEARCH 1
/** Ask over TCP. @since 2.2 (relevent: as an addition to 2.1) */
#define DNS_QUERY_USEVC 0x02
/** If the answer is cut short, use what is there: do not ask again over TCP.
 * @since 2.2 (relevent: as an addition to 2.1) */
#define DNS_QUERY_IGNTC 0x04
/** Call the callback a second time, with type #DNS_CNAME, if the answer has a canonical name: for
 * evdns_base_resolve_ipv4() and evdns_base_resolve_ipv6().
 * @since 2.2 (relevent: as an addition to 2.1) */
#define DNS_CNAME_CALLBACK 0x80
/** Old name of #DNS_QUERY_NO_SEARCH. */
#define DNS_NO_SEARCH DNS_QUERY_NO_SEARCH
/** @} */

/**
 * @name What to take from resolv.conf, for evdns_base_resolv_conf_parse()
 * @{
 */
/** The search list and ndots: lines `search` and `domain`, option `ndots`. */
#define DNS_OPTION_SEARCH 1
/** The nameservers: lines `nameserver`. If there are none, 127.0.0.1 is added. */
#define DNS_OPTION_NAMESERVERS 2
/** The options of evdns_base_set_option(). */
#define DNS_OPTION_MISC 4
/** Load the system's hosts file too. */
#define DNS_OPTION_HOSTSFILE 8
/** All of the above. */
#define DNS_OPTIONS_ALL \
  (DNS_OPTION_SEARCH | DNS_OPTION_NAMESERVERS | DNS_OPTION_MISC | DNS_OPTION_HOSTSFILE)
/** With #DNS_OPTION_NAMESERVERS: if the file names no nameserver, do not add 127.0.0.1. */
#define DNS_OPTION_NAMESERVERS_NO_DEFAULT 16
/** @} */

/**
 * @name Results of evdns_base_resolv_conf_parse()
 *
 * In 2.1 the numbers have no names.
 * @since 2.2 (relevent: as an addition to 2.1)
 * @{
 */
/** Success. */
#define EVDNS_ERROR_NONE 0
/** The file could not be opened. */
#define EVDNS_ERROR_FAILED_TO_OPEN_FILE 1
/** The file's size is unknown, or it is no regular file. */
#define EVDNS_ERROR_FAILED_TO_STAT_FILE 2
/** The file is larger than 64 MiB. */
#define EVDNS_ERROR_FILE_TOO_LARGE 3
/** Out of memory. */
#define EVDNS_ERROR_OUT_OF_MEMORY 4
/** The file could not be read to its end. */
#define EVDNS_ERROR_SHORT_READ_FROM_FILE 5
/** The file names no nameserver; 127.0.0.1 is used, the rest of the file was read. */
#define EVDNS_ERROR_NO_NAMESERVERS_CONFIGURED 6
/** @} */

/**
 * Called with the result of a query.
 *
 * @param result a DNS_ERR_* value. Unless it is #DNS_ERR_NONE, `type`, `count` and `addresses` are
 *     0 and NULL.
 * @param type the kind of answer, such as #DNS_IPv4_A.
 * @param count the number of answers.
 * @param ttl how many seconds the answer may be kept; also one that says that there is nothing.
 * @param addresses an array of `count` answers: for #DNS_IPv4_A 4 bytes each, for #DNS_IPv6_AAAA 16
 *     bytes each, in network byte order; for #DNS_PTR and #DNS_CNAME `char *` each. It is valid
 *     during the call.
 * @param arg what was given with the query.
 */
typedef void (*evdns_callback_type)(int result, char type, int count, int ttl, void *addresses,
                                    void *arg);

/**
 * @name Flags of evdns_base_new()
 * @{
 */
/** Read /etc/resolv.conf and the hosts file (on Windows: ask the system). */
#define EVDNS_BASE_INITIALIZE_NAMESERVERS 1
/** Keep no answers, even if the option `getaddrinfo-cache` asks for it.
 * @since 2.2 (relevent: as an addition to 2.1) */
#define EVDNS_BASE_NO_CACHE 0x10
/** Do not keep the loop running while no request is under way. */
#define EVDNS_BASE_DISABLE_WHEN_INACTIVE 0x8000
/** As #DNS_OPTION_NAMESERVERS_NO_DEFAULT. */
#define EVDNS_BASE_NAMESERVERS_NO_DEFAULT 0x10000
/** @} */

/* ---- The resolver ---------------------------------------------------------------------------- */

/**
 * Makes a resolver.
 *
 * Without #EVDNS_BASE_DISABLE_WHEN_INACTIVE each nameserver's socket keeps the loop running.
 *
 * @param event_base the base on which it runs; it has to outlive the resolver.
 * @param initialize_nameservers EVDNS_BASE_* flags, or'ed. 0: no nameservers yet. Unknown flags are
 *     logged, and treated as #EVDNS_BASE_INITIALIZE_NAMESERVERS.
 * @return the resolver, freed with evdns_base_free(); NULL if out of memory, or if the nameservers
 *     could not be set up. (A resolv.conf without nameservers, or a missing one, is no failure.)
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evdns_base *evdns_base_new(struct event_base *event_base, int initialize_nameservers);

/**
 * Frees a resolver.
 *
 * @param base the resolver.
 * @param fail_requests not 0: the callbacks of requests under way are still called from the loop,
 *     with #DNS_ERR_SHUTDOWN (evdns_getaddrinfo(): with EVUTIL_EAI_FAIL). 0: they are not called.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evdns_base_free(struct evdns_base *base, int fail_requests);

/**
 * Forgets what evdns_base_load_hosts() has loaded.
 *
 * @param base the resolver.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
void evdns_base_clear_host_addresses(struct evdns_base *base);

/**
 * Puts addresses of a name into the cache, which evdns_getaddrinfo() then answers from, unless the
 * resolver has #EVDNS_BASE_NO_CACHE.
 *
 * relevent keeps nameservers' answers only if the option `getaddrinfo-cache` is on; entries made
 * here count in any case.
 *
 * @param dns_base the resolver.
 * @param nodename the name; case does not matter. An entry of that name is replaced.
 * @param res the addresses, copied; their ports are not kept.
 * @param ttl seconds after which the entry is forgotten; 0 or less: at once.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
void evdns_cache_write(struct evdns_base *dns_base, char *nodename, struct evutil_addrinfo *res,
                       int ttl);

/**
 * Looks a name up in the cache only.
 *
 * @param base the resolver.
 * @param nodename the name.
 * @param hints the family, socket type and flags that are wanted, as for getaddrinfo(3).
 * @param port the port to put into the addresses, in the host's byte order.
 * @param res is set to the addresses, freed with evutil_freeaddrinfo(); else to NULL.
 * @return 0; EVUTIL_EAI_ADDRFAMILY if there are addresses of another family only; -1 if there is no
 *     entry (for EVUTIL_AI_CANONNAME: none with a canonical name).
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
int evdns_cache_lookup(struct evdns_base *base, const char *nodename,
                       struct evutil_addrinfo *hints, ev_uint16_t port,
                       struct evutil_addrinfo **res);

/**
 * Describes a DNS_ERR_* value in English.
 *
 * @param err the value.
 * @return a constant string, also for unknown values.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
const char *evdns_err_to_string(int err);

/* ---- Nameservers ----------------------------------------------------------------------------- */

/**
 * Adds a nameserver by its IPv4 address, port 53.
 *
 * @param base the resolver.
 * @param address the address in network byte order, as in `in_addr.s_addr`.
 * @return 0; else not 0: 3 if it is a nameserver already, other values if no socket can be made or
 *     memory runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evdns_base_nameserver_add(struct evdns_base *base, unsigned long int address);

/**
 * The number of nameservers, those that do not answer included.
 *
 * @param base the resolver.
 * @return the number.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evdns_base_count_nameservers(struct evdns_base *base);

/**
 * Removes all nameservers. Requests under way wait; none are sent until evdns_base_resume().
 *
 * To change the nameservers: call this, add the new ones, call evdns_base_resume().
 *
 * @param base the resolver.
 * @return 0.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evdns_base_clear_nameservers_and_suspend(struct evdns_base *base);

/**
 * Sends the requests that wait since evdns_base_clear_nameservers_and_suspend().
 *
 * Their time limits begin anew.
 *
 * @param base the resolver.
 * @return 0.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evdns_base_resume(struct evdns_base *base);

/**
 * Adds a nameserver by its address as text.
 *
 * @param base the resolver.
 * @param ip_as_string `1.2.3.4`, `1.2.3.4:53`, `2001:db8::1`, `[2001:db8::1]` or
 *     `[2001:db8::1]:53`; IPv6 addresses may have a scope (`fe80::1%eth0`). Without a port, 53.
 * @return as evdns_base_nameserver_add(); 4 if it is no address.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evdns_base_nameserver_ip_add(struct evdns_base *base, const char *ip_as_string);

/**
 * Adds a nameserver by its socket address.
 *
 * @param base the resolver.
 * @param sa an IPv4 or IPv6 address with port.
 * @param len its size in bytes.
 * @param flags 0.
 * @return as evdns_base_nameserver_add(); also for another family or a wrong size.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evdns_base_nameserver_sockaddr_add(struct evdns_base *base, const struct sockaddr *sa,
                                       ev_socklen_t len, unsigned flags);

/* ---- Queries --------------------------------------------------------------------------------- */

/**
 * Asks for the IPv4 addresses (A) of a name.
 *
 * The hosts file is not looked at, and an address in numbers is asked for like any name.
 *
 * @param base the resolver.
 * @param name the name, of at most 255 bytes, in labels of at most 63.
 * @param flags 0, or DNS_QUERY_* and #DNS_CNAME_CALLBACK, or'ed.
 * @param callback called once from the loop (or twice, see #DNS_CNAME_CALLBACK), whatever happens,
 *     but not if the resolver is freed without `fail_requests`.
 * @param ptr its last argument.
 * @return the request, valid until the callback is called; NULL if the name is malformed or memory
 *     runs out: then the callback is not called.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evdns_request *evdns_base_resolve_ipv4(struct evdns_base *base, const char *name, int flags,
                                              evdns_callback_type callback, void *ptr);

/**
 * Asks for the IPv6 addresses (AAAA) of a name, in the way of evdns_base_resolve_ipv4().
 *
 * @param base the resolver.
 * @param name the name.
 * @param flags 0, or DNS_QUERY_* flags, or'ed.
 * @param callback called with type #DNS_IPv6_AAAA.
 * @param ptr its last argument.
 * @return the request, or NULL, as for evdns_base_resolve_ipv4().
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evdns_request *evdns_base_resolve_ipv6(struct evdns_base *base, const char *name, int flags,
                                              evdns_callback_type callback, void *ptr);

/**
 * Asks for the host name (PTR) of an IPv4 address, in the way of evdns_base_resolve_ipv4().
 *
 * The search list is not used.
 *
 * @param base the resolver.
 * @param in the address.
 * @param flags 0, or DNS_QUERY_* flags, or'ed.
 * @param callback called with type #DNS_PTR.
 * @param ptr its last argument.
 * @return the request, or NULL if out of memory.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evdns_request *evdns_base_resolve_reverse(struct evdns_base *base, const struct in_addr *in,
                                                 int flags, evdns_callback_type callback,
                                                 void *ptr);

/**
 * Asks for the host name (PTR) of an IPv6 address, in the way of evdns_base_resolve_reverse().
 *
 * @param base the resolver.
 * @param in the address.
 * @param flags 0, or DNS_QUERY_* flags, or'ed.
 * @param callback called with type #DNS_PTR.
 * @param ptr its last argument.
 * @return the request, or NULL if out of memory.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evdns_request *evdns_base_resolve_reverse_ipv6(struct evdns_base *base,
                                                      const struct in6_addr *in, int flags,
                                                      evdns_callback_type callback, void *ptr);

/**
 * Cancels a query. Its callback is called from the loop with #DNS_ERR_CANCEL.
 *
 * @param base the resolver; NULL: that of the request.
 * @param req the request, whose callback has not been called yet; invalid afterwards.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evdns_cancel_request(struct evdns_base *base, struct evdns_request *req);

/* ---- Options and files ----------------------------------------------------------------------- */

/**
 * Sets an option. The names, which are also those of resolv.conf, may end in a colon:
 *
 * - `ndots` (1): see "Searching" above.
 * - `timeout` (5): seconds to wait for an answer before asking again, as a decimal fraction.
 * - `attempts` (3): how often a query is sent before it fails.
 * - `max-timeouts` (3): how many queries in a row a nameserver may leave unanswered.
 * - `max-inflight` (64): how many queries may be under way.
 * - `randomize-case` (1): send names in random case, and compare the answer's ("0x20"). 0 for no.
 * - `bind-to`: the local address to ask from, with or without port. Nameservers on a loopback
 *   address are asked without it.
 * - `initial-probe-timeout` (10): seconds until a nameserver that failed is probed.
 * - `max-probe-timeout` (3600): the longest interval between probes, in seconds.
 *   @since 2.2 (relevent: as an addition to 2.1)
 * - `probe-backoff-factor` (3): by what the interval grows. @since 2.2 (as above)
 * - `getaddrinfo-allow-skew` (3): seconds for which evdns_getaddrinfo() waits for the other
 *   family's answer when it has one.
 * - `so-rcvbuf`, `so-sndbuf` (0: the system's): sizes of the sockets' buffers in bytes. @since 2.1
 * - `tcp-idle-timeout` (5): seconds after which an idle connection to a nameserver is closed.
 *   @since 2.2 (as above)
 * - `edns-udp-size` (512: no EDNS): the size of answers that is offered to nameservers.
 *   @since 2.2 (as above)
 * - `use-vc`: ask over TCP always. @since 2.2 (as above)
 * - `ignore-tc` (1): 0 to ask again over TCP when an answer is cut short; else it fails with
 *   #DNS_ERR_TRUNCATED. @since 2.2 (as above; there 0 unless set)
 * - `getaddrinfo-cache` (0): keep answers for evdns_getaddrinfo() as long as they are valid; 1 for
 *   yes. @since relevent 0.1 (libevent 2.2 keeps them unless #EVDNS_BASE_NO_CACHE is given)
 *
 * Numbers beyond an option's range are moved to its nearest end.
 *
 * @param base the resolver.
 * @param option the name. Unknown ones are ignored.
 * @param val the value, as text; for `use-vc` and `ignore-tc` "" and NULL stand for 1.
 * @return 0, also for unknown names; -1 if the value is malformed or memory runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evdns_base_set_option(struct evdns_base *base, const char *option, const char *val);

/**
 * Reads a file in the format of resolv.conf(5).
 *
 * `sortlist` and the options that evdns_base_set_option() does not have are ignored. The file is
 * read blocking.
 *
 * @param base the resolver.
 * @param flags DNS_OPTION_* flags, or'ed.
 * @param filename the file. If it cannot be read, the defaults are used: with
 *     #DNS_OPTION_NAMESERVERS the nameserver 127.0.0.1.
 * @return an EVDNS_ERROR_* value; 0 for success.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evdns_base_resolv_conf_parse(struct evdns_base *base, int flags, const char *const filename);

/**
 * Loads a file in the format of hosts(5), for evdns_getaddrinfo().
 *
 * Entries are added to those that are there. Malformed lines are skipped. The file is read
 * blocking.
 *
 * @param base the resolver.
 * @param hosts_fname the file; NULL for an entry `localhost` alone, which is also made if the file
 *     cannot be read.
 * @return 0; negative if the file cannot be read.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evdns_base_load_hosts(struct evdns_base *base, const char *hosts_fname);

#if defined(EVENT_IN_DOXYGEN_) || defined(_WIN32)
/**
 * Takes the nameservers from the system; on Windows only.
 *
 * @param base the resolver.
 * @return 0, or -1 on failure.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evdns_base_config_windows_nameservers(struct evdns_base *base);
/** Defined where evdns_base_config_windows_nameservers() exists. */
#define EVDNS_BASE_CONFIG_WINDOWS_NAMESERVERS_IMPLEMENTED
#endif

/**
 * Empties the search list.
 *
 * @param base the resolver.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evdns_base_search_clear(struct evdns_base *base);

/**
 * Adds a domain to the front of the search list: the one added last is tried first. (`search` in
 * resolv.conf lists them in the order of trying.) Requests under way keep the list they began with.
 *
 * @param base the resolver.
 * @param domain the domain; leading dots are dropped.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evdns_base_search_add(struct evdns_base *base, const char *domain);

/**
 * Sets how many dots a name must have to be tried alone first.
 *
 * @param base the resolver.
 * @param ndots the number; 1 unless set.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evdns_base_search_ndots_set(struct evdns_base *base, const int ndots);

/**
 * Called for each message of the resolver.
 *
 * @param is_warning not 0 for warnings, 0 for debugging output.
 * @param msg the message, valid during the call.
 */
typedef void (*evdns_debug_log_fn_type)(int is_warning, const char *msg);

/**
 * Sets what gets the messages of all resolvers and servers of the process.
 *
 * @param fn the function, which may be called from any thread, with locks held: it must not call
 *     into DNS. NULL (the default) for the log of event_set_log_callback().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evdns_set_log_fn(evdns_debug_log_fn_type fn);

/**
 * Does nothing. Transaction ids come from evutil_secure_rng_get_bytes().
 *
 * @param fn ignored.
 * @deprecated Without effect since libevent 2.0.4.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evdns_set_transaction_id_fn(ev_uint16_t (*fn)(void));

/**
 * Does nothing. Random bytes come from evutil_secure_rng_get_bytes().
 *
 * @param fn ignored.
 * @deprecated Without effect since libevent 2.0.4.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evdns_set_random_bytes_fn(void (*fn)(char *, size_t));

/* ---- The server ------------------------------------------------------------------------------ */

/**
 * Called for each request that a server receives.
 *
 * It adds records with evdns_server_request_add_reply() and its like, then sends the reply with
 * evdns_server_request_respond(), or drops the request. It may also do so later: the request is
 * valid until then.
 *
 * @param req the request; its questions are in event2/dns_struct.h.
 * @param user_data what was given with the port.
 */
typedef void (*evdns_request_callback_fn_type)(struct evdns_server_request *req, void *user_data);

/**
 * @name Sections of a reply
 * @{
 */
/** What was asked for. */
#define EVDNS_ANSWER_SECTION 0
/** Who is responsible for the name. */
#define EVDNS_AUTHORITY_SECTION 1
/** What may be asked for next. */
#define EVDNS_ADDITIONAL_SECTION 2
/** @} */

/**
 * @name Types and classes of records
 * @{
 */
#define EVDNS_TYPE_A 1     /**< IPv4 address. */
#define EVDNS_TYPE_NS 2    /**< Nameserver. */
#define EVDNS_TYPE_CNAME 5 /**< Canonical name. */
#define EVDNS_TYPE_SOA 6   /**< Start of a zone. */
#define EVDNS_TYPE_PTR 12  /**< Name of an address. */
#define EVDNS_TYPE_MX 15   /**< Mail server. */
#define EVDNS_TYPE_TXT 16  /**< Text. */
#define EVDNS_TYPE_AAAA 28 /**< IPv6 address. */
#define EVDNS_TYPE_OPT 41  /**< EDNS. @since 2.2 (relevent: as an addition to 2.1) */

#define EVDNS_QTYPE_AXFR 252 /**< In questions: the whole zone. */
#define EVDNS_QTYPE_ALL 255  /**< In questions: any type. */

#define EVDNS_CLASS_INET 1 /**< The Internet. */
/** @} */

/**
 * @name Flags of a reply, for evdns_server_request_set_flags()
 * @{
 */
#define EVDNS_FLAGS_AA 0x400 /**< The answer is authoritative. */
#define EVDNS_FLAGS_RD 0x080 /**< The bit 0x080 of the header, which RFC 1035 calls RA. */
/** @} */

/**
 * Makes a DNS server on a UDP socket.
 *
 * @param base the base on which it runs.
 * @param socket a bound, non-blocking UDP socket. On success the port owns it, and closes it in the
 *     end.
 * @param flags 0; anything else is refused.
 * @param callback called for each request.
 * @param user_data its last argument.
 * @return the port, ended with evdns_close_server_port(); NULL on failure.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evdns_server_port *evdns_add_server_port_with_base(struct event_base *base,
                                                          evutil_socket_t socket, int flags,
                                                          evdns_request_callback_fn_type callback,
                                                          void *user_data);

/**
 * Makes a DNS server on a TCP listener.
 *
 * @param base the base on which it runs.
 * @param listener the listener. On success the port owns it, sets its callback, and frees it in the
 *     end.
 * @param flags 0.
 * @param callback called for each request.
 * @param user_data its last argument.
 * @return the port, ended with evdns_close_server_port(); NULL on failure.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
struct evdns_server_port *evdns_add_server_port_with_listener(
    struct event_base *base, struct evconnlistener *listener, int flags,
    evdns_request_callback_fn_type callback, void *user_data);

/**
 * Ends a server's port.
 *
 * No more requests are received. Requests that have not been answered yet stay valid, and the
 * port's memory remains until the last of them has been.
 *
 * @param port the port; invalid afterwards.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evdns_close_server_port(struct evdns_server_port *port);

/**
 * Options of a TCP server's port.
 *
 * @since 2.2 (relevent: as an addition to 2.1)
 */
enum evdns_server_option {
  /** How many clients may be connected at a time: 1024 unless set. More are not accepted until one
   * goes. */
  EVDNS_SOPT_TCP_MAX_CLIENTS,
  /** Seconds without a request after which a client's connection is closed: 10 unless set. */
  EVDNS_SOPT_TCP_IDLE_TIMEOUT
};

/**
 * Sets an option of a TCP server's port.
 *
 * @param port the port.
 * @param option the option.
 * @param value its value.
 * @return 0; -1 if the option is unknown, the value is out of range, or the port is not TCP.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
int evdns_server_port_set_option(struct evdns_server_port *port, enum evdns_server_option option,
                                 size_t value);

/**
 * Sets flags in the header of the reply.
 *
 * @param req the request.
 * @param flags #EVDNS_FLAGS_AA and #EVDNS_FLAGS_RD; other bits are ignored. They replace those set
 *     before.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evdns_server_request_set_flags(struct evdns_server_request *req, int flags);

/**
 * @name Adding records to a reply
 *
 * Names are copied, and compressed when the reply is built. All of these return 0, or -1 if an
 * argument is wrong, the reply was built already, or memory runs out. Whether a name is well-formed
 * and the reply fits shows when it is sent: what does not fit is left out, and the reply is marked
 * as truncated.
 * @{
 */
/**
 * Adds a record of any type.
 *
 * @param req the request.
 * @param section an EVDNS_*_SECTION value.
 * @param name the name that the record is about.
 * @param type its type.
 * @param dns_class its class, #EVDNS_CLASS_INET.
 * @param ttl how many seconds it may be kept.
 * @param datalen the length of `data` in bytes; ignored for a name; may be 0.
 * @param is_name not 0 if `data` is a host name.
 * @param data the record's data, copied: a name with a NUL behind it, or bytes in the format of the
 *     wire. May be NULL if `datalen` is 0.
 * @return see above.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evdns_server_request_add_reply(struct evdns_server_request *req, int section, const char *name,
                                   int type, int dns_class, int ttl, int datalen, int is_name,
                                   const char *data);
/**
 * Answers with IPv4 addresses (A).
 *
 * @param req the request.
 * @param name the name.
 * @param n the number of addresses. They go into one record of `4 * n` bytes, which not every
 *     client understands: for several addresses call this several times with 1.
 * @param addrs the addresses, 4 bytes each, in network byte order.
 * @param ttl how many seconds they may be kept.
 * @return see above.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evdns_server_request_add_a_reply(struct evdns_server_request *req, const char *name, int n,
                                     const void *addrs, int ttl);
/**
 * Answers with IPv6 addresses (AAAA), 16 bytes each, in the way of
 * evdns_server_request_add_a_reply().
 *
 * @param req the request.
 * @param name the name.
 * @param n the number of addresses; see evdns_server_request_add_a_reply().
 * @param addrs the addresses, 16 bytes each, in network byte order.
 * @param ttl how many seconds they may be kept.
 * @return see above.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evdns_server_request_add_aaaa_reply(struct evdns_server_request *req, const char *name, int n,
                                        const void *addrs, int ttl);
/**
 * Answers with a host name (PTR).
 *
 * @param req the request.
 * @param in the IPv4 address it belongs to; or NULL.
 * @param inaddr_name instead of `in`: the name that was asked for, such as "4.3.2.1.in-addr.arpa".
 *     One of them has to be NULL, the other not.
 * @param hostname the host name.
 * @param ttl how many seconds it may be kept.
 * @return see above.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evdns_server_request_add_ptr_reply(struct evdns_server_request *req, struct in_addr *in,
                                       const char *inaddr_name, const char *hostname, int ttl);
/**
 * Answers with a canonical name (CNAME).
 *
 * @param req the request.
 * @param name the alias.
 * @param cname what it stands for.
 * @param ttl how many seconds it may be kept.
 * @return see above.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evdns_server_request_add_cname_reply(struct evdns_server_request *req, const char *name,
                                         const char *cname, int ttl);
/** @} */

/**
 * Builds the reply, sends it, and frees the request.
 *
 * By UDP it has 512 bytes at most; up to 4096 if the asker takes them (EDNS, RFC 6891), which the
 * reply then answers with a record of its own. By TCP, 65,535.
 *
 * If the socket cannot take it, it is sent from the loop later.
 *
 * @param req the request; invalid afterwards, unless -1 is returned.
 * @param err the response code: 0, or one of DNS_ERR_FORMAT to DNS_ERR_REFUSED.
 * @return 0 if it was sent, 1 if it waits; -1 if it could not be built or sent.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evdns_server_request_respond(struct evdns_server_request *req, int err);

/**
 * Frees a request without a reply.
 *
 * @param req the request; invalid afterwards.
 * @return 0.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evdns_server_request_drop(struct evdns_server_request *req);

/**
 * The address that a request came from.
 *
 * @param req the request.
 * @param sa is set to the address.
 * @param addr_len the room at `sa` in bytes.
 * @return the size of the address; -1 if there is not enough room.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evdns_server_request_get_requesting_addr(struct evdns_server_request *req, struct sockaddr *sa,
                                             int addr_len);

/* ---- getaddrinfo ----------------------------------------------------------------------------- */

/**
 * Called with the result of evdns_getaddrinfo().
 *
 * @param result 0 or an EVUTIL_EAI_* value.
 * @param res the addresses, which the callback has to free with evutil_freeaddrinfo(); NULL unless
 *     `result` is 0.
 * @param arg what was given with the lookup.
 */
typedef void (*evdns_getaddrinfo_cb)(int result, struct evutil_addrinfo *res, void *arg);

/**
 * Looks up addresses as getaddrinfo(3) does, without blocking.
 *
 * Addresses in numbers, the hosts file and the cache come first, if they have an address of the
 * family that is wanted; then IPv4 and IPv6 addresses are asked for at the same time, unless the
 * hints name a family. EVUTIL_AI_V4MAPPED and EVUTIL_AI_ALL have no effect. For socket types and
 * protocols 0, TCP and UDP are known; with 0 there is an entry for each.
 *
 * @param dns_base the resolver; NULL for that of evdns_init().
 * @param nodename host name or address; or NULL: the addresses to listen on (EVUTIL_AI_PASSIVE) or
 *     those of this host.
 * @param servname name or number of the service; or NULL. One of both has to be there.
 * @param hints_in what is wanted; NULL for anything.
 * @param cb called once. If the result is known at once, also if it is an error, **inside this
 *     function**; else from the loop.
 * @param arg its last argument.
 * @return the request, valid until the callback is called; NULL if it has been called.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evdns_getaddrinfo_request *evdns_getaddrinfo(struct evdns_base *dns_base,
                                                    const char *nodename, const char *servname,
                                                    const struct evutil_addrinfo *hints_in,
                                                    evdns_getaddrinfo_cb cb, void *arg);

/**
 * Cancels a lookup. Its callback is called from the loop with EVUTIL_EAI_CANCEL.
 *
 * @param req the request, whose callback has not been called yet.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evdns_getaddrinfo_cancel(struct evdns_getaddrinfo_request *req);

/**
 * The address of a nameserver.
 *
 * @param base the resolver.
 * @param idx which one, from 0: the one that is asked next, and so on. A new one is put behind the
 *     first.
 * @param sa is set to the address.
 * @param len the room at `sa` in bytes.
 * @return the size of the address; if that is more than `len`, nothing was written. -1 if there is
 *     no such nameserver.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
int evdns_base_get_nameserver_addr(struct evdns_base *base, int idx, struct sockaddr *sa,
                                   ev_socklen_t len);

/**
 * The UDP socket to a nameserver, for setting options of it.
 *
 * @param base the resolver, which owns the socket.
 * @param idx which one, from 0.
 * @return the descriptor; -1 if there is no such nameserver.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
int evdns_base_get_nameserver_fd(struct evdns_base *base, int idx);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_DNS_H_INCLUDED_ */
