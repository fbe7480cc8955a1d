/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_EVENT_COMPAT_H_INCLUDED_
#define EVENT2_EVENT_COMPAT_H_INCLUDED_

/**
 * @file event2/event_compat.h
 *
 * The interface of libevent 1: functions without a base, which work on the current one, that is,
 * the last one that event_init() made.
 *
 * Call event_init() first: without a current base these functions fail or crash.
 *
 * @deprecated The current base is one for the whole process, so none of this is safe with threads
 * or in a library. Each description names what to use instead.
 */

#include <event2/visibility.h>

#include <event2/event-config.h>
#ifdef EVENT__HAVE_SYS_TYPES_H
#include <sys/types.h>
#endif
#ifdef EVENT__HAVE_SYS_TIME_H
#include <sys/time.h>
#endif

#include <event2/util.h>

#ifdef __cplusplus
extern "C" {
#endif

struct event;
struct event_base;

/**
 * Makes a base, as event_base_new() does, and makes it the current one. An earlier current base
 * stays in existence. Where event_base_new() fails, this is a fatal error.
 *
 * @return the base, which event_base_free() frees.
 * @deprecated Use event_base_new().
 */
EVENT2_EXPORT_SYMBOL
struct event_base* event_init(void);

/**
 * Runs the loop of the current base.
 *
 * @return as event_base_dispatch().
 * @deprecated Use event_base_dispatch().
 */
EVENT2_EXPORT_SYMBOL
int event_dispatch(void);

/**
 * Runs the loop of the current base.
 *
 * @param flags EVLOOP_*.
 * @return as event_base_loop().
 * @deprecated Use event_base_loop().
 */
EVENT2_EXPORT_SYMBOL
int event_loop(int flags);

/**
 * Ends the loop of the current base after a time.
 *
 * @param tv how long from now; NULL for the end of this round.
 * @return as event_base_loopexit().
 * @deprecated Use event_base_loopexit().
 */
EVENT2_EXPORT_SYMBOL
int event_loopexit(const struct timeval* tv);

/**
 * Ends the loop of the current base at once.
 *
 * @return as event_base_loopbreak().
 * @deprecated Use event_base_loopbreak().
 */
EVENT2_EXPORT_SYMBOL
int event_loopbreak(void);

/**
 * Has a function called once, by the current base.
 *
 * @param fd as for event_base_once(), and so are the other arguments.
 * @param events what to wait for.
 * @param callback the function.
 * @param arg its last argument.
 * @param timeout how long to wait.
 * @return as event_base_once().
 * @deprecated Use event_base_once().
 */
EVENT2_EXPORT_SYMBOL
int event_once(evutil_socket_t fd, short events, void (*callback)(evutil_socket_t, short, void*),
               void* arg, const struct timeval* timeout);

/**
 * The backend of the current base.
 *
 * @return as event_base_get_method().
 * @deprecated Use event_base_get_method().
 */
EVENT2_EXPORT_SYMBOL
const char* event_get_method(void);

/**
 * Sets how many priorities the current base has.
 *
 * @param npriorities the number.
 * @return as event_base_priority_init().
 * @deprecated Use event_base_priority_init().
 */
EVENT2_EXPORT_SYMBOL
int event_priority_init(int npriorities);

/**
 * Makes an event in memory of the program's own. It belongs to the current base, if there is one;
 * event_base_set() moves it to another. Arguments that do not fit together are a fatal error
 * (event_set_fatal_callback()).
 *
 * @param ev the memory; the event must not be pending or active.
 * @param fd as for event_new(), and so are the other arguments.
 * @param events what to wait for.
 * @param callback the function to call.
 * @param arg its last argument.
 * @deprecated Use event_assign() or event_new().
 */
EVENT2_EXPORT_SYMBOL
void event_set(struct event* ev, evutil_socket_t fd, short events,
               void (*callback)(evutil_socket_t, short, void*), void* arg);

/**
 * @name Older forms of the evtimer_* and evsignal_* macros of event2/event.h
 *
 * Include that too where these are used.
 * @{
 */
/** event_set() for a timer. */
#define evtimer_set(ev, cb, arg) event_set((ev), -1, 0, (cb), (arg))
/** event_set() for the signal x. */
#define evsignal_set(ev, x, cb, arg) event_set((ev), (x), EV_SIGNAL | EV_PERSIST, (cb), (arg))

/** Same as evtimer_add(). */
#define timeout_add(ev, tv) event_add((ev), (tv))
/** Same as evtimer_set(). */
#define timeout_set(ev, cb, arg) event_set((ev), -1, 0, (cb), (arg))
/** Same as evtimer_del(). */
#define timeout_del(ev) event_del(ev)
/** Same as evtimer_pending(). */
#define timeout_pending(ev, tv) event_pending((ev), EV_TIMEOUT, (tv))
/** Same as evtimer_initialized(). */
#define timeout_initialized(ev) event_initialized(ev)

/** Same as evsignal_add(). */
#define signal_add(ev, tv) event_add((ev), (tv))
/** Same as evsignal_set(). */
#define signal_set(ev, x, cb, arg) event_set((ev), (x), EV_SIGNAL | EV_PERSIST, (cb), (arg))
/** Same as evsignal_del(). */
#define signal_del(ev) event_del(ev)
/** Same as evsignal_pending(). */
#define signal_pending(ev, tv) event_pending((ev), EV_SIGNAL, (tv))
/** Same as evsignal_initialized(). */
#define signal_initialized(ev) event_initialized(ev)

#ifndef EVENT_FD
/** Same as event_get_fd(). */
#define EVENT_FD(ev) ((int)event_get_fd(ev))
/** Same as event_get_signal(). */
#define EVENT_SIGNAL(ev) event_get_signal(ev)
#endif
/** @} */

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_EVENT_COMPAT_H_INCLUDED_ */
