// The private C surface for bufferevents whose work is done in another shared object, over a
// carrier: another bufferevent that brings and takes bytes in another form. TLS is one. Such a
// bufferevent has all that the others have; core does callbacks, limits, timeouts, locks and
// connecting for it.
#pragma once

#include <event2/bufferevent.h>

#include <cstddef>

#include "base/attributes.h"

extern "C" {

// The other object's part. All run with the bufferevent's lock held, destroy() excepted. User code
// may run in those of the carrier, by bufferevent_trigger() and bufferevent_trigger_event(); in the
// others only deferred.
struct relevent_external_kind {
  // These directions are enabled and no longer suspended.
  void (*resumed)(void* context, short events);
  void (*output_added)(void* context);
  // The end of an iteration, after relevent_external_schedule().
  void (*scheduled)(void* context);
  int (*flush)(void* context, short events, bufferevent_flush_mode mode);
  // The carrier's read, write and event callbacks.
  void (*carrier_readable)(void* context);
  void (*carrier_drained)(void* context);
  void (*carrier_event)(void* context, short what, int error);
  // It was given another descriptor, perhaps -1.
  void (*carrier_replaced)(void* context);
  // Whether detach() may be called now: not while the TLS object is at work, for example.
  int (*is_idle)(void* context);
  // Gives back what the program had lent it. The carrier is still there; of the others only
  // destroy() will be called, and what is on the stack already goes on.
  void (*detach)(void* context);
  void (*destroy)(void* context);
};

// Makes one. It keeps the carrier alive, shares its lock and takes its callbacks over. `own`:
// nobody else knows the carrier, a socket; its timeouts, its connection attempts and its life are
// those of the new one. Otherwise BEV_OPT_CLOSE_ON_FREE frees it at the end. Fails: null, and the
// carrier is as it was.
RELEVENT_API bufferevent* relevent_external_new(bufferevent* carrier, int own, int options,
                                                const relevent_external_kind* kind, void* context);
// Null if it is of another kind.
RELEVENT_API void* relevent_external_context(bufferevent* bev, const relevent_external_kind* kind);

// The rest is for the functions of the kind.

// Whether the carrier can carry: an own one has a descriptor and is not connecting.
RELEVENT_API int relevent_external_ready(bufferevent* bev);
// How much may be moved between the bufferevent's buffers and the carrier's now.
RELEVENT_API size_t relevent_external_read_room(bufferevent* bev);
RELEVENT_API size_t relevent_external_write_room(bufferevent* bev);
// That many bytes were taken from the carrier, or given to it, for the sake of a direction.
RELEVENT_API void relevent_external_moved(bufferevent* bev, short event, size_t bytes);
// Asks for a call of scheduled().
RELEVENT_API void relevent_external_schedule(bufferevent* bev);
// Whether the carrier reads: as long as the bufferevent itself does, always, or no more.
enum relevent_external_input {
  RELEVENT_INPUT_AS_ENABLED,
  RELEVENT_INPUT_NEEDED,
  RELEVENT_INPUT_OVER
};
RELEVENT_API void relevent_external_set_input(bufferevent* bev, relevent_external_input input);

}  // extern "C"
