// Functions that libevent exports but declares nowhere; programs declare them by themselves.
#pragma once

#include <event2/util.h>

#include "base/attributes.h"

struct evbuffer;

extern "C" {

// Adds a tag alone. Returns its size in bytes, or -1 without memory.
RELEVENT_API int evtag_encode_tag(evbuffer* evbuf, ev_uint32_t tag);

// Takes a tag alone and sets *ptag, unless that is null. Returns its size in bytes; -1 if it is
// malformed or incomplete, and takes nothing.
RELEVENT_API int evtag_decode_tag(ev_uint32_t* ptag, evbuffer* evbuf);

// Takes what evtag_encode_int and evtag_encode_int64 add. Returns 0; -1 if it is incomplete or has
// too many bits, and takes nothing.
RELEVENT_API int evtag_decode_int(ev_uint32_t* pnumber, evbuffer* evbuf);
RELEVENT_API int evtag_decode_int64(ev_uint64_t* pnumber, evbuffer* evbuf);

}  // extern "C"
