/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT1_EVUTIL_H_INCLUDED_
#define EVENT1_EVUTIL_H_INCLUDED_

/**
 * @file evutil.h
 *
 * The name that event2/util.h had before libevent 2.0.
 *
 * @deprecated Include event2/util.h.
 */

#include <event2/util.h>

#endif /* EVENT1_EVUTIL_H_INCLUDED_ */
