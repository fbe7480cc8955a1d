#pragma once

#include "bufferevent/core.h"
#include "surface/bufferevent.h"

namespace relevent::bev {

// A bufferevent over another one, the carrier, that leaves the work to another shared object
// (surface/bufferevent.h).
//
// An own carrier is a socket that only this bufferevent knows: it is what the program sees as the
// bufferevent's descriptor. It has the timeouts, so that they count as they do for plain sockets.
// Owns: a reference to the carrier; what `context` is, by the kind's destroy().
// Lock: that of the carrier.
// Callbacks: the user's from the carrier's callbacks; deferred ones from all others.
// C API: relevent_external_*.
class External final : public Core {
 public:
  static constexpr const char* kType = "external";

  static ::bufferevent* create(::bufferevent& carrier, bool own, int options,
                               const relevent_external_kind& kind, void* context);
  External() : Core(flush_output) {}
  ~External();

  int start(short events);
  int stop(short events);
  int refresh_timeouts();
  void output_added() { kind_->output_added(context_); }
  void input_resumed() {}
  int flush(short events, bufferevent_flush_mode mode);
  bool set_fd(int fd);
  int fd() const;
  ::bufferevent* underlying() const { return own_ ? nullptr : carrier_; }
  void freed();
  void detach();

  bool set_priority(int priority);
  // Whose connection it is that a program makes by way of this one.
  Core& carrier() const { return Core::of(*carrier_); }

  // What surface/bufferevent.h offers.
  void* context(const relevent_external_kind& kind) const {
    return kind_ == &kind ? context_ : nullptr;
  }
  bool ready() const { return !own_ || (fd() >= 0 && !carrier().connecting()); }
  std::size_t read_room();
  std::size_t write_room();
  void moved(short event, std::size_t bytes);
  void schedule();
  void set_input(relevent_external_input wanted);

 private:
  static void on_read(::bufferevent* carrier, void* external);
  static void on_write(::bufferevent* carrier, void* external);
  static void on_event(::bufferevent* carrier, short what, void* external);
  static void flush_output(loop::FlushItem& item);

  void update_carrier_reading();

  ::bufferevent* carrier_ = nullptr;
  const relevent_external_kind* kind_ = nullptr;
  void* context_ = nullptr;
  relevent_external_input input_ = RELEVENT_INPUT_AS_ENABLED;
  bool own_ = false;
  bool read_wanted_ = false;  // by the user
  bool detached_ = false;
};

}  // namespace relevent::bev
