#include "bufferevent/rate_limit.h"

#include <algorithm>

#include "bufferevent/hold.h"
#include "bufferevent/rate_group.h"
#include "loop/assign.h"

namespace relevent::bev {

RateLimit::RateLimit(Core& core) : core_(core) {
  loop::assign_event(refill_event_, &core.base(), -1, EV_FINALIZE, on_refill, &core);
}

RateLimit::~RateLimit() { loop::forget_event(refill_event_); }

void RateLimit::configure(const RateConfig* config) {
  const RateConfig* const old = config_;
  config_ = config;
  if (config == nullptr) {
    if (old != nullptr) {
      base().del(refill_event_, loop::DelMode::kNoBlock);
      resume(EV_READ, kBandwidth);
      resume(EV_WRITE, kBandwidth);
    }
    return;
  }
  if (config == old) {
    return;
  }
  const std::uint64_t tick = current_tick(*config);
  if (old != nullptr) {
    bucket_.adapt(*config, tick);
  } else {
    bucket_.fill_first(*config, tick);
  }
  base().del(refill_event_, loop::DelMode::kNoBlock);
  for (const short event : {short{EV_READ}, short{EV_WRITE}}) {
    if (bucket_.level(event) > 0) {
      resume(event, kBandwidth);
    } else {
      suspend(event, kBandwidth);
    }
  }
}

void RateLimit::refill() {
  if (config_ != nullptr) {
    bucket_.refill(*config_, current_tick(*config_));
  }
}

ev_ssize_t RateLimit::level(short event) {
  refill();
  return config_ != nullptr ? bucket_.level(event) : EV_SSIZE_MAX;
}

std::size_t RateLimit::budget(short event) {
  ev_ssize_t most = level(event);
  if (group_ != nullptr) {
    most = std::min(most, group_->share(event, *this));
  }
  return most > 0 ? static_cast<std::size_t>(most) : 0;
}

void RateLimit::charge(short event, std::size_t bytes) {
  const auto count = static_cast<ev_ssize_t>(bytes);
  if (config_ != nullptr) {
    take(event, count);
  }
  if (group_ != nullptr) {
    group_->charge(event, count);
  }
}

void RateLimit::take(short event, ev_ssize_t bytes) {
  bucket_.take(event, bytes);
  if (bucket_.level(event) <= 0) {
    suspend(event, kBandwidth);
  } else if (suspended(event)) {
    resume(event, kBandwidth);
    if (suspended_ == 0) {
      base().del(refill_event_, loop::DelMode::kNoBlock);
    }
  }
}

void RateLimit::suspend(short event, Suspension why) {
  if (event == EV_READ) {
    core_.suspend_read(why);
  } else {
    core_.suspend_write(why);
  }
  if (why == kBandwidth) {
    suspended_ = static_cast<short>(suspended_ | event);
    if (!loop::has(refill_event_, EVLIST_TIMEOUT)) {
      base().add(refill_event_, &config_->tick_length);
    }
  }
}

void RateLimit::resume(short event, Suspension why) {
  if (why == kBandwidth) {
    suspended_ = static_cast<short>(suspended_ & ~event);
  }
  if (event == EV_READ) {
    core_.resume_read(why);
  } else {
    core_.resume_write(why);
  }
}

// A tick has passed since a bucket was empty.
void RateLimit::on_refill(int, short, void* argument) {
  Core& core = *static_cast<Core*>(argument);
  const Entry entry(core);
  if (!entry) {
    return;
  }
  RateLimit& limit = *core.rate_limit();
  if (limit.config_ == nullptr) {
    return;
  }
  limit.refill();
  for (const short event : {short{EV_READ}, short{EV_WRITE}}) {
    if (limit.suspended(event) && limit.bucket_.level(event) > 0) {
      limit.resume(event, kBandwidth);
    }
  }
  if (limit.suspended_ != 0 && !loop::has(limit.refill_event_, EVLIST_TIMEOUT)) {
    limit.base().add(limit.refill_event_, &limit.config_->tick_length);
  }
}

void RateLimit::set_group(RateGroup* group) {
  if (group == group_) {
    return;
  }
  if (group_ != nullptr) {
    group_->remove(*this);
    group_ = nullptr;
    resume(EV_READ, kGroup);
    resume(EV_WRITE, kGroup);
  }
  if (group != nullptr) {
    group_ = group;
    group->add(*this);
  }
}

void RateLimit::detach() {
  base().del(refill_event_, loop::DelMode::kNoBlock);
  if (group_ != nullptr) {
    group_->remove(*this);
    group_ = nullptr;
  }
}

}  // namespace relevent::bev
