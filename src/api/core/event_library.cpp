// event2/event.h: what belongs to the library as a whole, not to a base.
#include <event2/event.h>
#include <event2/relevent.h>

#include "log/log.h"
#include "loop/debug_map.h"
#include "mem/hooks.h"
#include "util/rng.h"

using namespace relevent;

extern "C" {

const char* event_get_version() { return EVENT__VERSION; }
ev_uint32_t event_get_version_number() { return EVENT__NUMERIC_VERSION; }
const char* relevent_get_version() { return RELEVENT_VERSION; }

void event_set_mem_functions(void* (*allocate)(size_t), void* (*reallocate)(void*, size_t),
                             void (*release)(void*)) {
  mem::set_hooks(allocate, reallocate, release);
}

void event_set_log_callback(event_log_cb callback) { log::set_log_callback(callback); }
void event_set_fatal_callback(event_fatal_cb callback) { log::set_fatal_callback(callback); }
void event_enable_debug_logging(ev_uint32_t which) { log::set_debug_mask(which); }

void event_enable_debug_mode() { loop::enable_debug_mode(); }
RELEVENT_API void event_disable_debug_mode() { loop::disable_debug_mode(); }

void libevent_global_shutdown() {
  loop::disable_debug_mode();
  util::release_random();
}

}  // extern "C"
