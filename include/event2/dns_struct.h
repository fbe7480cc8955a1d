/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_DNS_STRUCT_H_INCLUDED_
#define EVENT2_DNS_STRUCT_H_INCLUDED_

/**
 * @file event2/dns_struct.h
 *
 * What a DNS server's callback reads of a request. The layout is that of libevent 2.1 and stays.
 */

#include <event2/event-config.h>
#ifdef EVENT__HAVE_SYS_TYPES_H
#include <sys/types.h>
#endif
#ifdef EVENT__HAVE_SYS_TIME_H
#include <sys/time.h>
#endif

#include <event2/util.h>

#ifdef __cplusplus
extern "C" {
#endif

struct evdns_server_question;

/** A request that a server has received. To be read only; the library owns all of it. */
struct evdns_server_request {
  int flags;      /**< The flag bits of the message's header, as they came. */
  int nquestions; /**< The number of questions. */
  struct evdns_server_question **questions; /**< The questions. */
};

/** A question of a request. */
struct evdns_server_question {
  int type; /**< The kind of record that is asked for, such as #EVDNS_TYPE_A. */
#ifdef __cplusplus
  int dns_question_class; /**< The class that is asked for, such as #EVDNS_CLASS_INET. */
#else
  /** The class, in C. Write `dns_question_class`, which works in C++ too. */
  int class;
/** Gives evdns_server_question::class the name that it has in C++. */
#define dns_question_class class
#endif
  char name[1]; /**< The name that is asked for, with a NUL behind it, in the asker's spelling. */
};

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_DNS_STRUCT_H_INCLUDED_ */
