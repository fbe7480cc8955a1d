/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT1_EVHTTP_H_INCLUDED_
#define EVENT1_EVHTTP_H_INCLUDED_

/**
 * @file evhttp.h
 *
 * All of HTTP under the name it had in libevent 1.4, old functions and open structs included. New
 * programs include event2/http.h.
 */

#include <event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/http_compat.h>

#endif /* EVENT1_EVHTTP_H_INCLUDED_ */
