#pragma once

#include "base/intrusive_list.h"
#include "bufferevent/rate_limit.h"
#include "sync/lock.h"

namespace relevent::bev {

// Bufferevents that share one bucket. Each may take an equal part of what is in it at a time, but
// at least the minimum share; when it is empty all are suspended until it has filled up to that.
//
// Lock: lock_; it is taken while a member's lock is held, so the group in turn only tries to get
// those of its members. Whom it cannot stop finds out by itself; whom it cannot wake is woken with
// the next tick. C API: bufferevent_rate_limit_group_*.
class RateGroup {
 public:
  static ::bufferevent_rate_limit_group* create(event_base& base, const RateConfig& config);
  RateGroup(event_base& base, const RateConfig& config);
  ~RateGroup();
  RateGroup(const RateGroup&) = delete;
  RateGroup& operator=(const RateGroup&) = delete;

  // The configuration is copied.
  void configure(const RateConfig& config);
  bool set_min_share(std::size_t share);
  ev_ssize_t level(short event);
  void take(short event, ev_ssize_t bytes);
  struct Totals {
    std::uint64_t read = 0;
    std::uint64_t written = 0;
  };
  Totals totals();
  void reset_totals();

  // For members, with their lock held.
  void add(RateLimit& member);
  void remove(RateLimit& member);
  ev_ssize_t share(short event, RateLimit& member);
  void charge(short event, ev_ssize_t bytes);

 private:
  static void on_tick(int fd, short what, void* group);
  void tick();
  void clip_min_share();
  void take_locked(short event, ev_ssize_t bytes);
  void suspend_all(short event);
  void resume_all(short event);
  bool try_resume(RateLimit& member, short event);

  // Recursive: resuming a member may move data at once.
  sync::Lock lock_;
  event_base& base_;
  RateConfig config_;
  TokenBucket bucket_;
  IntrusiveList<RateLimit, RateLimit::Links> members_;
  std::size_t count_ = 0;
  std::size_t wanted_min_share_ = 64;
  ev_ssize_t min_share_ = 0;
  short suspended_ = 0;  // directions
  short left_over_ = 0;  // directions in which somebody is still to be woken
  Totals totals_;
  event tick_event_{};
};

}  // namespace relevent::bev

struct bufferevent_rate_limit_group final : relevent::bev::RateGroup {
  using RateGroup::RateGroup;
};
