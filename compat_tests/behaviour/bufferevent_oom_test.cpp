// Bufferevents when an allocation fails: what is asked for fails, and nothing is lost or leaked.
#include "bufferevent_tools.h"
#include "tracked_memory.h"

using namespace event_cases;

namespace {

// Does `attempt` with the n-th allocation failing, for n from 0 on, until none of them fails.
// `attempt` returns whether it succeeded; after a failure nothing more than before may be held.
template <class Attempt>
void fail_each_allocation(const Base& base, Attempt attempt) {
  attempt();  // what is allocated once is there from now on
  settle(base);
  for (long n = 0; n < 100; ++n) {
    const size_t live = TrackedMemory::live();
    TrackedMemory::fail_after(n);
    const bool succeeded = attempt();
    const long failures = TrackedMemory::failures();
    TrackedMemory::never_fail();
    settle(base);
    CHECK(TrackedMemory::live() <= live);
    if (failures == 0) {
      CHECK(succeeded);
      CHECK(TrackedMemory::strangers() == 0);
      return;
    }
  }
  FAIL("it never got by without a failure");
}

}  // namespace

TEST_CASE("bufferevent_socket_new: any allocation may fail") {
  const TrackedMemory memory;
  const Base base = make_base();
  const SocketPair sockets;
  const int options = GENERATE(0, BEV_OPT_DEFER_CALLBACKS, BEV_OPT_CLOSE_ON_FREE);
  fail_each_allocation(base, [&] {
    const int fd = options == BEV_OPT_CLOSE_ON_FREE ? dup(sockets.first) : sockets.first;
    const Bufferevent bev(bufferevent_socket_new(base.get(), fd, options));
    CHECK(is_open(fd));
    if (!bev && fd != sockets.first) {
      close(fd);  // it stays the caller's
    }
    return bev != nullptr;
  });
}

TEST_CASE("bufferevent_pair_new: any allocation may fail", "[relevent]") {
  INTENDED_DIFFERENCE("the reference crashes when it runs out of memory there");
  const TrackedMemory memory;
  const Base base = make_base();
  fail_each_allocation(base, [&] {
    bufferevent* pair[2] = {};
    if (bufferevent_pair_new(base.get(), 0, pair) != 0) {
      return false;
    }
    bufferevent_free(pair[0]);
    bufferevent_free(pair[1]);
    return true;
  });
}

TEST_CASE("bufferevent_filter_new: any allocation may fail", "[relevent]") {
  INTENDED_DIFFERENCE("the reference crashes when it runs out of memory there");
  const TrackedMemory memory;
  const Base base = make_base();
  const SocketPair sockets;
  const Bufferevent underlying = make_bufferevent(base, sockets.first);
  fail_each_allocation(base, [&] {
    const Bufferevent filter(
        bufferevent_filter_new(underlying.get(), nullptr, nullptr, 0, nullptr, nullptr));
    return filter != nullptr;
  });
  // The underlying one is as it was.
  bufferevent_enable(underlying.get(), EV_READ);
  write_text(sockets.second, "x");
  settle(base);
  CHECK(take_input(underlying) == "x");
}

TEST_CASE("bufferevent_write: without memory the output is as it was") {
  const TrackedMemory memory;
  SocketScene scene;
  scene.calls();
  write_text(scene.bev, "kept ");
  const std::string big(100'000, 'b');
  TrackedMemory::fail_after(0, true);
  CHECK(bufferevent_write(scene.bev.get(), big.data(), big.size()) == -1);
  TrackedMemory::never_fail();
  CHECK(output_length(scene.bev) == 5);
  write_text(scene.bev, "and sent");
  scene.settle();
  CHECK(take(scene.peer()) == "kept and sent");
}

TEST_CASE("bufferevent: without memory to read into nothing is lost") {
  const TrackedMemory memory;
  SocketScene scene(0, EV_READ);
  bufferevent_set_max_single_read(scene.bev.get(), 65536);
  write_text(scene.peer(), "warm");
  scene.settle();
  take_input(scene.bev);
  const std::string sent(60'000, 'r');
  write_text(scene.peer(), sent);
  TrackedMemory::fail_after(0, true);
  for (int i = 0; i < 3; ++i) {
    turn(scene.base);
  }
  TrackedMemory::never_fail();
  // It may have said so, by an error; then reading is disabled.
  bufferevent_enable(scene.bev.get(), EV_READ);
  CHECK(run_until(scene.base, [&] { return input_length(scene.bev) == sent.size(); }));
}

TEST_CASE("bufferevent_set_rate_limit: any allocation may fail") {
  const TrackedMemory memory;
  const Base base = make_base();
  const timeval tick = ms(1000);
  fail_each_allocation(base, [&] {
    ev_token_bucket_cfg* limit = ev_token_bucket_cfg_new(10, 10, 10, 10, &tick);
    if (limit == nullptr) {
      return false;
    }
    bufferevent* bev = bufferevent_socket_new(base.get(), -1, 0);
    const bool set = bev != nullptr && bufferevent_set_rate_limit(bev, limit) == 0;
    if (bev != nullptr) {
      bufferevent_free(bev);
    }
    settle(base);
    ev_token_bucket_cfg_free(limit);
    return set;
  });
}

TEST_CASE("bufferevent_rate_limit_group_new: any allocation may fail") {
  const TrackedMemory memory;
  const Base base = make_base();
  const timeval tick = ms(1000);
  ev_token_bucket_cfg* limit = ev_token_bucket_cfg_new(10, 10, 10, 10, &tick);
  REQUIRE(limit != nullptr);
  fail_each_allocation(base, [&] {
    bufferevent_rate_limit_group* group = bufferevent_rate_limit_group_new(base.get(), limit);
    if (group == nullptr) {
      return false;
    }
    bufferevent_rate_limit_group_free(group);
    return true;
  });
  ev_token_bucket_cfg_free(limit);
}

TEST_CASE("bufferevent_write_buffer: moving needs no memory") {
  const TrackedMemory memory;
  SocketScene scene;
  scene.calls();
  const Buffer buffer(evbuffer_new());
  evbuffer_add(buffer.get(), "moved", 5);
  TrackedMemory::fail_after(0, true);
  CHECK(bufferevent_write_buffer(scene.bev.get(), buffer.get()) == 0);
  turn(scene.base);
  TrackedMemory::never_fail();
  scene.settle();
  CHECK(take(scene.peer()) == "moved");
}

TEST_CASE("bufferevent: callbacks and freeing need no memory") {
  const TrackedMemory memory;
  SocketScene scene(BEV_OPT_DEFER_CALLBACKS, EV_READ);
  scene.calls();
  TrackedMemory::fail_after(0, true);
  bufferevent_trigger(scene.bev.get(), EV_READ | EV_WRITE, 0);
  bufferevent_trigger_event(scene.bev.get(), BEV_EVENT_EOF, 0);
  for (int i = 0; i < 3; ++i) {
    turn(scene.base);
  }
  scene.bev.reset();
  turn(scene.base);
  TrackedMemory::never_fail();
  CHECK(scene.journal.text() == "read write eof");
}
