/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_HTTP_COMPAT_H_INCLUDED_
#define EVENT2_HTTP_COMPAT_H_INCLUDED_

/**
 * @file event2/http_compat.h
 *
 * HTTP functions of libevent 1.4, which rely on the process's current base. Use event2/http.h.
 */

#include <event2/event-config.h>
#ifdef EVENT__HAVE_SYS_TYPES_H
#include <sys/types.h>
#endif
#ifdef EVENT__HAVE_SYS_TIME_H
#include <sys/time.h>
#endif

#include <event2/util.h>
#include <event2/visibility.h>

#ifdef __cplusplus
extern "C" {
#endif

struct event_base;
struct evhttp;
struct evhttp_connection;

/**
 * Makes a server on the current base, and binds it.
 *
 * The current base is the one that event_init() made last. Not safe while another thread calls
 * event_init().
 *
 * @param address host name or address to listen on; NULL for any.
 * @param port the port in the host's byte order; 0 lets the system choose.
 * @return the server, freed with evhttp_free(); NULL if it cannot be made or bound.
 * @deprecated Use evhttp_new() and evhttp_bind_socket().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
struct evhttp *evhttp_start(const char *address, ev_uint16_t port);

/**
 * Makes a client's connection that has no base yet, and resolves names blocking.
 *
 * Give it a base with evhttp_connection_set_base() before the first request; otherwise the current
 * base is used, which event_init() must then have made.
 *
 * @param address host name or address of the server. It is copied.
 * @param port its port in the host's byte order.
 * @return the connection, freed with evhttp_connection_free(); NULL if out of memory.
 * @deprecated Use evhttp_connection_base_new().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
struct evhttp_connection *evhttp_connection_new(const char *address, ev_uint16_t port);

/**
 * Sets the base of a connection that was made by evhttp_connection_new().
 *
 * @param evcon a connection that has no base yet and has not been used.
 * @param base the base; it has to outlive the connection.
 * @deprecated Give the base to evhttp_connection_base_new().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evhttp_connection_set_base(struct evhttp_connection *evcon, struct event_base *base);

/** Old name of evhttp_request_get_uri(). */
#define evhttp_request_uri evhttp_request_get_uri

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_HTTP_COMPAT_H_INCLUDED_ */
