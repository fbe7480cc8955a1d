#pragma once

#include "bufferevent/core.h"

namespace relevent::bev {

// One of two bufferevents that pass their output to each other's input, without a descriptor.
//
// Data moves at once, inside the call that adds it or makes room; callbacks are always deferred, so
// that they cannot call each other without end.
// Lock: both share one.
// C API: bufferevent_pair_new, bufferevent_pair_get_partner.
class Pair final : public Core {
 public:
  static constexpr const char* kType = "pair";

  static bool create(event_base& base, int options, ::bufferevent* pair[2]);
  Pair() : Core(nullptr) {}

  int start(short events);
  int stop(short events);
  int refresh_timeouts();
  void output_added() { transfer_if_wanted(*this, partner_); }
  void input_resumed() {}
  int flush(short events, bufferevent_flush_mode mode);
  bool set_fd(int) { return false; }
  int fd() const { return -1; }
  ::bufferevent* underlying() const { return nullptr; }
  void detach();

  // Null once it was freed.
  Pair* partner() const { return partner_; }

 private:
  static Pair* create_half(event_base& base, int options, void* lock);
  static void transfer_if_wanted(Pair& from, Pair* to);
  static void transfer(Pair& from, Pair& to, bool ignore_watermark);

  Pair* partner_ = nullptr;
};

}  // namespace relevent::bev
