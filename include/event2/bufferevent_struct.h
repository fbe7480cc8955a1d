/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_BUFFEREVENT_STRUCT_H_INCLUDED_
#define EVENT2_BUFFEREVENT_STRUCT_H_INCLUDED_

/**
 * @file event2/bufferevent_struct.h
 *
 * The fields of a bufferevent, for programs written for libevent 1.4 that read them. Everything
 * here has a function in event2/bufferevent.h, which new programs use: it takes the lock, and acts
 * on what it sets.
 *
 * The layout is that of libevent 2.1 and does not change. Programs may read fields; to write them
 * is undefined behaviour. A program cannot make a struct bufferevent of its own: the library keeps
 * more behind it.
 */

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
#include <event2/bufferevent.h>
#include <event2/event_struct.h>
#include <event2/util.h>

/**
 * The watermarks of one direction, in bytes. See bufferevent_setwatermark().
 *
 * @since 2.0
 */
struct event_watermark {
  /** The low watermark. */
  size_t low;
  /** The high watermark; 0: none. */
  size_t high;
};

/**
 * The part of a bufferevent that all kinds share.
 *
 * @deprecated Use the functions.
 * @since 1.4 (this layout: 2.0)
 */
struct bufferevent {
  /** Its base: bufferevent_get_base(). */
  struct event_base* ev_base;
  /** What kind it is. Private to the library. */
  const struct bufferevent_ops* be_ops;

  /** Fires when the descriptor is readable or the read timeout passes. Not every kind uses it. */
  struct event ev_read;
  /** Fires when the descriptor is writable or the write timeout passes. Not every kind uses it. */
  struct event ev_write;

  /** The input buffer: bufferevent_get_input(). */
  struct evbuffer* input;
  /** The output buffer: bufferevent_get_output(). */
  struct evbuffer* output;

  /** The watermarks for reading: bufferevent_getwatermark(). */
  struct event_watermark wm_read;
  /** The watermarks for writing: bufferevent_getwatermark(). */
  struct event_watermark wm_write;

  /** The read callback: bufferevent_getcb(). */
  bufferevent_data_cb readcb;
  /** The write callback: bufferevent_getcb(). */
  bufferevent_data_cb writecb;
  /** The event callback, by its old name: bufferevent_getcb(). */
  bufferevent_event_cb errorcb;
  /** The last argument of the callbacks: bufferevent_getcb(). */
  void* cbarg;

  /** The timeout for reading; {0,0}: none. See bufferevent_set_timeouts(). */
  struct timeval timeout_read;
  /** The timeout for writing; {0,0}: none. See bufferevent_set_timeouts(). */
  struct timeval timeout_write;

  /** EV_READ, EV_WRITE, both or 0: bufferevent_get_enabled(). */
  short enabled;
};

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_BUFFEREVENT_STRUCT_H_INCLUDED_ */
