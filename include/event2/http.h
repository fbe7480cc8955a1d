/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_HTTP_H_INCLUDED_
#define EVENT2_HTTP_H_INCLUDED_

/**
 * @file event2/http.h
 *
 * HTTP/1.0 and HTTP/1.1: a server, a client, and URIs. (One long file, since programs include it by
 * this name: server; replies; client; requests; header fields; encoding; URIs.)
 *
 * @par Server
 * @code
 * static void hello(struct evhttp_request *req, void *arg) {
 *   struct evbuffer *body = evbuffer_new();
 *   evbuffer_add_printf(body, "Hello\n");
 *   evhttp_send_reply(req, HTTP_OK, NULL, body);
 *   evbuffer_free(body);
 * }
 * struct evhttp *http = evhttp_new(base);
 * evhttp_set_cb(http, "/hello", hello, NULL);
 * evhttp_bind_socket(http, "127.0.0.1", 8080);
 * event_base_dispatch(base);
 * @endcode
 *
 * @par Client
 * Make a connection (evhttp_connection_base_new()), a request (evhttp_request_new()), add header
 * fields (`Host` too: the library adds none but Content-Length and Transfer-Encoding), and send it
 * with evhttp_make_request(). Several requests may be queued on a connection; they are made one
 * after the other.
 *
 * @par Threads
 * Nothing here has a lock. A server, its connections and requests, and a client's connection with
 * its requests, are used in the thread that runs their base (or while none does). The functions on
 * URIs, header lists and strings may be called from any thread for different objects.
 *
 * @par Callbacks
 * They run from the loop unless noted otherwise, with no lock held. A server's request callback has
 * to end in exactly one reply, at once or later.
 *
 * @par Strictness
 * Requests that could be understood in two ways (conflicting Content-Length, Transfer-Encoding
 * beside it, control characters in names, and the like) are refused with 400. The environment
 * variable `RELEVENT_HTTP` can be `safe` (this; the default), `strict` (RFC 9112 to the letter) or
 * `compat` (as tolerant as libevent 2.1); relevent_http_set_mode() in event2/relevent.h does the same.
 * But in compat mode, a header section is cut off at 1 MiB or 1,000 fields (414 or 431).
 *
 * Strings that functions take are copied, those they return belong to the object they came from,
 * unless noted otherwise.
 */

#include <event2/util.h>
#include <event2/visibility.h>

#ifdef __cplusplus
extern "C" {
#endif

struct bufferevent;
struct evbuffer;
struct evconnlistener;
struct evdns_base;
struct event_base;
struct evkeyvalq;
struct sockaddr;
struct timeval;

/** A server, or a virtual host. */
struct evhttp;
/** A socket that a server accepts connections on. */
struct evhttp_bound_socket;
/** A connection, of a client or a server. */
struct evhttp_connection;
/** A request and the reply to it. Its layout is in event2/http_struct.h. */
struct evhttp_request;
/** A URI, split into its parts. */
struct evhttp_uri;

/**
 * @name Status codes
 *
 * Any number from 100 to 999 may be sent; these have names. Those marked 2.2 are left alone if they
 * are defined already.
 * @{
 */
#ifndef HTTP_CONTINUE
#define HTTP_CONTINUE 100 /**< Go on with the body. @since 2.2 */
#endif
#ifndef HTTP_SWITCH_PROTOCOLS
#define HTTP_SWITCH_PROTOCOLS 101 /**< The connection changes its protocol. @since 2.2 */
#endif
#ifndef HTTP_PROCESSING
#define HTTP_PROCESSING 102 /**< Work is going on. @since 2.2 */
#endif
#ifndef HTTP_EARLYHINTS
#define HTTP_EARLYHINTS 103 /**< Some header fields in advance. @since 2.2 */
#endif
#define HTTP_OK 200 /**< Success. */
#ifndef HTTP_CREATED
#define HTTP_CREATED 201 /**< A resource was made. @since 2.2 */
#endif
#ifndef HTTP_ACCEPTED
#define HTTP_ACCEPTED 202 /**< It will be done later. @since 2.2 */
#endif
#ifndef HTTP_NONAUTHORITATIVE
#define HTTP_NONAUTHORITATIVE 203 /**< A proxy changed the reply. @since 2.2 */
#endif
#define HTTP_NOCONTENT 204   /**< Success, with no body. */
#define HTTP_MOVEPERM 301    /**< Moved for good. */
#define HTTP_MOVETEMP 302    /**< Found elsewhere for now. */
#define HTTP_NOTMODIFIED 304 /**< The client's copy is current. */
#define HTTP_BADREQUEST 400  /**< The request is not understood. */
#ifndef HTTP_UNAUTHORIZED
#define HTTP_UNAUTHORIZED 401 /**< Credentials are needed. @since 2.2 */
#endif
#ifndef HTTP_PAYMENTREQUIRED
#define HTTP_PAYMENTREQUIRED 402 /**< A quota is used up. @since 2.2 */
#endif
#ifndef HTTP_FORBIDDEN
#define HTTP_FORBIDDEN 403 /**< Not allowed. @since 2.2 */
#endif
#define HTTP_NOTFOUND 404          /**< No such resource. */
#define HTTP_BADMETHOD 405         /**< Not by this method. */
#define HTTP_ENTITYTOOLARGE 413    /**< The body is too big. */
#define HTTP_EXPECTATIONFAILED 417 /**< The Expect field cannot be met. */
#define HTTP_INTERNAL 500          /**< The server failed. */
#define HTTP_NOTIMPLEMENTED 501    /**< Unknown method. */
#ifndef HTTP_BADGATEWAY
#define HTTP_BADGATEWAY 502 /**< A server behind this one failed. @since 2.2 */
#endif
#define HTTP_SERVUNAVAIL 503 /**< Out of service for now. */
/** @} */

/* ---- The server ------------------------------------------------------------------------------ */

/**
 * Makes a server.
 *
 * @param base the base that serves; it has to outlive the server. NULL only for an object that will
 *     be a virtual host.
 * @return the server, freed with evhttp_free(); NULL if out of memory.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
struct evhttp *evhttp_new(struct event_base *base);

/**
 * Listens on an address.
 *
 * May be called several times for several addresses.
 *
 * @param http the server.
 * @param address host name (resolved blocking) or address in numbers, IPv4 or IPv6; NULL for any
 *     IPv4 address.
 * @param port the port in the host's byte order; 0 lets the system choose.
 * @return 0; -1 if the address cannot be resolved or bound, or memory runs out. The
 *     EVUTIL_SOCKET_ERROR() then tells more, for bind(2)'s errors.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evhttp_bind_socket(struct evhttp *http, const char *address, ev_uint16_t port);

/**
 * As evhttp_bind_socket(), but returns a handle to the socket.
 *
 * @param http the server.
 * @param address as for evhttp_bind_socket().
 * @param port as for evhttp_bind_socket().
 * @return a handle, valid until evhttp_del_accept_socket() or evhttp_free(); NULL on failure.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evhttp_bound_socket *evhttp_bind_socket_with_handle(struct evhttp *http,
                                                           const char *address,
                                                           ev_uint16_t port);

/**
 * Accepts connections on a socket that listens already.
 *
 * For sockets that came from a parent process, another process or a service manager, or have
 * special options.
 *
 * @param http the server.
 * @param fd a non-blocking socket on which listen(2) was called. The server owns it from now on and
 *     closes it.
 * @return 0; -1 if out of memory (the socket still belongs to the caller).
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evhttp_accept_socket(struct evhttp *http, evutil_socket_t fd);

/**
 * As evhttp_accept_socket(), but returns a handle to the socket.
 *
 * @param http the server.
 * @param fd as for evhttp_accept_socket().
 * @return a handle, valid until evhttp_del_accept_socket() or evhttp_free(); NULL on failure.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evhttp_bound_socket *evhttp_accept_socket_with_handle(struct evhttp *http,
                                                             evutil_socket_t fd);

/**
 * Accepts connections from a listener of the program's.
 *
 * @param http the server.
 * @param listener the listener, on the server's base. On success the server owns it, sets its
 *     callback, and frees it with the handle.
 * @return a handle, as from evhttp_bind_socket_with_handle(); NULL if out of memory.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
struct evhttp_bound_socket *evhttp_bind_listener(struct evhttp *http,
                                                 struct evconnlistener *listener);

/**
 * The listener behind a handle, to disable it for a while, for example.
 *
 * @param bound the handle.
 * @return the listener; the server owns it.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
struct evconnlistener *evhttp_bound_socket_get_listener(struct evhttp_bound_socket *bound);

/**
 * As evhttp_set_bevcb(), for the connections of one socket, such as one that speaks TLS.
 *
 * @param bound the socket's handle.
 * @param cb makes a bufferevent without a descriptor, or returns NULL: then the server's own
 *     callback is asked. NULL for none.
 * @param cbarg its last argument.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
void evhttp_bound_set_bevcb(struct evhttp_bound_socket *bound,
                            struct bufferevent *(*cb)(struct event_base *, void *), void *cbarg);

/**
 * Called by evhttp_foreach_bound_socket() for each socket.
 *
 * It must not add or remove sockets of the server.
 */
typedef void evhttp_bound_socket_foreach_fn(struct evhttp_bound_socket *bound, void *argument);

/**
 * Calls a function for each socket that a server accepts connections on.
 *
 * @param http the server.
 * @param function the function; called before this one returns.
 * @param argument its last argument.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
void evhttp_foreach_bound_socket(struct evhttp *http, evhttp_bound_socket_foreach_fn *function,
                                 void *argument);

/**
 * Stops accepting on a socket, and closes it or frees its listener.
 *
 * Connections that it has brought go on.
 *
 * @param http the server.
 * @param bound_socket the handle; invalid afterwards.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evhttp_del_accept_socket(struct evhttp *http, struct evhttp_bound_socket *bound_socket);

/**
 * The descriptor behind a handle, to find the port with getsockname(2), for example.
 *
 * @param bound_socket the handle.
 * @return the descriptor; the server owns it.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
evutil_socket_t evhttp_bound_socket_get_fd(struct evhttp_bound_socket *bound_socket);

/**
 * Frees a server with its sockets, connections, virtual hosts and callbacks.
 *
 * Requests in progress are dropped without a reply; their close callbacks run. Not to be called
 * inside a callback of the server. Requests that the program owns (evhttp_request_own()) remain,
 * and are to be freed by it.
 *
 * @param http the server.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evhttp_free(struct evhttp *http);

/**
 * Limits the request line and header section of later connections.
 *
 * A request beyond the limit is answered with an error, and its connection closed.
 *
 * @param http the server.
 * @param max_headers_size the limit in bytes; negative for none, which is the default.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evhttp_set_max_headers_size(struct evhttp *http, ev_ssize_t max_headers_size);

/**
 * Limits the body of requests on later connections.
 *
 * A request beyond the limit is answered with 413, and its connection closed, as soon as its length
 * is known. @see EVHTTP_SERVER_LINGERING_CLOSE
 *
 * @param http the server.
 * @param max_body_size the limit in bytes; negative for none, which is the default.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evhttp_set_max_body_size(struct evhttp *http, ev_ssize_t max_body_size);

/**
 * Limits the number of connections that are open at the same time.
 *
 * Connections beyond it are answered with 503 and a Retry-After field, and closed.
 *
 * @param http the server.
 * @param max_connections the limit; 0 or less for none, which is the default.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
void evhttp_set_max_connections(struct evhttp *http, int max_connections);

/**
 * The number of connections that are open now.
 *
 * @param http the server.
 * @return the number.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
int evhttp_get_connection_count(struct evhttp *http);

/**
 * Sets the Content-Type of replies that have a body and no such field.
 *
 * @param http the server.
 * @param content_type the value, **not copied**: it has to stay valid. NULL: none is added. The
 *     default is "text/html; charset=ISO-8859-1".
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
void evhttp_set_default_content_type(struct evhttp *http, const char *content_type);

/**
 * Sets the methods that callbacks are called for.
 *
 * Others are answered with 501, and the connection closed. The default is GET, POST, HEAD, PUT and
 * DELETE.
 *
 * @param http the server.
 * @param methods values of enum evhttp_cmd_type, or'ed. (16 bits wide as in 2.1; in 2.2 it has 32.
 *     Methods of evhttp_set_ext_method_cmp() beyond 16 bits need not be named here.)
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evhttp_set_allowed_methods(struct evhttp *http, ev_uint16_t methods);

struct evhttp_ext_method;
/**
 * Translates between the name of a method and its number, both ways.
 *
 * With `method->method` set, it fills in `type` and `flags`; with NULL there, it sets the name for
 * `type`, a string that stays valid.
 *
 * @return 0; -1 if it does not know the method.
 */
typedef int (*evhttp_ext_method_cb)(struct evhttp_ext_method *method);

/**
 * Teaches a server methods that enum evhttp_cmd_type does not have.
 *
 * The callback is asked for names that the library does not know. A type of its own is a single bit
 * above #EVHTTP_REQ_MAX, and is allowed without more ado; one that it maps to a method of the
 * library's has to be allowed by evhttp_set_allowed_methods().
 *
 * @param http the server.
 * @param cmp the callback; NULL for none.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
void evhttp_set_ext_method_cmp(struct evhttp *http, evhttp_ext_method_cb cmp);

/**
 * Sets the callback for a path.
 *
 * The request's path is percent-decoded and compared with `path`, all of it and with case; query
 * and fragment are left out.
 *
 * @param http the server or virtual host.
 * @param path the path in decoded form, with its leading slash.
 * @param cb called when a request has been read completely. It replies at once, or keeps the
 *     pointer and replies later.
 * @param cb_arg its last argument.
 * @return 0; -1 if the path has a callback already; -2 if out of memory.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evhttp_set_cb(struct evhttp *http, const char *path,
                  void (*cb)(struct evhttp_request *, void *), void *cb_arg);

/**
 * Removes the callback for a path.
 *
 * @param http the server or virtual host.
 * @param path the path, as evhttp_set_cb() got it.
 * @return 0; -1 if there is none for that path.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evhttp_del_cb(struct evhttp *http, const char *path);

/**
 * Sets the callback for the requests that evhttp_set_cb() has none for.
 *
 * @param http the server or virtual host.
 * @param cb the callback, as for evhttp_set_cb(); NULL (the default): such requests get 404.
 * @param arg its last argument.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evhttp_set_gencb(struct evhttp *http, void (*cb)(struct evhttp_request *, void *),
                      void *arg);

/**
 * Sets what makes the bufferevents of later connections; this is how a server speaks TLS.
 *
 * @param http the server.
 * @param cb makes a bufferevent on the base it is given. It has to have no descriptor yet; the
 *     server sets it, and owns the bufferevent. If it returns NULL, a plain socket bufferevent is
 *     used. NULL for none.
 * @param arg its last argument.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
void evhttp_set_bevcb(struct evhttp *http, struct bufferevent *(*cb)(struct event_base *, void *),
                      void *arg);

/**
 * Sets what is asked before a server begins to read a request.
 *
 * The request is empty but for its connection, whose address may be looked at. The callback may set
 * the request's header and chunk callbacks.
 *
 * @param http the server.
 * @param cb returns 0; or -1: then the connection is closed. It must not reply or free the request.
 *     NULL for none.
 * @param arg its last argument.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
void evhttp_set_newreqcb(struct evhttp *http, int (*cb)(struct evhttp_request *, void *),
                         void *arg);

/**
 * Sets what writes the body of error replies, those of evhttp_send_error() and the server's own.
 *
 * @param http the server.
 * @param cb writes the page into `buffer`. If it returns a negative value or leaves the buffer
 *     empty, the usual page is sent. It must not reply itself. `reason` may be NULL. NULL for no
 *     callback.
 * @param cbarg its last argument.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
void evhttp_set_errorcb(struct evhttp *http,
                        int (*cb)(struct evhttp_request *req, struct evbuffer *buffer, int error,
                                  const char *reason, void *cbarg),
                        void *cbarg);

/**
 * Adds a virtual host: a set of callbacks for requests to certain host names.
 *
 * A virtual host may have virtual hosts in turn, which are tried within it. The most specific one
 * that matches serves the request.
 *
 * @param http the server or virtual host.
 * @param pattern what the host name (without port) has to match; `*` stands for any characters, but
 *     at the end of the pattern it matches nothing. Case does not matter.
 * @param vhost a server without sockets that is nobody's virtual host yet. It belongs to `http`
 *     until it is removed, and is freed with it.
 * @return 0; -1 if `vhost` has a socket or is a virtual host already, or memory runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evhttp_add_virtual_host(struct evhttp *http, const char *pattern, struct evhttp *vhost);

/**
 * Removes a virtual host, which the caller then owns.
 *
 * @param http the server.
 * @param vhost the virtual host.
 * @return 0; -1 if `vhost` is not a virtual host.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evhttp_remove_virtual_host(struct evhttp *http, struct evhttp *vhost);

/**
 * Adds a name under which a server or virtual host is reached, beside its pattern.
 *
 * An alias is compared before any pattern: a name of the main server is served by it even if a
 * virtual host's pattern matches.
 *
 * @param http the server or virtual host.
 * @param alias the host name, without port; case does not matter.
 * @return 0; -1 if out of memory. Adding a name twice means that it has to be removed twice.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
int evhttp_add_server_alias(struct evhttp *http, const char *alias);

/**
 * Removes a name that evhttp_add_server_alias() added.
 *
 * @param http the server or virtual host.
 * @param alias the name; case does not matter.
 * @return 0; -1 if there is no such name.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
int evhttp_remove_server_alias(struct evhttp *http, const char *alias);

/**
 * Sets for how long a connection may be idle: while it is waiting for a request, within one, and
 * while the client does not read the reply. Then it is closed without a word.
 *
 * It applies to later connections. Time that the program takes for its reply does not count.
 *
 * @param http the server.
 * @param timeout_in_secs seconds; 0 or less for no limit, which is the default.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evhttp_set_timeout(struct evhttp *http, int timeout_in_secs);

/**
 * As evhttp_set_timeout().
 *
 * @param http the server.
 * @param tv the time; NULL or zero for no limit.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
void evhttp_set_timeout_tv(struct evhttp *http, const struct timeval *tv);

/**
 * As evhttp_set_timeout_tv(), for waiting for the client's bytes only.
 *
 * @param http the server.
 * @param tv the time; NULL or zero for no limit.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
void evhttp_set_read_timeout_tv(struct evhttp *http, const struct timeval *tv);

/**
 * As evhttp_set_timeout_tv(), for waiting until the client takes more of the reply only.
 *
 * @param http the server.
 * @param tv the time; NULL or zero for no limit.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
void evhttp_set_write_timeout_tv(struct evhttp *http, const struct timeval *tv);

/** Read a body that is too big to its end (and throw it away) before 413 is sent, so that clients
 * which do not read before they have written get the reply. */
#define EVHTTP_SERVER_LINGERING_CLOSE 0x0001

/**
 * Sets the flags of a server, for later connections.
 *
 * @param http the server.
 * @param flags 0 or #EVHTTP_SERVER_LINGERING_CLOSE.
 * @return 0; 1 if a flag is unknown: then nothing is changed.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
int evhttp_set_flags(struct evhttp *http, int flags);

/* ---- Replies --------------------------------------------------------------------------------- */

/**
 * @name Replying
 *
 * These functions reply to a request that a callback received. Fields that were added to
 * evhttp_request_get_output_headers() are sent; Date, Content-Type, and Content-Length or
 * Transfer-Encoding are added unless present. After the last one (for chunked replies:
 * evhttp_send_reply_end()) the request belongs to the library, which frees it when the reply has
 * been sent, and must not be used any more.
 *
 * If the connection is gone meanwhile, nothing is sent and the request is freed.
 *
 * A reason of NULL stands for the usual phrase of the code ("Not Found"), or for that of its class
 * if the code has none ("Client Error"). To HEAD, and with codes 1xx, 204 and 304, no body is sent
 * (libevent 2.1 sends it, and the client takes it for the next reply).
 * @{
 */

/**
 * Sends a short error page, and closes the connection after it.
 *
 * Fields that were set for the reply are removed first.
 *
 * @param req the request.
 * @param error the status code.
 * @param reason the phrase; NULL for the usual one. It is not escaped in the page.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evhttp_send_error(struct evhttp_request *req, int error, const char *reason);

/**
 * Sends a complete reply.
 *
 * @param req the request.
 * @param code the status code.
 * @param reason the phrase; NULL for the usual one.
 * @param databuf the body: it is moved out of the buffer without copying, and the buffer is left
 *     empty. NULL for an empty one.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evhttp_send_reply(struct evhttp_request *req, int code, const char *reason,
                       struct evbuffer *databuf);

/**
 * Begins a reply whose body comes piece by piece.
 *
 * It is sent chunked; to HTTP/1.0 clients, and if the program has set Content-Length, as it is.
 *
 * @param req the request.
 * @param code the status code.
 * @param reason the phrase; NULL for the usual one.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evhttp_send_reply_start(struct evhttp_request *req, int code, const char *reason);

/**
 * Sends a piece of the body.
 *
 * @param req the request, after evhttp_send_reply_start().
 * @param databuf the piece: it is moved out of the buffer. An empty one does nothing.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evhttp_send_reply_chunk(struct evhttp_request *req, struct evbuffer *databuf);

/**
 * As evhttp_send_reply_chunk(), and tells when all of it has been written to the socket.
 *
 * @param req the request.
 * @param databuf the piece.
 * @param cb called once, when nothing is left to be written; time to send the next piece. Another
 *     call of the reply functions replaces it, and it is not called if the connection fails. NULL
 *     for none.
 * @param arg its last argument.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
void evhttp_send_reply_chunk_with_cb(struct evhttp_request *req, struct evbuffer *databuf,
                                     void (*cb)(struct evhttp_connection *, void *), void *arg);

/**
 * Ends a reply that evhttp_send_reply_start() began.
 *
 * @param req the request.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evhttp_send_reply_end(struct evhttp_request *req);
/** @} */

/* ---- The client ------------------------------------------------------------------------------ */

/** The methods, one bit each: RFC 9110, PATCH of RFC 5789, and those of WebDAV (RFC 4918). */
enum evhttp_cmd_type {
  EVHTTP_REQ_GET = 1 << 0,
  EVHTTP_REQ_POST = 1 << 1,
  EVHTTP_REQ_HEAD = 1 << 2,
  EVHTTP_REQ_PUT = 1 << 3,
  EVHTTP_REQ_DELETE = 1 << 4,
  EVHTTP_REQ_OPTIONS = 1 << 5,
  EVHTTP_REQ_TRACE = 1 << 6,
  EVHTTP_REQ_CONNECT = 1 << 7,
  EVHTTP_REQ_PATCH = 1 << 8,
  EVHTTP_REQ_PROPFIND = 1 << 9,   /**< @since 2.2 (relevent: as an addition to 2.1) */
  EVHTTP_REQ_PROPPATCH = 1 << 10, /**< @since 2.2 (relevent: as an addition to 2.1) */
  EVHTTP_REQ_MKCOL = 1 << 11,     /**< @since 2.2 (relevent: as an addition to 2.1) */
  EVHTTP_REQ_LOCK = 1 << 12,      /**< @since 2.2 (relevent: as an addition to 2.1) */
  EVHTTP_REQ_UNLOCK = 1 << 13,    /**< @since 2.2 (relevent: as an addition to 2.1) */
  EVHTTP_REQ_COPY = 1 << 14,      /**< @since 2.2 (relevent: as an addition to 2.1) */
  EVHTTP_REQ_MOVE = 1 << 15,      /**< @since 2.2 (relevent: as an addition to 2.1) */
  /** No method: makes the type wide enough, in C++, for those that programs add. */
  EVHTTP_REQ_WIDEST_ = 1 << 30
};

/** The highest method of the library. @since 2.2 (relevent: as an addition to 2.1) */
#define EVHTTP_REQ_MAX EVHTTP_REQ_MOVE

/**
 * A method that a program adds. @see evhttp_set_ext_method_cmp()
 *
 * @since 2.2 (relevent: as an addition to 2.1)
 */
struct evhttp_ext_method {
  const char *method; /**< The name as it is on the wire, or NULL if it is asked for. */
  ev_uint32_t type;   /**< Its number, a single bit. */
  ev_uint16_t flags;  /**< 0 or #EVHTTP_METHOD_HAS_BODY. */
};

/** Requests with this method may have a body. @since 2.2 (relevent: as an addition to 2.1) */
#define EVHTTP_METHOD_HAS_BODY 0x0001

/** What an object of type evhttp_request is: a request that came in, or a reply that came in. */
enum evhttp_request_kind { EVHTTP_REQUEST, EVHTTP_RESPONSE };

/**
 * Makes a connection for a client. It connects when the first request is made, and again if it was
 * closed since.
 *
 * There is a time limit from the start: 45 seconds for connecting, 50 for reading and for writing.
 *
 * @param base the base; it has to outlive the connection.
 * @param dnsbase resolves the name, and has to outlive the connection. NULL: names are resolved
 *     blocking.
 * @param bev what to connect with, such as a TLS bufferevent. It has to have no descriptor yet;
 *     the connection owns it on success. NULL for a plain socket.
 * @param address host name or address of the server; an IPv6 address without brackets.
 * @param port its port in the host's byte order.
 * @return the connection, freed with evhttp_connection_free(); NULL if out of memory: then `bev`
 *     still belongs to the caller.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
struct evhttp_connection *evhttp_connection_base_bufferevent_new(struct event_base *base,
                                                                 struct evdns_base *dnsbase,
                                                                 struct bufferevent *bev,
                                                                 const char *address,
                                                                 ev_uint16_t port);

/**
 * As evhttp_connection_base_bufferevent_new(), to a UNIX domain socket.
 *
 * @param base the base.
 * @param bev the bufferevent, or NULL.
 * @param path the socket's path.
 * @return the connection; NULL if the path is too long, memory runs out, or the system has no such
 *     sockets.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
struct evhttp_connection *evhttp_connection_base_bufferevent_unix_new(struct event_base *base,
                                                                      struct bufferevent *bev,
                                                                      const char *path);

/**
 * The bufferevent of a connection.
 *
 * The library sets its callbacks and reads and writes it; a program may look, and set rate limits.
 *
 * @param evcon the connection.
 * @return the bufferevent; the connection owns it.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct bufferevent *evhttp_connection_get_bufferevent(struct evhttp_connection *evcon);

/**
 * The server a connection belongs to.
 *
 * @param evcon the connection.
 * @return the server; NULL for a client's connection.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
struct evhttp *evhttp_connection_get_server(struct evhttp_connection *evcon);

/**
 * Makes a request for evhttp_make_request().
 *
 * @param cb called when it is over, at most once, but not if it is cancelled or its connection
 *     freed.
 *     - The reply is there: evhttp_request_get_response_code() is not 0. Reply, headers and body
 *       are valid during the call, after which the request is freed, unless evhttp_request_own()
 *       was called.
 *     - No connection could be made: the request, with a response code of 0.
 *     - Anything else went wrong: NULL. evhttp_request_set_error_cb() tells what.
 *
 *     It may make another request, or free the connection.
 * @param arg its last argument, also that of the request's other callbacks.
 * @return the request. evhttp_make_request() takes it over; before that it is freed with
 *     evhttp_request_free(). NULL if out of memory.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
struct evhttp_request *evhttp_request_new(void (*cb)(struct evhttp_request *, void *), void *arg);

/**
 * Sets what is called whenever a part of a body has arrived.
 *
 * The part is in evhttp_request_get_input_buffer(), which is emptied afterwards, so that the last
 * callback finds an empty body. A part is a chunk if the body is chunked, otherwise what was read.
 *
 * @param req the request.
 * @param cb the callback; its last argument is that of evhttp_request_new(). It is not called for
 *     an empty body, and may call evhttp_cancel_request(). NULL for none.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evhttp_request_set_chunked_cb(struct evhttp_request *req,
                                   void (*cb)(struct evhttp_request *, void *));

/**
 * Sets what is called when the header section has been read.
 *
 * @param req the request.
 * @param cb the callback; its last argument is that of evhttp_request_new(). A negative value
 *     closes the connection: #EVREQ_HTTP_EOF is reported, then the request's callback gets NULL.
 *     NULL for none.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
void evhttp_request_set_header_cb(struct evhttp_request *req,
                                  int (*cb)(struct evhttp_request *, void *));

/** Why a client's request failed. @see evhttp_request_set_error_cb() */
enum evhttp_request_error {
  /** The peer took longer than the connection's time limit. */
  EVREQ_HTTP_TIMEOUT,
  /** The peer closed the connection before the reply was complete; the header callback refused it;
   * or the name of the peer could not be resolved. */
  EVREQ_HTTP_EOF,
  /** The reply is not HTTP, or its header section is too long. */
  EVREQ_HTTP_INVALID_HEADER,
  /** Reading or writing failed. */
  EVREQ_HTTP_BUFFER_ERROR,
  /** evhttp_cancel_request() was called. */
  EVREQ_HTTP_REQUEST_CANCEL,
  /** The body is longer than evhttp_connection_set_max_body_size() allows. */
  EVREQ_HTTP_DATA_TOO_LONG
};

/**
 * Sets what is told why a request failed.
 *
 * It is called before the request's own callback; when a request is cancelled, it alone. It is not
 * called if no connection could be made.
 *
 * @param req the request.
 * @param cb the callback; its last argument is that of evhttp_request_new(). NULL for none.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
void evhttp_request_set_error_cb(struct evhttp_request *req,
                                 void (*cb)(enum evhttp_request_error, void *));

/**
 * Sets what is called when a server's reply has been written to the socket, before the request is
 * freed. For accounting and cleaning up.
 *
 * It is not called if the connection fails first, nor for a client's requests.
 *
 * @param req the request.
 * @param cb the callback; NULL for none.
 * @param cb_arg its last argument.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
void evhttp_request_set_on_complete_cb(struct evhttp_request *req,
                                       void (*cb)(struct evhttp_request *, void *), void *cb_arg);

/**
 * Frees a request.
 *
 * Only for one that no connection has: not made yet, or owned by evhttp_request_own(). Inside the
 * request's own callbacks freeing is put off until they return; one that a client connection is in
 * the middle of is cancelled, as by evhttp_cancel_request().
 *
 * @param req the request.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evhttp_request_free(struct evhttp_request *req);

/**
 * As evhttp_connection_base_bufferevent_new(), with a plain socket.
 *
 * @param base the base.
 * @param dnsbase resolves the name; NULL: names are resolved blocking.
 * @param address the name or address of the server; copied.
 * @param port its port, in the host's byte order.
 * @return the connection, freed with evhttp_connection_free(); NULL if out of memory.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evhttp_connection *evhttp_connection_base_new(struct event_base *base,
                                                     struct evdns_base *dnsbase,
                                                     const char *address, ev_uint16_t port);

/**
 * Restricts the addresses that a name is resolved to.
 *
 * @param evcon the connection.
 * @param family AF_INET, AF_INET6, or AF_UNSPEC, which is the default.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
void evhttp_connection_set_family(struct evhttp_connection *evcon, int family);

/** Connect to the address that was reached before, without resolving the name again. */
#define EVHTTP_CON_REUSE_CONNECTED_ADDR 0x0008
/** If writing the request fails, read what the server had to say before it closed. */
#define EVHTTP_CON_READ_ON_WRITE_ERROR 0x0010
/** As #EVHTTP_SERVER_LINGERING_CLOSE; on a server's connections only. */
#define EVHTTP_CON_LINGERING_CLOSE 0x0020
/** Public flags are below this one. */
#define EVHTTP_CON_PUBLIC_FLAGS_END 0x100000

/**
 * Sets flags of a client's connection.
 *
 * @param evcon the connection.
 * @param flags #EVHTTP_CON_REUSE_CONNECTED_ADDR and #EVHTTP_CON_READ_ON_WRITE_ERROR, or'ed; they
 *     are added to those that are set.
 * @return 0; 1 if another flag is among them: then nothing is changed.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
int evhttp_connection_set_flags(struct evhttp_connection *evcon, int flags);

/**
 * Takes a request over from the library, to keep it beyond its callback.
 *
 * A client's request is later freed with evhttp_request_free(). A server's still needs its reply,
 * and when that has been sent the library frees the request all the same; only one that is not
 * replied to, because its connection or server has been freed, is the program's to free.
 *
 * @param req the request, inside its callback.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evhttp_request_own(struct evhttp_request *req);

/**
 * @param req the request.
 * @return 1 if evhttp_request_own() was called, else 0.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evhttp_request_is_owned(struct evhttp_request *req);

/**
 * As evhttp_set_ext_method_cmp(), for a client's connection.
 *
 * @param evcon the connection.
 * @param cmp the callback; NULL for none.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
void evhttp_connection_set_ext_method_cmp(struct evhttp_connection *evcon,
                                          evhttp_ext_method_cb cmp);

/**
 * The connection of a request.
 *
 * @param req the request.
 * @return the connection; NULL before evhttp_make_request(), in a client's last callback, and when
 *     the connection is gone.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evhttp_connection *evhttp_request_get_connection(struct evhttp_request *req);

/**
 * The base of a connection.
 *
 * @param req the connection, whatever the name of the parameter says.
 * @return the base.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct event_base *evhttp_connection_get_base(struct evhttp_connection *req);

/**
 * Limits the status line and header section of replies; or of requests, on a server's connection.
 *
 * @param evcon the connection.
 * @param new_max_headers_size the limit in bytes; negative for none, which is the default.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evhttp_connection_set_max_headers_size(struct evhttp_connection *evcon,
                                            ev_ssize_t new_max_headers_size);

/**
 * Limits the body of replies; or of requests, on a server's connection.
 *
 * A reply beyond the limit fails with #EVREQ_HTTP_DATA_TOO_LONG.
 *
 * @param evcon the connection.
 * @param new_max_body_size the limit in bytes; negative for none, which is the default.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evhttp_connection_set_max_body_size(struct evhttp_connection *evcon,
                                         ev_ssize_t new_max_body_size);

/**
 * Closes a connection and frees it with its requests, whose callbacks are not called.
 *
 * Its close callback is called if it was connected. Allowed inside a request's callback.
 *
 * @param evcon the connection.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evhttp_connection_free(struct evhttp_connection *evcon);

/**
 * Lets the library free a client's connection when its last request is over and the connection is
 * closed, by either side: at once, if the reply or the request says so, else when the server leaves
 * or the time limit for reading passes.
 *
 * No more requests may be made afterwards.
 *
 * @param evcon the connection, with at least one request.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
void evhttp_connection_free_on_completion(struct evhttp_connection *evcon);

/**
 * Sets the address to connect from.
 *
 * @param evcon a client's connection that is not connected.
 * @param address an address of this host, in numbers.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evhttp_connection_set_local_address(struct evhttp_connection *evcon, const char *address);

/**
 * Sets the port to connect from.
 *
 * @param evcon a client's connection that is not connected.
 * @param port the port in the host's byte order; 0 (the default) lets the system choose.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evhttp_connection_set_local_port(struct evhttp_connection *evcon, ev_uint16_t port);

/**
 * Sets the time limit for connecting, and for each wait while reading and writing.
 *
 * When it is over, the request fails with #EVREQ_HTTP_TIMEOUT, and the connection is closed.
 *
 * @param evcon the connection.
 * @param timeout_in_secs seconds; 0 or less: 45 for connecting, 50 for the rest, as at the start.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evhttp_connection_set_timeout(struct evhttp_connection *evcon, int timeout_in_secs);

/**
 * As evhttp_connection_set_timeout().
 *
 * @param evcon the connection.
 * @param tv the time; NULL or zero for the values at the start.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
void evhttp_connection_set_timeout_tv(struct evhttp_connection *evcon, const struct timeval *tv);

/**
 * As evhttp_connection_set_timeout_tv(), for connecting only.
 *
 * @param evcon the connection.
 * @param tv the time; NULL or zero for the value at the start.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
void evhttp_connection_set_connect_timeout_tv(struct evhttp_connection *evcon,
                                              const struct timeval *tv);

/**
 * As evhttp_connection_set_timeout_tv(), for reading only.
 *
 * @param evcon the connection.
 * @param tv the time; NULL or zero for the value at the start.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
void evhttp_connection_set_read_timeout_tv(struct evhttp_connection *evcon,
                                           const struct timeval *tv);

/**
 * As evhttp_connection_set_timeout_tv(), for writing only.
 *
 * @param evcon the connection.
 * @param tv the time; NULL or zero for the value at the start.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
void evhttp_connection_set_write_timeout_tv(struct evhttp_connection *evcon,
                                            const struct timeval *tv);

/**
 * Sets the pause before the first retry; each later one is twice as long as the one before.
 *
 * @param evcon the connection.
 * @param tv the pause; NULL for 2 seconds, which is the default.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
void evhttp_connection_set_initial_retry_tv(struct evhttp_connection *evcon,
                                            const struct timeval *tv);

/**
 * Sets how often connecting is tried again before the requests fail.
 *
 * @param evcon the connection.
 * @param retry_max the number of retries; 0 (the default) for none, -1 for no limit.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evhttp_connection_set_retries(struct evhttp_connection *evcon, int retry_max);

/**
 * Sets what is called when a connection that was established is closed by either side or freed.
 *
 * It runs before the callbacks of requests that fail by it. It must not free the connection.
 *
 * @param evcon the connection.
 * @param cb the callback; NULL for none.
 * @param arg its last argument.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evhttp_connection_set_closecb(struct evhttp_connection *evcon,
                                   void (*cb)(struct evhttp_connection *, void *), void *arg);

/**
 * The peer of a connection: on a server its address in numbers, on a client what it was made with.
 *
 * @param evcon the connection.
 * @param address is set to the address; the connection owns the string, which must not be changed.
 * @param port is set to the port, in the host's byte order.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evhttp_connection_get_peer(struct evhttp_connection *evcon, char **address,
                                ev_uint16_t *port);

/**
 * The socket address that a client's connection is, or was last, connected to.
 *
 * @param evcon the connection.
 * @return the address, of the size of a struct sockaddr_storage; its family is 0 before the first
 *     connection. The connection owns it.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
const struct sockaddr *evhttp_connection_get_addr(struct evhttp_connection *evcon);

/**
 * Makes a request, connecting first if need be, or puts it behind the requests that were made
 * before.
 *
 * The body is what the program put into evhttp_request_get_output_buffer(). Content-Length is added
 * unless there is a Transfer-Encoding; `Host` is not. If the server announces that it closes the
 * connection, the next request connects again.
 *
 * @param evcon the connection, which owns the request from now on, whatever this function returns.
 * @param req the request.
 * @param type the method.
 * @param uri the target, such as "/index.html?a=b", already percent-encoded. An absolute URI makes
 *     it a request to a proxy.
 * @return 0; -1 if the request could not be made: then it has been freed, and its callback is not
 *     called. Where connecting fails at once (a name resolved blocking, say) the callback runs
 *     inside this function, which returns 0.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evhttp_make_request(struct evhttp_connection *evcon, struct evhttp_request *req,
                        enum evhttp_cmd_type type, const char *uri);

/**
 * Gives a client's request up, and frees it unless the program owns it.
 *
 * Its callback is not called. If it was the first in the queue, its error callback gets
 * #EVREQ_HTTP_REQUEST_CANCEL, inside this function, the connection is closed, and the next request
 * opens it again. Of a request that waits behind others, no callback is called.
 *
 * @param req the request. Its chunk callback may call this, the final callback not.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evhttp_cancel_request(struct evhttp_request *req);

/* ---- What is in a request -------------------------------------------------------------------- */

/**
 * The target as it was in the request line or given to evhttp_make_request(), not decoded.
 *
 * @param req the request.
 * @return the target; NULL before evhttp_make_request().
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
const char *evhttp_request_get_uri(const struct evhttp_request *req);

/**
 * The target of a server's request, split into its parts (still encoded).
 *
 * @param req the request.
 * @return the parts; for CONNECT host and port alone. NULL on a client.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
const struct evhttp_uri *evhttp_request_get_evhttp_uri(const struct evhttp_request *req);

/**
 * The method.
 *
 * @param req the request.
 * @return one of enum evhttp_cmd_type.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
enum evhttp_cmd_type evhttp_request_get_command(const struct evhttp_request *req);

/**
 * The status code of a reply.
 *
 * @param req the request.
 * @return the code; 0 while there is none.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evhttp_request_get_response_code(const struct evhttp_request *req);

/**
 * The reason phrase of a reply ("OK").
 *
 * @param req the request.
 * @return the phrase, maybe empty; NULL while there is none.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
const char *evhttp_request_get_response_code_line(const struct evhttp_request *req);

/**
 * The header fields that were received.
 *
 * @param req the request.
 * @return the list; the request owns it.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evkeyvalq *evhttp_request_get_input_headers(struct evhttp_request *req);

/**
 * The header fields to send; the program adds to them.
 *
 * @param req the request.
 * @return the list; the request owns it.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evkeyvalq *evhttp_request_get_output_headers(struct evhttp_request *req);

/**
 * The body that was received. It may be drained.
 *
 * @param req the request.
 * @return the buffer; the request owns it.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evbuffer *evhttp_request_get_input_buffer(struct evhttp_request *req);

/**
 * The body to send; a client's program adds to it.
 *
 * @param req the request.
 * @return the buffer; the request owns it.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evbuffer *evhttp_request_get_output_buffer(struct evhttp_request *req);

/**
 * The host that a request is for, without port: that of an absolute target, or else of the Host
 * field.
 *
 * @param req the request.
 * @return the host as it was written; NULL if neither is there. The request owns the string.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
const char *evhttp_request_get_host(struct evhttp_request *req);

/* ---- Header fields --------------------------------------------------------------------------- */

/**
 * Finds a header field.
 *
 * @param headers the list.
 * @param key the name; case does not matter.
 * @return the value of the first field of that name, until the list is changed; NULL if there is
 *     none.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
const char *evhttp_find_header(const struct evkeyvalq *headers, const char *key);

/**
 * Removes the first header field of a name.
 *
 * @param headers the list.
 * @param key the name; case does not matter.
 * @return 0; -1 if there is none.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evhttp_remove_header(struct evkeyvalq *headers, const char *key);

/**
 * Adds a header field at the end, whether or not there is one of that name.
 *
 * @param headers the list.
 * @param key the name.
 * @param value the value, which may be empty.
 * @return 0; -1 if the name or the value has a CR or LF in it, or memory runs out.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evhttp_add_header(struct evkeyvalq *headers, const char *key, const char *value);

/**
 * Removes and frees all fields.
 *
 * @param headers the list; it may be used again.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evhttp_clear_headers(struct evkeyvalq *headers);

/* ---- Encoding -------------------------------------------------------------------------------- */

/**
 * Percent-encodes a string for use in a URI: all but letters, digits and `-._~`.
 *
 * @param str the string.
 * @return the encoded string, freed by the caller with free() (or the function that was given to
 *     event_set_mem_functions()); NULL if out of memory.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
char *evhttp_encode_uri(const char *str);

/**
 * As evhttp_encode_uri(), also for strings with NULs in them.
 *
 * @param str the bytes.
 * @param size how many; negative: up to the first NUL.
 * @param space_to_plus if not 0, a space becomes `+` instead of `%20`.
 * @return as evhttp_encode_uri().
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
char *evhttp_uriencode(const char *str, ev_ssize_t size, int space_to_plus);

/**
 * Decodes a whole URI: `%xx` everywhere, `+` only behind the first question mark.
 *
 * The result is ambiguous. Split the URI first, then decode its parts.
 *
 * @param uri the URI.
 * @return the decoded string, freed as that of evhttp_encode_uri(); NULL if out of memory.
 * @deprecated Use evhttp_uridecode().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
char *evhttp_decode_uri(const char *uri);

/**
 * Decodes `%xx`. Where no two hexadecimal digits follow, the percent sign stays as it is.
 *
 * @param uri the encoded string.
 * @param decode_plus if not 0, `+` becomes a space, as in query arguments.
 * @param size_out is set to the length of the result, which may have NULs in it; or NULL.
 * @return the decoded string with a NUL behind it, freed as that of evhttp_encode_uri(); NULL if
 *     out of memory.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
char *evhttp_uridecode(const char *uri, int decode_plus, size_t *size_out);

/**
 * Splits the query of a URI into arguments.
 *
 * @param uri the URI.
 * @param headers is set up as a new list (what it held before is lost, not freed), and gets the
 *     arguments, as by evhttp_parse_query_str(). A URI without a query has none.
 * @return 0; -1 if the URI or its query is malformed or memory runs out: then the list is empty.
 * @deprecated Use evhttp_uri_parse() and evhttp_parse_query_str().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evhttp_parse_query(const char *uri, struct evkeyvalq *headers);

/**
 * Splits a query string into arguments: `q=test&s=some+thing` into q="test" and s="some thing".
 *
 * Arguments are separated by `&`; a trailing one is ignored. Values are decoded (`%xx` and `+`),
 * names are not. A name may occur several times.
 *
 * @param uri the query, without question mark.
 * @param headers is set up as a new list (what it held before is lost, not freed), and gets the
 *     arguments in their order. Free them with evhttp_clear_headers().
 * @return 0; -1 if an argument has no `=` or no name, or memory runs out: then the list is empty.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evhttp_parse_query_str(const char *uri, struct evkeyvalq *headers);

/** Accept arguments without `=` (their value is empty) and skip those without a name.
 * @since 2.2 (relevent: as an addition to 2.1) */
#define EVHTTP_URI_QUERY_NONCONFORMANT 0x01
/** Of several arguments of the same name (case does not matter) keep only the last.
 * @since 2.2 (relevent: as an addition to 2.1) */
#define EVHTTP_URI_QUERY_LAST_VAL 0x02

/**
 * As evhttp_parse_query_str().
 *
 * @param uri the query, without question mark.
 * @param headers gets the arguments.
 * @param flags EVHTTP_URI_QUERY_* flags, or'ed.
 * @return as evhttp_parse_query_str().
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
int evhttp_parse_query_str_flags(const char *uri, struct evkeyvalq *headers, unsigned flags);

/**
 * Escapes text for HTML: `<`, `>`, `"`, `'` and `&` become `&lt;`, `&gt;`, `&quot;`, `&#039;` and
 * `&amp;`.
 *
 * @param html the text.
 * @return the escaped text, freed as that of evhttp_encode_uri(); NULL if `html` is NULL or memory
 *     runs out.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
char *evhttp_htmlescape(const char *html);

/* ---- URIs ------------------------------------------------------------------------------------ */

/**
 * Makes an empty URI.
 *
 * @return the URI, freed with evhttp_uri_free(); NULL if out of memory.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evhttp_uri *evhttp_uri_new(void);

/**
 * Sets the flags that the functions evhttp_uri_set_path() and so on go by.
 *
 * @param uri the URI.
 * @param flags EVHTTP_URI_* flags, or'ed; they replace those that were set.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
void evhttp_uri_set_flags(struct evhttp_uri *uri, unsigned flags);

/**
 * @name The parts of a URI
 *
 * Nothing is decoded. NULL means that the part is missing, which is not the same as empty: in
 * `file:///x` the host is empty, in `mailto:a@b` there is none. The strings belong to the URI,
 * until that part is set.
 * @{
 */
/**
 * The scheme, without colon; or NULL: the URI is relative.
 *
 * @param uri the URI.
 * @return the scheme, or NULL.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
const char *evhttp_uri_get_scheme(const struct evhttp_uri *uri);
/**
 * User name and password, without `@`; or NULL.
 *
 * @param uri the URI.
 * @return the part, or NULL.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
const char *evhttp_uri_get_userinfo(const struct evhttp_uri *uri);
/**
 * The host, or NULL: there is no authority. An IPv6 address is in brackets, unless
 * #EVHTTP_URI_HOST_STRIP_BRACKETS is set.
 *
 * @param uri the URI.
 * @return the host, or NULL.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
const char *evhttp_uri_get_host(const struct evhttp_uri *uri);
/**
 * The path of a UNIX domain socket, or NULL.
 *
 * @param uri the URI.
 * @see EVHTTP_URI_UNIX_SOCKET
 * @return the path, or NULL.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
const char *evhttp_uri_get_unixsocket(const struct evhttp_uri *uri);
/**
 * The port, or -1 if none is given.
 *
 * @param uri the URI.
 * @return the port, or -1.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evhttp_uri_get_port(const struct evhttp_uri *uri);
/**
 * The path; maybe empty, and NULL only in a URI that evhttp_uri_new() made.
 *
 * @param uri the URI.
 * @return the path, or NULL.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
const char *evhttp_uri_get_path(const struct evhttp_uri *uri);
/**
 * The query, without its question mark; or NULL.
 *
 * @param uri the URI.
 * @return the query, or NULL.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
const char *evhttp_uri_get_query(const struct evhttp_uri *uri);
/**
 * The fragment, without `#`; or NULL.
 *
 * @param uri the URI.
 * @return the fragment, or NULL.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
const char *evhttp_uri_get_fragment(const struct evhttp_uri *uri);
/** @} */

/**
 * @name Changing the parts of a URI
 *
 * The value is copied; NULL removes the part. What is not well-formed for its place is refused: the
 * result is -1, and the URI stays as it was. So it is when memory runs out. Otherwise the result is
 * 0.
 * @{
 */
/**
 * Sets the scheme.
 *
 * @param uri the URI.
 * @param scheme the new value.
 * @return 0, or -1.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evhttp_uri_set_scheme(struct evhttp_uri *uri, const char *scheme);
/**
 * Sets user name and password.
 *
 * @param uri the URI.
 * @param userinfo the new value.
 * @return 0, or -1.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evhttp_uri_set_userinfo(struct evhttp_uri *uri, const char *userinfo);
/**
 * Sets the host: a name, an IPv4 address, an IPv6 address in brackets, or empty.
 *
 * @param uri the URI.
 * @param host the new value.
 * @return 0, or -1.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evhttp_uri_set_host(struct evhttp_uri *uri, const char *host);
/**
 * Sets the path of a UNIX domain socket; -1 on systems without them.
 *
 * @param uri the URI.
 * @param unixsocket the new value.
 * @return 0, or -1.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
int evhttp_uri_set_unixsocket(struct evhttp_uri *uri, const char *unixsocket);
/**
 * Sets the port; -1 removes it, less is refused.
 *
 * @param uri the URI.
 * @param port the new value.
 * @return 0, or -1.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evhttp_uri_set_port(struct evhttp_uri *uri, int port);
/**
 * Sets the path. Beside a host it has to begin with a slash, which evhttp_uri_join() checks.
 *
 * @param uri the URI.
 * @param path the new value.
 * @return 0, or -1.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evhttp_uri_set_path(struct evhttp_uri *uri, const char *path);
/**
 * Sets the query, without its question mark.
 *
 * @param uri the URI.
 * @param query the new value.
 * @return 0, or -1.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evhttp_uri_set_query(struct evhttp_uri *uri, const char *query);
/**
 * Sets the fragment, without `#`.
 *
 * @param uri the URI.
 * @param fragment the new value.
 * @return 0, or -1.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evhttp_uri_set_fragment(struct evhttp_uri *uri, const char *fragment);
/** @} */

/**
 * Splits a URI or a relative reference (RFC 3986) into its parts.
 *
 * Its form is checked, its meaning is not: `ftp:user@host` is a URI, if no useful one. Ports above
 * 65535 are refused. Nothing is decoded.
 *
 * @param source_uri the URI.
 * @param flags EVHTTP_URI_* flags, or'ed.
 * @return the URI, freed with evhttp_uri_free(); NULL if it is malformed or memory runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evhttp_uri *evhttp_uri_parse_with_flags(const char *source_uri, unsigned flags);

/** Accept any characters in path, query and fragment, such as spaces, bytes above 127 and lone
 * percent signs. */
#define EVHTTP_URI_NONCONFORMANT 0x01
/** evhttp_uri_get_host() returns IPv6 addresses without brackets, fit for getaddrinfo(3);
 * evhttp_uri_join() puts them back. @since 2.2 (relevent: as an addition to 2.1) */
#define EVHTTP_URI_HOST_STRIP_BRACKETS 0x04
/** Understand `http://unix:/run/app.sock:/path`, which names a UNIX domain socket and a path on
 * that server. The host is empty then. Without the second colon it is malformed.
 * @since 2.2 (relevent: as an addition to 2.1) */
#define EVHTTP_URI_UNIX_SOCKET 0x08

/**
 * As evhttp_uri_parse_with_flags() without flags.
 *
 * @param source_uri the URI.
 * @return the URI, freed with evhttp_uri_free(); NULL if it is malformed or memory runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evhttp_uri *evhttp_uri_parse(const char *source_uri);

/**
 * Frees a URI that evhttp_uri_new() or one of the parsing functions made.
 *
 * @param uri the URI.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evhttp_uri_free(struct evhttp_uri *uri);

/**
 * Writes a URI into a buffer.
 *
 * Nothing is encoded.
 *
 * @param uri the URI.
 * @param buf where to write it, with a NUL behind it.
 * @param limit the size of `buf` in bytes.
 * @return `buf`; NULL if it is too small, or the URI has a host and a path that does not begin with
 *     a slash.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
char *evhttp_uri_join(struct evhttp_uri *uri, char *buf, size_t limit);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_HTTP_H_INCLUDED_ */
