/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT1_EVDNS_H_INCLUDED_
#define EVENT1_EVDNS_H_INCLUDED_

/**
 * @file evdns.h
 *
 * All of DNS under the name it had in libevent 1.4, old functions and open structs included. New
 * programs include event2/dns.h.
 */

#include <event.h>
#include <event2/dns.h>
#include <event2/dns_compat.h>
#include <event2/dns_struct.h>

#endif /* EVENT1_EVDNS_H_INCLUDED_ */
