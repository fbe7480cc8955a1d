// surface/options.h
#include "surface/options.h"

#include "bufferevent/core.h"

extern "C" {

int relevent_bufferevent_options(bufferevent* bev) {
  return relevent::bev::Core::of(*bev).options();
}

}  // extern "C"
