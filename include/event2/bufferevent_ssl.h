/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_BUFFEREVENT_SSL_H_INCLUDED_
#define EVENT2_BUFFEREVENT_SSL_H_INCLUDED_

/**
 * @file event2/bufferevent_ssl.h
 *
 * Bufferevents that speak TLS: over a socket, or over another bufferevent. They are used as any
 * other (event2/bufferevent.h, whose rules on errors, threads and callbacks hold here too); the
 * handshake is done by the loop, and #BEV_EVENT_CONNECTED tells that it is complete.
 *
 * The program makes and sets up the TLS object: certificates, verification and the host name
 * expected are its business. Nothing is verified by itself.
 *
 * The OpenSSL functions are in libevent_openssl. Those for Mbed TLS, of libevent 2.2, are in
 * libevent_mbedtls, which exists where `EVENT__HAVE_MBEDTLS` is defined. Both may be used in one
 * program; the functions `bufferevent_ssl_..._flags` are in both libraries and serve either.
 */

#include <event2/bufferevent.h>
#include <event2/event-config.h>
#include <event2/util.h>
#include <event2/visibility.h>

#ifdef __cplusplus
extern "C" {
#endif

/** OpenSSL's SSL. @since 2.0 */
struct ssl_st;

/**
 * How far a TLS object is when its bufferevent is made.
 *
 * @since 2.0
 */
enum bufferevent_ssl_state {
  /** The handshake is done. */
  BUFFEREVENT_SSL_OPEN = 0,
  /** It has to begin, or go on, as a client. */
  BUFFEREVENT_SSL_CONNECTING = 1,
  /** It has to begin, or go on, as a server. */
  BUFFEREVENT_SSL_ACCEPTING = 2
};

/**
 * Flag of a TLS bufferevent: a connection that ends without TLS's own closing message is reported
 * as #BEV_EVENT_EOF, not as #BEV_EVENT_ERROR.
 *
 * Then an attacker can cut the stream short unnoticed: set it only if the protocol inside tells
 * where its messages end.
 *
 * @since 2.2 (relevent: as an addition to 2.1)
 */
#define BUFFEREVENT_SSL_DIRTY_SHUTDOWN 1

/**
 * Flag of a TLS bufferevent: join small pieces of the output buffer into larger TLS records, at the
 * cost of a copy. Without it each piece of memory becomes a record (or several) of its own.
 *
 * @since 2.2 (relevent: as an addition to 2.1)
 */
#define BUFFEREVENT_SSL_BATCH_WRITE 2

#if defined(EVENT__HAVE_OPENSSL) || defined(EVENT__HAVE_MBEDTLS) || defined(EVENT_IN_DOXYGEN_)
/**
 * Tells the flags of a TLS bufferevent.
 *
 * @param bev the bufferevent.
 * @return bits BUFFEREVENT_SSL_...; EV_UINT64_MAX if it is not a TLS bufferevent.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
ev_uint64_t bufferevent_ssl_get_flags(struct bufferevent* bev);

/**
 * Sets flags of a TLS bufferevent, in addition to those it has.
 *
 * @param bev the bufferevent.
 * @param flags bits BUFFEREVENT_SSL_...
 * @return the flags it had before; EV_UINT64_MAX if it is not a TLS bufferevent or @p flags has
 * other bits. Nothing is set then.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
ev_uint64_t bufferevent_ssl_set_flags(struct bufferevent* bev, ev_uint64_t flags);

/**
 * Clears flags of a TLS bufferevent.
 *
 * @param bev the bufferevent.
 * @param flags bits BUFFEREVENT_SSL_...
 * @return the flags it had before; EV_UINT64_MAX if it is not a TLS bufferevent or @p flags has
 * other bits. Nothing is cleared then.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
ev_uint64_t bufferevent_ssl_clear_flags(struct bufferevent* bev, ev_uint64_t flags);
#endif

#if defined(EVENT__HAVE_OPENSSL) || defined(EVENT_IN_DOXYGEN_)
/**
 * Makes a TLS bufferevent over another bufferevent. Writing is enabled, reading is not.
 *
 * It takes over the callbacks of the one under it, which the program no longer uses itself.
 *
 * @param base the base; must be that of @p underlying.
 * @param underlying the bufferevent that carries the encrypted bytes. It is freed with this one if
 *     #BEV_OPT_CLOSE_ON_FREE is set.
 * @param ssl the TLS object. It is freed with this one (SSL_free()) if #BEV_OPT_CLOSE_ON_FREE is
 * set.
 * @param state how far it is.
 * @param options bits BEV_OPT_...
 * @return the bufferevent, which bufferevent_free() frees; NULL if @p underlying is NULL, @p state
 * or the options are bad or memory runs out. After a failure with #BEV_OPT_CLOSE_ON_FREE @p ssl has
 *     been freed; @p underlying stays the caller's.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct bufferevent* bufferevent_openssl_filter_new(struct event_base* base,
                                                   struct bufferevent* underlying,
                                                   struct ssl_st* ssl,
                                                   enum bufferevent_ssl_state state, int options);

/**
 * Makes a TLS bufferevent over a socket. Writing is enabled, reading is not.
 *
 * The handshake begins as soon as there is a connection, and #BEV_EVENT_CONNECTED comes at its end.
 * Another descriptor later is another connection with a handshake of its own, unless @p state was
 * #BUFFEREVENT_SSL_OPEN. If @p fd is -1 and @p ssl reads and writes through BIOs that have no
 * descriptor, these are used; whoever owns them says by bufferevent_flush() when to go on.
 *
 * Freeing the bufferevent tells the peer nothing: call SSL_shutdown() before.
 *
 * @param base the base.
 * @param fd the socket, nonblocking; -1: that of @p ssl if it has one, else set later by
 *     bufferevent_setfd() or made by bufferevent_socket_connect(). With #BEV_OPT_CLOSE_ON_FREE it
 *     is closed with the bufferevent.
 * @param ssl the TLS object. It is freed with this one (SSL_free()) if #BEV_OPT_CLOSE_ON_FREE is
 * set.
 * @param state how far it is.
 * @param options bits BEV_OPT_...
 * @return the bufferevent, which bufferevent_free() frees; NULL if @p fd is not the descriptor that
 *     @p ssl has, @p state or the options are bad or memory runs out. After a failure with
 *     #BEV_OPT_CLOSE_ON_FREE @p ssl has been freed; @p fd stays open.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct bufferevent* bufferevent_openssl_socket_new(struct event_base* base, evutil_socket_t fd,
                                                   struct ssl_st* ssl,
                                                   enum bufferevent_ssl_state state, int options);

/**
 * Tells whether #BUFFEREVENT_SSL_DIRTY_SHUTDOWN is set.
 *
 * @param bev the bufferevent.
 * @return 1 or 0; -1 if it is not a TLS bufferevent.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_openssl_get_allow_dirty_shutdown(struct bufferevent* bev);

/**
 * Sets or clears #BUFFEREVENT_SSL_DIRTY_SHUTDOWN. Does nothing if it is not a TLS bufferevent.
 *
 * @param bev the bufferevent.
 * @param allow_dirty_shutdown nonzero: set it; 0: clear it.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
void bufferevent_openssl_set_allow_dirty_shutdown(struct bufferevent* bev,
                                                  int allow_dirty_shutdown);

/**
 * Tells the TLS object of a bufferevent, to look at its session or the peer's certificate. Do not
 * read from it, write to it or free it. Hold bufferevent_lock() if other threads use the
 * bufferevent.
 *
 * @param bufev the bufferevent.
 * @return the object, which stays the bufferevent's; NULL if it is not a TLS bufferevent.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct ssl_st* bufferevent_openssl_get_ssl(struct bufferevent* bufev);

/**
 * Starts a new handshake on an open connection. TLS 1.3 has no such thing.
 *
 * @param bev the bufferevent.
 * @return 0 if it is under way: #BEV_EVENT_CONNECTED tells its end. -1 if it is not an open TLS
 *     bufferevent, or the TLS object refuses; in TLS 1.3 it does.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_ssl_renegotiate(struct bufferevent* bev);

/**
 * Takes the oldest of the errors of OpenSSL that a bufferevent has met. Call it in the event
 * callback until it returns 0. Behind the errors of one failure comes their kind, as SSL_get_error()
 * tells it: 1 (SSL_ERROR_SSL) or 5 (SSL_ERROR_SYSCALL: errno has the reason).
 *
 * @param bev the bufferevent.
 * @return a code for ERR_error_string_n(), once; 0 if there is none (left) or it is not a TLS
 *     bufferevent.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
unsigned long bufferevent_get_openssl_error(struct bufferevent* bev);
#endif

#if defined(EVENT__HAVE_MBEDTLS) || defined(EVENT_IN_DOXYGEN_)
struct mbedtls_ssl_context;
struct mbedtls_ssl_config;

/**
 * A TLS object of Mbed TLS on the heap: the bufferevent can free it as it frees one of OpenSSL.
 *
 * @since 2.2 (relevent: as an addition to 2.1)
 */
typedef struct mbedtls_ssl_context mbedtls_dyncontext;

/**
 * Makes a TLS bufferevent over another bufferevent; as bufferevent_openssl_filter_new().
 *
 * The program sets up the TLS object: its settings say whether it is a client or a server, and
 * @p state has to agree. What it had set by mbedtls_ssl_set_bio() comes back when the bufferevent
 * is freed.
 *
 * @param base the base; must be that of @p underlying.
 * @param underlying the bufferevent that carries the encrypted bytes.
 * @param ssl the TLS object. It is freed with this one (bufferevent_mbedtls_dyncontext_free()) if
 *     #BEV_OPT_CLOSE_ON_FREE is set.
 * @param state how far it is.
 * @param options bits BEV_OPT_...
 * @return the bufferevent, which bufferevent_free() frees; NULL on failure.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
struct bufferevent* bufferevent_mbedtls_filter_new(struct event_base* base,
                                                   struct bufferevent* underlying,
                                                   mbedtls_dyncontext* ssl,
                                                   enum bufferevent_ssl_state state, int options);

/**
 * Makes a TLS bufferevent over a socket; as bufferevent_openssl_socket_new().
 *
 * The settings of the TLS object say whether it is a client or a server, and @p state has to agree.
 * If mbedtls_ssl_set_bio() has given it mbedtls_net_send() and a descriptor, that is the one to use;
 * if functions of the program's own, these are used while @p fd is -1, and the program says by
 * bufferevent_flush() when to go on. When the bufferevent is freed, what was set comes back; if
 * nothing was, the object is left with the descriptor. Whoever wants to read on by the object itself
 * has to take all input before: of what has come and was not read, it keeps one record.
 *
 * To tell the peer before freeing, call mbedtls_ssl_close_notify().
 *
 * @param base the base.
 * @param fd the socket, nonblocking; -1: that of @p ssl if it has one, else set later.
 * @param ssl the TLS object. It is freed with this one (bufferevent_mbedtls_dyncontext_free()) if
 *     #BEV_OPT_CLOSE_ON_FREE is set.
 * @param state how far it is.
 * @param options bits BEV_OPT_...
 * @return the bufferevent, which bufferevent_free() frees; NULL on failure.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
struct bufferevent* bufferevent_mbedtls_socket_new(struct event_base* base, evutil_socket_t fd,
                                                   mbedtls_dyncontext* ssl,
                                                   enum bufferevent_ssl_state state, int options);

/**
 * Tells whether #BUFFEREVENT_SSL_DIRTY_SHUTDOWN is set.
 *
 * @param bev the bufferevent.
 * @return 1 or 0; -1 if it is not a TLS bufferevent.
 * @deprecated Use bufferevent_ssl_get_flags().
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_mbedtls_get_allow_dirty_shutdown(struct bufferevent* bev);

/**
 * Sets or clears #BUFFEREVENT_SSL_DIRTY_SHUTDOWN. Does nothing if it is not a TLS bufferevent.
 *
 * @param bev the bufferevent.
 * @param allow_dirty_shutdown nonzero: set it; 0: clear it.
 * @deprecated Use bufferevent_ssl_set_flags() and bufferevent_ssl_clear_flags().
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
void bufferevent_mbedtls_set_allow_dirty_shutdown(struct bufferevent* bev,
                                                  int allow_dirty_shutdown);

/**
 * Tells the TLS object of a bufferevent; as bufferevent_openssl_get_ssl().
 *
 * @param bufev the bufferevent.
 * @return the object, which stays the bufferevent's; NULL if it is not a TLS bufferevent.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
struct mbedtls_ssl_context* bufferevent_mbedtls_get_ssl(struct bufferevent* bufev);

/**
 * Starts a new handshake on an open connection; as bufferevent_ssl_renegotiate().
 *
 * @param bev the bufferevent.
 * @return 0 if it is under way; -1 if it is not an open TLS bufferevent, or the settings of the TLS
 *     object do not allow it (mbedtls_ssl_conf_renegotiation()).
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_mbedtls_renegotiate(struct bufferevent* bev);

/**
 * Takes the oldest of the errors of Mbed TLS that a bufferevent has met; as
 * bufferevent_get_openssl_error().
 *
 * @param bev the bufferevent.
 * @return the code, once: cast to int it is the negative number that Mbed TLS's functions return and
 *     mbedtls_strerror() takes. 0 if there is none (left) or it is not a bufferevent of Mbed TLS.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
unsigned long bufferevent_get_mbedtls_error(struct bufferevent* bev);

/**
 * Makes a TLS object on the heap and sets it up.
 *
 * @param conf the settings, which must outlive it.
 * @return the object, which bufferevent_mbedtls_dyncontext_free() frees; NULL on failure.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
mbedtls_dyncontext* bufferevent_mbedtls_dyncontext_new(struct mbedtls_ssl_config* conf);

/**
 * Frees what bufferevent_mbedtls_dyncontext_new() made.
 *
 * @param ctx the object.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
void bufferevent_mbedtls_dyncontext_free(mbedtls_dyncontext* ctx);
#endif

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_BUFFEREVENT_SSL_H_INCLUDED_ */
