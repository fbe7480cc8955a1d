#include "bufferevent/token_bucket.h"

#include <algorithm>

#include "mem/create.h"
#include "os/clock.h"

namespace relevent::bev {
namespace {

std::uint64_t to_milliseconds(const timeval& time) {
  if (time.tv_sec < 0 || time.tv_usec < 0) {
    return 1;
  }
  constexpr std::uint64_t kMost = UINT64_MAX / 2000;
  const auto seconds = std::min(static_cast<std::uint64_t>(time.tv_sec), kMost);
  const auto rest = std::min(static_cast<std::uint64_t>(time.tv_usec) / 1000, kMost);
  return std::max<std::uint64_t>(seconds * 1000 + rest, 1);
}

// Adds `ticks` times the rate, up to the maximum.
void fill(ev_ssize_t& level, std::size_t rate, std::size_t maximum, std::uint64_t ticks) {
  const auto most = static_cast<ev_ssize_t>(maximum);
  if (level >= most) {
    return;
  }
  const std::size_t missing = maximum - static_cast<std::size_t>(level);
  level = missing / ticks < rate ? most : level + static_cast<ev_ssize_t>(ticks * rate);
}

}  // namespace

RateConfig* create_rate_config(std::size_t read_rate, std::size_t read_maximum,
                               std::size_t write_rate, std::size_t write_maximum,
                               const timeval* tick_length) {
  const auto valid = [](std::size_t rate, std::size_t maximum) {
    return rate >= 1 && rate <= maximum && maximum <= EV_RATE_LIMIT_MAX;
  };
  if (!valid(read_rate, read_maximum) || !valid(write_rate, write_maximum)) {
    return nullptr;
  }
  const timeval length = tick_length != nullptr ? *tick_length : timeval{1, 0};
  return mem::create<RateConfig>(RateConfig{read_rate, read_maximum, write_rate, write_maximum,
                                            length, to_milliseconds(length)});
}

void TokenBucket::fill_first(const RateConfig& config, std::uint64_t tick) {
  read_ = static_cast<ev_ssize_t>(config.read_rate);
  write_ = static_cast<ev_ssize_t>(config.write_rate);
  tick_ = tick;
}

void TokenBucket::adapt(const RateConfig& config, std::uint64_t tick) {
  read_ = std::min(read_, static_cast<ev_ssize_t>(config.read_maximum));
  write_ = std::min(write_, static_cast<ev_ssize_t>(config.write_maximum));
  tick_ = tick;
}

void TokenBucket::refill(const RateConfig& config, std::uint64_t tick) {
  if (tick <= tick_) {
    return;
  }
  const std::uint64_t ticks = tick - tick_;
  tick_ = tick;
  fill(read_, config.read_rate, config.read_maximum, ticks);
  fill(write_, config.write_rate, config.write_maximum, ticks);
}

void TokenBucket::take(short event, ev_ssize_t bytes) {
  ev_ssize_t& level = this->level(event);
  if (__builtin_sub_overflow(level, bytes, &level)) {
    level = bytes > 0 ? EV_SSIZE_MIN : EV_SSIZE_MAX;
  }
}

std::uint64_t current_tick(const RateConfig& config) {
  const auto milliseconds = static_cast<std::uint64_t>(os::monotonic_now()) / 1'000'000;
  return milliseconds / config.tick_milliseconds;
}

}  // namespace relevent::bev
