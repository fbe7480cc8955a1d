// Every allocation fails once, at each place in turn: nothing crashes, nothing is leaked, and what
// says that it worked has worked.
#include <event2/buffer.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "bufferevent/test_tools.h"
#include "mem/hooks.h"

using namespace bev_test;

namespace {

struct Memory {
  long countdown = -1;  // fails when it comes to 0
  long blocks = 0;
  bool failed = false;

  bool refuses() {
    if (countdown > 0 && --countdown == 0) {
      failed = true;
      return true;
    }
    return false;
  }
};
Memory g_memory;

void* allocate(std::size_t size) {
  if (g_memory.refuses()) return nullptr;
  ++g_memory.blocks;
  return std::malloc(size);
}

void* reallocate(void* block, std::size_t size) {
  if (g_memory.refuses()) return nullptr;
  if (block == nullptr) ++g_memory.blocks;
  return std::realloc(block, size);
}

void release(void* block) {
  --g_memory.blocks;
  std::free(block);
}

// Runs the scenario with the first, second, ... allocation failing, until none fails any more.
template <class Scenario>
void fail_each(Scenario scenario) {
  relevent::mem::set_hooks(allocate, reallocate, release);
  event_set_log_callback([](int, const char*) {});
  for (long n = 1;; ++n) {
    g_memory = {};
    {
      const Base base(event_base_new());
      const Sockets sockets;
      g_memory.countdown = n;
      scenario(base, sockets);
      g_memory.countdown = -1;
    }
    INFO("allocation " << n);
    CHECK(g_memory.blocks == 0);
    if (!g_memory.failed) {
      break;
    }
    REQUIRE(n < 1000);
  }
  event_set_log_callback(nullptr);
  relevent::mem::set_hooks(nullptr, nullptr, nullptr);
}

const bufferevent_data_cb kIgnoreData = [](bufferevent*, void*) {};
const bufferevent_data_cb kDrain = [](bufferevent* bufev, void*) {
  evbuffer_drain(bufferevent_get_input(bufev), 100);
};
const bufferevent_event_cb kIgnoreEvent = [](bufferevent*, short, void*) {};

}  // namespace

TEST_CASE("bufferevent: a socket without memory") {
  fail_each([](const Base& base, const Sockets& sockets) {
    for (const int options : {0, int{BEV_OPT_DEFER_CALLBACKS}}) {
      const Bufferevent bufev(bufferevent_socket_new(base.get(), sockets.fds[0], options));
      if (bufev == nullptr) {
        return;
      }
      bufferevent_setcb(bufev.get(), kDrain, kIgnoreData, kIgnoreEvent, nullptr);
      bufferevent_enable(bufev.get(), EV_READ);
      const bool written = bufferevent_write(bufev.get(), "out", 3) == 0;
      bufferevent_setwatermark(bufev.get(), EV_READ, 0, 2);
      bufferevent_trigger_event(bufev.get(), BEV_EVENT_CONNECTED, BEV_TRIG_DEFER_CALLBACKS);
      bufferevent_set_max_single_read(bufev.get(), 10);
      const timeval minute = {60, 0};
      bufferevent_set_timeouts(bufev.get(), &minute, &minute);
      sockets.give("in");
      settle(base);
      CHECK((sockets.take() == "out") == written);
    }
  });
}

TEST_CASE("bufferevent: a pair without memory") {
  fail_each([](const Base& base, const Sockets&) {
    bufferevent* pair[2] = {nullptr, nullptr};
    if (bufferevent_pair_new(base.get(), 0, pair) != 0) {
      return;
    }
    const Bufferevent a(pair[0]);
    const Bufferevent b(pair[1]);
    bufferevent_setcb(pair[1], kIgnoreData, kIgnoreData, kIgnoreEvent, nullptr);
    bufferevent_enable(pair[1], EV_READ);
    const bool written = bufferevent_write(pair[0], "text", 4) == 0;
    CHECK(output_length(pair[0]) + input_length(pair[1]) == (written ? 4 : 0));
    bufferevent_flush(pair[0], EV_WRITE, BEV_FINISHED);
    settle(base);
  });
}

TEST_CASE("bufferevent: a filter without memory") {
  fail_each([](const Base& base, const Sockets& sockets) {
    Bufferevent below(bufferevent_socket_new(base.get(), sockets.fds[0], 0));
    if (below == nullptr) {
      return;
    }
    const Bufferevent filter(
        bufferevent_filter_new(below.get(), nullptr, nullptr, 0, nullptr, nullptr));
    if (filter == nullptr) {
      return;
    }
    bufferevent_setcb(filter.get(), kIgnoreData, kIgnoreData, kIgnoreEvent, nullptr);
    bufferevent_enable(filter.get(), EV_READ);
    bufferevent_write(filter.get(), "out", 3);
    sockets.give("in");
    settle(base);
  });
}

TEST_CASE("bufferevent: limits without memory") {
  fail_each([](const Base& base, const Sockets& sockets) {
    const Bufferevent bufev(bufferevent_socket_new(base.get(), sockets.fds[0], 0));
    ev_token_bucket_cfg* const config = ev_token_bucket_cfg_new(1, 2, 1, 2, nullptr);
    if (bufev != nullptr && config != nullptr) {
      if (bufferevent_set_rate_limit(bufev.get(), config) != 0) {
        CHECK(bufferevent_get_token_bucket_cfg(bufev.get()) == nullptr);
        CHECK(bufferevent_get_read_limit(bufev.get()) == EV_SSIZE_MAX);
      }
      bufferevent_rate_limit_group* const group =
          bufferevent_rate_limit_group_new(base.get(), config);
      if (group != nullptr) {
        bufferevent_add_to_rate_limit_group(bufev.get(), group);
        bufferevent_enable(bufev.get(), EV_READ);
        sockets.give("input");
        bufferevent_write(bufev.get(), "output", 6);
        settle(base);
        bufferevent_remove_from_rate_limit_group(bufev.get());
        bufferevent_rate_limit_group_free(group);
      }
      bufferevent_set_rate_limit(bufev.get(), nullptr);
    }
    ev_token_bucket_cfg_free(config);
  });
}

TEST_CASE("bufferevent: connecting by name without memory") {
  fail_each([](const Base& base, const Sockets&) {
    const Bufferevent bufev(bufferevent_socket_new(base.get(), -1, BEV_OPT_CLOSE_ON_FREE));
    if (bufev != nullptr) {
      bufferevent_setcb(bufev.get(), kIgnoreData, kIgnoreData, kIgnoreEvent, nullptr);
      bufferevent_socket_connect_hostname(bufev.get(), nullptr, AF_INET, "127.0.0.1", 1);
      settle(base);
    }
  });
}
