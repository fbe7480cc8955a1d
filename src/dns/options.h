// The options of a resolver.
#pragma once

#include <sys/time.h>

#include <cstdint>

#include "dns/address.h"

namespace relevent::dns {

// Microseconds.
using Duration = std::int64_t;
inline constexpr Duration kSecond = 1'000'000;

inline timeval to_timeval(Duration duration) { return {duration / kSecond, duration % kSecond}; }

// C API: evdns_base_set_option, and lines `options` of resolv.conf.
struct Options {
  int ndots = 1;
  int attempts = 3;
  int max_timeouts = 3;
  int max_inflight = 64;
  int probe_backoff_factor = 3;
  int receive_buffer = 0;
  int send_buffer = 0;
  int edns_size = 512;
  Duration timeout = 5 * kSecond;
  Duration initial_probe_timeout = 10 * kSecond;
  Duration max_probe_timeout = 3600 * kSecond;
  Duration allow_skew = 3 * kSecond;
  Duration tcp_idle_timeout = 5 * kSecond;
  bool randomize_case = true;
  bool use_tcp = false;
  // Whether a truncated answer is asked for again over TCP.
  bool retry_truncated = false;
  bool cache = false;
  bool has_local = false;
  Address local = {};

  // `flags` are the DNS_OPTION_* groups that are to be heeded; options of others are skipped.
  // Fails: false for a malformed value. Unknown names are no failure.
  [[nodiscard]] bool set(const char* name, const char* value, int flags);
};

}  // namespace relevent::dns
