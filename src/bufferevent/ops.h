// What one kind of bufferevent does differently from the others: the table behind the public
// be_ops.
#pragma once

#include <event2/bufferevent.h>

namespace relevent::bev {
class Core;
}  // namespace relevent::bev

// Every function runs with the bufferevent's lock held, but for destroy(), which runs when nobody
// knows the bufferevent any more.
struct bufferevent_ops {
  const char* type;
  // Begin and end to work in these directions, which are enabled and not suspended. 0 or -1.
  int (*start)(relevent::bev::Core& core, short events);
  int (*stop)(relevent::bev::Core& core, short events);
  // The timeouts were set: arm, move or remove them.
  int (*refresh_timeouts)(relevent::bev::Core& core);
  // The user changed the output buffer.
  void (*output_added)(relevent::bev::Core& core);
  // The input has fallen below the high watermark, and reading was started again.
  void (*input_resumed)(relevent::bev::Core& core);
  int (*flush)(relevent::bev::Core& core, short events, bufferevent_flush_mode mode);
  // False: this kind has no descriptor.
  bool (*set_fd)(relevent::bev::Core& core, int fd);
  int (*fd)(const relevent::bev::Core& core);
  bufferevent* (*underlying)(const relevent::bev::Core& core);
  // The user has freed the bufferevent; others may still hold references.
  void (*freed)(relevent::bev::Core& core);
  // The last reference is gone: let go of everybody who may call.
  void (*detach)(relevent::bev::Core& core);
  // Ends the object and releases its memory.
  void (*destroy)(relevent::bev::Core* core);
};

namespace relevent::bev {

// The table of the class Kind, which has a method of the same name for each function.
template <class Kind>
inline constexpr bufferevent_ops kOps = {
    .type = Kind::kType,
    .start = [](Core& core, short events) { return static_cast<Kind&>(core).start(events); },
    .stop = [](Core& core, short events) { return static_cast<Kind&>(core).stop(events); },
    .refresh_timeouts = [](Core& core) { return static_cast<Kind&>(core).refresh_timeouts(); },
    .output_added = [](Core& core) { static_cast<Kind&>(core).output_added(); },
    .input_resumed = [](Core& core) { static_cast<Kind&>(core).input_resumed(); },
    .flush =
        [](Core& core, short events, bufferevent_flush_mode mode) {
          return static_cast<Kind&>(core).flush(events, mode);
        },
    .set_fd = [](Core& core, int fd) { return static_cast<Kind&>(core).set_fd(fd); },
    .fd = [](const Core& core) { return static_cast<const Kind&>(core).fd(); },
    .underlying = [](const Core& core) { return static_cast<const Kind&>(core).underlying(); },
    .freed = [](Core& core) { static_cast<Kind&>(core).freed(); },
    .detach = [](Core& core) { static_cast<Kind&>(core).detach(); },
    .destroy = [](Core* core) { mem::destroy(static_cast<Kind*>(core)); },
};

}  // namespace relevent::bev
