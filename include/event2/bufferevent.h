/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_BUFFEREVENT_H_INCLUDED_
#define EVENT2_BUFFEREVENT_H_INCLUDED_

/**
 * @file event2/bufferevent.h
 *
 * The bufferevent: a two-way stream of bytes with an input and an output buffer (see
 * event2/buffer.h) that the loop of an event_base fills and empties.
 *
 * While reading is enabled, what arrives is put into the input buffer and the read callback is
 * called. While writing is enabled, what the program adds to the output buffer is written from the
 * loop, and the write callback is called when it is gone. End of stream, errors, timeouts and a
 * finished connect come to the event callback.
 *
 * There are four kinds:
 * - over a socket: bufferevent_socket_new();
 * - a pair that is connected to itself: bufferevent_pair_new();
 * - a filter that transforms the bytes of another bufferevent: bufferevent_filter_new();
 * - TLS: see event2/bufferevent_ssl.h.
 *
 * **Errors.** Functions that allocate fail if memory runs out, and leave everything as it was. The
 * bufferevent argument must not be NULL.
 *
 * **Threads.** A bufferevent may be used by one thread at a time, namely the one that runs its
 * base's loop, unless it was made with #BEV_OPT_THREADSAFE and threading is enabled
 * (event2/thread.h). Then its functions may be called from any thread, and its two buffers share
 * its lock. Only if that is set do bufferevent_lock() and bufferevent_unlock() do anything.
 *
 * **Callbacks.** The three callbacks of bufferevent_setcb() run in the thread of the loop, with the
 * bufferevent's lock held (but see #BEV_OPT_UNLOCK_CALLBACKS), and may call any function of this
 * file, bufferevent_free() of their own bufferevent included. Functions here call no user callback
 * before they return, except where stated: bufferevent_trigger(), bufferevent_trigger_event(),
 * bufferevent_flush(), and a blocking bufferevent_socket_connect_hostname().
 */

#include <event2/visibility.h>

#ifdef __cplusplus
extern "C" {
#endif

#include <event2/event-config.h>
#ifdef EVENT__HAVE_SYS_TYPES_H
#include <sys/types.h>
#endif
#ifdef EVENT__HAVE_SYS_TIME_H
#include <sys/time.h>
#endif
#include <event2/util.h>

/**
 * @name Event codes
 *
 * The bits of the second argument of an event callback.
 * @since 2.0
 * @{
 */
/** It happened while reading. */
#define BEV_EVENT_READING 0x01
/** It happened while writing. */
#define BEV_EVENT_WRITING 0x02
/** The stream has ended: the peer will send no more. Bytes already read are still in the buffer. */
#define BEV_EVENT_EOF 0x10
/**
 * An error that cannot be retried; EVUTIL_SOCKET_ERROR() has its code at the start of the callback,
 * bufferevent_socket_get_dns_error() that of a failed look-up.
 */
#define BEV_EVENT_ERROR 0x20
/** A timeout of bufferevent_set_timeouts() has passed. */
#define BEV_EVENT_TIMEOUT 0x40
/** The connection that was asked for is established (for TLS: the handshake is done). */
#define BEV_EVENT_CONNECTED 0x80
/** @} */

/**
 * A bufferevent. Its fields are in event2/bufferevent_struct.h, for old programs only.
 *
 * @since 1.4
 */
struct bufferevent;
struct event_base;
struct evbuffer;
struct sockaddr;

/**
 * A read or write callback.
 *
 * The read callback is called when bytes have arrived and the input buffer holds at least the low
 * read watermark (at first 0: any amount). It is not called again for bytes it left, until more
 * come; but at the high read watermark it is called in every round of the loop, until it has drained
 * the input below that or disabled reading. The write callback is called when bytes have been written
 * and the output buffer holds no more than the low write watermark (at first 0: it is empty).
 *
 * @param bev the bufferevent; the callback may free it.
 * @param ctx what bufferevent_setcb() was given.
 * @since 1.4
 */
typedef void (*bufferevent_data_cb)(struct bufferevent* bev, void* ctx);

/**
 * An event callback: end of stream, error, timeout or connect.
 *
 * The direction it happened in is disabled by then (a failed connect disables none). If callbacks
 * are deferred, one call may report several events: the bits are combined.
 *
 * @param bev the bufferevent; the callback may free it.
 * @param what bits BEV_EVENT_...: what happened, and the direction if it has one.
 * @param ctx what bufferevent_setcb() was given.
 * @since 1.4
 */
typedef void (*bufferevent_event_cb)(struct bufferevent* bev, short what, void* ctx);

/**
 * How a bufferevent is made. A set of bits.
 *
 * @since 2.0
 */
enum bufferevent_options {
  /** Freeing it closes its descriptor, or frees the bufferevent under it. No effect on pairs. */
  BEV_OPT_CLOSE_ON_FREE = (1 << 0),

  /** It has a lock, if threading is enabled. */
  BEV_OPT_THREADSAFE = (1 << 1),

  /**
   * Its callbacks are called by the loop on their own, not from deep inside whatever made them due:
   * no callback nests in another. At most one read, write and event callback each is due at a time.
   * Pairs always do this.
   */
  BEV_OPT_DEFER_CALLBACKS = (1 << 2),

  /**
   * Its callbacks are called without its lock. Demands #BEV_OPT_DEFER_CALLBACKS, else nothing is
   * made. Another thread may use, but should not free, the bufferevent during a callback.
   */
  BEV_OPT_UNLOCK_CALLBACKS = (1 << 3)
};

/**
 * Makes a bufferevent over a socket. Writing is enabled, reading is not; timeouts and callbacks are
 * not set.
 *
 * @param base the base whose loop works on it.
 * @param fd a stream socket, nonblocking, connected or about to be; or -1: it is set
 * later by bufferevent_setfd() or made by bufferevent_socket_connect().
 * @param options bits BEV_OPT_...
 * @return the bufferevent, which bufferevent_free() frees; NULL if the options contradict each
 * other or memory runs out (@p fd is then untouched).
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct bufferevent* bufferevent_socket_new(struct event_base* base, evutil_socket_t fd,
                                           int options);

/**
 * Starts to connect a socket bufferevent to an address. Returns at once; the event callback is told
 * the outcome: #BEV_EVENT_CONNECTED, or #BEV_EVENT_ERROR. What is written meanwhile is sent then.
 *
 * If the bufferevent has no descriptor a nonblocking, close-on-exec stream socket of the address's
 * family is made for it; it is closed when the bufferevent is freed only with
 * #BEV_OPT_CLOSE_ON_FREE.
 *
 * @param bufev a socket bufferevent.
 * @param addr the address; copied. NULL: the program has called connect() on the descriptor, wait
 * for the outcome of that.
 * @param socklen its length in bytes.
 * @return 0, also if the connection is refused straight away (the callback tells); -1 if there is
 *     neither descriptor nor address, it is not a socket bufferevent, or no socket can be made. The
 *     callback is not called after -1.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_socket_connect(struct bufferevent* bufev, const struct sockaddr* addr, int socklen);

struct evdns_base;

/**
 * Looks a host name up and connects a socket bufferevent to its first address, as
 * bufferevent_socket_connect() does.
 *
 * Reading and writing wait until the name is resolved. If the look-up fails the event callback gets
 * #BEV_EVENT_ERROR, and bufferevent_socket_get_dns_error() has the reason.
 *
 * @param bufev a socket bufferevent.
 * @param evdns_base resolver to use. NULL: the system's resolver, which blocks this thread until it
 * has an answer; the event callback may then be called before this function returns.
 * @param family the family the address must be of: AF_INET, AF_INET6, or AF_UNSPEC for either.
 * @param hostname a name ("www.example.com") or an address ("192.0.2.1", "2001:db8::1",
 *     "[2001:db8::1]").
 * @param port the port, 1 to 65535.
 * @return 0; -1 if family or port is another, or memory runs out. The callback is not called after
 * -1.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_socket_connect_hostname(struct bufferevent* bufev, struct evdns_base* evdns_base,
                                        int family, const char* hostname, int port);

/**
 * Like bufferevent_socket_connect_hostname() with all the hints that a look-up takes.
 *
 * @param bufev a socket bufferevent.
 * @param evdns_base resolver to use; NULL: the system's, which blocks.
 * @param hints_in hints as for evutil_getaddrinfo(); read during the call only. Its ai_family must
 * be one that bufferevent_socket_connect_hostname() takes; its protocol and socket type should be
 *     those of a stream.
 * @param hostname a name or an address.
 * @param port the port, 1 to 65535.
 * @return as for bufferevent_socket_connect_hostname().
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_socket_connect_hostname_hints(struct bufferevent* bufev,
                                              struct evdns_base* evdns_base,
                                              const struct evutil_addrinfo* hints_in,
                                              const char* hostname, int port);

/**
 * Tells why the last look-up of bufferevent_socket_connect_hostname() failed.
 *
 * @param bev the bufferevent.
 * @return an EVUTIL_EAI_... code, for evutil_gai_strerror(); 0 if it did not fail or there was
 * none.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_socket_get_dns_error(struct bufferevent* bev);

/**
 * Moves a socket bufferevent to another base. Allowed only while nothing is pending on it: before
 * it is first enabled for reading, written to or connected.
 *
 * @param base the base.
 * @param bufev a socket bufferevent.
 * @return 0; -1 if it is of another kind, or something is pending.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_base_set(struct event_base* base, struct bufferevent* bufev);

/**
 * Tells the base of a bufferevent.
 *
 * @param bev the bufferevent.
 * @return its base.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct event_base* bufferevent_get_base(struct bufferevent* bev);

/**
 * Sets the priority of a socket bufferevent's events and deferred callbacks.
 *
 * @param bufev a socket bufferevent with nothing active.
 * @param pri from 0, the most urgent, to event_base_get_npriorities() - 1.
 * @return 0; -1 if the priority is out of range, the bufferevent is of another kind, or one of its
 *     events is active.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_priority_set(struct bufferevent* bufev, int pri);

/**
 * Tells the priority of a bufferevent.
 *
 * @param bufev the bufferevent.
 * @return its priority. One that is not over a socket has the base's default, half its number of
 *     priorities.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_get_priority(const struct bufferevent* bufev);

/**
 * Frees a bufferevent: no callback is called any more, and it goes when nothing uses it (see
 * bufferevent_incref()).
 *
 * Bytes in its buffers are lost: to send all of them, wait for the write callback first. The
 * descriptor, or the bufferevent under it, stays open unless #BEV_OPT_CLOSE_ON_FREE was set.
 * Allowed inside its own callbacks. Some of the clean-up, closing the descriptor for instance, is
 * done when the loop runs next, or when the base is freed.
 *
 * @param bufev the bufferevent; the caller may not use it afterwards.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void bufferevent_free(struct bufferevent* bufev);

/**
 * Sets the callbacks of a bufferevent. Deferred callbacks that are due go to the new functions.
 *
 * @param bufev the bufferevent.
 * @param readcb the read callback; NULL: none.
 * @param writecb the write callback; NULL: none.
 * @param eventcb the event callback; NULL: none.
 * @param cbarg the last argument of all three.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void bufferevent_setcb(struct bufferevent* bufev, bufferevent_data_cb readcb,
                       bufferevent_data_cb writecb, bufferevent_event_cb eventcb, void* cbarg);

/**
 * Tells the callbacks of a bufferevent. Any pointer may be NULL: that one is not told.
 *
 * @param bufev the bufferevent.
 * @param readcb_ptr set to the read callback.
 * @param writecb_ptr set to the write callback.
 * @param eventcb_ptr set to the event callback.
 * @param cbarg_ptr set to their last argument.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
void bufferevent_getcb(struct bufferevent* bufev, bufferevent_data_cb* readcb_ptr,
                       bufferevent_data_cb* writecb_ptr, bufferevent_event_cb* eventcb_ptr,
                       void** cbarg_ptr);

/**
 * Changes the descriptor of a bufferevent. The old one is not closed and gets back to the caller;
 * the buffers and what is enabled stay. On a filter, the one under it is changed.
 *
 * @param bufev the bufferevent.
 * @param fd the new descriptor, nonblocking; -1: none, nothing is read or written until there is
 * one.
 * @return 0; -1 if the bufferevent has no descriptors (a pair).
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_setfd(struct bufferevent* bufev, evutil_socket_t fd);

/**
 * Like bufferevent_setfd(), but closes the old descriptor if there is one and it is not @p fd.
 *
 * @param bufev the bufferevent.
 * @param fd the new descriptor, nonblocking; -1: none.
 * @return 0; nonzero if closing fails, the bufferevent has no descriptors, or the loop cannot watch
 * the new one, which the bufferevent has in place of the old one all the same.
 * @since 2.2 (relevent: as an addition to 2.1)
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_replacefd(struct bufferevent* bufev, evutil_socket_t fd);

/**
 * Tells the descriptor of a bufferevent; for a filter, that of the one under it.
 *
 * @param bufev the bufferevent; keeps the descriptor.
 * @return the descriptor; -1 if there is none.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
evutil_socket_t bufferevent_getfd(struct bufferevent* bufev);

/**
 * Tells which bufferevent is under a filter or a TLS bufferevent.
 *
 * @param bufev the bufferevent.
 * @return the one under it, without a new reference; NULL if there is none.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct bufferevent* bufferevent_get_underlying(struct bufferevent* bufev);

/**
 * Sends bytes: copies them to the output buffer, from which the loop writes them while writing is
 * enabled.
 *
 * @param bufev the bufferevent.
 * @param data the bytes; need not be kept afterwards.
 * @param size how many.
 * @return 0; -1 if memory runs out. 0 does not mean that the peer has them.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_write(struct bufferevent* bufev, const void* data, size_t size);

/**
 * Sends the content of a buffer: moves it to the output buffer without copying.
 *
 * @param bufev the bufferevent.
 * @param buf the buffer; empty afterwards.
 * @return 0; -1 if the front of @p buf is frozen or memory runs out.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_write_buffer(struct bufferevent* bufev, struct evbuffer* buf);

/**
 * Takes bytes from the input buffer.
 *
 * @param bufev the bufferevent.
 * @param data where to; at least @p size bytes.
 * @param size how many at most.
 * @return the number of bytes; 0 if the buffer is empty.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
size_t bufferevent_read(struct bufferevent* bufev, void* data, size_t size);

/**
 * Moves all of the input buffer to the end of another buffer without copying.
 *
 * @param bufev the bufferevent.
 * @param buf the buffer.
 * @return 0, also if there was nothing; -1 if the end of @p buf is frozen or memory runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_read_buffer(struct bufferevent* bufev, struct evbuffer* buf);

/**
 * The input buffer of a bufferevent. The program takes bytes from it; adding at its end fails. If
 * it was above the high read watermark, draining it lets reading go on.
 *
 * @param bufev the bufferevent.
 * @return the buffer, which belongs to @p bufev. evbuffer_setcb() must not be called for it.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evbuffer* bufferevent_get_input(struct bufferevent* bufev);

/**
 * The output buffer of a bufferevent. The program adds bytes to it, which are sent as with
 * bufferevent_write(); taking them from its front fails.
 *
 * @param bufev the bufferevent.
 * @return the buffer, which belongs to @p bufev. evbuffer_setcb() must not be called for it.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct evbuffer* bufferevent_get_output(struct bufferevent* bufev);

/**
 * Enables reading, writing or both, and starts their timeouts anew.
 *
 * Without a descriptor, and while a connection is being made, they begin when that is done. When
 * writing is enabled that was not, and the output buffer is empty, the write callback is called
 * once from the loop.
 *
 * @param bufev the bufferevent.
 * @param event EV_READ, EV_WRITE or both.
 * @return 0; -1 on failure.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_enable(struct bufferevent* bufev, short event);

/**
 * Disables reading, writing or both. The buffers keep their bytes. Timeouts stop.
 *
 * @param bufev the bufferevent.
 * @param event EV_READ, EV_WRITE or both.
 * @return 0; -1 on failure.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_disable(struct bufferevent* bufev, short event);

/**
 * Tells what is enabled, whether or not it can go on at the moment.
 *
 * @param bufev the bufferevent.
 * @return EV_READ, EV_WRITE, both or 0. EV_WRITE alone after creation.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
short bufferevent_get_enabled(struct bufferevent* bufev);

/**
 * Sets how long reading and writing may stand still.
 *
 * A timeout runs only while its direction really waits for the peer: while it is enabled and
 * neither a watermark nor a rate limit nor, when writing, an empty output buffer holds it up. Each
 * byte starts it anew, as do this function and bufferevent_enable(). When it passes, the direction
 * is disabled, and the event callback gets #BEV_EVENT_TIMEOUT with #BEV_EVENT_READING or
 * #BEV_EVENT_WRITING. While a connection is being made the write timeout is the time it may take.
 *
 * @param bufev the bufferevent.
 * @param timeout_read the time for reading; copied. NULL or {0,0}: none.
 * @param timeout_write the same for writing.
 * @return 0; -1 on failure.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_set_timeouts(struct bufferevent* bufev, const struct timeval* timeout_read,
                             const struct timeval* timeout_write);

/**
 * Sets the watermarks of a bufferevent, in bytes.
 *
 * - EV_READ, low (at first 0): the read callback is called only if the input has at least so many.
 * - EV_READ, high (at first 0, none): reading pauses while the input has so many or more.
 * - EV_WRITE, low (at first 0): the write callback is called when the output has at most so many.
 * - EV_WRITE, high (at first 0, none): a filter above stops adding to the output there.
 *
 * The high read watermark is no hard limit: TLS and filters may exceed it. A low mark above a high
 * one may keep the read callback from ever being called.
 *
 * @param bufev the bufferevent.
 * @param events EV_READ, EV_WRITE or both: which to set.
 * @param lowmark the low watermark.
 * @param highmark the high watermark; 0: none.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void bufferevent_setwatermark(struct bufferevent* bufev, short events, size_t lowmark,
                              size_t highmark);

/**
 * Tells the watermarks of one direction.
 *
 * @param bufev the bufferevent.
 * @param events EV_READ or EV_WRITE, not both.
 * @param lowmark if not NULL: set to the low watermark.
 * @param highmark if not NULL: set to the high watermark.
 * @return 0; -1 if @p events is something else.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_getwatermark(struct bufferevent* bufev, short events, size_t* lowmark,
                             size_t* highmark);

/**
 * Takes the lock of a bufferevent and a reference to it, to make several calls one step for other
 * threads. It is recursive. Does not lock if #BEV_OPT_THREADSAFE was not set.
 *
 * @param bufev the bufferevent.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void bufferevent_lock(struct bufferevent* bufev);

/**
 * Undoes bufferevent_lock(), once per call of it.
 *
 * @param bufev the bufferevent.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void bufferevent_unlock(struct bufferevent* bufev);

/**
 * Takes a reference to a bufferevent: it stays in memory until bufferevent_decref(), even if it is
 * freed. It has one reference when made, which bufferevent_free() releases.
 *
 * @param bufev the bufferevent.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
void bufferevent_incref(struct bufferevent* bufev);

/**
 * Releases a reference to a bufferevent, which goes with the last one.
 *
 * @param bufev the bufferevent.
 * @return 1 if that was the last one; 0 if not.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_decref(struct bufferevent* bufev);

/**
 * How much a filter should put out.
 *
 * @since 2.0
 */
enum bufferevent_flush_mode {
  /** What is convenient. */
  BEV_NORMAL = 0,
  /** All it can, so that the peer can make use of everything so far. */
  BEV_FLUSH = 1,
  /** All, and whatever marks the end of the stream. */
  BEV_FINISHED = 2
};

/**
 * Asks a bufferevent to move on what it holds back.
 *
 * A filter runs its filter functions with the mode and passes the call on to the one under it. A
 * pair moves bytes to (EV_WRITE) or from (EV_READ) the partner even where that has reading
 * disabled; with #BEV_FINISHED the partner's event callback gets #BEV_EVENT_EOF. On a socket it
 * does nothing: the loop writes as soon as it can anyway. Callbacks that are not deferred may be
 * called from within.
 *
 * @param bufev the bufferevent.
 * @param iotype EV_READ, EV_WRITE or both.
 * @param mode how much.
 * @return 1 if bytes moved or a filter was run; 0 if there was nothing to do; -1 on failure, such
 * as a pair whose partner was freed.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_flush(struct bufferevent* bufev, short iotype, enum bufferevent_flush_mode mode);

/**
 * How bufferevent_trigger() and bufferevent_trigger_event() work. A set of bits.
 *
 * @since 2.1
 */
enum bufferevent_trigger_options {
  /** Call the callback whatever the watermarks say. */
  BEV_TRIG_IGNORE_WATERMARKS = (1 << 16),

  /** Call it from the loop, even if the bufferevent does not defer its callbacks. */
  BEV_TRIG_DEFER_CALLBACKS = BEV_OPT_DEFER_CALLBACKS
};

/**
 * Calls the read or write callback (or both) if the watermarks allow: at once, or from the loop if
 * callbacks are deferred. A direction that is disabled is called too.
 *
 * @param bufev the bufferevent.
 * @param iotype EV_READ, EV_WRITE or both.
 * @param options bits BEV_TRIG_..., or 0.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
void bufferevent_trigger(struct bufferevent* bufev, short iotype, int options);

/**
 * Calls the event callback: at once, or from the loop if callbacks are deferred. Nothing else of
 * what the event stands for is done.
 *
 * @param bufev the bufferevent.
 * @param what bits BEV_EVENT_...
 * @param options #BEV_TRIG_DEFER_CALLBACKS or 0.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
void bufferevent_trigger_event(struct bufferevent* bufev, short what, int options);

/**
 * @name Filters
 * @{
 */
/**
 * What a filter function returns.
 *
 * @since 2.0
 */
enum bufferevent_filter_result {
  /** It has put bytes out. */
  BEV_OK = 0,
  /** It can put nothing out until it gets more. */
  BEV_NEED_MORE = 1,
  /** The stream is broken; the event callback of the filter gets #BEV_EVENT_ERROR. */
  BEV_ERROR = 2
};

/**
 * A filter function: takes bytes from one buffer and adds what they become to another.
 *
 * It runs with the lock of the filter held and must not free it.
 *
 * @param src where to take bytes from. What is left there is offered again.
 * @param dst where to add.
 * @param dst_limit how many bytes to add at most, after the high watermark of @p dst; -1: no limit.
 * To exceed it does no harm but for the watermark.
 * @param mode how much to put out.
 * @param ctx what bufferevent_filter_new() was given.
 * @return what came of it.
 * @since 2.0
 */
typedef enum bufferevent_filter_result (*bufferevent_filter_cb)(struct evbuffer* src,
                                                                struct evbuffer* dst,
                                                                ev_ssize_t dst_limit,
                                                                enum bufferevent_flush_mode mode,
                                                                void* ctx);

/**
 * Makes a bufferevent that transforms what goes through another one. Writing is enabled, reading is
 * not.
 *
 * The filter takes over the callbacks of the one under it, and enables it; the program uses the
 * filter only. Filters can be stacked.
 *
 * @param underlying the bufferevent under it. With #BEV_OPT_CLOSE_ON_FREE it is freed with the
 * filter; else it stays, without callbacks and with its reading suspended.
 * @param input_filter transforms what is read; NULL: nothing to do.
 * @param output_filter transforms what is written; NULL: nothing to do.
 * @param options bits BEV_OPT_.... If @p underlying is thread-safe, so is the filter; they share
 * the lock.
 * @param free_context called with @p ctx when the filter goes; NULL: nothing is called.
 * @param ctx the last argument of the filter functions.
 * @return the filter, which bufferevent_free() frees; NULL if the options contradict each other or
 *     memory runs out (@p underlying and @p ctx then stay the caller's).
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct bufferevent* bufferevent_filter_new(struct bufferevent* underlying,
                                           bufferevent_filter_cb input_filter,
                                           bufferevent_filter_cb output_filter, int options,
                                           void (*free_context)(void*), void* ctx);
/** @} */

/**
 * Makes two bufferevents that are connected to each other, without any descriptor. What is written
 * to one can be read from the other, as long as that has reading and the first has writing enabled.
 * Writing is enabled, reading is not. Callbacks are deferred.
 *
 * Freeing one does not tell the other: use bufferevent_flush() with #BEV_FINISHED before.
 *
 * @param base the base of both.
 * @param options bits BEV_OPT_.... With #BEV_OPT_THREADSAFE they share one lock.
 * @param pair set to the two bufferevents, each of which bufferevent_free() frees.
 * @return 0; -1 if the options contradict each other or memory runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_pair_new(struct event_base* base, int options, struct bufferevent* pair[2]);

/**
 * Tells the other one of a pair.
 *
 * @param bev a bufferevent.
 * @return its partner, without a new reference; NULL if that was freed or @p bev is not of a pair.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct bufferevent* bufferevent_pair_get_partner(struct bufferevent* bev);

/**
 * @name Rate limits
 *
 * Reading and writing can each be limited by a token bucket, for one bufferevent, for a group, or
 * both; the tighter one counts. A bucket holds bytes: each tick adds the rate to it, up to the
 * burst; what is read or written is taken out. While it is empty the direction is suspended. A
 * single operation may take out more than there is: a bucket can be negative.
 *
 * Limits work for bufferevents over sockets and for TLS; pairs and filters ignore them.
 * @{
 */
/** The settings of token buckets. Opaque; not changed after it is made. @since 2.0 */
struct ev_token_bucket_cfg;

/** Bufferevents that share token buckets. Opaque. @since 2.0 */
struct bufferevent_rate_limit_group;

/** The largest rate or burst. @since 2.0 */
#define EV_RATE_LIMIT_MAX EV_SSIZE_MAX

/**
 * Makes settings for token buckets.
 *
 * @param read_rate how many bytes per tick may be read on average; 1 to #EV_RATE_LIMIT_MAX.
 * @param read_burst how many at most in one tick; from @p read_rate to #EV_RATE_LIMIT_MAX.
 * @param write_rate the same for writing.
 * @param write_burst the same for writing.
 * @param tick_len the length of a tick, in whole milliseconds (a fraction is dropped; less than one
 *     counts as one); copied. NULL: one second.
 * @return the settings, which ev_token_bucket_cfg_free() frees; NULL if a number is out of range or
 *     memory runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct ev_token_bucket_cfg* ev_token_bucket_cfg_new(size_t read_rate, size_t read_burst,
                                                    size_t write_rate, size_t write_burst,
                                                    const struct timeval* tick_len);

/**
 * Frees settings for token buckets. No bufferevent may be using them (a group has its own copy).
 *
 * @param cfg the settings.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void ev_token_bucket_cfg_free(struct ev_token_bucket_cfg* cfg);

/**
 * Sets or removes the rate limit of one bufferevent. New buckets begin with one tick's rate.
 *
 * @param bev the bufferevent.
 * @param cfg the settings, which must live as long as they are in use, and may be shared; NULL: no
 *     limit of its own.
 * @return 0; -1 if memory runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_set_rate_limit(struct bufferevent* bev, struct ev_token_bucket_cfg* cfg);

/**
 * Makes a group, to which bufferevents are added by bufferevent_add_to_rate_limit_group().
 *
 * @param base the base whose loop refills the buckets. Members may have another one.
 * @param cfg the settings for all members together; copied.
 * @return the group, which bufferevent_rate_limit_group_free() frees; NULL if memory runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct bufferevent_rate_limit_group* bufferevent_rate_limit_group_new(
    struct event_base* base, const struct ev_token_bucket_cfg* cfg);

/**
 * Changes the settings of a group. A bucket that has more than the new burst is cut down to it.
 *
 * @param group the group.
 * @param cfg the new settings; copied. Not NULL.
 * @return 0; -1 on failure.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_rate_limit_group_set_cfg(struct bufferevent_rate_limit_group* group,
                                         const struct ev_token_bucket_cfg* cfg);

/**
 * Sets the least that a member may read or write at a time.
 *
 * A group shares its bucket equally. With many members and few bytes the shares would be tiny, and
 * so the packets; with a least share some members get that much and the others wait for a later
 * tick.
 *
 * @param group the group.
 * @param min_share the number of bytes; 64 at first. No more than a tick's rate is used.
 * @return 0; -1 if @p min_share exceeds EV_SSIZE_MAX.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_rate_limit_group_set_min_share(struct bufferevent_rate_limit_group* group,
                                               size_t min_share);

/**
 * Frees a group. It must have no members any more.
 *
 * @param group the group.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void bufferevent_rate_limit_group_free(struct bufferevent_rate_limit_group* group);

/**
 * Adds a bufferevent to a group, after it has left the one it is in.
 *
 * @param bev the bufferevent.
 * @param g the group; NULL: only leave. (libevent 2.1.12 crashes on NULL.)
 * @return 0; -1 if memory runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_add_to_rate_limit_group(struct bufferevent* bev,
                                        struct bufferevent_rate_limit_group* g);

/**
 * Takes a bufferevent out of its group. What only the group had suspended goes on.
 *
 * @param bev the bufferevent.
 * @return 0, also if it is in no group.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_remove_from_rate_limit_group(struct bufferevent* bev);

/**
 * Sets how many bytes one read operation takes at most.
 *
 * @param bev the bufferevent.
 * @param size the number of bytes. 0, or more than EV_SSIZE_MAX: the default, which is 64 KiB.
 * @return 0.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_set_max_single_read(struct bufferevent* bev, size_t size);

/**
 * Sets how many bytes one write operation sends at most.
 *
 * @param bev the bufferevent.
 * @param size the number of bytes. 0, or more than EV_SSIZE_MAX: the default, which is 256 KiB.
 * @return 0.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_set_max_single_write(struct bufferevent* bev, size_t size);

/**
 * Tells how many bytes one read operation takes at most.
 *
 * @param bev the bufferevent.
 * @return the number of bytes; for the default 16384, which is what libevent says.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
ev_ssize_t bufferevent_get_max_single_read(struct bufferevent* bev);

/**
 * Tells how many bytes one write operation sends at most.
 *
 * @param bev the bufferevent.
 * @return the number of bytes; for the default 16384, which is what libevent says.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
ev_ssize_t bufferevent_get_max_single_write(struct bufferevent* bev);

/**
 * Tells what is in a bufferevent's own read bucket now; the group's does not matter.
 *
 * @param bev the bufferevent.
 * @return the number of bytes, which can be negative; EV_SSIZE_MAX if it has no limit of its own.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
ev_ssize_t bufferevent_get_read_limit(struct bufferevent* bev);

/**
 * Tells what is in a bufferevent's own write bucket now; the group's does not matter.
 *
 * @param bev the bufferevent.
 * @return the number of bytes, which can be negative; EV_SSIZE_MAX if it has no limit of its own.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
ev_ssize_t bufferevent_get_write_limit(struct bufferevent* bev);

/**
 * Tells how many bytes the next read operation may take, by the bufferevent's bucket, its group's
 * and bufferevent_get_max_single_read() together.
 *
 * @param bev the bufferevent.
 * @return the number of bytes; 0 if reading has to wait.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
ev_ssize_t bufferevent_get_max_to_read(struct bufferevent* bev);

/**
 * Tells how many bytes the next write operation may send, by the bufferevent's bucket, its group's
 * and bufferevent_get_max_single_write() together.
 *
 * @param bev the bufferevent.
 * @return the number of bytes; 0 if writing has to wait.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
ev_ssize_t bufferevent_get_max_to_write(struct bufferevent* bev);

/**
 * Tells the settings of a bufferevent's own rate limit.
 *
 * @param bev the bufferevent.
 * @return what bufferevent_set_rate_limit() was given; NULL if it has no limit of its own.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
const struct ev_token_bucket_cfg* bufferevent_get_token_bucket_cfg(const struct bufferevent* bev);

/**
 * Tells what is in a group's read bucket now.
 *
 * @param group the group.
 * @return the number of bytes, which can be negative.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
ev_ssize_t bufferevent_rate_limit_group_get_read_limit(struct bufferevent_rate_limit_group* group);

/**
 * Tells what is in a group's write bucket now.
 *
 * @param group the group.
 * @return the number of bytes, which can be negative.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
ev_ssize_t bufferevent_rate_limit_group_get_write_limit(struct bufferevent_rate_limit_group* group);

/**
 * Takes bytes out of a bufferevent's own read bucket, as if they had been read; suspends or resumes
 * reading as that demands. The group's bucket does not change.
 *
 * @param bev the bufferevent, which has a limit of its own.
 * @param decr how many bytes; negative: put so many in, beyond the burst if need be.
 * @return 0; -1 if it has no limit of its own (libevent 2.1.12 aborts then) or on failure.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_decrement_read_limit(struct bufferevent* bev, ev_ssize_t decr);

/**
 * Takes bytes out of a bufferevent's own write bucket, as if they had been written; suspends or
 * resumes writing as that demands. The group's bucket does not change.
 *
 * @param bev the bufferevent, which has a limit of its own.
 * @param decr how many bytes; negative: put so many in, beyond the burst if need be.
 * @return 0; -1 if it has no limit of its own (libevent 2.1.12 aborts then) or on failure.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_decrement_write_limit(struct bufferevent* bev, ev_ssize_t decr);

/**
 * Takes bytes out of a group's read bucket; suspends or resumes reading of its members as that
 * demands.
 *
 * @param group the group.
 * @param decr how many bytes; negative: put so many in, beyond the burst if need be.
 * @return 0; -1 on failure.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_rate_limit_group_decrement_read(struct bufferevent_rate_limit_group* group,
                                                ev_ssize_t decr);

/**
 * Takes bytes out of a group's write bucket; suspends or resumes writing of its members as that
 * demands.
 *
 * @param group the group.
 * @param decr how many bytes; negative: put so many in, beyond the burst if need be.
 * @return 0; -1 on failure.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int bufferevent_rate_limit_group_decrement_write(struct bufferevent_rate_limit_group* group,
                                                 ev_ssize_t decr);

/**
 * Tells how many bytes the members of a group have read and written while they were in it.
 *
 * @param grp the group.
 * @param total_read_out if not NULL: set to the bytes read.
 * @param total_written_out if not NULL: set to the bytes written.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void bufferevent_rate_limit_group_get_totals(struct bufferevent_rate_limit_group* grp,
                                             ev_uint64_t* total_read_out,
                                             ev_uint64_t* total_written_out);

/**
 * Sets both counts of bufferevent_rate_limit_group_get_totals() to 0. The buckets stay.
 *
 * @param grp the group.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void bufferevent_rate_limit_group_reset_totals(struct bufferevent_rate_limit_group* grp);
/** @} */

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_BUFFEREVENT_H_INCLUDED_ */
