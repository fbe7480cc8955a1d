/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_BUFFEREVENT_COMPAT_H_INCLUDED_
#define EVENT2_BUFFEREVENT_COMPAT_H_INCLUDED_

/**
 * @file event2/bufferevent_compat.h
 *
 * Names of libevent 1.4 for bufferevents, for old programs. New ones use event2/bufferevent.h.
 */

#include <event2/visibility.h>

#include <event2/bufferevent.h>

#ifdef __cplusplus
extern "C" {
#endif

/** @deprecated Use bufferevent_data_cb. @since 1.4 */
#define evbuffercb bufferevent_data_cb
/** @deprecated Use bufferevent_event_cb. @since 1.4 */
#define everrorcb bufferevent_event_cb

/**
 * Makes a bufferevent over a socket, with its callbacks set, on the base that event_init() made
 * last.
 *
 * Writing is enabled, reading is not; it has no options. With several bases call
 * bufferevent_base_set() before anything else.
 *
 * @param fd a stream socket, nonblocking; or -1: it is set later by bufferevent_setfd(). It is not
 *     closed when the bufferevent is freed.
 * @param readcb the read callback; NULL: none.
 * @param writecb the write callback; NULL: none.
 * @param errorcb the event callback; NULL: none.
 * @param cbarg the last argument of all three.
 * @return the bufferevent, which bufferevent_free() frees; NULL if memory runs out.
 * @deprecated Depends on a global base. Use bufferevent_socket_new() and bufferevent_setcb().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
struct bufferevent* bufferevent_new(evutil_socket_t fd, evbuffercb readcb, evbuffercb writecb,
                                    everrorcb errorcb, void* cbarg);

/**
 * Sets how long reading and writing may stand still, in seconds.
 *
 * @param bufev the bufferevent.
 * @param timeout_read the time for reading; 0: none.
 * @param timeout_write the time for writing; 0: none.
 * @deprecated Use bufferevent_set_timeouts(), which explains when they run.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void bufferevent_settimeout(struct bufferevent* bufev, int timeout_read, int timeout_write);

/**
 * @name Old names of event codes
 * @deprecated Use the BEV_EVENT_... names.
 * @since 1.4
 * @{
 */
/** See #BEV_EVENT_READING. */
#define EVBUFFER_READ BEV_EVENT_READING
/** See #BEV_EVENT_WRITING. */
#define EVBUFFER_WRITE BEV_EVENT_WRITING
/** See #BEV_EVENT_EOF. */
#define EVBUFFER_EOF BEV_EVENT_EOF
/** See #BEV_EVENT_ERROR. */
#define EVBUFFER_ERROR BEV_EVENT_ERROR
/** See #BEV_EVENT_TIMEOUT. */
#define EVBUFFER_TIMEOUT BEV_EVENT_TIMEOUT
/** @} */

/** The input buffer. @deprecated Use bufferevent_get_input(). @since 1.4 */
#define EVBUFFER_INPUT(x) bufferevent_get_input(x)
/** The output buffer. @deprecated Use bufferevent_get_output(). @since 1.4 */
#define EVBUFFER_OUTPUT(x) bufferevent_get_output(x)

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_BUFFEREVENT_COMPAT_H_INCLUDED_ */
