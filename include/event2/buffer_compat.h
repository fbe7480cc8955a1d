/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_BUFFER_COMPAT_H_INCLUDED_
#define EVENT2_BUFFER_COMPAT_H_INCLUDED_

/**
 * @file event2/buffer_compat.h
 *
 * Functions of libevent 1.4 for buffers, for old programs. New ones use event2/buffer.h, whose
 * rules on errors, threads and callbacks hold here too.
 */

#include <event2/visibility.h>

#include <event2/buffer.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Takes a line from the front of a buffer; the same as evbuffer_readln() with NULL and
 * #EVBUFFER_EOL_ANY.
 *
 * @param buffer the buffer.
 * @return the line, which the caller frees; NULL if there is no complete line or memory runs out.
 * @deprecated Swallows empty lines, and sees a CR LF that comes in two pieces as two ends of lines.
 * Use evbuffer_readln().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
char* evbuffer_readline(struct evbuffer* buffer);

/**
 * Called when the length of a buffer has changed. What holds for evbuffer_cb_func() holds here too.
 *
 * @param buffer the buffer.
 * @param old_len its length when callbacks were last called, in bytes.
 * @param new_len its length now.
 * @param arg what evbuffer_setcb() was given.
 * @since 1.4
 */
typedef void (*evbuffer_cb)(struct evbuffer* buffer, size_t old_len, size_t new_len, void* arg);

/**
 * Removes all callbacks of a buffer, also those of evbuffer_add_cb(), and sets a new one.
 *
 * @param buffer the buffer; never one of a bufferevent, which would lose its own callback.
 * @param cb the function; NULL: none.
 * @param cbarg its last argument.
 * @return 0; -1 if memory runs out.
 * @deprecated Breaks other users of the same buffer. Use evbuffer_add_cb() and
 * evbuffer_remove_cb().
 * @since 1.4 (returned nothing before 2.1)
 */
EVENT2_EXPORT_SYMBOL
int evbuffer_setcb(struct evbuffer* buffer, evbuffer_cb cb, void* cbarg);

/**
 * Finds a string of bytes in a buffer, and makes the buffer contiguous up to and including the
 * match.
 *
 * @param buffer the buffer.
 * @param what the string.
 * @param len its length in bytes.
 * @return the first byte of the first match, valid until the buffer is changed; NULL if there is
 * none or memory runs out.
 * @deprecated Copies. Use evbuffer_search().
 * @since 1.4
 */
EVENT2_EXPORT_SYMBOL
unsigned char* evbuffer_find(struct evbuffer* buffer, const unsigned char* what, size_t len);

/** The number of bytes in a buffer. @deprecated Use evbuffer_get_length(). @since 1.4 */
#define EVBUFFER_LENGTH(x) evbuffer_get_length(x)
/**
 * All bytes of a buffer, as one array; NULL if it is empty. @deprecated Copies. Use
 * evbuffer_pullup() or evbuffer_peek(). @since 1.4
 */
#define EVBUFFER_DATA(x) evbuffer_pullup((x), -1)

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_BUFFER_COMPAT_H_INCLUDED_ */
