#pragma once

#include "bufferevent/core.h"
#include "bufferevent/token_bucket.h"

namespace relevent::bev {

class RateGroup;

// What limits the bandwidth of one bufferevent: a bucket of its own, a group, or both.
//
// Lock: the bufferevent's is held.
// Callbacks: none.
// C API: bufferevent_set_rate_limit, bufferevent_decrement_read_limit and its siblings.
class RateLimit {
 public:
  explicit RateLimit(Core& core);
  ~RateLimit();
  RateLimit(const RateLimit&) = delete;
  RateLimit& operator=(const RateLimit&) = delete;

  // Null: no limit of its own any more. The configuration has to last.
  void configure(const RateConfig* config);
  const RateConfig* config() const { return config_; }
  // EV_SSIZE_MAX without a limit of its own.
  ev_ssize_t level(short event);
  // How much may be moved now; suspends if the group has come to its end.
  std::size_t budget(short event);
  // Counts what was moved, here and in the group.
  void charge(short event, std::size_t bytes);
  // Counts here alone; `bytes` may be negative.
  void take(short event, ev_ssize_t bytes);

  RateGroup* group() const { return group_; }
  void set_group(RateGroup* group);
  // The bufferevent ends.
  void detach();

 private:
  friend class RateGroup;
  struct Links {
    static RateLimit*& next(RateLimit& limit) { return limit.next_; }
    static RateLimit**& prev(RateLimit& limit) { return limit.prev_; }
  };

  static void on_refill(int fd, short what, void* core);
  void refill();
  void suspend(short event, Suspension why);
  void resume(short event, Suspension why);
  // The first one of the bufferevent, for good.
  event_base& base() const { return *refill_event_.ev_base; }
  bool suspended(short event) const { return (suspended_ & event) != 0; }

  Core& core_;
  const RateConfig* config_ = nullptr;
  TokenBucket bucket_;
  event refill_event_{};
  short suspended_ = 0;  // directions in which the bucket is empty
  RateGroup* group_ = nullptr;
  // In the group; its lock is held.
  RateLimit* next_ = nullptr;
  RateLimit** prev_ = nullptr;
};

}  // namespace relevent::bev
