#pragma once

#include <event2/event.h>

#include <cstdio>

#include "backend/backend.h"
#include "loop/active_queue.h"
#include "loop/clock_cache.h"
#include "loop/config.h"
#include "loop/event_counts.h"
#include "loop/flush_list.h"
#include "loop/io_map.h"
#include "loop/loop_state.h"
#include "loop/once.h"
#include "loop/signal_map.h"
#include "loop/timer_queue.h"
#include "loop/watch.h"
#include "mem/spare_block.h"
#include "os/notifier.h"
#include "sync/condition.h"
#include "sync/lock.h"

namespace relevent::loop {

// How event_del treats a callback that runs in another thread.
enum class DelMode {
  kBlock,    // waits for its end
  kNoBlock,  // does not
  kAuto,     // waits, unless the event has EV_FINALIZE
  kFinalize  // as kNoBlock, also for events that are being finalized
};

enum class FinalizeMode { kKeep, kFree };

// The reactor: the maps of events, the queue of those that are due, and the loop that goes round
// between polling and calling back.
//
// Owns: the backend, the notifier, once-events and watchers; not the events.
// Lock: lock_ guards everything below it. It is not recursive, and never held while user code runs;
// functions that end in _locked need it held.
// Fails: what is asked for returns -1 or null; a base is never left half changed.
// Callbacks: run from run_one_locked() in invoke.cpp, watchers from run_watchers_locked() in
// watch.cpp; nowhere else. What the user hooked into the library itself (log and fatal callbacks,
// allocation) may run with the lock held, and must not call back into it.
// C API: event_base_*, event_add, event_del, event_active and their kin.
class EventBase {
 public:
  EventBase() = default;
  ~EventBase();
  EventBase(const EventBase&) = delete;
  EventBase& operator=(const EventBase&) = delete;

  // --- Life (event_base.cpp) ---
  static event_base* create(const Config& config);
  // Takes all events out; with `finalize` it runs the finalizers that are due.
  void shut_down(bool finalize) RELEVENT_EXCLUDES(lock_);
  // After a fork, in the child.
  int reinit() RELEVENT_EXCLUDES(lock_);
  int make_notifiable() RELEVENT_EXCLUDES(lock_);
  int set_priorities(int count) RELEVENT_EXCLUDES(lock_);
  int priorities() RELEVENT_EXCLUDES(lock_);
  const backend::Backend& backend() const { return *backend_; }

  // --- Registering (registration.cpp) ---
  int add(event& ev, const timeval* timeout) RELEVENT_EXCLUDES(lock_);
  int del(event& ev, DelMode mode) RELEVENT_EXCLUDES(lock_);
  int remove_timer(event& ev) RELEVENT_EXCLUDES(lock_);
  void activate(event& ev, int result, short times) RELEVENT_EXCLUDES(lock_);
  int pending(const event& ev, short which, timeval* deadline) RELEVENT_EXCLUDES(lock_);
  const timeval* init_common_timeout(const timeval& duration) RELEVENT_EXCLUDES(lock_);
  // The members of an event may be read and written by other threads through the API.
  sync::Lock& lock() RELEVENT_RETURN_CAPABILITY(lock_) { return lock_; }

  // --- Ending (finalize.cpp, once.cpp) ---
  int finalize(FinalizeMode mode, event& ev, event_finalize_callback_fn callback)
      RELEVENT_EXCLUDES(lock_);
  static void run_once_event(int fd, short what, void* once);
  int once(int fd, short events, event_callback_fn callback, void* argument, const timeval* timeout)
      RELEVENT_EXCLUDES(lock_);

  // --- Deferred work (deferred.cpp) ---
  bool schedule(event_callback& callback) RELEVENT_EXCLUDES(lock_);
  bool cancel(event_callback& callback) RELEVENT_EXCLUDES(lock_);
  void finalize_callback(event_callback& callback) RELEVENT_EXCLUDES(lock_);

  // For callbacks that read.
  mem::SpareBlock& spare_block() { return spare_block_; }

  // --- Output at the end of an iteration (flush_list.cpp) ---
  bool add_flush(FlushItem& item) RELEVENT_EXCLUDES(lock_);
  bool cancel_flush(FlushItem& item) RELEVENT_EXCLUDES(lock_);

  // --- The loop (run.cpp, invoke.cpp) ---
  int run(int loop_flags) RELEVENT_EXCLUDES(lock_);
  int break_loop() RELEVENT_EXCLUDES(lock_);
  int continue_loop() RELEVENT_EXCLUDES(lock_);
  void exit_loop() RELEVENT_EXCLUDES(lock_);
  bool got_exit() RELEVENT_EXCLUDES(lock_);
  bool got_break() RELEVENT_EXCLUDES(lock_);
  event* running_event() RELEVENT_EXCLUDES(lock_);

  // --- Looking in (introspect.cpp) ---
  EventCounts& counts_locked() RELEVENT_REQUIRES(lock_) { return counts_; }
  int for_each_event(event_base_foreach_event_cb function, void* argument) RELEVENT_EXCLUDES(lock_);
  void activate_by_fd(int fd, short events) RELEVENT_EXCLUDES(lock_);
  void activate_by_signal(int signal) RELEVENT_EXCLUDES(lock_);
  void dump(std::FILE* output) RELEVENT_EXCLUDES(lock_);
  void add_virtual() RELEVENT_EXCLUDES(lock_);
  void del_virtual() RELEVENT_EXCLUDES(lock_);

  // --- Time (clock_cache.h) ---
  int cached_wall_time(timeval& time) RELEVENT_EXCLUDES(lock_);
  int update_cached_time() RELEVENT_EXCLUDES(lock_);

  // --- Watchers (watch.cpp) ---
  evwatch* add_watcher(WatchKind kind, evwatch_callback callback, void* argument)
      RELEVENT_EXCLUDES(lock_);
  void remove_watcher(evwatch& watcher) RELEVENT_EXCLUDES(lock_);

 private:
  friend class RunScope;
  friend class CallScope;

  event_base& self();

  // event_base.cpp
  bool open_backend(const Config& config);
  Result<void> open_notifier_locked() RELEVENT_REQUIRES(lock_);
  void delete_all_events();
  void cancel_active(bool finalize);

  // registration.cpp
  int add_locked(event& ev, const timeval* timeout, bool absolute) RELEVENT_REQUIRES(lock_);
  int del_locked(event& ev, DelMode mode) RELEVENT_REQUIRES(lock_);
  void activate_locked(event& ev, int result, short times) RELEVENT_REQUIRES(lock_);
  Result<void> insert_locked(event& ev) RELEVENT_REQUIRES(lock_);
  void remove_inserted_locked(event& ev) RELEVENT_REQUIRES(lock_);
  void set_timeout_locked(event& ev, const timeval& timeout, bool absolute)
      RELEVENT_REQUIRES(lock_);
  void remove_timeout_locked(event& ev) RELEVENT_REQUIRES(lock_);
  void count_active_locked(const event_callback& callback, int step) RELEVENT_REQUIRES(lock_) {
    if (!has(callback, EVLIST_INTERNAL)) {
      counts_.added.add(step);
    }
    counts_.active.add(step);
  }
  void push_active_locked(event_callback& callback) RELEVENT_REQUIRES(lock_) {
    active_.push(callback);
    count_active_locked(callback, 1);
  }
  void push_later_locked(event_callback& callback) RELEVENT_REQUIRES(lock_) {
    active_.push_later(callback);
    count_active_locked(callback, 1);
  }
  void remove_active_locked(event_callback& callback) RELEVENT_REQUIRES(lock_) {
    active_.remove(callback);
    count_active_locked(callback, -1);
  }
  // A signal event that runs is not called again for the rest of its count.
  void forget_signal_calls_locked(const event& ev) RELEVENT_REQUIRES(lock_) {
    if (state_.running_callback == &ev.ev_evcallback && is_signal(ev)) {
      state_.signal_calls = 0;
    }
  }
  // Waits for the end of `callback` if another thread is running it.
  void wait_for_callback_locked(const event_callback& callback) RELEVENT_REQUIRES(lock_) {
    if (RELEVENT_UNLIKELY(state_.running_callback == &callback)) {
      wait_for_running_locked();
    }
  }
  void wait_for_running_locked() RELEVENT_REQUIRES(lock_);

  // deferred.cpp, finalize.cpp
  // Whether it was not due before.
  bool activate_callback_locked(event_callback& callback) RELEVENT_REQUIRES(lock_) {
    bool fresh = true;
    if (RELEVENT_UNLIKELY(has(callback, EVLIST_FINALIZING | EVLIST_ACTIVE | EVLIST_ACTIVE_LATER))) {
      if (!has(callback, EVLIST_ACTIVE_LATER)) {
        return false;
      }
      remove_active_locked(callback);
      fresh = false;
    }
    // What is more urgent than the callback that runs comes right after it.
    if (callback.evcb_pri < state_.running_priority) {
      state_.restarted = true;
    }
    push_active_locked(callback);
    wake_locked();
    return fresh;
  }
  void finalize_locked(event_callback& callback, Closure closure) RELEVENT_REQUIRES(lock_);

  // flush_list.cpp
  bool flush_locked() RELEVENT_REQUIRES(lock_);

  // run.cpp
  int run_locked(int loop_flags) RELEVENT_REQUIRES(lock_);
  bool anything_to_do_locked(int loop_flags) RELEVENT_REQUIRES(lock_);
  os::Nanoseconds poll_timeout_locked(int loop_flags) RELEVENT_REQUIRES(lock_);
  bool poll_locked(int loop_flags) RELEVENT_REQUIRES(lock_);
  static void on_signals(event_callback*, void* base);
  void expire_timers_locked() RELEVENT_REQUIRES(lock_);
  int run_active_locked() RELEVENT_REQUIRES(lock_);
  int run_queue_locked(int priority, int max_callbacks, os::Nanoseconds end)
      RELEVENT_REQUIRES(lock_);
  void run_watchers_locked(WatchKind kind, os::Nanoseconds timeout) RELEVENT_REQUIRES(lock_);

  // invoke.cpp
  void run_one_locked(event_callback& callback) RELEVENT_REQUIRES(lock_);
  void run_event_locked(event& ev, Closure closure) RELEVENT_REQUIRES(lock_);
  void run_signal_locked(event& ev) RELEVENT_REQUIRES(lock_);
  void rearm_locked(event& ev) RELEVENT_REQUIRES(lock_);

  // introspect.cpp
  template <class Visit>
  void visit_all_locked(Visit visit) RELEVENT_REQUIRES(lock_);
  void dump_inserted_locked(std::FILE* output, const event& ev) RELEVENT_REQUIRES(lock_);
  void dump_active_locked(std::FILE* output, const event& ev) RELEVENT_REQUIRES(lock_);
  timeval wall_deadline_locked(const event& ev) RELEVENT_REQUIRES(lock_);

  // wake-up
  bool in_loop_thread_locked() const RELEVENT_REQUIRES(lock_);
  // Only a loop that waits in the backend has to be woken: one that runs callbacks looks at
  // everything before it polls again.
  void wake_locked() RELEVENT_REQUIRES(lock_) {
    if (RELEVENT_UNLIKELY(state_.polling)) {
      wake_waiting_locked();
    }
  }
  void wake_waiting_locked() RELEVENT_REQUIRES(lock_);

  // Compat: programs free events after their base, and get away with it as long as event_del finds
  // no lock in the freed memory. So the lock does not stand where allocators keep their links.
  backend::OwnedBackend backend_;
  // Limits, from the configuration.
  int flags_ = 0;
  os::Nanoseconds max_dispatch_interval_ = os::kNever;
  int max_dispatch_callbacks_ = 0;
  int limit_after_priority_ = 0;

  sync::Lock lock_;
  sync::Condition callback_done_ RELEVENT_GUARDED_BY(lock_);

  IoMap io_ RELEVENT_GUARDED_BY(lock_);
  SignalMap signals_ RELEVENT_GUARDED_BY(lock_);
  TimerQueue timers_ RELEVENT_GUARDED_BY(lock_);
  ActiveQueue active_ RELEVENT_GUARDED_BY(lock_);
  FlushList flushes_ RELEVENT_GUARDED_BY(lock_);
  EventCounts counts_ RELEVENT_GUARDED_BY(lock_);
  ClockCache clock_ RELEVENT_GUARDED_BY(lock_);
  Watchers watchers_ RELEVENT_GUARDED_BY(lock_);
  IntrusiveList<OnceEvent, OnceLinks> once_ RELEVENT_GUARDED_BY(lock_);

  // Wakes the loop for other threads and for signal handlers.
  os::Notifier notifier_ RELEVENT_GUARDED_BY(lock_);
  event notified_ RELEVENT_GUARDED_BY(lock_){};
  // Turns what the handlers left into active events.
  event_callback signals_due_ RELEVENT_GUARDED_BY(lock_){};

  LoopState state_ RELEVENT_GUARDED_BY(lock_);
  mem::SpareBlock spare_block_;
};

}  // namespace relevent::loop

// The pointer that programs hold; it is also the start of the block that the allocation hook
// returned.
struct event_base final : relevent::loop::EventBase {};

namespace relevent::loop {

inline event_base& EventBase::self() { return static_cast<event_base&>(*this); }

// The base of the 1.4 API: the one event_init() made last.
// Compat: libverto's module for libevent takes it, and sets it, by this name, which is in no header.
extern constinit RELEVENT_API event_base* g_current_base __asm__("event_global_current_base_");

}  // namespace relevent::loop
