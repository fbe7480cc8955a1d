/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT1_EVRPC_H_INCLUDED_
#define EVENT1_EVRPC_H_INCLUDED_

/**
 * @file evrpc.h
 *
 * All of RPC under the name it had in libevent 1.4, old functions and open structs included. New
 * programs include event2/rpc.h.
 */

#include <event.h>
#include <event2/rpc.h>
#include <event2/rpc_struct.h>
#include <event2/rpc_compat.h>

#endif /* EVENT1_EVRPC_H_INCLUDED_ */
