/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_EVENT_H_INCLUDED_
#define EVENT2_EVENT_H_INCLUDED_

/**
 * @file event2/event.h
 *
 * Events and the loop that waits for them.
 *
 * An **event** pairs a condition with a callback: a descriptor is ready, a signal arrived, a time
 * is up, or the program says so. An **event_base** holds the events of one loop. A program makes a
 * base, makes events on it, adds them and runs the loop:
 * @code
 * static void on_readable(evutil_socket_t fd, short what, void *arg) { ... }
 *
 * struct event_base *base = event_base_new();
 * struct event *ev = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, NULL);
 * event_add(ev, NULL);
 * event_base_dispatch(base);
 * event_free(ev);
 * event_base_free(base);
 * @endcode
 *
 * **States.** event_new() and event_assign() *initialize* an event; it does nothing yet.
 * event_add() makes it *pending*: the base waits for the condition. When that occurs the event
 * becomes *active*: it is queued, and the loop will call back. An event without EV_PERSIST stops
 * being pending as it becomes active; one with EV_PERSIST stays pending until event_del().
 * event_active() makes an event active by hand, pending or not.
 *
 * **Threads.** Once locking is on (event2/thread.h), any thread may call any function on a base and
 * its events. Without it, a base and its events belong to one thread. One thread at a time runs the
 * loop of a base.
 *
 * **Callbacks** run in the thread that runs the loop, and no lock of the base is held meanwhile.
 * They may call any function of the library, also on their own event, which they may even free.
 * They must not run the loop of their own base.
 *
 * **Errors.** Unless said otherwise, functions return 0 for success and -1 for failure, or a
 * pointer that is NULL on failure. If memory runs out, a call fails and leaves everything as it
 * was.
 *
 * The other headers: event2/thread.h for threads, event2/buffer.h and event2/bufferevent.h for
 * buffered I/O, event2/listener.h for accepting connections, event2/util.h for portable helpers,
 * event2/watch.h to observe the loop, event2/dns.h, event2/http.h and event2/rpc.h for protocols.
 */

#include <event2/visibility.h>

#include <event2/event-config.h>
#ifdef EVENT__HAVE_SYS_TYPES_H
#include <sys/types.h>
#endif
#ifdef EVENT__HAVE_SYS_TIME_H
#include <sys/time.h>
#endif

#include <stdio.h>

#include <event2/util.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A loop and its events. Made by event_base_new() or event_base_new_with_config(). */
struct event_base;

/** A condition with its callback. Opaque, unless event2/event_struct.h is included. */
struct event;

/** Wishes for a base that is to be made: event_config_new(). */
struct event_config;

/**
 * @name Debug mode
 * @{
 */
/**
 * Turns debug mode on: misuse of events, such as to assign one again while it is pending or to use
 * one that was never assigned, is reported as a fatal error (event_set_fatal_callback()) where it
 * happens.
 *
 * It costs memory and time for every event: each is on record from when it is initialized until
 * event_free() or event_debug_unassign(). Call it before any event or base is made; a second call
 * is a fatal error.
 *
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void event_enable_debug_mode(void);

/**
 * Tells debug mode that an event from event_assign() or event_set() is no longer in use, so that
 * its memory may serve something else. Without debug mode it does nothing.
 *
 * @param ev an event that is neither pending nor active.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void event_debug_unassign(struct event* ev);
/** @} */

/**
 * @name Bases
 * @{
 */
/**
 * Makes a base with the best backend that the system and the environment allow.
 *
 * @return the base, which event_base_free() frees; NULL on failure.
 * @since 1.4.1
 */
EVENT2_EXPORT_SYMBOL
struct event_base* event_base_new(void);

/**
 * Makes a base usable in the child of a fork. Call it in the child, before anything else is done
 * with the base; until then the two processes would take each other's events away.
 *
 * Events stay as they are. The parent's base is not affected.
 *
 * @param base the base.
 * @return 0; -1 if the backend could not be set up again or some event could not be added again.
 * @since 1.4.3
 */
EVENT2_EXPORT_SYMBOL
int event_reinit(struct event_base* base);

/**
 * Frees a base. Its events are deleted, but stay the program's to free; no descriptor is closed.
 * Finalizers that have not run yet (event_finalize()) run now, in this thread. What
 * event_base_once() has not called is forgotten.
 *
 * Not while the loop runs, and not from a callback of this base. Events of the base may afterwards
 * be given to event_free(), but to no other function.
 *
 * @param base the base; NULL means the current base (event_init()), and is logged if there is none.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
void event_base_free(struct event_base* base);

/**
 * event_base_free(), but finalizers that have not run are forgotten.
 *
 * @param base the base.
 * @since 2.1.3
 */
EVENT2_EXPORT_SYMBOL
void event_base_free_nofinalize(struct event_base* base);

/**
 * The name of the base's backend: how it waits.
 *
 * @param base the base.
 * @return a constant string: "epoll", "poll" or "select"; "epoll (with changelist)" if that was
 * asked for.
 * @since 1.4.3
 */
EVENT2_EXPORT_SYMBOL
const char* event_base_get_method(const struct event_base* base);

/**
 * How the base learns of signals.
 *
 * @param base the base.
 * @return a constant string: "signal" for signal handlers. libevent 2.2 also has "signalfd_signal"
 *   and "kqueue_signal".
 * @since 2.2
 */
EVENT2_EXPORT_SYMBOL
const char* event_base_get_signal_method(const struct event_base* base);

/**
 * The names of all backends that are built in, the preferred ones first. Not all of them need work
 * on this system.
 *
 * @return an array that ends in NULL. It belongs to the library and is valid until the next call,
 * so two threads must not call this at the same time. NULL if memory runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
const char** event_get_supported_methods(void);

/**
 * Reads the monotonic clock of a base.
 *
 * @param base the base.
 * @param tp receives the time.
 * @return 0; -1 if @p base is NULL or the clock fails.
 * @since 2.1
 */
EVENT2_EXPORT_SYMBOL
int event_gettime_monotonic(struct event_base* base, struct timeval* tp);

/** Counts the active events. */
#define EVENT_BASE_COUNT_ACTIVE 1U
/** Counts what else keeps the loop from returning, other than events. */
#define EVENT_BASE_COUNT_VIRTUAL 2U
/** Counts the pending events, also those of the library itself; those that are active once more. */
#define EVENT_BASE_COUNT_ADDED 4U

/**
 * How many events a base has at present.
 *
 * A measure of load; the exact number means little, since an event can be counted more than once.
 *
 * @param base the base.
 * @param flags what to count, EVENT_BASE_COUNT_*; several give the sum.
 * @return the number.
 * @since 2.1.4
 */
EVENT2_EXPORT_SYMBOL
int event_base_get_num_events(struct event_base* base, unsigned int flags);

/**
 * The largest number of events a base has had at once, of each kind.
 *
 * @param base the base.
 * @param flags what to count, EVENT_BASE_COUNT_*; several give the sum of the maxima.
 * @param clear nonzero to set the maxima asked for back to 0.
 * @return the number.
 * @since 2.1.5
 */
EVENT2_EXPORT_SYMBOL
int event_base_get_max_events(struct event_base* base, unsigned int flags, int clear);
/** @} */

/**
 * @name Configuration
 * @{
 */
/**
 * Makes an empty configuration.
 *
 * @return the configuration, which event_config_free() frees; NULL if memory runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct event_config* event_config_new(void);

/**
 * Frees a configuration. Bases that were made with it are not affected.
 *
 * @param cfg the configuration; not NULL.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void event_config_free(struct event_config* cfg);

/**
 * Rules a backend out. To rule several out, call it for each.
 *
 * Users of the program can do the same by setting EVENT_NOEPOLL, EVENT_NOPOLL or EVENT_NOSELECT in
 * the environment.
 *
 * @param cfg the configuration.
 * @param method the name, as event_get_supported_methods() has it; it is copied.
 * @return 0; -1 if memory runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int event_config_avoid_method(struct event_config* cfg, const char* method);

/** What a backend can do; see event_config_require_features() and event_base_get_features(). */
enum event_method_feature {
  /** It supports edge-triggered events, EV_ET. */
  EV_FEATURE_ET = 0x01,
  /** The cost of adding, deleting or finding an event does not grow with the number of events. */
  EV_FEATURE_O1 = 0x02,
  /** It takes any descriptor, not only sockets. */
  EV_FEATURE_FDS = 0x04,
  /** It can tell that a connection was closed before the data is read: EV_CLOSED. */
  EV_FEATURE_EARLY_CLOSE = 0x08
};

/** Flags for event_config_set_flag(). */
enum event_base_config_flag {
  /** The base gets no lock even if locking is on; it then belongs to one thread alone. */
  EVENT_BASE_FLAG_NOLOCK = 0x01,
  /** Do not look at EVENT_* variables in the environment. They are never looked at in programs that
   * run with more rights than their user has. */
  EVENT_BASE_FLAG_IGNORE_ENV = 0x02,
  /** Windows: use I/O completion ports for bufferevents and listeners. Of no effect elsewhere. */
  EVENT_BASE_FLAG_STARTUP_IOCP = 0x04,
  /** Ask the clock whenever the time is needed, instead of once in each round of the loop. */
  EVENT_BASE_FLAG_NO_CACHE_TIME = 0x08,
  /** epoll: the program does not dup() descriptors that it waits for. This is what allows libevent
   * to collect changes; relevent collects them in any case, and is right for dup'ed descriptors as
   * well. The variable EVENT_EPOLL_USE_CHANGELIST has the same effect. */
  EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST = 0x10,
  /** Use the most precise clock for timeouts rather than the cheapest one. The variable
   * EVENT_PRECISE_TIMER has the same effect. */
  EVENT_BASE_FLAG_PRECISE_TIMER = 0x20,
  /** epoll: no timerfd for precise timers. relevent never uses one. Since 2.2. */
  EVENT_BASE_FLAG_EPOLL_DISALLOW_TIMERFD = 0x40,
  /** Signals by signalfd() if it can be had: event_base_get_signal_method() tells. relevent always
   * uses handlers, which work whatever signals a thread blocks. Since 2.2. */
  EVENT_BASE_FLAG_USE_SIGNALFD = 0x80,
  /** No signalfd(): what the same bit meant in 2.2.1-alpha. True of relevent in any case. */
  EVENT_BASE_FLAG_DISALLOW_SIGNALFD = 0x80
};

/**
 * What the backend of a base can do.
 *
 * @param base the base.
 * @return bits of enum event_method_feature.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int event_base_get_features(const struct event_base* base);

/**
 * Rules out backends that lack a feature. If none is left, event_base_new_with_config() returns
 * NULL; a program can then ask for less and try again.
 *
 * @param cfg the configuration.
 * @param feature bits of enum event_method_feature; they replace those of an earlier call.
 * @return 0; -1 if @p cfg is NULL.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int event_config_require_features(struct event_config* cfg, int feature);

/**
 * Adds a flag to the configuration.
 *
 * @param cfg the configuration.
 * @param flag bits of enum event_base_config_flag; they join those of earlier calls.
 * @return 0; -1 if @p cfg is NULL.
 * @since 2.0.2
 */
EVENT2_EXPORT_SYMBOL
int event_config_set_flag(struct event_config* cfg, int flag);

/**
 * Says for how many processors a thread pool is to be sized. Only I/O completion ports have one.
 *
 * @param cfg the configuration.
 * @param cpus the number of processors.
 * @return 0; -1 if @p cfg is NULL.
 * @since 2.0.7
 */
EVENT2_EXPORT_SYMBOL
int event_config_set_num_cpus_hint(struct event_config* cfg, int cpus);

/**
 * Limits how much runs between two polls, so that urgent events do not wait long behind others.
 *
 * By default the loop runs all active events of the most urgent priority that has any, and then
 * polls. With a limit it polls as soon as that is reached, which costs throughput.
 *
 * @param cfg the configuration.
 * @param max_interval the longest time to run callbacks, looked at after each of them; NULL for no
 *   limit.
 * @param max_callbacks the largest number of callbacks; negative for no limit.
 * @param min_priority the limits hold for this priority and all less urgent ones; 0 for all.
 * @return 0, or -1 on failure.
 * @since 2.1.1
 */
EVENT2_EXPORT_SYMBOL
int event_config_set_max_dispatch_interval(struct event_config* cfg,
                                           const struct timeval* max_interval, int max_callbacks,
                                           int min_priority);

/**
 * Makes a base as configured.
 *
 * @param cfg the configuration, which stays the caller's; NULL for the defaults.
 * @return the base, which event_base_free() frees; NULL if no backend fits or memory runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct event_base* event_base_new_with_config(const struct event_config* cfg);
/** @} */

/**
 * @name Log
 * @{
 */
/** For those who develop the library; see event_enable_debug_logging(). */
#define EVENT_LOG_DEBUG 0
/** For information. */
#define EVENT_LOG_MSG 1
/** Something failed; the library goes on. */
#define EVENT_LOG_WARN 2
/** The library cannot go on: event_set_fatal_callback(). */
#define EVENT_LOG_ERR 3

/** The name of #EVENT_LOG_DEBUG before libevent 2.0. */
#define _EVENT_LOG_DEBUG EVENT_LOG_DEBUG
/** The name of #EVENT_LOG_MSG before libevent 2.0. */
#define _EVENT_LOG_MSG EVENT_LOG_MSG
/** The name of #EVENT_LOG_WARN before libevent 2.0. */
#define _EVENT_LOG_WARN EVENT_LOG_WARN
/** The name of #EVENT_LOG_ERR before libevent 2.0. */
#define _EVENT_LOG_ERR EVENT_LOG_ERR

/**
 * Receives a message of the library.
 *
 * It may run in any thread and while locks are held, so it must not call the library.
 *
 * @param severity one of EVENT_LOG_*.
 * @param msg the text, without a line break; valid during the call.
 */
typedef void (*event_log_cb)(int severity, const char* msg);

/**
 * Sends the messages of the library to a function instead of stderr.
 *
 * One function serves the whole process. Set it before other threads use the library.
 *
 * @param cb the function, or NULL for stderr.
 * @since 1.0
 */
EVENT2_EXPORT_SYMBOL
void event_set_log_callback(event_log_cb cb);

/**
 * Is called when the library cannot go on, after the reason has been logged with EVENT_LOG_ERR.
 *
 * It should not return: the state of the library is undefined then.
 *
 * @param err an exit status.
 */
typedef void (*event_fatal_cb)(int err);

/**
 * Has a function called on a fatal error, instead of exit() with its status.
 *
 * One function serves the whole process.
 *
 * @param cb the function, or NULL for exit().
 * @since 2.0.3
 */
EVENT2_EXPORT_SYMBOL
void event_set_fatal_callback(event_fatal_cb cb);

/** All debug messages. */
#define EVENT_DBG_ALL 0xffffffffu
/** No debug messages. */
#define EVENT_DBG_NONE 0

/**
 * Turns debug messages on or off for the whole process. They are many. Call it before a base is
 * made and before other threads use the library.
 *
 * @param which EVENT_DBG_ALL or EVENT_DBG_NONE.
 * @since 2.1.1
 */
EVENT2_EXPORT_SYMBOL
void event_enable_debug_logging(ev_uint32_t which);
/** @} */

/**
 * @name The loop
 * @{
 */
/** Return after one round: wait until something becomes active, run that, return. */
#define EVLOOP_ONCE 0x01
/** Do not wait: run what is ready now, return. */
#define EVLOOP_NONBLOCK 0x02
/** Do not return because there is nothing to wait for; another thread may add something. */
#define EVLOOP_NO_EXIT_ON_EMPTY 0x04

/**
 * Runs the loop until no event is pending or active, or something ends it.
 *
 * Same as event_base_loop() without flags.
 *
 * @param base the base.
 * @return as event_base_loop().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int event_base_dispatch(struct event_base* base);

/**
 * Runs the loop: waits for events and calls back.
 *
 * It returns when no event is pending or active (but see EVLOOP_NO_EXIT_ON_EMPTY), after
 * event_base_loopexit() or event_base_loopbreak(), or as the flags say. In each round the loop
 * polls and then runs the active events of the most urgent priority that has any. A loop that runs
 * already is not entered again: that is refused with a warning.
 *
 * @param base the base.
 * @param flags 0, or some of EVLOOP_ONCE, EVLOOP_NONBLOCK and EVLOOP_NO_EXIT_ON_EMPTY.
 * @return 0 if it was told to return, 1 if nothing was left to wait for, -1 on failure of the
 * backend or if the loop runs already.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int event_base_loop(struct event_base* base, int flags);

/**
 * Ends the loop after a time. When it is up, the loop completes its round, with all events that are
 * active by then, and returns.
 *
 * If the loop does not run, this holds for the next time it does.
 *
 * @param base the base.
 * @param tv how long from now; NULL for the end of this round.
 * @return 0; -1 if memory runs out.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int event_base_loopexit(struct event_base* base, const struct timeval* tv);

/**
 * Ends the loop as soon as the callback that runs now returns. Other active events stay active
 * until the loop is run again.
 *
 * From another thread, the loop is woken. If it does not run, the next run of the loop starts anew
 * and forgets this call.
 *
 * @param base the base.
 * @return 0; -1 if @p base is NULL.
 * @since 1.4.3
 */
EVENT2_EXPORT_SYMBOL
int event_base_loopbreak(struct event_base* base);

/**
 * Has the loop poll again as soon as the callback that runs now returns, before other active
 * events. If the loop does not run, this does nothing.
 *
 * @param base the base.
 * @return 0; -1 if @p base is NULL.
 * @since 2.1.2
 */
EVENT2_EXPORT_SYMBOL
int event_base_loopcontinue(struct event_base* base);

/**
 * Whether the loop is to end, or has ended, because the time given to event_base_loopexit() is up.
 * The answer holds until the loop is run again.
 *
 * @param base the base.
 * @return nonzero if so.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int event_base_got_exit(struct event_base* base);

/**
 * Whether event_base_loopbreak() was called. The answer holds until the loop is run again.
 *
 * @param base the base.
 * @return nonzero if so.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int event_base_got_break(struct event_base* base);
/** @} */

/**
 * @name What to wait for, and what occurred
 *
 * Bits in the argument `events` of event_new() and other functions, and in what callbacks are told.
 * @{
 */
/** The time was up. To event_new() it means nothing: the timeout is an argument of event_add(). */
#define EV_TIMEOUT 0x01
/** The descriptor can be read. */
#define EV_READ 0x02
/** The descriptor can be written. */
#define EV_WRITE 0x04
/** The signal arrived. Not together with EV_READ, EV_WRITE or EV_CLOSED. */
#define EV_SIGNAL 0x08
/** The event stays pending when it becomes active. If it has a timeout, that starts anew: from when
 * it was due, if the time was up, and otherwise from now. */
#define EV_PERSIST 0x10
/** Report a change of the descriptor once instead of its state every time (edge-triggered). All
 * events of one descriptor must agree on this. Only with EV_FEATURE_ET. */
#define EV_ET 0x20
/** event_del() and event_free() do not wait while the callback runs in another thread. To free such
 * an event use event_finalize() or event_free_finalize(). */
#define EV_FINALIZE 0x40
/** The peer closed its side of the connection. Can be told without reading the data. Only with
 * EV_FEATURE_EARLY_CLOSE. */
#define EV_CLOSED 0x80
/** @} */

/**
 * @name Timers
 *
 * Events that wait for nothing but a time. They fire once; for a periodic timer use event_new()
 * with EV_PERSIST.
 * @{
 */
/** event_assign() for a timer. */
#define evtimer_assign(ev, b, cb, arg) event_assign((ev), (b), -1, 0, (cb), (arg))
/** event_new() for a timer. */
#define evtimer_new(b, cb, arg) event_new((b), -1, 0, (cb), (arg))
/** event_add() for a timer. */
#define evtimer_add(ev, tv) event_add((ev), (tv))
/** event_del() for a timer. */
#define evtimer_del(ev) event_del(ev)
/** event_pending() for a timer. */
#define evtimer_pending(ev, tv) event_pending((ev), EV_TIMEOUT, (tv))
/** event_initialized() for a timer. */
#define evtimer_initialized(ev) event_initialized(ev)
/** @} */

/**
 * @name Signals
 *
 * Events that wait for signal number x. They are persistent.
 * @{
 */
/** event_add() for a signal; tv limits the wait, and is NULL as a rule. */
#define evsignal_add(ev, tv) event_add((ev), (tv))
/** event_assign() for the signal x. */
#define evsignal_assign(ev, b, x, cb, arg) \
  event_assign((ev), (b), (x), EV_SIGNAL | EV_PERSIST, cb, (arg))
/** event_new() for the signal x. */
#define evsignal_new(b, x, cb, arg) event_new((b), (x), EV_SIGNAL | EV_PERSIST, (cb), (arg))
/** event_del() for a signal. */
#define evsignal_del(ev) event_del(ev)
/** event_pending() for a signal. */
#define evsignal_pending(ev, tv) event_pending((ev), EV_SIGNAL, (tv))
/** event_initialized() for a signal. */
#define evsignal_initialized(ev) event_initialized(ev)
/** @} */

/**
 * @name User events
 *
 * Events that wait for nothing: the program makes them active, from any thread.
 * @{
 */
/** event_new() for a user event. */
#define evuser_new(b, cb, arg) event_new((b), -1, 0, (cb), (arg))
/** event_del() for a user event. */
#define evuser_del(ev) event_del(ev)
/** event_pending() that asks for nothing: 0. */
#define evuser_pending(ev, tv) event_pending((ev), 0, (tv))
/** event_initialized() for a user event. */
#define evuser_initialized(ev) event_initialized(ev)
/** event_active() for a user event: its callback will run. */
#define evuser_trigger(ev) event_active((ev), 0, 0)
/** @} */

/**
 * @name Events
 * @{
 */
/**
 * The callback of an event.
 *
 * @param fd the descriptor or signal number of the event.
 * @param what what occurred: some of EV_TIMEOUT, EV_READ, EV_WRITE, EV_SIGNAL, EV_CLOSED and EV_ET,
 *   or what event_active() was given.
 * @param arg what the event was made with.
 */
typedef void (*event_callback_fn)(evutil_socket_t fd, short what, void* arg);

/**
 * A value that stands for the event itself, as the argument of its callback:
 * `event_new(base, fd, EV_READ, callback, event_self_cbarg())`.
 *
 * @return the value.
 * @since 2.1.1
 */
EVENT2_EXPORT_SYMBOL
void* event_self_cbarg(void);

/**
 * Makes an event. It waits for nothing until event_add().
 *
 * Several events may wait for the same descriptor or signal. The descriptor must stay open while
 * the event is pending. Signals are a matter of the whole process: while an event waits for one,
 * the library's handler is in place, and when the last such event is deleted the former one is
 * back.
 *
 * @param base the base the event shall belong to.
 * @param fd a descriptor; or a signal number, with EV_SIGNAL; or -1.
 * @param events what to wait for: some of EV_READ, EV_WRITE and EV_CLOSED, or EV_SIGNAL, or nothing
 *   for a timer; with EV_PERSIST, EV_ET and EV_FINALIZE as wanted.
 * @param callback the function to call; not NULL.
 * @param callback_arg its last argument; event_self_cbarg() for the event itself.
 * @return the event, which event_free() frees; NULL if the arguments do not fit together or memory
 *   runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct event* event_new(struct event_base* base, evutil_socket_t fd, short events,
                        event_callback_fn callback, void* callback_arg);

/**
 * Makes an event in memory of the program's own; see event_new(). The memory must be large enough
 * (event_get_struct_event_size()) and stay until the event is deleted. Nothing needs to be freed.
 *
 * An event may be assigned again, but not while it is pending or active.
 *
 * @param ev the memory; what it holds does not matter.
 * @param base the base the event shall belong to; NULL for the current base (event_init()).
 * @param fd as for event_new().
 * @param events as for event_new().
 * @param callback as for event_new().
 * @param callback_arg as for event_new().
 * @return 0; -1 if the arguments do not fit together.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int event_assign(struct event* ev, struct event_base* base, evutil_socket_t fd, short events,
                 event_callback_fn callback, void* callback_arg);

/**
 * Deletes an event, as event_del() does, and frees it.
 *
 * @param ev an event from event_new(); not NULL, and not one from event_assign().
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void event_free(struct event* ev);

/**
 * The function for event_finalize() and event_free_finalize().
 *
 * It may free what the event's callback used, but must not add or activate the event again.
 *
 * @param ev the event.
 * @param arg the argument of the event's callback.
 */
typedef void (*event_finalize_callback_fn)(struct event* ev, void* arg);

/**
 * Deletes an event and, once its callback is sure not to run any more, calls a function. The way to
 * free what a callback uses when another thread runs the loop.
 *
 * The function is called by the loop, with the priority of the event. Until then the event must
 * stay allocated; it can no longer be added or made active, and event_del() does nothing to it.
 *
 * @param flags 0.
 * @param ev the event.
 * @param callback the function. Afterwards the memory of the event may be reused or freed.
 * @return 0, or -1 on failure.
 * @since 2.1.3
 */
EVENT2_EXPORT_SYMBOL
int event_finalize(unsigned flags, struct event* ev, event_finalize_callback_fn callback);

/**
 * event_finalize() for an event from event_new(), which is freed after the function has returned.
 *
 * @param flags 0.
 * @param ev the event; not to be used after this call.
 * @param callback the function.
 * @return 0, or -1 on failure.
 * @since 2.1.3
 */
EVENT2_EXPORT_SYMBOL
int event_free_finalize(unsigned flags, struct event* ev, event_finalize_callback_fn callback);

/**
 * Has a function called once, without an event to take care of.
 *
 * There is no way to take this back. If it has not been called when the base is freed, it never is;
 * @p arg is the program's to free in any case.
 *
 * @param base the base.
 * @param fd a descriptor, or -1.
 * @param events EV_TIMEOUT, or some of EV_READ, EV_WRITE and EV_CLOSED. Neither EV_SIGNAL nor
 *   EV_PERSIST.
 * @param callback the function.
 * @param arg its last argument.
 * @param timeout how long to wait, as an interval. NULL: for ever, or, with EV_TIMEOUT alone, not
 * at all.
 * @return 0; -1 if the arguments do not fit together or memory runs out.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int event_base_once(struct event_base* base, evutil_socket_t fd, short events,
                    event_callback_fn callback, void* arg, const struct timeval* timeout);

/**
 * Makes an event pending: the base waits for it from now on.
 *
 * If the event is pending already it stays so; a timeout replaces the one it has, and NULL keeps
 * that. An event that waits for no descriptor, no signal and no time does not become pending.
 *
 * @param ev an event that is initialized.
 * @param timeout how long to wait at most, as an interval from now, or what
 *   event_base_init_common_timeout() returned; NULL for ever. When it is over the event becomes
 *   active with EV_TIMEOUT.
 * @return 0; -1 if the backend refuses the descriptor (the reason is in errno), memory runs out or
 *   the event is being finalized. Then nothing has changed.
 * @since 1.0
 */
EVENT2_EXPORT_SYMBOL
int event_add(struct event* ev, const struct timeval* timeout);

/**
 * Takes the timeout off an event. What else it waits for stays; a timer is no longer pending.
 *
 * @param ev the event.
 * @return 0; -1 if the event has no base.
 * @since 2.1.2
 */
EVENT2_EXPORT_SYMBOL
int event_remove_timer(struct event* ev);

/**
 * Makes an event neither pending nor active. The callback does not begin after that; if it runs in
 * another thread right now, this call waits until it returns (not with EV_FINALIZE). An event that
 * is not pending is left as it is.
 *
 * From the event's own callback it does not wait. Do not call it while holding a lock that the
 * callback takes.
 *
 * @param ev the event.
 * @return 0; -1 if the event has no base or the backend failed.
 * @since 1.0
 */
EVENT2_EXPORT_SYMBOL
int event_del(struct event* ev);

/**
 * event_del() that never waits for the callback.
 *
 * @param ev the event.
 * @return as event_del().
 * @since 2.1.3
 */
EVENT2_EXPORT_SYMBOL
int event_del_noblock(struct event* ev);

/**
 * event_del() that waits for the callback even with EV_FINALIZE.
 *
 * @param ev the event.
 * @return as event_del().
 * @since 2.1.3
 */
EVENT2_EXPORT_SYMBOL
int event_del_block(struct event* ev);

/**
 * Makes an event active, pending or not: the loop will call back, and wakes up for it if another
 * thread calls this. An event that is active already gets @p res added to what it will be told.
 *
 * Of an event that is not persistent this ends the wait, as if the condition had occurred.
 *
 * @param ev the event.
 * @param res what to tell the callback, EV_*.
 * @param ncalls how often to call back, for a signal event; otherwise of no meaning.
 * @since 1.0
 */
EVENT2_EXPORT_SYMBOL
void event_active(struct event* ev, int res, short ncalls);

/**
 * Whether an event is pending or active.
 *
 * @param ev the event.
 * @param events what to ask for: some of EV_TIMEOUT, EV_READ, EV_WRITE, EV_CLOSED and EV_SIGNAL.
 * @param tv NULL; or, if the event has a timeout and EV_TIMEOUT is asked for, receives when it
 *   expires as a time of day (gettimeofday()).
 * @return those of @p events that the event waits for or is active with; 0 for none.
 * @since 1.0
 */
EVENT2_EXPORT_SYMBOL
int event_pending(const struct event* ev, short events, struct timeval* tv);

/**
 * The event whose callback runs now.
 *
 * @param base the base; call this from within one of its callbacks.
 * @return the event; NULL if what runs is not an event.
 * @since 2.1.1
 */
EVENT2_EXPORT_SYMBOL
struct event* event_base_get_running_event(struct event_base* base);

/**
 * Tells an initialized event from memory filled with zeroes. For memory that may hold anything else
 * the answer is worth nothing.
 *
 * @param ev the memory.
 * @return nonzero if it holds an initialized event.
 * @since 1.0
 */
EVENT2_EXPORT_SYMBOL
int event_initialized(const struct event* ev);

/** The signal number of a signal event. */
#define event_get_signal(ev) ((int)event_get_fd(ev))

/**
 * The descriptor or signal number of an event.
 *
 * @param ev the event.
 * @return what it was made with; -1 for none.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
evutil_socket_t event_get_fd(const struct event* ev);

/**
 * The base of an event.
 *
 * @param ev the event.
 * @return the base.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
struct event_base* event_get_base(const struct event* ev);

/**
 * What an event waits for.
 *
 * @param ev the event.
 * @return the bits EV_* it was made with.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
short event_get_events(const struct event* ev);

/**
 * The callback of an event.
 *
 * @param ev the event.
 * @return the function.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
event_callback_fn event_get_callback(const struct event* ev);

/**
 * The argument of an event's callback.
 *
 * @param ev the event.
 * @return the argument; the event, if it was made with event_self_cbarg().
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void* event_get_callback_arg(const struct event* ev);

/**
 * The priority of an event.
 *
 * @param ev the event.
 * @return the priority; 0 is the most urgent.
 * @since 2.1.2
 */
EVENT2_EXPORT_SYMBOL
int event_get_priority(const struct event* ev);

/**
 * All that an event was made with. Each pointer may be NULL.
 *
 * @param event the event.
 * @param base_out receives the base.
 * @param fd_out receives the descriptor or signal number.
 * @param events_out receives what it waits for.
 * @param callback_out receives the callback.
 * @param arg_out receives its argument.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void event_get_assignment(const struct event* event, struct event_base** base_out,
                          evutil_socket_t* fd_out, short* events_out,
                          event_callback_fn* callback_out, void** arg_out);

/**
 * How many bytes an event takes, for programs that allocate events without event2/event_struct.h.
 *
 * @return the number of bytes.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
size_t event_get_struct_event_size(void);

/**
 * Moves an event to another base. Its priority becomes the middle one there.
 *
 * @param base the other base.
 * @param ev an event that is initialized, and neither pending nor active.
 * @return 0; -1 if the event is in use.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int event_base_set(struct event_base* base, struct event* ev);
/** @} */

/**
 * @name Version
 * @{
 */
/**
 * The version of libevent that the library in use takes the place of.
 *
 * @return a constant string, "2.1.12-stable". relevent_get_version() tells relevent's own.
 * @since 1.0
 */
EVENT2_EXPORT_SYMBOL
const char* event_get_version(void);

/**
 * event_get_version() as a number: a byte each for major, minor and patch, and one that is 0.
 *
 * @return the number, 0x02010c00.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
ev_uint32_t event_get_version_number(void);

/** event_get_version() of the headers that the program is compiled with. */
#define LIBEVENT_VERSION EVENT__VERSION
/** event_get_version_number() of the headers that the program is compiled with. */
#define LIBEVENT_VERSION_NUMBER EVENT__NUMERIC_VERSION
/** @} */

/**
 * @name Priorities
 *
 * Numbers from 0, the most urgent, up. While events of one priority are active none that is less
 * urgent is run, so urgent events that always come up again can keep others from running at all.
 * @{
 */
/** The largest number of priorities. */
#define EVENT_MAX_PRIORITIES 256

/**
 * Sets how many priorities a base has: 1, unless this is called. New events get the middle one.
 *
 * @param base a base without active events. Pending events keep the priority they have.
 * @param npriorities the number, 1 to EVENT_MAX_PRIORITIES - 1.
 * @return 0; -1 if the number is out of range, events are active or memory runs out.
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
int event_base_priority_init(struct event_base* base, int npriorities);

/**
 * How many priorities a base has.
 *
 * @param base the base.
 * @return the number.
 * @since 2.1.1
 */
EVENT2_EXPORT_SYMBOL
int event_base_get_npriorities(struct event_base* base);

/**
 * Sets the priority of an event.
 *
 * @param ev an event, pending or not, that is not active.
 * @param priority the priority, 0 up to the base's number of priorities less one.
 * @return 0; -1 if the event is active or there is no such priority.
 * @since 1.0
 */
EVENT2_EXPORT_SYMBOL
int event_priority_set(struct event* ev, int priority);
/** @} */

/**
 * Prepares for very many events with one and the same timeout; they then cost less than others.
 *
 * Pass what it returns to event_add() instead of the interval. The value works with this base
 * alone, and must be passed or copied as it is: its tv_usec is marked.
 *
 * @param base the base.
 * @param duration the interval.
 * @return the marked interval, which belongs to the base; always the same one for the same
 * duration. NULL if memory runs out, or if the base has 256 different ones.
 * @since 2.0.4
 */
EVENT2_EXPORT_SYMBOL
const struct timeval* event_base_init_common_timeout(struct event_base* base,
                                                     const struct timeval* duration);

#if !defined(EVENT__DISABLE_MM_REPLACEMENT) || defined(EVENT_IN_DOXYGEN_)
/**
 * Sets the functions that the library gets its memory from, instead of malloc(), realloc() and
 * free(). Every byte comes from them.
 *
 * What the library hands over for the program to free must then be freed with @p free_fn. Call this
 * before any other function of the library. The functions may be called from every thread that uses
 * the library, and must not call it.
 *
 * @param malloc_fn like malloc(); NULL to use that.
 * @param realloc_fn like realloc(); NULL to use that.
 * @param free_fn like free(); NULL to use that. The three must fit together.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void event_set_mem_functions(void* (*malloc_fn)(size_t sz),
                             void* (*realloc_fn)(void* ptr, size_t sz), void (*free_fn)(void* ptr));
/** Defined where event_set_mem_functions() exists. */
#define EVENT_SET_MEM_FUNCTIONS_IMPLEMENTED
#endif

/**
 * @name Looking into a base
 * @{
 */
/**
 * Writes a list of all pending and active events for people to read. The form may change.
 *
 * @param base the base.
 * @param output where to write it.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void event_base_dump_events(struct event_base* base, FILE* output);

/**
 * Makes the pending events of one descriptor active.
 *
 * @param base the base.
 * @param fd the descriptor; -1 for none, to reach timers.
 * @param events which events, and what they are told: some of EV_READ, EV_WRITE, EV_CLOSED and
 *   EV_TIMEOUT. The last one reaches events that have a timeout (since 2.1.10).
 * @since 2.1.4
 */
EVENT2_EXPORT_SYMBOL
void event_base_active_by_fd(struct event_base* base, evutil_socket_t fd, short events);

/**
 * Makes the pending events of one signal active, as if it had arrived.
 *
 * @param base the base.
 * @param sig the signal number.
 * @since 2.1.4
 */
EVENT2_EXPORT_SYMBOL
void event_base_active_by_signal(struct event_base* base, int sig);

/**
 * Is shown an event.
 *
 * @param base the base.
 * @param event the event. The library's own events are shown too.
 * @param arg what event_base_foreach_event() was given.
 * @return 0 to go on, anything else to stop.
 */
typedef int (*event_base_foreach_event_cb)(const struct event_base* base, const struct event* event,
                                           void* arg);

/**
 * Shows every pending or active event of a base to a function, each once.
 *
 * The lock of the base is held all the while: the function should be quick, and must not change the
 * base or any event on it.
 *
 * @param base the base.
 * @param fn the function.
 * @param arg its last argument.
 * @return 0, or what the function returned to stop.
 * @since 2.1.2
 */
EVENT2_EXPORT_SYMBOL
int event_base_foreach_event(struct event_base* base, event_base_foreach_event_cb fn, void* arg);
/** @} */

/**
 * @name Time of a base
 * @{
 */
/**
 * The time of day, for a callback to use without asking the system: the loop notes it once a round.
 *
 * @param base the base. Outside its callbacks, with EVENT_BASE_FLAG_NO_CACHE_TIME, or if it is NULL
 *   and there is no current base, this is gettimeofday().
 * @param tv receives the time.
 * @return 0, or -1 on failure.
 * @since 2.0.4
 */
EVENT2_EXPORT_SYMBOL
int event_base_gettimeofday_cached(struct event_base* base, struct timeval* tv);

/**
 * Notes the time anew, in a callback that takes long. Timeouts added afterwards count from then.
 * Outside the loop, or with EVENT_BASE_FLAG_NO_CACHE_TIME, it does nothing.
 *
 * @param base the base; NULL for the current base (event_init()).
 * @return 0; -1 if there is no base.
 * @since 2.1.1
 */
EVENT2_EXPORT_SYMBOL
int event_base_update_cache_time(struct event_base* base);
/** @} */

/**
 * Frees what the library holds for the whole process, so that tools find no leak at the exit.
 * Objects of the program must have been freed before, and no function of the library may be called
 * after that.
 *
 * @since 2.1.1
 */
EVENT2_EXPORT_SYMBOL
void libevent_global_shutdown(void);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_EVENT_H_INCLUDED_ */
