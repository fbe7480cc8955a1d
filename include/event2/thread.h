/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_THREAD_H_INCLUDED_
#define EVENT2_THREAD_H_INCLUDED_

/**
 * @file event2/thread.h
 *
 * Locking, for programs that use one event_base, bufferevent or evbuffer from several threads.
 *
 * Locking is off until the program turns it on, and what was created before stays without locks. So
 * call evthread_use_pthreads() first, before any other function of the library. Programs with a
 * threading library of their own hand its primitives over with evthread_set_lock_callbacks(),
 * evthread_set_condition_callbacks() and evthread_set_id_callback().
 *
 * Once locking is on, every function that takes an event_base or an event may be called from any
 * thread, unless its description says otherwise. Only one thread at a time may run a base's loop. A
 * bufferevent or evbuffer needs its own lock: see BEV_OPT_THREADSAFE and evbuffer_enable_locking().
 */

#include <event2/visibility.h>

#include <event2/event-config.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @name Modes
 *
 * The first argument of the lock and unlock callbacks: 0 for a plain lock, or some of these bits.
 * @{
 */
/** A read-write lock is taken or released for writing. */
#define EVTHREAD_WRITE 0x04
/** A read-write lock is taken or released for reading. */
#define EVTHREAD_READ 0x08
/** The lock callback must not wait: if the lock is not free it returns nonzero at once. */
#define EVTHREAD_TRY 0x10
/** @} */

#if !defined(EVENT__DISABLE_THREAD_SUPPORT) || defined(EVENT_IN_DOXYGEN_)

/** The version of struct evthread_lock_callbacks that this header declares. */
#define EVTHREAD_LOCK_API_VERSION 1

/**
 * @name Kinds of locks
 *
 * Bits of evthread_lock_callbacks::supported_locktypes and the argument of its `alloc`, where 0
 * asks for a plain mutex.
 * @{
 */
/** The thread that holds the lock may take it again, and releases it as often as it took it. */
#define EVTHREAD_LOCKTYPE_RECURSIVE 1
/** Several readers or one writer may hold the lock. */
#define EVTHREAD_LOCKTYPE_READWRITE 2
/** @} */

/**
 * How to make and use locks; the argument of evthread_set_lock_callbacks().
 *
 * The functions are called from every thread that uses the library and must not call it back.
 */
struct evthread_lock_callbacks {
  /** Set this to EVTHREAD_LOCK_API_VERSION. */
  int lock_api_version;
  /** The kinds of locks that `alloc` can make, EVTHREAD_LOCKTYPE_*. Recursive locks are required;
   * read-write locks are not in use at present. */
  unsigned supported_locktypes;
  /** Makes a lock of this kind, not held. Returns NULL if it cannot. */
  void* (*alloc)(unsigned locktype);
  /** Destroys a lock that is not held. @p locktype is what `alloc` was given. */
  void (*free)(void* lock, unsigned locktype);
  /** Takes a lock. Returns 0 once the calling thread holds it, nonzero if it does not. */
  int (*lock)(unsigned mode, void* lock);
  /** Releases a lock that the calling thread holds. Returns 0, or nonzero on failure. */
  int (*unlock)(unsigned mode, void* lock);
};

/**
 * Turns locking on, with the program's own locks.
 *
 * Not needed after evthread_use_pthreads(). The structure is copied. Call it before anything is
 * created that shall be locked, and from one thread.
 *
 * @param callbacks the functions, all of them; or NULL to turn locking off, with a warning: that
 *   cannot work while any object has a lock.
 * @return 0; -1 if a function is missing, or if other callbacks are in use already: they stay, with
 * a warning. To set the same ones again is allowed.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evthread_set_lock_callbacks(const struct evthread_lock_callbacks* callbacks);

/** The version of struct evthread_condition_callbacks that this header declares. */
#define EVTHREAD_CONDITION_API_VERSION 1

struct timeval;

/**
 * How to make and use condition variables; the argument of evthread_set_condition_callbacks().
 */
struct evthread_condition_callbacks {
  /** Set this to EVTHREAD_CONDITION_API_VERSION. */
  int condition_api_version;
  /** Makes a condition variable; @p condtype is 0. Returns NULL if it cannot. */
  void* (*alloc_condition)(unsigned condtype);
  /** Destroys a condition variable that no thread waits for. */
  void (*free_condition)(void* cond);
  /** Wakes one waiting thread, or all of them if @p broadcast is 1. The caller holds the lock that
   * belongs to the condition. Returns 0, or -1 on failure. */
  int (*signal_condition)(void* cond, int broadcast);
  /** Releases @p lock, which the caller holds, waits, and takes the lock again before it returns.
   * @p timeout is the longest time to wait, as an interval; NULL waits for ever. Returns 0 if it
   * was signalled, 1 if the time was up, -1 on failure. */
  int (*wait_condition)(void* cond, void* lock, const struct timeval* timeout);
};

/**
 * Hands over the program's own condition variables, to go with evthread_set_lock_callbacks().
 *
 * The structure is copied. Without condition variables event_del() cannot wait for a callback that
 * runs in another thread.
 *
 * @param callbacks the functions; or NULL to forget those in use, with a warning.
 * @return 0; -1 if other callbacks are in use already: they stay, with a warning. To set the same
 * ones again is allowed.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evthread_set_condition_callbacks(const struct evthread_condition_callbacks* callbacks);

/**
 * Hands over the function that tells threads apart, to go with evthread_set_lock_callbacks().
 *
 * @param id_fn returns a number that is the same in each call from one thread and different in all
 *   others that are alive.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evthread_set_id_callback(unsigned long (*id_fn)(void));

#if (defined(_WIN32) && !defined(EVENT__DISABLE_THREAD_SUPPORT)) || defined(EVENT_IN_DOXYGEN_)
/**
 * Turns locking on, with the locks of Windows. Windows only.
 *
 * @return 0, or -1 on failure.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evthread_use_windows_threads(void);
/** Defined where evthread_use_windows_threads() exists. */
#define EVTHREAD_USE_WINDOWS_THREADS_IMPLEMENTED 1
#endif

#if defined(EVENT__HAVE_PTHREADS) || defined(EVENT_IN_DOXYGEN_)
/**
 * Turns locking on, with POSIX threads. Link the program with libevent_pthreads too.
 *
 * Call it before anything else. Calls that follow do nothing and succeed; several threads may call
 * it at the same time. If the program has set callbacks of its own already, those stay, with a
 * warning, and this too counts as success.
 *
 * @return 0; -1 if the system has no recursive locks.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evthread_use_pthreads(void);
/** Defined where evthread_use_pthreads() exists. */
#define EVTHREAD_USE_PTHREADS_IMPLEMENTED 1

/** For evthread_use_pthreads_with_flags(): the locks inherit the priority of the most urgent thread
 * that waits for them (PTHREAD_PRIO_INHERIT). */
#define EVTHREAD_PTHREAD_PRIO_INHERIT 0x01

/**
 * Like evthread_use_pthreads(), with a choice of the kind of lock.
 *
 * @param flags 0 or EVTHREAD_PTHREAD_PRIO_INHERIT.
 * @return as evthread_use_pthreads(), and -1 if the system cannot do what the flags ask.
 * @since 2.2
 */
EVENT2_EXPORT_SYMBOL
int evthread_use_pthreads_with_flags(int flags);
#endif

/**
 * Checks every use of a lock from now on: a lock that is released by a thread that does not hold
 * it, freed while it is held, or taken twice though it is not recursive is reported as a fatal
 * error (event_set_fatal_callback()) on the spot.
 *
 * For tests: it costs memory and time. Call it before anything with a lock is created, and before
 * or after evthread_use_pthreads(). It lasts until libevent_global_shutdown().
 *
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
void evthread_enable_lock_debugging(void);

/**
 * The name under which evthread_enable_lock_debugging() first came out.
 *
 * @deprecated It is spelled wrong.
 */
EVENT2_EXPORT_SYMBOL
void evthread_enable_lock_debuging(void);

#endif /* EVENT__DISABLE_THREAD_SUPPORT */

struct event_base;

/**
 * Prepares a base to be woken from other threads.
 *
 * Every base that is created with locking on is prepared already, so programs have no need to call
 * this. It is harmless to call it again.
 *
 * @param base the base.
 * @return 0; -1 if @p base is NULL or the system has no descriptor left.
 * @since 2.0
 */
EVENT2_EXPORT_SYMBOL
int evthread_make_base_notifiable(struct event_base* base);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_THREAD_H_INCLUDED_ */
