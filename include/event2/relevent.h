/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_RELEVENT_H_INCLUDED_
#define EVENT2_RELEVENT_H_INCLUDED_

/**
 * @file event2/relevent.h
 *
 * What relevent has beyond libevent's interface. All names begin with `relevent_` or `RELEVENT_`.
 *
 * A program that also has to build with the original tests for the header:
 * @code
 * #if defined(__has_include) && __has_include(<event2/relevent.h>)
 * #include <event2/relevent.h>
 * #endif
 * #ifdef RELEVENT_VERSION
 * @endcode
 * The functions are in libevent_core and in libevent. Extensions that come later are declared here
 * with the version that has them; those of WebSocket are in event2/relevent_ws.h.
 */

#include <event2/visibility.h>

#ifdef __cplusplus
extern "C" {
#endif

/** relevent's own version, of these headers. event_get_version() tells the version of libevent that
 * is replaced. */
#define RELEVENT_VERSION "0.1.0"

/** #RELEVENT_VERSION as a number: a byte each for major, minor and patch, and one that is 0. */
#define RELEVENT_NUMERIC_VERSION 0x00010000

/**
 * The version of the library that is in use, which may be newer than #RELEVENT_VERSION.
 *
 * To find out at run time whether a program got relevent or the original, look the name up with
 * dlsym(): the original does not have it.
 *
 * @return a constant string such as "0.1.0".
 * @since relevent 0.1
 */
EVENT2_EXPORT_SYMBOL
const char* relevent_get_version(void);

/**
 * How much of what RFC 9112 forbids evhttp puts up with.
 *
 * @since relevent 0.1
 */
enum relevent_http_mode {
  /** As much as libevent 2.1: for peers that cannot be mended. Do not use it behind a proxy. */
  RELEVENT_HTTP_COMPAT,
  /** Nothing that two programs could understand in two ways; the default. Tolerated are lines that
   * end in LF alone, folded header fields, HTTP/1.1 without Host, spaces in the target. */
  RELEVENT_HTTP_SAFE,
  /** Nothing. */
  RELEVENT_HTTP_STRICT
};

/**
 * Sets the mode of the HTTP connections that are made or accepted from now on, in the whole process.
 *
 * Before the first call it is what the environment variable `RELEVENT_HTTP` says ("compat", "safe"
 * or "strict"; programs that run with the rights of another user ignore it), and
 * #RELEVENT_HTTP_SAFE without it. May be called from any thread.
 *
 * @param mode the mode.
 * @return 0; -1 if there is no such mode.
 * @since relevent 0.1
 */
EVENT2_EXPORT_SYMBOL
int relevent_http_set_mode(enum relevent_http_mode mode);

/**
 * The mode of new HTTP connections.
 *
 * @return the mode.
 * @since relevent 0.1
 */
EVENT2_EXPORT_SYMBOL
enum relevent_http_mode relevent_http_get_mode(void);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_RELEVENT_H_INCLUDED_ */
