/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_RELEVENT_WS_H_INCLUDED_
#define EVENT2_RELEVENT_WS_H_INCLUDED_

/**
 * @file event2/relevent_ws.h
 *
 * What relevent has of WebSocket (RFC 6455) beyond event2/ws.h: a client, pings, limits, messages
 * in parts, and why a session ended. The functions are in libevent_extra and in libevent.
 *
 * @code
 * static void on_open(struct evws_connection *ws, const struct evkeyvalq *reply, void *arg) {
 *   evws_send_text(ws, "Hello");
 * }
 * static void on_message(struct evws_connection *ws, int type, const unsigned char *data,
 *                        size_t len, void *arg) {
 *   fwrite(data, 1, len, stdout);
 *   evws_close(ws, WS_CR_NORMAL);
 * }
 * ws = relevent_ws_connect(base, NULL, NULL, "ws://127.0.0.1:8080/chat", NULL, on_message, NULL);
 * relevent_ws_set_opencb(ws, on_open, NULL);
 * @endcode
 */

#include <event2/util.h>
#include <event2/visibility.h>
#include <event2/ws.h>

#ifdef __cplusplus
extern "C" {
#endif

struct bufferevent;
struct evdns_base;
struct event_base;
struct evkeyvalq;

/** The peer's close frame gave no reason. Never sent. */
#define RELEVENT_WS_NO_REASON 1005
/** The connection ended without a close frame. Never sent. */
#define RELEVENT_WS_ABNORMAL 1006

/** Messages beyond this length are refused unless relevent_ws_set_max_message_size() says else. */
#define RELEVENT_WS_DEFAULT_MAX_MESSAGE_SIZE (16 * 1024 * 1024)

/**
 * Makes a client's session: connects to a server, and asks it for WebSocket.
 *
 * It is used like a server's, with the evws_* functions. Before it is open, messages cannot be
 * sent. If connecting or the handshake fails, it ends: its close callback is called, and it frees
 * itself.
 *
 * @param base the base; it has to outlive the session.
 * @param dnsbase resolves the name, and has to outlive the session. NULL: names are resolved
 *     blocking.
 * @param bev what to connect with, such as a TLS bufferevent. It has to have no descriptor yet; the
 *     session owns it on success. NULL for a plain socket.
 * @param url where to: "ws://host:port/path?query", or "wss:" with a `bev` that does TLS.
 * @param headers header fields to add to the request, such as Origin, Cookie or
 *     Sec-WebSocket-Protocol; or NULL. They are copied.
 * @param cb called for each message; not NULL.
 * @param arg its last argument.
 * @return the session, which frees itself when it ends; NULL if the URL is malformed or of another
 *     kind, or has a user name or a fragment; if it is "wss:" and `bev` is NULL; if connecting
 *     fails at once, or memory runs out.
 * @since relevent 0.1
 */
EVENT2_EXPORT_SYMBOL
struct evws_connection *relevent_ws_connect(struct event_base *base, struct evdns_base *dnsbase,
                                            struct bufferevent *bev, const char *url,
                                            const struct evkeyvalq *headers, ws_on_msg_cb cb,
                                            void *arg);

/**
 * Called when a client's session is open.
 *
 * @param evws the session.
 * @param headers the header fields of the server's reply, valid during the call; the protocol that
 *     it chose is in Sec-WebSocket-Protocol.
 * @param arg what relevent_ws_set_opencb() was given.
 */
typedef void (*relevent_ws_open_cb)(struct evws_connection *evws, const struct evkeyvalq *headers,
                                    void *arg);

/**
 * Sets what is called when a client's session is open. A server's is open from the start.
 *
 * @param evws the session.
 * @param cb the callback; NULL for none.
 * @param arg its last argument.
 * @since relevent 0.1
 */
EVENT2_EXPORT_SYMBOL
void relevent_ws_set_opencb(struct evws_connection *evws, relevent_ws_open_cb cb, void *arg);

/**
 * Sends a part of a message, for messages that are not known as a whole.
 *
 * Nothing but pings may be sent between the parts of a message.
 *
 * @param evws the session.
 * @param type #WS_TEXT_FRAME or #WS_BINARY_FRAME; the same for all parts.
 * @param data the bytes. A character of UTF-8 may be split between parts.
 * @param len how many; may be 0.
 * @param final 1 for the last part, else 0.
 * @return 0; -1 if the session is not open, or memory runs out: then the session ends.
 * @since relevent 0.1
 */
EVENT2_EXPORT_SYMBOL
int relevent_ws_send_part(struct evws_connection *evws, int type, const void *data, size_t len,
                          int final);

/**
 * Sends a ping.
 *
 * @param evws the session.
 * @param data what the peer sends back; may be NULL if `len` is 0.
 * @param len how many bytes; at most 125.
 * @return 0; -1 if the session is not open, `len` is too large, or memory runs out.
 * @since relevent 0.1
 */
EVENT2_EXPORT_SYMBOL
int relevent_ws_ping(struct evws_connection *evws, const void *data, size_t len);

/**
 * Called for each pong. The parameters are those of ws_on_msg_cb.
 */
typedef void (*relevent_ws_pong_cb)(struct evws_connection *evws, const unsigned char *data,
                                    size_t len, void *arg);

/**
 * Sets what is called for pongs, which answer relevent_ws_ping(), or come unasked.
 *
 * @param evws the session.
 * @param cb the callback; NULL for none.
 * @param arg its last argument.
 * @since relevent 0.1
 */
EVENT2_EXPORT_SYMBOL
void relevent_ws_set_pongcb(struct evws_connection *evws, relevent_ws_pong_cb cb, void *arg);

/**
 * Limits the messages that are received, all of their parts together.
 *
 * A longer one closes the session with #WS_CR_DATA_TOO_BIG, before it is read.
 *
 * @param evws the session.
 * @param bytes the limit, for frames that begin from now on.
 * @since relevent 0.1
 */
EVENT2_EXPORT_SYMBOL
void relevent_ws_set_max_message_size(struct evws_connection *evws, size_t bytes);

/**
 * Why the peer closed a session; for the close callback.
 *
 * @param evws the session.
 * @return the code in its close frame, or #RELEVENT_WS_NO_REASON if there was none in it;
 *     #RELEVENT_WS_ABNORMAL if no close frame has come.
 * @since relevent 0.1
 */
EVENT2_EXPORT_SYMBOL
ev_uint16_t relevent_ws_get_close_code(const struct evws_connection *evws);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_RELEVENT_WS_H_INCLUDED_ */
