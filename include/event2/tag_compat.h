/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_TAG_COMPAT_H_INCLUDED_
#define EVENT2_TAG_COMPAT_H_INCLUDED_

/**
 * @file event2/tag_compat.h
 *
 * Names of libevent 1.4 for encoded integers, for old programs. Whoever uses them includes
 * event2/tag.h too.
 */

/** @deprecated Use evtag_encode_int(). @since 1.4 */
#define encode_int(evbuf, number) evtag_encode_int((evbuf), (number))
/** @deprecated Use evtag_encode_int64(). @since 2.0 */
#define encode_int64(evbuf, number) evtag_encode_int64((evbuf), (number))

#endif /* EVENT2_TAG_COMPAT_H_INCLUDED_ */
