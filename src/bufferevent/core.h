#pragma once

#include <event2/bufferevent.h>
#include <event2/bufferevent_struct.h>

#include <cstddef>
#include <cstdint>

#include "buffer/evbuffer.h"
#include "bufferevent/ops.h"
#include "loop/event_base.h"
#include "loop/flush_list.h"
#include "mem/create.h"

namespace relevent::bev {

class RateLimit;
struct Extras;

// Why a direction that is enabled does not work at the moment; bits.
enum Suspension : std::uint8_t {
  kWatermark = 1,   // the input has reached its high watermark
  kBandwidth = 2,   // the bufferevent's own bucket is empty
  kGroup = 4,       // the bucket of its group is empty
  kLookup = 8,      // the host's name is being looked up
  kFilterRead = 16  // the filter above does not read
};

// What all bufferevents share, on top of the public struct: life, callbacks, what is enabled and
// suspended, watermarks, timeouts. The kinds are Socket, Pair and Filter.
//
// Owns: both buffers and their common lock; the events; Extras.
// Lock: the buffers' lock. Every method runs with it held, through a Hold; exceptions say so. It is
// recursive, because callbacks run with it.
// Fails: bool and int methods give false and -1, with the bufferevent as it was.
// Callbacks: the user's run from run_read(), run_write(), run_event() and run_deferred(), with the
// lock and a reference held (without the lock for BEV_OPT_UNLOCK_CALLBACKS). They may free the
// bufferevent: whoever called must look at what it finds afterwards with fresh eyes.
// C API: bufferevent_*.
class Core : public ::bufferevent, protected loop::FlushItem {
 public:
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  static Core& of(::bufferevent& bufev) { return static_cast<Core&>(bufev); }
  static const Core& of(const ::bufferevent& bufev) { return static_cast<const Core&>(bufev); }

  // --- Life (core.cpp) ---
  // No lock needed for these three.
  void acquire();
  // Whether that was the last reference.
  bool release();
  void free();
  // What a kind of bufferevent gives back at that time already.
  void freed() {}
  sync::Lock& lock() { return in_.lock(); }
  // Compat: ev_base, which is public, may be null (bufferevent_compat_test.cpp).
  event_base& base() const { return *ev_read.ev_base; }
  void* shared_lock() { return in_.lock().handle(); }
  bool set_base(event_base& base);
  bool set_priority(int priority);
  int priority() const { return ev_read.ev_evcallback.evcb_pri; }
  bool is_dying() const { return dying_; }
  int options() const { return options_; }
  buffer::Evbuffer& in() { return in_; }
  buffer::Evbuffer& out() { return out_; }

  // --- Callbacks (callbacks.cpp) ---
  void set_callbacks(bufferevent_data_cb read, bufferevent_data_cb write,
                     bufferevent_event_cb event, void* argument);
  // `options`: BEV_OPT_DEFER_CALLBACKS if this call is to be deferred whatever the bufferevent
  // says.
  void run_read(int options = 0) {
    if (readcb != nullptr) {
      call_read(options);
    }
  }
  void run_write(int options = 0) {
    if (writecb != nullptr) {
      call_write(options);
    }
  }
  // `error` is what errno is during the callback.
  void run_event(short what, int error, int options = 0);
  // Data callbacks as the watermarks allow; `options` also BEV_TRIG_IGNORE_WATERMARKS.
  void trigger(short events, int options = 0) {
    const bool always = (options & BEV_TRIG_IGNORE_WATERMARKS) != 0;
    if ((events & EV_READ) != 0 && (always || input_length() >= wm_read.low)) {
      run_read(options);
    }
    if ((events & EV_WRITE) != 0 && (always || output_length() <= wm_write.low)) {
      run_write(options);
    }
  }

  // --- Directions (direction.cpp) ---
  int enable(short events);
  int disable(short events);
  void suspend_read(Suspension why);
  void suspend_write(Suspension why);
  void resume_read(Suspension why);
  void resume_write(Suspension why);
  bool may_read() const { return (enabled & EV_READ) != 0 && read_suspended_ == 0; }
  bool may_write() const { return (enabled & EV_WRITE) != 0 && write_suspended_ == 0; }
  void set_watermark(short events, std::size_t low, std::size_t high);
  std::size_t input_length() {
    in_.lock().assert_held();
    return in_.length_locked();
  }
  std::size_t output_length() {
    out_.lock().assert_held();
    return out_.length_locked();
  }
  bool input_is_full() { return wm_read.high != 0 && input_length() >= wm_read.high; }
  int set_timeouts(const timeval* read, const timeval* write);

  // --- Limits (limits.cpp) ---
  bool set_max_single(short event, std::size_t size);
  std::size_t max_single(short event) const;
  // How much may be read or written at once now, by the limits alone.
  std::size_t read_budget();
  std::size_t write_budget();
  // What the user is told of these.
  std::size_t reported_budget(short event);
  // Counts what was moved.
  void charge(short event, std::size_t bytes) {
    if (RELEVENT_UNLIKELY(extras_ != nullptr)) {
      charge_limit(event, bytes);
    }
  }
  // Null without one, or without memory.
  RateLimit* rate_limit() const;
  RateLimit* make_rate_limit();

  Extras* extras() const { return extras_; }
  // Null: no memory.
  Extras* make_extras();

  // A connection is being made; a write event reports its end.
  bool connecting() const { return connecting_; }
  void set_connecting(bool on) { connecting_ = on; }
  // Does now what is due at the end of the iteration, if anything is.
  void flush_now() { FlushItem::run_early(base()); }

  // Hooks of the buffers.
  static void acquire_for(evbuffer& part);
  static void release_for(evbuffer& part);
  static void input_changed(evbuffer& input, std::size_t added, std::size_t removed);
  static void output_changed(evbuffer& output, std::size_t added, std::size_t removed);

 protected:
  explicit Core(loop::FlushItem::Function flush);
  ~Core();

  // `lock`: of another bufferevent, to be shared; or null.
  bool init(event_base& base, const bufferevent_ops& ops, int options, void* lock);
  // The events as mere timers, for kinds without a descriptor.
  bool init_timers();
  void stop_timer(event& timer);
  // A direction began or ceased to wait, or something was moved.
  void refresh_timers(short events) {
    if (RELEVENT_UNLIKELY(evutil_timerisset(&timeout_read) || evutil_timerisset(&timeout_write))) {
      set_timers(events);
    }
  }
  // As the timeouts are now, and as long as the directions really wait.
  void set_timers(short events);

  friend class Hold;
  friend class Entry;

  evbuffer in_{buffer::Evbuffer::Place::kInput};
  evbuffer out_{buffer::Evbuffer::Place::kOutput};
  Extras* extras_ = nullptr;
  std::uint32_t references_ = 1;
  std::uint8_t options_ = 0;
  std::uint8_t read_suspended_ = 0;
  std::uint8_t write_suspended_ = 0;
  bool freed_ : 1 = false;  // by the user; others may hold references
  bool dying_ : 1 = false;
  bool connecting_ : 1 = false;
  // For the kinds: a flush is due; the write event is added; what the flush did is to be reported.
  bool flush_queued_ : 1 = false;
  bool write_armed_ : 1 = false;
  bool flush_done_ : 1 = false;
  // A filter function or a callback is running: no need to start another round.
  bool reading_ : 1 = false;
  bool writing_ : 1 = false;

 private:
  // The bufferevent that a buffer is a part of.
  static Core& of_input(evbuffer& input);
  static Core& of_output(evbuffer& output);
  static Core& of_part(evbuffer& part) {
    return part.place() == buffer::Evbuffer::Place::kInput ? of_input(part) : of_output(part);
  }
  void release_and_unlock(bool& last);
  void die();
  static void finish(event* ev, void* core);
  void charge_limit(short event, std::size_t bytes);
  bool must_defer(int options) const {
    return ((options_ | options) & BEV_OPT_DEFER_CALLBACKS) != 0;
  }
  void call_read(int options);
  void call_write(int options);
  bool schedule_deferred();
  void cancel_deferred();
  static void run_deferred(event_callback* callback, void* core);
  void run_pending();
  void check_full_input();
  void refresh_timer(event& timer, const timeval& timeout, bool waits);
  void leave_watermark();
  static void on_read_timeout(int fd, short what, void* core);
  static void on_write_timeout(int fd, short what, void* core);
};

// The class has no virtual base, so its members have fixed places.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"

inline Core& Core::of_input(evbuffer& input) {
  return *reinterpret_cast<Core*>(reinterpret_cast<char*>(&input) - offsetof(Core, in_));
}

inline Core& Core::of_output(evbuffer& output) {
  return *reinterpret_cast<Core*>(reinterpret_cast<char*>(&output) - offsetof(Core, out_));
}

#pragma GCC diagnostic pop

}  // namespace relevent::bev
