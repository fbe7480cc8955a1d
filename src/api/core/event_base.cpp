// event2/event.h: bases, their configuration and their loop.
#include <event2/event.h>

#include <climits>

#include "log/log.h"
#include "loop/debug_map.h"
#include "loop/event_base.h"
#include "mem/create.h"

using namespace relevent;
using relevent::loop::EventBase;
using relevent::loop::g_current_base;

namespace {

void on_loop_exit(evutil_socket_t, short, void* base) {
  static_cast<event_base*>(base)->exit_loop();
}

void free_base(event_base* base, bool finalize, const char* function) {
  if (base == nullptr) {
    base = g_current_base;
  }
  if (base == nullptr) {
    log::warn("%s: no base to free", function);
    return;
  }
  if (base == g_current_base) {
    g_current_base = nullptr;
  }
  base->shut_down(finalize);
  mem::destroy(base);
}

// What `flags` asks for, summed up by `select`.
template <class Select>
int sum_counts(loop::EventCounts& counts, unsigned flags, Select select) {
  int sum = 0;
  if (flags & EVENT_BASE_COUNT_ACTIVE) sum += select(counts.active);
  if (flags & EVENT_BASE_COUNT_VIRTUAL) sum += select(counts.virtuals);
  if (flags & EVENT_BASE_COUNT_ADDED) sum += select(counts.added);
  return sum;
}

}  // namespace

extern "C" {

event_base* event_base_new() { return event_base_new_with_config(nullptr); }

event_base* event_base_new_with_config(const event_config* config) {
  loop::debug_note_first_use();
  const loop::Config defaults;
  return EventBase::create(config != nullptr ? *config : defaults);
}

void event_base_free(event_base* base) { free_base(base, true, "event_base_free"); }

void event_base_free_nofinalize(event_base* base) {
  free_base(base, false, "event_base_free_nofinalize");
}

int event_reinit(event_base* base) { return base->reinit(); }

int event_base_loop(event_base* base, int flags) { return base->run(flags); }

int event_base_dispatch(event_base* base) { return base->run(0); }

int event_base_loopexit(event_base* base, const timeval* after) {
  return event_base_once(base, -1, EV_TIMEOUT, on_loop_exit, base, after);
}

int event_base_loopbreak(event_base* base) { return base != nullptr ? base->break_loop() : -1; }

int event_base_loopcontinue(event_base* base) {
  return base != nullptr ? base->continue_loop() : -1;
}

int event_base_got_exit(event_base* base) { return base->got_exit(); }
int event_base_got_break(event_base* base) { return base->got_break(); }

int event_base_once(event_base* base, evutil_socket_t fd, short events, event_callback_fn callback,
                    void* argument, const timeval* timeout) {
  return base != nullptr ? base->once(fd, events, callback, argument, timeout) : -1;
}

int event_base_priority_init(event_base* base, int count) { return base->set_priorities(count); }
int event_base_get_npriorities(event_base* base) {
  if (base == nullptr) {
    base = g_current_base;
  }
  return base->priorities();
}

const timeval* event_base_init_common_timeout(event_base* base, const timeval* duration) {
  return base->init_common_timeout(*duration);
}

event* event_base_get_running_event(event_base* base) { return base->running_event(); }

int event_base_get_num_events(event_base* base, unsigned flags) {
  const sync::LockGuard guard(base->lock());
  return sum_counts(base->counts_locked(), flags,
                    [](loop::EventCounts::Counter& c) { return c.now; });
}

int event_base_get_max_events(event_base* base, unsigned flags, int clear) {
  const sync::LockGuard guard(base->lock());
  return sum_counts(base->counts_locked(), flags, [clear](loop::EventCounts::Counter& c) {
    const int most = c.most;
    if (clear) c.most = 0;
    return most;
  });
}

int event_base_foreach_event(event_base* base, event_base_foreach_event_cb function,
                             void* argument) {
  return base != nullptr && function != nullptr ? base->for_each_event(function, argument) : -1;
}

void event_base_dump_events(event_base* base, FILE* output) { base->dump(output); }

void event_base_active_by_fd(event_base* base, evutil_socket_t fd, short events) {
  base->activate_by_fd(fd, events);
}

void event_base_active_by_signal(event_base* base, int signal) { base->activate_by_signal(signal); }

int event_base_gettimeofday_cached(event_base* base, timeval* time) {
  if (base == nullptr) {
    base = g_current_base;
  }
  return base != nullptr ? base->cached_wall_time(*time) : evutil_gettimeofday(time, nullptr);
}

int event_base_update_cache_time(event_base* base) {
  if (base == nullptr) {
    base = g_current_base;
  }
  return base != nullptr ? base->update_cached_time() : -1;
}

int event_gettime_monotonic(event_base* base, timeval* time) {
  if (base == nullptr || time == nullptr) {
    return -1;
  }
  *time = os::to_timeval(os::monotonic_now());
  return 0;
}

const char* event_base_get_method(const event_base* base) { return base->backend().name(); }
int event_base_get_features(const event_base* base) { return base->backend().features(); }

// The name of the method that uses handlers, as opposed to signalfd.
const char* event_base_get_signal_method(const event_base*) { return "signal"; }

const char** event_get_supported_methods() { return backend::method_names(); }

// --- Configuration ---

event_config* event_config_new() { return mem::create<event_config>(); }
void event_config_free(event_config* config) { mem::destroy(config); }

int event_config_avoid_method(event_config* config, const char* method) {
  return config->avoid_method(method) ? 0 : -1;
}

int event_config_require_features(event_config* config, int features) {
  if (config == nullptr) {
    return -1;
  }
  config->required_features = features;
  return 0;
}

int event_config_set_flag(event_config* config, int flag) {
  if (config == nullptr) {
    return -1;
  }
  config->flags |= flag;
  return 0;
}

int event_config_set_num_cpus_hint(event_config* config, int cpus) {
  if (config == nullptr) {
    return -1;
  }
  config->cpus_hint = cpus;
  return 0;
}

int event_config_set_max_dispatch_interval(event_config* config, const timeval* max_interval,
                                           int max_callbacks, int min_priority) {
  config->max_dispatch_interval =
      max_interval != nullptr ? os::from_timeval(*max_interval) : os::kNever;
  config->max_dispatch_callbacks = max_callbacks >= 0 ? max_callbacks : INT_MAX;
  config->limit_callbacks_after_priority = min_priority < 0 ? 0 : min_priority;
  return 0;
}

}  // extern "C"
