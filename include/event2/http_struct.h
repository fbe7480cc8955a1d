/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_HTTP_STRUCT_H_INCLUDED_
#define EVENT2_HTTP_STRUCT_H_INCLUDED_

/**
 * @file event2/http_struct.h
 *
 * The layout of an HTTP request, for programs that look into it.
 *
 * The layout is that of libevent 2.1 and stays. New programs use the functions of event2/http.h.
 * The fields are to be read; a program that writes to them may confuse the library, but for those
 * that say otherwise.
 */

#include <event2/event-config.h>
#ifdef EVENT__HAVE_SYS_TYPES_H
#include <sys/types.h>
#endif
#ifdef EVENT__HAVE_SYS_TIME_H
#include <sys/time.h>
#endif

#include <event2/http.h>
#include <event2/util.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @name Bits of evhttp_request::flags
 * @{ */
/** Set in a server's requests: the request sees to it that the connection is freed. */
#define EVHTTP_REQ_OWN_CONNECTION 0x0001
/** The target is an absolute URI, as in requests to a proxy. The connection is closed after it. */
#define EVHTTP_PROXY_REQUEST 0x0002
/** The program owns the request and frees it. @see evhttp_request_own() */
#define EVHTTP_USER_OWNED 0x0004
/** The library is still using the request further up the call stack: it is not freed yet. */
#define EVHTTP_REQ_DEFER_FREE 0x0008
/** The request was freed while #EVHTTP_REQ_DEFER_FREE was set. */
#define EVHTTP_REQ_NEEDS_FREE 0x0010
/** @} */

/** A request, and the reply to it. */
struct evhttp_request {
/** Links in the connection's queue; the connection handles its requests in this order. */
#if defined(TAILQ_ENTRY)
  TAILQ_ENTRY(evhttp_request) next;
#else
  struct {
    struct evhttp_request *tqe_next;
    struct evhttp_request **tqe_prev;
  } next;
#endif

  struct evhttp_connection *evcon; /**< The connection, or NULL when there is none (any more). */
  int flags;                       /**< EVHTTP_REQ_* and the like, see above. */

  struct evkeyvalq *input_headers;  /**< What the peer sent. */
  struct evkeyvalq *output_headers; /**< What is sent to the peer; the program may add to it. */

  char *remote_host;       /**< The peer's address in numbers; NULL on the client's side. */
  ev_uint16_t remote_port; /**< The peer's port, in the host's byte order. */

  char *host_cache; /**< What evhttp_request_get_host() found, or NULL. */

  enum evhttp_request_kind kind; /**< Is this a request that came, or a reply? */
  enum evhttp_cmd_type type;     /**< The method. */

  size_t headers_size; /**< Bytes of the header section that have been read. */
  size_t body_size;    /**< Bytes of the body that have been read. */

  char *uri;                    /**< The target, as it stood in the request line. */
  struct evhttp_uri *uri_elems; /**< The target's parts, on the server's side. */

  char major; /**< HTTP version of what was received: the digit before the dot. */
  char minor; /**< The digit behind it. */

  int response_code;        /**< The status code, or 0 while there is none. */
  char *response_code_line; /**< The reason phrase, or NULL. */

  struct evbuffer *input_buffer; /**< The body that was received; the program may drain it. */
  ev_int64_t ntoread;            /**< Bytes of body (or chunk) still to come; -1: until the end. */
  unsigned chunked : 1,          /**< The body being sent or received is chunked. */
      userdone : 1;              /**< The program has finished its reply. */

  struct evbuffer *output_buffer; /**< The body to send; the program may add to it. */

  /** Called when a request has come, or when the reply has come or failed. */
  void (*cb)(struct evhttp_request *, void *);
  void *cb_arg; /**< The argument of cb, chunk_cb, header_cb and error_cb. */

  /** See evhttp_request_set_chunked_cb(); or NULL. */
  void (*chunk_cb)(struct evhttp_request *, void *);

  /** See evhttp_request_set_header_cb(); or NULL. */
  int (*header_cb)(struct evhttp_request *, void *);

  /** See evhttp_request_set_error_cb(); or NULL. */
  void (*error_cb)(enum evhttp_request_error, void *);

  /** See evhttp_request_set_on_complete_cb(); or NULL. */
  void (*on_complete_cb)(struct evhttp_request *, void *);
  void *on_complete_cb_arg; /**< Its argument. */
};

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_HTTP_STRUCT_H_INCLUDED_ */
