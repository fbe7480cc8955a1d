/*
 * Part of relevent, a drop-in replacement for libevent 2.1.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#ifndef EVENT2_VISIBILITY_H_INCLUDED_
#define EVENT2_VISIBILITY_H_INCLUDED_

/**
 * @file event2/visibility.h
 *
 * How a declaration is marked as part of the interface of a shared object. Programs have no use for
 * it: for them both macros are empty (on Windows: an import of the core's data).
 *
 * `RELEVENT_BUILDING` is defined while relevent's own objects are compiled, which hide all names
 * but those marked here. The names that end in `_EXPORTS` are the ones build systems of the
 * original library define; they keep their meaning.
 */

#include <event2/event-config.h>

#if defined(RELEVENT_BUILDING) || defined(event_shared_EXPORTS) ||               \
    defined(event_extra_shared_EXPORTS) || defined(event_core_shared_EXPORTS) || \
    defined(event_pthreads_shared_EXPORTS) || defined(event_openssl_shared_EXPORTS)
#if defined(_MSC_VER)
#define EVENT2_EXPORT_SYMBOL __declspec(dllexport)
#elif defined(__GNUC__)
#define EVENT2_EXPORT_SYMBOL __attribute__((visibility("default")))
#else
#define EVENT2_EXPORT_SYMBOL
#endif
#else
/** Stands before every function of the interface. */
#define EVENT2_EXPORT_SYMBOL
#endif

#if defined(_MSC_VER)
#if defined(event_core_shared_EXPORTS)
#define EVENT2_CORE_EXPORT_SYMBOL __declspec(dllexport)
#elif defined(event_extra_shared_EXPORTS) || defined(EVENT_VISIBILITY_WANT_DLLIMPORT)
#define EVENT2_CORE_EXPORT_SYMBOL __declspec(dllimport)
#endif
#endif
#ifndef EVENT2_CORE_EXPORT_SYMBOL
/** Stands before what the core shares with the other objects. */
#define EVENT2_CORE_EXPORT_SYMBOL EVENT2_EXPORT_SYMBOL
#endif

#endif /* EVENT2_VISIBILITY_H_INCLUDED_ */
