/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_WS_H_INCLUDED_
#define EVENT2_WS_H_INCLUDED_

/**
 * @file event2/ws.h
 *
 * The server's side of WebSocket (RFC 6455) on top of evhttp.
 *
 * Inside the callback of a request to upgrade, evws_new_session() answers the handshake and takes
 * the connection over. From then on messages come through a callback and are sent with
 * evws_send_text() and evws_send_binary(). Pings are answered, fragments put together and text
 * checked for UTF-8 by the library.
 *
 * The whole file came with libevent 2.2; relevent has it as an addition to 2.1, and more in
 * event2/relevent_ws.h: a client, pings, limits. As with all of HTTP, a session is used in the
 * thread that runs its base.
 *
 * @since 2.2 (relevent: as an addition to 2.1)
 */

#include <event2/util.h>
#include <event2/visibility.h>

#ifdef __cplusplus
extern "C" {
#endif

struct bufferevent;
struct evhttp_request;

/** A WebSocket session. */
struct evws_connection;

/** @name Reasons for closing, RFC 6455 section 7.4
 * @{ */
/** No reason is given: the close frame has an empty body. */
#define WS_CR_NONE 0
/** The purpose of the session is fulfilled. */
#define WS_CR_NORMAL 1000
/** The peer broke the protocol. */
#define WS_CR_PROTO_ERR 1002
/** A message is too big to be handled. */
#define WS_CR_DATA_TOO_BIG 1009
/** @} */

/** @name Kinds of messages, the argument `type` of ws_on_msg_cb
 * @{ */
/** UTF-8 text. */
#define WS_TEXT_FRAME 0x1
/** Arbitrary bytes. */
#define WS_BINARY_FRAME 0x2
/** @} */

/**
 * Called for each complete message.
 *
 * It may send, close or free the session.
 *
 * @param evws the session.
 * @param type #WS_TEXT_FRAME or #WS_BINARY_FRAME.
 * @param data the message, valid during the call. It is not terminated by a NUL.
 * @param len its length in bytes; may be 0.
 * @param arg what evws_new_session() was given.
 */
typedef void (*ws_on_msg_cb)(struct evws_connection *evws, int type, const unsigned char *data,
                             size_t len, void *arg);

/**
 * Called once when a session ends: the closing handshake is done, the peer is gone, or
 * evws_connection_free() was called.
 *
 * The session is freed when the callback returns, and must not be used or freed by it.
 *
 * @param evws the session.
 * @param arg what evws_connection_set_closecb() was given.
 */
typedef void (*ws_on_close_cb)(struct evws_connection *evws, void *arg);

/**
 * Answers a request to upgrade, and turns its connection into a WebSocket session.
 *
 * On success the status 101 is sent, and the request belongs to the session and must not be used
 * any more. If the request is not a valid handshake (method GET, HTTP/1.1, Upgrade, Connection,
 * Sec-WebSocket-Version 13, Sec-WebSocket-Key) it is answered with 400, and the connection closes.
 *
 * @param req the request, inside the callback that evhttp_set_cb() or evhttp_set_gencb() set.
 * @param cb called for each message; not NULL.
 * @param arg its last argument.
 * @param options BEV_OPT_* flags. The session keeps the connection's bufferevent, whose options
 *     were settled when it was made, so that they have no effect here. With one that is
 *     BEV_OPT_THREADSAFE (see evhttp_set_bevcb()) other threads may send and close.
 * @return the session, which frees itself when it ends; NULL if the handshake is refused or memory
 *     runs out: then the request has been answered too.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
struct evws_connection *evws_new_session(struct evhttp_request *req, ws_on_msg_cb cb, void *arg,
                                         int options);

/**
 * Sends a text message.
 *
 * It is copied and sent from the loop. Once the session is closing, messages are dropped. Without
 * memory the session ends.
 *
 * @param evws the session.
 * @param packet_str UTF-8, terminated by a NUL.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
void evws_send_text(struct evws_connection *evws, const char *packet_str);

/**
 * Sends a binary message, in the way of evws_send_text().
 *
 * @param evws the session.
 * @param packet_data the bytes.
 * @param packet_len how many; 0 sends an empty message.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
void evws_send_binary(struct evws_connection *evws, const char *packet_data, size_t packet_len);

/**
 * Starts the closing handshake.
 *
 * What was sent before still goes out, then a close frame. The session ends, and its close callback
 * is called, when the peer has answered or gone, or 10 seconds later. What it still sends is not
 * delivered. Calling it again does nothing.
 *
 * @param evws the session; it remains valid until its close callback.
 * @param reason a WS_CR_* value, or 3000 to 4999 for an application's own. One that may not be sent
 *     is left out.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
void evws_close(struct evws_connection *evws, ev_uint16_t reason);

/**
 * Sets what is called when the session ends.
 *
 * @param evws the session.
 * @param cb the callback; NULL for none.
 * @param arg its last argument.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
void evws_connection_set_closecb(struct evws_connection *evws, ws_on_close_cb cb, void *arg);

/**
 * Ends the session at once, without the closing handshake, and frees it.
 *
 * The close callback is called before it returns. Allowed inside ws_on_msg_cb, not inside
 * ws_on_close_cb.
 *
 * @param evws the session.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
void evws_connection_free(struct evws_connection *evws);

/**
 * The bufferevent beneath a session, for rate limits, addresses or TLS details.
 *
 * Do not read from it, write to it or change its callbacks.
 *
 * @param evws the session.
 * @return the bufferevent; the session owns it.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
struct bufferevent *evws_connection_get_bufferevent(struct evws_connection *evws);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_WS_H_INCLUDED_ */
