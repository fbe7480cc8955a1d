#include "bufferevent/rate_group.h"

#include <algorithm>

#include "loop/assign.h"
#include "mem/create.h"
#include "util/rng.h"

namespace relevent::bev {

RateGroup::RateGroup(event_base& base, const RateConfig& config) : base_(base), config_(config) {
  bucket_.fill_first(config_, current_tick(config_));
  clip_min_share();
  loop::assign_event(tick_event_, &base_, -1, EV_PERSIST | EV_FINALIZE, on_tick, this);
}

::bufferevent_rate_limit_group* RateGroup::create(event_base& base, const RateConfig& config) {
  mem::Owned<::bufferevent_rate_limit_group> group(
      mem::create<::bufferevent_rate_limit_group>(base, config));
  if (group == nullptr || !group->lock_.init(sync::Lock::Kind::kRecursive) ||
      base.add(group->tick_event_, &config.tick_length) != 0) {
    return nullptr;
  }
  return group.release();
}

// Waits for a tick that another thread is running.
RateGroup::~RateGroup() {
  base_.del(tick_event_, loop::DelMode::kBlock);
  loop::forget_event(tick_event_);
}

void RateGroup::configure(const RateConfig& config) {
  const sync::LockGuard guard(lock_);
  const timeval old = config_.tick_length;
  config_ = config;
  if (evutil_timercmp(&config.tick_length, &old, !=)) {
    base_.add(tick_event_, &config_.tick_length);
  }
  bucket_.adapt(config_, current_tick(config_));
  clip_min_share();
}

bool RateGroup::set_min_share(std::size_t share) {
  if (share > EV_SSIZE_MAX) {
    return false;
  }
  const sync::LockGuard guard(lock_);
  wanted_min_share_ = share;
  clip_min_share();
  return true;
}

// More than one tick brings would never be there at once.
void RateGroup::clip_min_share() {
  min_share_ =
      static_cast<ev_ssize_t>(std::min({wanted_min_share_, config_.read_rate, config_.write_rate}));
}

ev_ssize_t RateGroup::level(short event) {
  const sync::LockGuard guard(lock_);
  return bucket_.level(event);
}

RateGroup::Totals RateGroup::totals() {
  const sync::LockGuard guard(lock_);
  return totals_;
}

void RateGroup::reset_totals() {
  const sync::LockGuard guard(lock_);
  totals_ = {};
}

void RateGroup::take(short event, ev_ssize_t bytes) {
  const sync::LockGuard guard(lock_);
  take_locked(event, bytes);
}

void RateGroup::take_locked(short event, ev_ssize_t bytes) {
  bucket_.take(event, bytes);
  if (bucket_.level(event) <= 0) {
    suspend_all(event);
  } else if ((suspended_ & event) != 0) {
    resume_all(event);
  }
}

// --- Members ---

void RateGroup::add(RateLimit& member) {
  const sync::LockGuard guard(lock_);
  members_.push_back(member);
  ++count_;
  for (const short event : {short{EV_READ}, short{EV_WRITE}}) {
    if ((suspended_ & event) != 0) {
      member.suspend(event, kGroup);
    }
  }
}

void RateGroup::remove(RateLimit& member) {
  const sync::LockGuard guard(lock_);
  members_.remove(member);
  --count_;
}

ev_ssize_t RateGroup::share(short event, RateLimit& member) {
  const sync::LockGuard guard(lock_);
  if ((suspended_ & event) != 0) {
    member.suspend(event, kGroup);
    return 0;
  }
  // At least a byte, whatever the minimum share is: who has a turn and may move nothing would not
  // be told when that changes.
  return std::max(
      {bucket_.level(event) / static_cast<ev_ssize_t>(count_), min_share_, ev_ssize_t{1}});
}

void RateGroup::charge(short event, ev_ssize_t bytes) {
  const sync::LockGuard guard(lock_);
  (event == EV_READ ? totals_.read : totals_.written) += static_cast<std::uint64_t>(bytes);
  take_locked(event, bytes);
}

void RateGroup::suspend_all(short event) {
  suspended_ = static_cast<short>(suspended_ | event);
  left_over_ = static_cast<short>(left_over_ & ~event);
  members_.for_each([event](RateLimit& member) RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
    sync::Lock& lock = member.core_.lock();
    if (lock.try_lock()) {
      member.suspend(event, kGroup);
      lock.unlock();
    }
  });
}

bool RateGroup::try_resume(RateLimit& member, short event) RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
  sync::Lock& lock = member.core_.lock();
  if (!lock.try_lock()) {
    return false;
  }
  member.resume(event, kGroup);
  lock.unlock();
  return true;
}

// Begins with a member by chance, so that nobody is always the first.
void RateGroup::resume_all(short event) {
  suspended_ = static_cast<short>(suspended_ & ~event);
  left_over_ = static_cast<short>(left_over_ & ~event);
  if (count_ == 0) {
    return;
  }
  std::uint32_t chance;
  util::fill_random(&chance, sizeof chance);
  const std::size_t first = chance % count_;
  bool all = true;
  for (const bool behind : {true, false}) {
    std::size_t index = 0;
    members_.for_each([&](RateLimit& member) {
      if ((index++ >= first) == behind) {
        all = try_resume(member, event) && all;
      }
    });
  }
  if (!all) {
    left_over_ = static_cast<short>(left_over_ | event);
  }
}

void RateGroup::on_tick(int, short, void* argument) { static_cast<RateGroup*>(argument)->tick(); }

void RateGroup::tick() {
  const sync::LockGuard guard(lock_);
  bucket_.refill(config_, current_tick(config_));
  for (const short event : {short{EV_READ}, short{EV_WRITE}}) {
    const bool enough =
        (suspended_ & event) != 0 && bucket_.level(event) > 0 && bucket_.level(event) >= min_share_;
    if (enough || (left_over_ & event) != 0) {
      resume_all(event);
    }
  }
}

}  // namespace relevent::bev
