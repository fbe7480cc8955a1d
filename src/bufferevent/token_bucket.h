#pragma once

#include <event2/bufferevent.h>
#include <event2/event.h>

#include <cstddef>
#include <cstdint>

// C API: ev_token_bucket_cfg_new, ev_token_bucket_cfg_free.
struct ev_token_bucket_cfg {
  // Bytes per tick; the most that may be saved up.
  std::size_t read_rate;
  std::size_t read_maximum;
  std::size_t write_rate;
  std::size_t write_maximum;
  timeval tick_length;
  std::uint64_t tick_milliseconds;  // at least 1
};

namespace relevent::bev {

using RateConfig = ::ev_token_bucket_cfg;

// Null: no memory, or numbers that make no sense.
RateConfig* create_rate_config(std::size_t read_rate, std::size_t read_maximum,
                               std::size_t write_rate, std::size_t write_maximum,
                               const timeval* tick_length);

// How many bytes may be read and written now; below zero if more was moved than allowed. Both fill
// up with every tick. No sum leaves the range of the type.
class TokenBucket {
 public:
  void fill_first(const RateConfig& config, std::uint64_t tick);
  // For a new configuration: what was saved up stays, as far as it is allowed.
  void adapt(const RateConfig& config, std::uint64_t tick);
  void refill(const RateConfig& config, std::uint64_t tick);

  ev_ssize_t& level(short event) { return event == EV_READ ? read_ : write_; }
  // `bytes` may be negative.
  void take(short event, ev_ssize_t bytes);

 private:
  ev_ssize_t read_ = 0;
  ev_ssize_t write_ = 0;
  std::uint64_t tick_ = 0;
};

// The tick of this moment, counted from a fixed time.
std::uint64_t current_tick(const RateConfig& config);

}  // namespace relevent::bev
