#include "dns/options.h"

#include <event2/dns.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "dns/log.h"

namespace relevent::dns {
namespace {

constexpr int kMaxInt = std::numeric_limits<int>::max();
constexpr Duration kMaxDuration = 365 * 86400 * kSecond;

bool parse_number(const char* text, int& value) {
  char* end = nullptr;
  const long number = std::strtol(text, &end, 10);
  value = static_cast<int>(std::clamp<long>(number, std::numeric_limits<int>::min(), kMaxInt));
  return *end == '\0';
}

// Seconds, at least a millisecond.
bool parse_seconds(const char* text, Duration& duration) {
  char* end = nullptr;
  const double seconds = std::strtod(text, &end);
  if (end == text || *end != '\0' || !(seconds >= 0.001)) {
    return false;
  }
  const double microseconds = std::min(seconds * kSecond, static_cast<double>(kMaxDuration));
  duration = static_cast<Duration>(microseconds);
  return true;
}

struct IntegerOption {
  const char* name;
  int group;
  int Options::*field;
  int least;
  int most;
  bool clamped;  // else a value out of range is malformed
};

// Compat: which of them refuse a negative number (dns_options_test.cpp).
constexpr IntegerOption kIntegers[] = {
    {"ndots", DNS_OPTION_SEARCH, &Options::ndots, 0, kMaxInt, false},
    {"attempts", DNS_OPTION_MISC, &Options::attempts, 0, 255, false},
    {"max-timeouts", DNS_OPTION_MISC, &Options::max_timeouts, 1, 255, true},
    {"max-inflight", DNS_OPTION_MISC, &Options::max_inflight, 1, 65000, true},
    {"so-rcvbuf", DNS_OPTION_MISC, &Options::receive_buffer, 0, kMaxInt, false},
    {"so-sndbuf", DNS_OPTION_MISC, &Options::send_buffer, 0, kMaxInt, false},
    {"probe-backoff-factor", DNS_OPTION_MISC, &Options::probe_backoff_factor, 1, 10, true},
    {"edns-udp-size", DNS_OPTION_MISC, &Options::edns_size, 512, 65535, true},
};

struct DurationOption {
  const char* name;
  int group;
  Duration Options::*field;
  Duration most;
};

constexpr DurationOption kDurations[] = {
    {"timeout", DNS_OPTION_MISC, &Options::timeout, kMaxDuration},
    {"initial-probe-timeout", DNS_OPTION_MISC, &Options::initial_probe_timeout, 3600 * kSecond},
    {"max-probe-timeout", DNS_OPTION_MISC, &Options::max_probe_timeout, 3600 * kSecond},
    {"getaddrinfo-allow-skew", DNS_OPTION_MISC, &Options::allow_skew, kMaxDuration},
    {"tcp-idle-timeout", DNS_OPTION_MISC, &Options::tcp_idle_timeout, kMaxDuration},
};

struct SwitchOption {
  const char* name;
  bool Options::*field;
  bool without_value;  // what no value means
  bool reversed;
};

constexpr SwitchOption kSwitches[] = {
    {"randomize-case", &Options::randomize_case, false, false},
    {"use-vc", &Options::use_tcp, true, false},
    {"ignore-tc", &Options::retry_truncated, true, true},
    {"getaddrinfo-cache", &Options::cache, false, false},
};

// The name of an option may have a colon behind it, and anything behind that.
bool is_named(const char* given, const char* name) {
  const std::size_t length = std::strlen(name);
  return std::strncmp(given, name, length) == 0 && (given[length] == '\0' || given[length] == ':');
}

bool set_integer(Options& options, const IntegerOption& option, const char* value) {
  int number = 0;
  if (!parse_number(value, number) || (!option.clamped && number < option.least)) {
    return false;
  }
  options.*option.field = std::clamp(number, option.least, option.most);
  return true;
}

bool set_switch(Options& options, const SwitchOption& option, const char* value) {
  int number = option.without_value ? 1 : 0;
  if (*value != '\0' && !parse_number(value, number)) {
    return false;
  }
  options.*option.field = (number != 0) != option.reversed;
  return true;
}

bool set_duration(Options& options, const DurationOption& option, const char* value) {
  Duration duration = 0;
  if (!parse_seconds(value, duration)) {
    return false;
  }
  options.*option.field = std::min(duration, option.most);
  return true;
}

}  // namespace

bool Options::set(const char* name, const char* value, int flags) {
  value = value == nullptr ? "" : value;
  for (const IntegerOption& option : kIntegers) {
    if (is_named(name, option.name)) {
      log_debug("Option %s: %s", option.name, value);
      return (flags & option.group) == 0 || set_integer(*this, option, value);
    }
  }
  if ((flags & DNS_OPTION_MISC) == 0) {
    return true;
  }
  log_debug("Option %s: %s", name, value);
  for (const DurationOption& option : kDurations) {
    if (is_named(name, option.name)) {
      return set_duration(*this, option, value);
    }
  }
  for (const SwitchOption& option : kSwitches) {
    if (is_named(name, option.name)) {
      return set_switch(*this, option, value);
    }
  }
  if (is_named(name, "bind-to")) {
    Address address;
    if (!parse_address(value, 0, address)) {
      return false;
    }
    local = address;
    has_local = true;
  }
  return true;
}

}  // namespace relevent::dns
