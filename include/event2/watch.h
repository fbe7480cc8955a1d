/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_WATCH_H_INCLUDED_
#define EVENT2_WATCH_H_INCLUDED_

/**
 * @file event2/watch.h
 *
 * Watchers: callbacks in every round of a base's loop, one kind just before it polls and one just
 * after. They serve to measure the loop, and to embed another event loop in it.
 *
 * A round of the loop is: prepare watchers - poll - check watchers - callbacks of active events.
 * Within a kind, watchers run in the order in which they were made. A watcher does not keep the
 * loop from returning and does not count as an event.
 *
 * The callbacks run in the thread of the loop, without the base's lock, so they may call anything
 * but event_base_loop() on their own base. An event that a prepare watcher adds or activates is
 * seen by the poll that follows; one that a check watcher activates runs in the same round.
 *
 * All of this is new in libevent 2.2; libevent 2.1 does not have it.
 */

#include <event2/visibility.h>

#ifdef __cplusplus
extern "C" {
#endif

struct event_base;
struct timeval;

/** A watcher. */
struct evwatch;
/** What a prepare watcher can ask; valid only during its callback. */
struct evwatch_prepare_cb_info;
/** What a check watcher can ask; valid only during its callback. Nothing as yet. */
struct evwatch_check_cb_info;

/**
 * Called just before the loop polls.
 *
 * @param watcher the watcher; the callback may free it.
 * @param info for evwatch_prepare_get_timeout().
 * @param arg what evwatch_prepare_new() was given.
 */
typedef void (*evwatch_prepare_cb)(struct evwatch* watcher,
                                   const struct evwatch_prepare_cb_info* info, void* arg);

/**
 * Called just after the loop has polled, before the callback of any event.
 *
 * @param watcher the watcher; the callback may free it.
 * @param info at present of no use.
 * @param arg what evwatch_check_new() was given.
 */
typedef void (*evwatch_check_cb)(struct evwatch* watcher, const struct evwatch_check_cb_info* info,
                                 void* arg);

/**
 * Makes a prepare watcher. It is in effect from the next round on.
 *
 * @param base the base whose loop is watched.
 * @param callback the function to call; not NULL.
 * @param arg the last argument of @p callback.
 * @return the watcher, which evwatch_free() or event_base_free() frees; NULL if memory runs out.
 * @since 2.2
 */
EVENT2_EXPORT_SYMBOL
struct evwatch* evwatch_prepare_new(struct event_base* base, evwatch_prepare_cb callback,
                                    void* arg);

/**
 * Makes a check watcher. It is in effect from the next poll on.
 *
 * @param base the base whose loop is watched.
 * @param callback the function to call; not NULL.
 * @param arg the last argument of @p callback.
 * @return the watcher, which evwatch_free() or event_base_free() frees; NULL if memory runs out.
 * @since 2.2
 */
EVENT2_EXPORT_SYMBOL
struct evwatch* evwatch_check_new(struct event_base* base, evwatch_check_cb callback, void* arg);

/**
 * The base that a watcher belongs to.
 *
 * @param watcher the watcher.
 * @return the base.
 * @since 2.2
 */
EVENT2_EXPORT_SYMBOL
struct event_base* evwatch_base(struct evwatch* watcher);

/**
 * Removes and frees a watcher, also from within its own callback or that of another watcher.
 *
 * event_base_free() frees the watchers that are left, so none may be freed after its base.
 *
 * @param watcher the watcher.
 * @since 2.2
 */
EVENT2_EXPORT_SYMBOL
void evwatch_free(struct evwatch* watcher);

/**
 * How long the poll that follows will wait at most, for a prepare watcher.
 *
 * @param info what the callback was given.
 * @param timeout is set to the interval if there is one.
 * @return 1 if @p timeout was set; 0 if no event has a timeout or the loop does not wait
 *   (EVLOOP_NONBLOCK, or events are active already).
 * @since 2.2
 */
EVENT2_EXPORT_SYMBOL
int evwatch_prepare_get_timeout(const struct evwatch_prepare_cb_info* info,
                                struct timeval* timeout);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_WATCH_H_INCLUDED_ */
