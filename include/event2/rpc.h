/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_RPC_H_INCLUDED_
#define EVENT2_RPC_H_INCLUDED_

/**
 * @file event2/rpc.h
 *
 * Remote procedure calls over HTTP.
 *
 * Messages are described in an .rpc file, from which event_rpcgen.py makes C structures with
 * functions to fill, read, marshal and unmarshal them. A call is a POST of a request message to
 * `/.rpc.NAME`, its reply has the reply message as body.
 * What a server cannot read (another method, an empty body, a malformed message) it answers with
 * 503.
 *
 * @par Server
 * @code
 * EVRPC_HEADER(Add, Numbers, Sum)      (in a header)
 * EVRPC_GENERATE(Add, Numbers, Sum)    (in one C file)
 *
 * static void add(EVRPC_STRUCT(Add) *rpc, void *arg) {
 *   EVTAG_ASSIGN(rpc->reply, sum, 42);
 *   EVRPC_REQUEST_DONE(rpc);
 * }
 * struct evrpc_base *rpcs = evrpc_init(http);
 * EVRPC_REGISTER(rpcs, Add, Numbers, Sum, add, NULL);
 * @endcode
 *
 * @par Client
 * @code
 * static void added(struct evrpc_status *status, struct Numbers *in, struct Sum *out, void *arg) {
 *   if (status->error == EVRPC_STATUS_ERR_NONE) ...
 * }
 * struct evrpc_pool *pool = evrpc_pool_new(base);
 * evrpc_pool_add_connection(pool, evhttp_connection_base_new(base, NULL, "127.0.0.1", 8080));
 * EVRPC_MAKE_REQUEST(Add, pool, numbers, sum, added, NULL);
 * @endcode
 *
 * As with all of HTTP there are no locks: use a base or pool in the thread that runs its loop.
 * Callbacks run from the loop, unless noted otherwise.
 */

#include <event2/util.h>
#include <event2/visibility.h>

#ifdef __cplusplus
extern "C" {
#endif

struct evbuffer;
struct event_base;
struct evhttp;
struct evhttp_connection;
struct evhttp_request;

/** The RPCs of a server. */
struct evrpc_base;
/** The connections that a client makes its calls over. */
struct evrpc_pool;
/** A registered RPC; see event2/rpc_struct.h. */
struct evrpc;
/** A call that a server has received, of whatever RPC. */
struct evrpc_req_generic;
/** A call that a client makes. */
struct evrpc_request_wrapper;
/** How a call ended; see event2/rpc_struct.h. */
struct evrpc_status;
/** The meta data of a call. */
struct evrpc_hook_meta;

/**
 * @name Fields of messages
 *
 * `msg` is a pointer to a message, `member` the name of a field. But for EVTAG_HAS and the length
 * they call the functions that event_rpcgen.py made, which return 0, or -1 on failure.
 * @{
 */
/** 1 if the field is set, else 0. */
#define EVTAG_HAS(msg, member) ((msg)->member##_set == 1)

#ifndef EVENT2_RPC_COMPAT_H_INCLUDED_
/** Sets a field. Strings and messages are copied. */
#define EVTAG_ASSIGN(msg, member, value) (*(msg)->base->member##_assign)((msg), (value))
/** Sets a field of bytes: `len` of them from `value`, copied. */
#define EVTAG_ASSIGN_WITH_LEN(msg, member, value, len) \
  (*(msg)->base->member##_assign)((msg), (value), (len))
/** Reads a field into `*pvalue`; -1 if it is not set. The message owns what pointers point to. */
#define EVTAG_GET(msg, member, pvalue) (*(msg)->base->member##_get)((msg), (pvalue))
/** Reads a field of bytes: a pointer into `*pvalue`, their number into `*plen`. */
#define EVTAG_GET_WITH_LEN(msg, member, pvalue, plen) \
  (*(msg)->base->member##_get)((msg), (pvalue), (plen))
#endif

/** Adds an entry with a value to an array; the result points to it, or is NULL. */
#define EVTAG_ARRAY_ADD_VALUE(msg, member, value) (*(msg)->base->member##_add)((msg), (value))
/** Adds an empty message to an array; the result points to it, or is NULL. */
#define EVTAG_ARRAY_ADD(msg, member) (*(msg)->base->member##_add)(msg)
/** Reads the entry `offset` (from 0) of an array into `*pvalue`. */
#define EVTAG_ARRAY_GET(msg, member, offset, pvalue) \
  (*(msg)->base->member##_get)((msg), (offset), (pvalue))
/** The number of entries of an array. */
#define EVTAG_ARRAY_LEN(msg, member) ((msg)->member##_length)
/** @} */

/**
 * @name Declaring an RPC
 *
 * `rpcname` is the name of the RPC, `reqstruct` and `rplystruct` are the names of the message
 * types, without `struct`.
 * @{
 */
/** The type of a call of an RPC that the server's callback gets: its fields `request` and `reply`
 * point to the messages, which belong to the call. */
#define EVRPC_STRUCT(rpcname) struct evrpc_req__##rpcname

/** Declares the type EVRPC_STRUCT(rpcname), and the client's function
 * `evrpc_send_request_<rpcname>`. Goes where both sides see it, after the messages' header. */
#define EVRPC_HEADER(rpcname, reqstruct, rplystruct)                                           \
  EVRPC_STRUCT(rpcname) {                                                                      \
    struct evrpc_hook_meta *hook_meta;                                                         \
    struct reqstruct *request;                                                                 \
    struct rplystruct *reply;                                                                  \
    struct evrpc *rpc;                                                                         \
    struct evhttp_request *http_req;                                                           \
    struct evbuffer *rpc_data;                                                                 \
  };                                                                                           \
  EVENT2_EXPORT_SYMBOL                                                                         \
  int evrpc_send_request_##rpcname(                                                            \
      struct evrpc_pool *, struct reqstruct *, struct rplystruct *,                            \
      void (*)(struct evrpc_status *, struct reqstruct *, struct rplystruct *, void *cbarg),   \
      void *);

/** Defines the client's function of an RPC. Goes into one source file. */
#define EVRPC_GENERATE(rpcname, reqstruct, rplystruct)                                         \
  int evrpc_send_request_##rpcname(                                                            \
      struct evrpc_pool *pool, struct reqstruct *request, struct rplystruct *reply,            \
      void (*cb)(struct evrpc_status *, struct reqstruct *, struct rplystruct *, void *cbarg), \
      void *cbarg) {                                                                           \
    return evrpc_send_request_generic(                                                         \
        pool, request, reply, (void (*)(struct evrpc_status *, void *, void *, void *))cb,     \
        cbarg, #rpcname, (void (*)(struct evbuffer *, void *))reqstruct##_marshal,             \
        (void (*)(void *))rplystruct##_clear,                                                  \
        (int (*)(void *, struct evbuffer *))rplystruct##_unmarshal);                           \
  }
/** @} */

/* ---- The server ------------------------------------------------------------------------------ */

/**
 * Makes the RPCs' side of an HTTP server.
 *
 * @param server the server; it has to outlive the result.
 * @return the base, freed with evrpc_free(); NULL if out of memory.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
struct evrpc_base *evrpc_init(struct evhttp *server);

/**
 * Unregisters all RPCs and frees a base with its hooks.
 *
 * Paused calls get status 503. Calls that the program still has may be finished afterwards, without
 * hooks. (libevent 2.1 must not have any call under way.)
 *
 * @param base the base; its server must still be there.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evrpc_free(struct evrpc_base *base);

/**
 * Registers an RPC.
 *
 * @param base an evrpc_base.
 * @param name the RPC's name, which must not be registered.
 * @param request the request message's type.
 * @param reply the reply message's type.
 * @param callback called for each call: `void callback(EVRPC_STRUCT(name) *rpc, void *cbarg)`. It
 *     fills in the reply, and calls EVRPC_REQUEST_DONE(), at once or later.
 * @param cbarg its last argument.
 * @return 0, or -1 if out of memory or the name is taken.
 */
#define EVRPC_REGISTER(base, name, request, reply, callback, cbarg)                                \
  evrpc_register_generic(                                                                          \
      base, #name, (void (*)(struct evrpc_req_generic *, void *))callback, cbarg,                  \
      (void *(*)(void *))request##_new_with_arg, NULL, (void (*)(void *))request##_free,           \
      (int (*)(void *, struct evbuffer *))request##_unmarshal,                                     \
      (void *(*)(void *))reply##_new_with_arg, NULL, (void (*)(void *))reply##_free,               \
      (int (*)(void *))reply##_complete, (void (*)(struct evbuffer *, void *))reply##_marshal)

/**
 * Unregisters an RPC: calls of it get 404 from now on. Those under way are not affected.
 *
 * @param base an evrpc_base.
 * @param name the RPC's name.
 * @return 0, or -1 if it is not registered.
 */
#define EVRPC_UNREGISTER(base, name) evrpc_unregister_rpc((base), #name)

/** The HTTP request beneath a call that a server received, to look at its address and header
 * fields. */
#define EVRPC_REQUEST_HTTP(rpc_req) (rpc_req)->http_req

/**
 * Sends the reply of a call. Call and messages are invalid afterwards.
 *
 * If a field of the reply is missing that has to be there, the client gets status 503.
 */
#define EVRPC_REQUEST_DONE(rpc_req)                                               \
  do {                                                                            \
    struct evrpc_req_generic *req_ = (struct evrpc_req_generic *)(rpc_req);       \
    evrpc_request_done(req_);                                                     \
  } while (0)

/**
 * Does the work of EVRPC_REQUEST_DONE().
 *
 * @param req the call.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evrpc_request_done(struct evrpc_req_generic *req);

/**
 * @param req the call.
 * @return the request message of a call.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void *evrpc_get_request(struct evrpc_req_generic *req);

/**
 * @param req the call.
 * @return the reply message of a call.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void *evrpc_get_reply(struct evrpc_req_generic *req);

/**
 * Registers an RPC that the program has described. EVRPC_REGISTER() is easier.
 *
 * @param base the base.
 * @param rpc the description, from the allocator of the library, with an allocated name. On success
 *     the base owns it.
 * @param cb called for each call.
 * @param cb_arg its last argument.
 * @return 0, or -1 if out of memory or the name is taken.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evrpc_register_rpc(struct evrpc_base *base, struct evrpc *rpc,
                       void (*cb)(struct evrpc_req_generic *, void *), void *cb_arg);

/**
 * Does the work of EVRPC_REGISTER(). For the functions see struct evrpc.
 *
 * @param base the base.
 * @param name the name of the RPC; copied.
 * @param callback called for each call.
 * @param cbarg its last argument.
 * @param req_new makes a request message.
 * @param req_new_arg its argument.
 * @param req_free frees one.
 * @param req_unmarshal reads one.
 * @param rpl_new makes a reply message.
 * @param rpl_new_arg its argument.
 * @param rpl_free frees one.
 * @param rpl_complete tells whether one has all it needs.
 * @param rpl_marshal writes one.
 * @return 0, or -1 if out of memory or the name is taken.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evrpc_register_generic(struct evrpc_base *base, const char *name,
                           void (*callback)(struct evrpc_req_generic *, void *), void *cbarg,
                           void *(*req_new)(void *), void *req_new_arg, void (*req_free)(void *),
                           int (*req_unmarshal)(void *, struct evbuffer *),
                           void *(*rpl_new)(void *), void *rpl_new_arg, void (*rpl_free)(void *),
                           int (*rpl_complete)(void *),
                           void (*rpl_marshal)(struct evbuffer *, void *));

/**
 * Does the work of EVRPC_UNREGISTER().
 *
 * @param base the base.
 * @param name the RPC's name.
 * @return 0, or -1 if it is not registered.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evrpc_unregister_rpc(struct evrpc_base *base, const char *name);

/* ---- The client ------------------------------------------------------------------------------ */

/**
 * Calls an RPC.
 *
 * @param name the RPC's name.
 * @param pool an evrpc_pool. If all its connections are busy, the call waits. (In libevent 2.1 it
 *     must have a connection.)
 * @param request the request message. The program owns it; it is read when the call is sent, so it
 *     has to stay as it is until the callback.
 * @param reply an empty message for the reply, which has to stay valid until the callback. The
 *     program owns it. If the call fails after it was sent, it is emptied.
 * @param cb called once: `void cb(struct evrpc_status *, struct request *, struct reply *, void
 *     *)`.
 * @param cbarg its last argument.
 * @return 0; -1 if out of memory, without a callback. What fails later, even at once, is told to
 *     the callback.
 */
#define EVRPC_MAKE_REQUEST(name, pool, request, reply, cb, cbarg) \
  evrpc_send_request_##name((pool), (request), (reply), (cb), (cbarg))

/**
 * Makes a call's context without sending it, for programs that change it first.
 *
 * @param rpcname the RPC's name.
 * @param reqstruct the request message's type.
 * @param rplystruct the reply message's type.
 * @param pool,request,reply,cb,cbarg as for EVRPC_MAKE_REQUEST().
 * @return the context, for evrpc_make_request(); NULL if out of memory.
 */
#define EVRPC_MAKE_CTX(rpcname, reqstruct, rplystruct, pool, request, reply, cb, cbarg)            \
  evrpc_make_request_ctx(pool, request, reply, #rpcname,                                           \
                         (void (*)(struct evbuffer *, void *))reqstruct##_marshal,                 \
                         (void (*)(void *))rplystruct##_clear,                                     \
                         (int (*)(void *, struct evbuffer *))rplystruct##_unmarshal,               \
                         (void (*)(struct evrpc_status *, void *, void *, void *))cb, cbarg)

/**
 * Does the work of EVRPC_MAKE_CTX().
 *
 * @param pool the pool.
 * @param request the request message.
 * @param reply the reply message.
 * @param rpcname the RPC's name, copied.
 * @param req_marshal writes a request to a buffer.
 * @param rpl_clear empties a reply.
 * @param rpl_unmarshal reads a reply from a buffer; 0, or -1 if it is malformed.
 * @param cb called with the result.
 * @param cbarg its last argument.
 * @return the context, for evrpc_make_request(); NULL if out of memory.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evrpc_request_wrapper *evrpc_make_request_ctx(
    struct evrpc_pool *pool, void *request, void *reply, const char *rpcname,
    void (*req_marshal)(struct evbuffer *, void *), void (*rpl_clear)(void *),
    int (*rpl_unmarshal)(void *, struct evbuffer *),
    void (*cb)(struct evrpc_status *, void *, void *, void *), void *cbarg);

/**
 * Sends a call whose context EVRPC_MAKE_CTX() made.
 *
 * @param ctx the context; the pool owns it from now on.
 * @return 0. Failures are told to the callback.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evrpc_make_request(struct evrpc_request_wrapper *ctx);

/**
 * Does the work of EVRPC_MAKE_REQUEST(); arguments as of evrpc_make_request_ctx().
 *
 * @param pool the pool.
 * @param request the request message.
 * @param reply the message for the reply.
 * @param cb called with the result.
 * @param cb_arg its last argument.
 * @param rpcname the name of the RPC.
 * @param req_marshal writes the request.
 * @param rpl_clear empties the reply.
 * @param rpl_unmarshal reads the reply.
 * @return 0, or -1 on failure.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evrpc_send_request_generic(struct evrpc_pool *pool, void *request, void *reply,
                               void (*cb)(struct evrpc_status *, void *, void *, void *),
                               void *cb_arg, const char *rpcname,
                               void (*req_marshal)(struct evbuffer *, void *),
                               void (*rpl_clear)(void *),
                               int (*rpl_unmarshal)(void *, struct evbuffer *));

/**
 * Makes a pool.
 *
 * @param base the base on which it runs; it is set for connections that have none. NULL for the
 *     current base.
 * @return the pool, freed with evrpc_pool_free(); NULL if out of memory.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
struct evrpc_pool *evrpc_pool_new(struct event_base *base);

/**
 * Frees a pool with its connections and hooks. Its calls are dropped, their callbacks not called.
 *
 * May be called by a call's callback, and (not in libevent 2.1) by a hook.
 *
 * @param pool the pool.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evrpc_pool_free(struct evrpc_pool *pool);

/**
 * Adds a connection to a pool.
 *
 * It gets the pool's base unless it has one (which in libevent 2.1 it must not), and the pool's
 * time limit if there is one. A call that waits for a connection may be sent at once.
 *
 * @param pool the pool, which owns the connection from now on.
 * @param evcon a connection that has not been used.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evrpc_pool_add_connection(struct evrpc_pool *pool, struct evhttp_connection *evcon);

/**
 * Removes a connection from a pool.
 *
 * @param pool the pool.
 * @param evcon a connection of the pool without a call under way; the caller owns it afterwards. A
 *     call that an output hook has paused for it fails when it is resumed.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evrpc_pool_remove_connection(struct evrpc_pool *pool, struct evhttp_connection *evcon);

/**
 * Sets the time a call may take from being sent to the reply. Then it fails with
 * EVRPC_STATUS_ERR_TIMEOUT.
 *
 * All connections of the pool get it, later ones too.
 *
 * @param pool the pool.
 * @param timeout_in_secs seconds; 0 for no limit.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evrpc_pool_set_timeout(struct evrpc_pool *pool, int timeout_in_secs);

/* ---- Hooks ----------------------------------------------------------------------------------- */

/** Which messages a hook sees. */
enum EVRPC_HOOK_TYPE {
  EVRPC_INPUT, /**< Those that are received: requests on a server, replies on a client. */
  EVRPC_OUTPUT /**< Those that are sent. */
};

#ifndef _WIN32
/** Old name of #EVRPC_INPUT. */
#define INPUT EVRPC_INPUT
/** Old name of #EVRPC_OUTPUT. */
#define OUTPUT EVRPC_OUTPUT
#endif

/** What a hook returns. */
enum EVRPC_HOOK_RESULT {
  EVRPC_TERMINATE = -1, /**< End the call: on a server with status 503, on a client with
                             EVRPC_STATUS_ERR_UNSTARTED or, by an input hook,
                             EVRPC_STATUS_ERR_HOOKABORTED. */
  EVRPC_CONTINUE = 0,   /**< Go on. */
  EVRPC_PAUSE = 1       /**< Wait for evrpc_resume_request(). */
};

/**
 * Adds a hook, which sees the messages in marshalled form and may change them: to compress, encrypt
 * or authenticate them.
 *
 * Hooks are called in the order of their addition.
 *
 * @param vbase an evrpc_base or evrpc_pool.
 * @param hook_type which messages.
 * @param cb called with the call's context (for the functions below), the HTTP request, the message
 *     and `cb_arg`; returns an #EVRPC_HOOK_RESULT. After EVRPC_PAUSE the remaining hooks are not
 *     called.
 * @param cb_arg its last argument.
 * @return a handle, for evrpc_remove_hook(); the base or pool owns it. NULL if out of memory.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void *evrpc_add_hook(void *vbase, enum EVRPC_HOOK_TYPE hook_type,
                     int (*cb)(void *, struct evhttp_request *, struct evbuffer *, void *),
                     void *cb_arg);

/**
 * Removes a hook.
 *
 * @param vbase the evrpc_base or evrpc_pool.
 * @param hook_type the type it was added with.
 * @param handle its handle.
 * @return 1 if it was removed; 0 if there is no such hook.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evrpc_remove_hook(void *vbase, enum EVRPC_HOOK_TYPE hook_type, void *handle);

/**
 * Goes on with a call that a hook paused.
 *
 * @param vbase the evrpc_base or evrpc_pool.
 * @param ctx the call's context, as the hook got it.
 * @param res EVRPC_CONTINUE or EVRPC_TERMINATE.
 * @return 0; -1 if no such call is paused.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evrpc_resume_request(void *vbase, void *ctx, enum EVRPC_HOOK_RESULT res);

/**
 * Attaches data to a call, for its later hooks (of either type) on the same side.
 *
 * @param ctx the call's context, as the hook got it.
 * @param key the data's name, copied.
 * @param data the data, copied. The first of several of one name is the one that is found.
 * @param data_size its size in bytes; in libevent 2.1 not 0.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void evrpc_hook_add_meta(void *ctx, const char *key, const void *data, size_t data_size);

/**
 * Finds data that evrpc_hook_add_meta() attached.
 *
 * @param ctx the call's context.
 * @param key the data's name.
 * @param data is set to the data, which the call owns.
 * @param data_size is set to its size in bytes.
 * @return 0; -1 if there is none of that name.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int evrpc_hook_find_meta(void *ctx, const char *key, void **data, size_t *data_size);

/**
 * The connection that a call came or goes over.
 *
 * @param ctx the call's context, as the hook got it.
 * @return the connection; NULL if no hook has seen the call yet.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evhttp_connection *evrpc_hook_get_connection(void *ctx);

/**
 * @param ctx the context.
 * @return the pool that a call's context is for.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evrpc_pool *evrpc_request_get_pool(struct evrpc_request_wrapper *ctx);

/**
 * Changes the pool of a context that has not been sent yet.
 *
 * @param ctx the context.
 * @param pool the other pool.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evrpc_request_set_pool(struct evrpc_request_wrapper *ctx, struct evrpc_pool *pool);

/**
 * Changes the callback of a context that has not been sent yet.
 *
 * @param ctx the context.
 * @param cb called with the result.
 * @param cb_arg its last argument.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evrpc_request_set_cb(struct evrpc_request_wrapper *ctx,
                          void (*cb)(struct evrpc_status *, void *request, void *reply, void *arg),
                          void *cb_arg);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_RPC_H_INCLUDED_ */
