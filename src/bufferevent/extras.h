#pragma once

#include <cstddef>

#include "bufferevent/rate_limit.h"
#include "loop/deferred.h"
#include "mem/create.h"

namespace relevent::bev {

struct NameLookup;

// What few bufferevents need; allocated on first use.
struct Extras {
  // Callbacks that are due in the loop.
  loop::Deferred deferred;
  bool scheduled = false;
  bool read_due = false;
  bool write_due = false;
  short events_due = 0;
  int error_due = 0;

  int dns_error = 0;
  NameLookup* lookup = nullptr;  // the one that runs

  // 0: the default.
  std::size_t max_single_read = 0;
  std::size_t max_single_write = 0;
  mem::Owned<RateLimit> rate_limit;
};

}  // namespace relevent::bev
