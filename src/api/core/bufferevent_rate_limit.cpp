// event2/bufferevent.h: rate limits.
#include <event2/bufferevent.h>

#include "bufferevent/core.h"
#include "bufferevent/hold.h"
#include "bufferevent/rate_group.h"
#include "bufferevent/rate_limit.h"

using namespace relevent;
using bev::Core;
using bev::Hold;
using bev::RateLimit;

namespace {

ev_ssize_t level(bufferevent* bev, short event) {
  const Hold hold(bev);
  RateLimit* const limit = hold->rate_limit();
  return limit != nullptr ? limit->level(event) : EV_SSIZE_MAX;
}

int take(bufferevent* bev, short event, ev_ssize_t bytes) {
  const Hold hold(bev);
  RateLimit* const limit = hold->rate_limit();
  if (limit == nullptr || limit->config() == nullptr) {
    return -1;
  }
  limit->take(event, bytes);
  return 0;
}

int set_group(bufferevent* bev, bufferevent_rate_limit_group* group) {
  const Hold hold(bev);
  RateLimit* const limit = group != nullptr ? hold->make_rate_limit() : hold->rate_limit();
  if (limit == nullptr) {
    return group != nullptr ? -1 : 0;
  }
  limit->set_group(group);
  return 0;
}

}  // namespace

extern "C" {

ev_token_bucket_cfg* ev_token_bucket_cfg_new(size_t read_rate, size_t read_burst, size_t write_rate,
                                             size_t write_burst, const timeval* tick_len) {
  return bev::create_rate_config(read_rate, read_burst, write_rate, write_burst, tick_len);
}

void ev_token_bucket_cfg_free(ev_token_bucket_cfg* cfg) { mem::destroy(cfg); }

// One bufferevent

int bufferevent_set_rate_limit(bufferevent* bev, ev_token_bucket_cfg* cfg) {
  const Hold hold(bev);
  RateLimit* const limit = cfg != nullptr ? hold->make_rate_limit() : hold->rate_limit();
  if (limit == nullptr) {
    return cfg != nullptr ? -1 : 0;
  }
  limit->configure(cfg);
  return 0;
}

const ev_token_bucket_cfg* bufferevent_get_token_bucket_cfg(const bufferevent* bev) {
  Core& core = Core::of(const_cast<bufferevent&>(*bev));  // for the lock
  const Hold hold(core);
  const RateLimit* const limit = core.rate_limit();
  return limit != nullptr ? limit->config() : nullptr;
}

ev_ssize_t bufferevent_get_read_limit(bufferevent* bev) { return level(bev, EV_READ); }
ev_ssize_t bufferevent_get_write_limit(bufferevent* bev) { return level(bev, EV_WRITE); }

int bufferevent_decrement_read_limit(bufferevent* bev, ev_ssize_t decr) {
  return take(bev, EV_READ, decr);
}

int bufferevent_decrement_write_limit(bufferevent* bev, ev_ssize_t decr) {
  return take(bev, EV_WRITE, decr);
}

// Groups

bufferevent_rate_limit_group* bufferevent_rate_limit_group_new(event_base* base,
                                                               const ev_token_bucket_cfg* cfg) {
  return bev::RateGroup::create(*base, *cfg);
}

void bufferevent_rate_limit_group_free(bufferevent_rate_limit_group* group) { mem::destroy(group); }

int bufferevent_rate_limit_group_set_cfg(bufferevent_rate_limit_group* group,
                                         const ev_token_bucket_cfg* cfg) {
  if (group == nullptr || cfg == nullptr) {
    return -1;
  }
  group->configure(*cfg);
  return 0;
}

int bufferevent_rate_limit_group_set_min_share(bufferevent_rate_limit_group* group, size_t share) {
  return group->set_min_share(share) ? 0 : -1;
}

int bufferevent_add_to_rate_limit_group(bufferevent* bev, bufferevent_rate_limit_group* group) {
  return set_group(bev, group);
}

int bufferevent_remove_from_rate_limit_group(bufferevent* bev) { return set_group(bev, nullptr); }

ev_ssize_t bufferevent_rate_limit_group_get_read_limit(bufferevent_rate_limit_group* group) {
  return group->level(EV_READ);
}

ev_ssize_t bufferevent_rate_limit_group_get_write_limit(bufferevent_rate_limit_group* group) {
  return group->level(EV_WRITE);
}

int bufferevent_rate_limit_group_decrement_read(bufferevent_rate_limit_group* group,
                                                ev_ssize_t decr) {
  group->take(EV_READ, decr);
  return 0;
}

int bufferevent_rate_limit_group_decrement_write(bufferevent_rate_limit_group* group,
                                                 ev_ssize_t decr) {
  group->take(EV_WRITE, decr);
  return 0;
}

void bufferevent_rate_limit_group_get_totals(bufferevent_rate_limit_group* group,
                                             ev_uint64_t* total_read_out,
                                             ev_uint64_t* total_written_out) {
  const bev::RateGroup::Totals totals = group->totals();
  if (total_read_out != nullptr) {
    *total_read_out = totals.read;
  }
  if (total_written_out != nullptr) {
    *total_written_out = totals.written;
  }
}

void bufferevent_rate_limit_group_reset_totals(bufferevent_rate_limit_group* group) {
  group->reset_totals();
}

}  // extern "C"
