/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_RPC_COMPAT_H_INCLUDED_
#define EVENT2_RPC_COMPAT_H_INCLUDED_

/**
 * @file event2/rpc_compat.h
 *
 * Macros of libevent 1.4 for RPC messages: with any number of arguments, where the compiler allows
 * it (GNU C and C++, not with -std=c99 and the like). They take the place of those of event2/rpc.h,
 * whichever of both files comes first.
 */

#if defined(__GNUC__) && !defined(__STRICT_ANSI__)
#undef EVTAG_ASSIGN
#undef EVTAG_GET
#undef EVTAG_ADD

/** Sets a field: EVTAG_ASSIGN(msg, member, value) or (msg, member, value, len). */
#define EVTAG_ASSIGN(msg, member, args...) (*(msg)->base->member##_assign)(msg, ##args)
/** Reads a field: EVTAG_GET(msg, member, &value) or (msg, member, &value, &len). */
#define EVTAG_GET(msg, member, args...) (*(msg)->base->member##_get)(msg, ##args)
/** Adds to an array: EVTAG_ADD(msg, member) or (msg, member, value). */
#define EVTAG_ADD(msg, member, args...) (*(msg)->base->member##_add)(msg, ##args)
#endif

/** The number of entries of an array. New name: EVTAG_ARRAY_LEN. */
#define EVTAG_LEN(msg, member) ((msg)->member##_length)

#endif /* EVENT2_RPC_COMPAT_H_INCLUDED_ */
