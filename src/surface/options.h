#pragma once

#include <event2/bufferevent.h>

#include "base/attributes.h"

extern "C" {

// The BEV_OPT_* that a bufferevent was made with.
RELEVENT_API int relevent_bufferevent_options(bufferevent* bev);

}  // extern "C"
