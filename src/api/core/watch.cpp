// event2/watch.h
#include <event2/watch.h>

#include "loop/event_base.h"

using namespace relevent;
using relevent::loop::WatchKind;

extern "C" {

evwatch* evwatch_prepare_new(event_base* base, evwatch_prepare_cb callback, void* argument) {
  return base->add_watcher(WatchKind::kPrepare, {.prepare = callback}, argument);
}

evwatch* evwatch_check_new(event_base* base, evwatch_check_cb callback, void* argument) {
  return base->add_watcher(WatchKind::kCheck, {.check = callback}, argument);
}

event_base* evwatch_base(evwatch* watcher) { return watcher->base; }

void evwatch_free(evwatch* watcher) {
  if (watcher != nullptr) {
    watcher->base->remove_watcher(*watcher);
  }
}

int evwatch_prepare_get_timeout(const evwatch_prepare_cb_info* info, timeval* timeout) {
  if (info->timeout == os::kNever) {
    return 0;
  }
  *timeout = os::to_timeval(info->timeout);
  return 1;
}

}  // extern "C"
