/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_RPC_STRUCT_H_INCLUDED_
#define EVENT2_RPC_STRUCT_H_INCLUDED_

/**
 * @file event2/rpc_struct.h
 *
 * The open structures of RPC. Their layout is that of libevent 2.1 and stays.
 */

#ifdef __cplusplus
extern "C" {
#endif

struct evbuffer;
struct evhttp_request;
struct evrpc_base;
struct evrpc_req_generic;

/* The macro of <sys/queue.h> that the declarations need, only while this file is read. */
/** @cond */
#ifndef TAILQ_ENTRY
#define EVENT_DEFINED_TQENTRY_
#define TAILQ_ENTRY(type)   \
  struct {                  \
    struct type *tqe_next;  \
    struct type **tqe_prev; \
  }
#endif
/** @endcond */

/** @name How a call ended, evrpc_status::error
 * @{ */
/** The reply is there. */
#define EVRPC_STATUS_ERR_NONE 0
/** The server could not be reached, or did not answer in time. */
#define EVRPC_STATUS_ERR_TIMEOUT 1
/** The reply could not be read. */
#define EVRPC_STATUS_ERR_BADPAYLOAD 2
/** The call was not sent: an output hook ended it, or there was no memory. */
#define EVRPC_STATUS_ERR_UNSTARTED 3
/** An input hook ended it. */
#define EVRPC_STATUS_ERR_HOOKABORTED 4
/** @} */

/** How a call ended, for a client's callback. It is valid during the call. */
struct evrpc_status {
  int error; /**< An EVRPC_STATUS_ERR_* value. */

  struct evhttp_request *http_req; /**< The HTTP request, for its header fields; may be NULL. */
};

/**
 * A registered RPC of a server. evrpc_register_generic() makes and fills it; evrpc_register_rpc()
 * takes one that the program has filled.
 */
struct evrpc {
  TAILQ_ENTRY(evrpc) next; /**< Links of the list of RPCs. */

  const char *uri; /**< The name of the RPC, allocated; the library owns it after registration. */

  void *(*request_new)(void *); /**< Makes a message for the request; NULL on failure. */
  void *request_new_arg;        /**< The argument of request_new. */

  void (*request_free)(void *); /**< Frees such a message. */

  /** Reads a request from a buffer; 0, or -1 if it is malformed. */
  int (*request_unmarshal)(void *, struct evbuffer *);

  void *(*reply_new)(void *); /**< Makes a message for the reply; NULL on failure. */
  void *reply_new_arg;        /**< The argument of reply_new. */

  void (*reply_free)(void *); /**< Frees such a message. */

  int (*reply_complete)(void *); /**< 0 if all fields that have to be there are, else -1. */

  void (*reply_marshal)(struct evbuffer *, void *); /**< Writes a reply to a buffer. */

  void (*cb)(struct evrpc_req_generic *, void *); /**< Called for each request. */
  void *cb_arg;                                   /**< The last argument of cb. */

  struct evrpc_base *base; /**< Where it is registered. */
};

#ifdef EVENT_DEFINED_TQENTRY_
#undef TAILQ_ENTRY
#endif

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_RPC_STRUCT_H_INCLUDED_ */
