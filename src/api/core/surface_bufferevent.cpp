// surface/bufferevent.h
#include "surface/bufferevent.h"

#include "bufferevent/external.h"
#include "bufferevent/hold.h"

using namespace relevent;
using bev::Core;
using bev::External;

namespace {

External& external(bufferevent& bufev) { return static_cast<External&>(Core::of(bufev)); }

}  // namespace

extern "C" {

bufferevent* relevent_external_new(bufferevent* carrier, int own, int options,
                                   const relevent_external_kind* kind, void* context) {
  const bev::Hold hold(carrier);
  return External::create(*carrier, own != 0, options, *kind, context);
}

void* relevent_external_context(bufferevent* bev, const relevent_external_kind* kind) {
  return bev->be_ops == &bev::kOps<External> ? external(*bev).context(*kind) : nullptr;
}

int relevent_external_ready(bufferevent* bev) { return external(*bev).ready() ? 1 : 0; }
size_t relevent_external_read_room(bufferevent* bev) { return external(*bev).read_room(); }
size_t relevent_external_write_room(bufferevent* bev) { return external(*bev).write_room(); }
void relevent_external_moved(bufferevent* bev, short event, size_t bytes) {
  external(*bev).moved(event, bytes);
}
void relevent_external_schedule(bufferevent* bev) { external(*bev).schedule(); }
void relevent_external_set_input(bufferevent* bev, relevent_external_input input) {
  external(*bev).set_input(input);
}

}  // extern "C"
