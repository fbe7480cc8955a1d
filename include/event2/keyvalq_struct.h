/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_KEYVALQ_STRUCT_H_INCLUDED_
#define EVENT2_KEYVALQ_STRUCT_H_INCLUDED_

/**
 * @file event2/keyvalq_struct.h
 *
 * The list of name/value pairs that holds header fields and query arguments.
 *
 * It is a tail queue as <sys/queue.h> has them, and may be walked with that file's macros or by
 * hand; that file is not needed to include this one:
 * @code
 * struct evkeyval *kv;
 * for (kv = headers->tqh_first; kv != NULL; kv = kv->next.tqe_next)
 *   printf("%s: %s\n", kv->key, kv->value);
 * @endcode
 * Lists are changed with evhttp_add_header(), evhttp_remove_header() and evhttp_clear_headers(). A
 * list of the program's own is set up with TAILQ_INIT (or by evhttp_parse_query_str()) and emptied
 * with evhttp_clear_headers(). A list has no lock.
 */

#ifdef __cplusplus
extern "C" {
#endif

/* The two macros of <sys/queue.h> that the declarations need, only while this file is read. */
/** @cond */
#ifndef TAILQ_ENTRY
#define EVENT_DEFINED_TQENTRY_
#define TAILQ_ENTRY(type)   \
  struct {                  \
    struct type *tqe_next;  \
    struct type **tqe_prev; \
  }
#endif

#ifndef TAILQ_HEAD
#define EVENT_DEFINED_TQHEAD_
#define TAILQ_HEAD(name, type) \
  struct name {                \
    struct type *tqh_first;    \
    struct type **tqh_last;    \
  }
#endif
/** @endcond */

/** One pair. The list owns it and both strings; they may be read, but not freed or replaced. */
struct evkeyval {
  TAILQ_ENTRY(evkeyval) next; /**< Links to the neighbours. */

  char *key;   /**< The name, as it was written. Names of header fields compare without case. */
  char *value; /**< The value; never NULL. */
};

/** A list of pairs, in the order in which they were received or added. */
TAILQ_HEAD(evkeyvalq, evkeyval);

#ifdef EVENT_DEFINED_TQENTRY_
#undef TAILQ_ENTRY
#endif

#ifdef EVENT_DEFINED_TQHEAD_
#undef TAILQ_HEAD
#endif

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_KEYVALQ_STRUCT_H_INCLUDED_ */
