/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_LISTENER_H_INCLUDED_
#define EVENT2_LISTENER_H_INCLUDED_

/**
 * @file event2/listener.h
 *
 * The listener: accepts connections on a stream socket and hands each to a callback.
 *
 * The callbacks run in the thread of the base's loop, and may call any function here, also free
 * their own listener. The accept callback runs without the listener's lock, the error callback too.
 * When accepting fails, because descriptors have run out say, the error callback is called or a
 * warning logged. If that lasts, accepting pauses, from 10 to 320 milliseconds at a time, and goes on
 * by itself; evconnlistener_enable() ends a pause.
 *
 * A listener may be used by one thread at a time, the one that runs its base's loop, unless it was
 * made with #LEV_OPT_THREADSAFE and threading is enabled (event2/thread.h).
 */

#include <event2/visibility.h>

#ifdef __cplusplus
extern "C" {
#endif

#include <event2/event.h>

struct sockaddr;

/** A listener. Opaque. @since 2.0 */
struct evconnlistener;

/**
 * Called for each new connection.
 *
 * @param listener the listener; the callback may disable or free it.
 * @param fd the socket of the connection, which belongs to the callback. Nonblocking unless
 *     #LEV_OPT_LEAVE_SOCKETS_BLOCKING is set.
 * @param addr the address of the peer; valid during the call.
 * @param socklen the length of @p addr in bytes.
 * @param user_arg what the listener was given with its callback.
 * @since 2.0
 */
typedef void (*evconnlistener_cb)(struct evconnlistener* listener, evutil_socket_t fd,
                                  struct sockaddr* addr, int socklen, void* user_arg);

/**
 * Called when accepting fails and trying again at once is of no use. EVUTIL_SOCKET_ERROR() has the
 * reason. The listener stays enabled: for an error that lasts, the callback should disable or free
 * it.
 *
 * @param listener the listener.
 * @param user_arg what the listener was given with its accept callback.
 * @since 2.0
 */
typedef void (*evconnlistener_errorcb)(struct evconnlistener* listener, void* user_arg);

/**
 * @name Flags of a listener
 * @{
 */
/** Accepted sockets are left blocking. @since 2.0 */
#define LEV_OPT_LEAVE_SOCKETS_BLOCKING (1u << 0)
/** Freeing the listener closes its socket. @since 2.0 */
#define LEV_OPT_CLOSE_ON_FREE (1u << 1)
/** Accepted sockets, and the socket made by evconnlistener_new_bind(), close on exec. @since 2.0 */
#define LEV_OPT_CLOSE_ON_EXEC (1u << 2)
/**
 * evconnlistener_new_bind() sets SO_REUSEADDR: a port whose old connections are in TIME_WAIT can be
 * used at once. @since 2.0
 */
#define LEV_OPT_REUSEABLE (1u << 3)
/** The listener has a lock, if threading is enabled. @since 2.0 */
#define LEV_OPT_THREADSAFE (1u << 4)
/** The listener is disabled at first: see evconnlistener_enable(). @since 2.1 */
#define LEV_OPT_DISABLED (1u << 5)
/**
 * evconnlistener_new_bind() asks the system to report a connection only when the client has sent
 * something (TCP_DEFER_ACCEPT). Not for protocols where the server speaks first. Ignored where the
 * system cannot do it. @since 2.1
 */
#define LEV_OPT_DEFERRED_ACCEPT (1u << 6)
/**
 * evconnlistener_new_bind() sets SO_REUSEPORT: several sockets that all set it can listen on one
 * port, and the system spreads the connections over them. Does not imply #LEV_OPT_REUSEABLE.
 * @since 2.1
 */
#define LEV_OPT_REUSEABLE_PORT (1u << 7)
/**
 * evconnlistener_new_bind() on an IPv6 address accepts no IPv4 clients (IPV6_V6ONLY), whatever the
 * system's default. @since 2.1
 */
#define LEV_OPT_BIND_IPV6ONLY (1u << 8)
/**
 * evconnlistener_new_bind() on the IPv6 wildcard address also accepts IPv4 clients (IPV6_V6ONLY
 * off), whatever the system's default. Not together with #LEV_OPT_BIND_IPV6ONLY.
 *
 * @since 2.2 (relevent: as an addition to 2.1)
 */
#define LEV_OPT_BIND_IPV4_AND_IPV6 (1u << 9)
/** @} */

/**
 * Makes a listener on a socket that is bound already.
 *
 * @param base the base whose loop accepts.
 * @param cb the accept callback. NULL: nothing is accepted until evconnlistener_set_cb().
 * @param ptr the last argument of the callbacks.
 * @param flags bits LEV_OPT_...; those that say what evconnlistener_new_bind() does are ignored.
 * @param backlog how many connections may wait to be accepted, for listen(); negative: 128; 0: the
 *     socket listens already.
 * @param fd the socket, bound and nonblocking. On failure it stays open.
 * @return the listener, which evconnlistener_free() frees; NULL if listen() fails or memory runs
 * out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evconnlistener* evconnlistener_new(struct event_base* base, evconnlistener_cb cb, void* ptr,
                                          unsigned flags, int backlog, evutil_socket_t fd);

/**
 * Makes a socket, binds it to an address and makes a listener on it. The socket is nonblocking and
 * has SO_KEEPALIVE set, which accepted sockets inherit.
 *
 * @param base the base whose loop accepts.
 * @param cb the accept callback. NULL: nothing is accepted until evconnlistener_set_cb().
 * @param ptr the last argument of the callbacks.
 * @param flags bits LEV_OPT_....; #LEV_OPT_CLOSE_ON_FREE is usually wanted.
 * @param backlog how many connections may wait to be accepted; negative: 128. Not 0.
 * @param sa the address: AF_INET, AF_INET6 or AF_UNIX. Port 0: the system chooses one, which
 *     getsockname() on evconnlistener_get_fd() tells.
 * @param socklen its length in bytes.
 * @return the listener, which evconnlistener_free() frees; NULL if @p backlog is 0, a system call
 *     fails (errno has the reason) or memory runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evconnlistener* evconnlistener_new_bind(struct event_base* base, evconnlistener_cb cb,
                                               void* ptr, unsigned flags, int backlog,
                                               const struct sockaddr* sa, int socklen);

/**
 * Stops accepting and frees a listener. Its socket is closed only with #LEV_OPT_CLOSE_ON_FREE. In
 * its own callback it is allowed: the memory then goes when the callback has returned.
 *
 * @param lev the listener.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evconnlistener_free(struct evconnlistener* lev);

/**
 * Lets a listener accept (again). Without a callback it takes effect when one is set.
 *
 * @param lev the listener.
 * @return 0; -1 on failure.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evconnlistener_enable(struct evconnlistener* lev);

/**
 * Stops accepting. The socket goes on listening: connections wait in the system's queue.
 *
 * @param lev the listener.
 * @return 0; -1 on failure.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evconnlistener_disable(struct evconnlistener* lev);

/**
 * Tells the base of a listener.
 *
 * @param lev the listener.
 * @return its base.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct event_base* evconnlistener_get_base(struct evconnlistener* lev);

/**
 * Tells the socket a listener listens on.
 *
 * @param lev the listener.
 * @return the socket, which stays the listener's.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
evutil_socket_t evconnlistener_get_fd(struct evconnlistener* lev);

/**
 * Sets the accept callback and the last argument of both callbacks. A listener that is enabled and
 * had no callback begins to accept.
 *
 * @param lev the listener.
 * @param cb the callback; NULL: connections that arrive are closed, until there is a callback again.
 * @param arg the last argument.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evconnlistener_set_cb(struct evconnlistener* lev, evconnlistener_cb cb, void* arg);

/**
 * Sets the error callback. Without one, errors are logged as warnings.
 *
 * @param lev the listener.
 * @param errorcb the callback; NULL: none.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evconnlistener_set_error_cb(struct evconnlistener* lev, evconnlistener_errorcb errorcb);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_LISTENER_H_INCLUDED_ */
