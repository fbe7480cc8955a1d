/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_EVENT_STRUCT_H_INCLUDED_
#define EVENT2_EVENT_STRUCT_H_INCLUDED_

/**
 * @file event2/event_struct.h
 *
 * The layout of `struct event`, for programs that embed events in their own structures and set them
 * up with event_assign() or event_set().
 *
 * The layout is frozen for the whole 2.1 ABI (128 bytes on 64-bit systems). The fields belong to
 * the library: a program allocates the memory and passes its address, and reads nothing but through
 * the event_get_* functions. Programs that can do so should rather use event_new(), or
 * event_get_struct_event_size() to find the size at run time.
 *
 * The list links are written out, so that <sys/queue.h> is not needed; they are the same structures
 * that its TAILQ_ENTRY, TAILQ_HEAD, LIST_ENTRY and LIST_HEAD make.
 */

#include <event2/event-config.h>
#ifdef EVENT__HAVE_SYS_TYPES_H
#include <sys/types.h>
#endif
#ifdef EVENT__HAVE_SYS_TIME_H
#include <sys/time.h>
#endif

#include <event2/util.h>

#include <event2/keyvalq_struct.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @name State of an event
 *
 * Bits of event_callback::evcb_flags. The library alone changes them.
 * @{
 */
/** A timeout is set. */
#define EVLIST_TIMEOUT 0x01
/** The event waits for I/O or for a signal. */
#define EVLIST_INSERTED 0x02
/** The event waits for a signal. */
#define EVLIST_SIGNAL 0x04
/** The callback is queued for this round of the loop. */
#define EVLIST_ACTIVE 0x08
/** The event belongs to the library and does not count as the program's. */
#define EVLIST_INTERNAL 0x10
/** The callback is queued for the next round of the loop. */
#define EVLIST_ACTIVE_LATER 0x20
/** event_finalize() or event_free_finalize() was called. */
#define EVLIST_FINALIZING 0x40
/** The event has been assigned. */
#define EVLIST_INIT 0x80

/** Every one of the bits above. */
#define EVLIST_ALL 0xff
/** @} */

struct event;
struct event_base;

/** What the loop queues and runs: the part of an event that other deferred work shares. */
struct event_callback {
  /** Link in the queue of active callbacks of one priority. */
  struct {
    struct event_callback* tqe_next;
    struct event_callback** tqe_prev;
  } evcb_active_next;
  /** Bits EVLIST_*. */
  short evcb_flags;
  /** Priority; 0 is the most urgent. */
  ev_uint8_t evcb_pri;
  /** Which member of #evcb_cb_union holds the function, and how it is called. */
  ev_uint8_t evcb_closure;
  /** The function to run. */
  union {
    void (*evcb_callback)(evutil_socket_t, short, void*);
    void (*evcb_selfcb)(struct event_callback*, void*);
    void (*evcb_evfinalize)(struct event*, void*);
    void (*evcb_cbfinalize)(struct event_callback*, void*);
  } evcb_cb_union;
  /** The last argument of the function. */
  void* evcb_arg;
};

/** One event; see event2/event.h for what that is. */
struct event {
  /** The callback and its place in the queue; first, because one is converted to the other. */
  struct event_callback ev_evcallback;

  /** Where the timeout is kept: in the heap of timers, or in the queue of a common timeout. */
  union {
    struct {
      struct event* tqe_next;
      struct event** tqe_prev;
    } ev_next_with_common_timeout;
    int min_heap_idx;
  } ev_timeout_pos;
  /** Descriptor or signal number; -1 for neither. */
  evutil_socket_t ev_fd;

  /** The base that the event was assigned to. */
  struct event_base* ev_base;

  /** What belongs to the kind of the event: the links of those that wait for the same. */
  union {
    /** While it waits for I/O: the link among the events of one descriptor, and its interval. */
    struct {
      struct {
        struct event* le_next;
        struct event** le_prev;
      } ev_io_next;
      struct timeval ev_timeout;
    } ev_io;

    /** While it waits for a signal: the link among the events of one signal, and how often the
     * callback is still to be called. */
    struct {
      struct {
        struct event* le_next;
        struct event** le_prev;
      } ev_signal_next;
      short ev_ncalls;
      short* ev_pncalls;
    } ev_signal;
  } ev_;

  /** What the event waits for: EV_*. */
  short ev_events;
  /** What the callback will be told. */
  short ev_res;
  /** When the timeout expires, on the base's monotonic clock. */
  struct timeval ev_timeout;
};

/** A queue of events. */
struct event_list {
  /** The first of them, or NULL. */
  struct event* tqh_first;
  /** Where the next one is to be linked. */
  struct event** tqh_last;
};

/** A list of events. */
struct event_dlist {
  /** The first of them, or NULL. */
  struct event* lh_first;
};

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_EVENT_STRUCT_H_INCLUDED_ */
