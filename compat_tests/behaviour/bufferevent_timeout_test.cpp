// Timeouts, which run only while a direction really waits.
#include <event2/bufferevent_struct.h>

#include "bufferevent_tools.h"

using namespace event_cases;

namespace {

constexpr int kShort = 60;
constexpr int kLong = 200;

void set_timeouts(const Bufferevent& bev, int read_ms, int write_ms) {
  const timeval read = ms(read_ms);
  const timeval write = ms(write_ms);
  CHECK(bufferevent_set_timeouts(bev.get(), read_ms != 0 ? &read : nullptr,
                                 write_ms != 0 ? &write : nullptr) == 0);
}

bool has_timeout(const event& ev) { return event_pending(&ev, EV_TIMEOUT, nullptr) != 0; }

}  // namespace

TEST_CASE("bufferevent_set_timeouts: nothing arrives") {
  SocketScene scene(0, EV_READ);
  set_timeouts(scene.bev, kShort, 0);
  const std::int64_t start = now_ms();
  CHECK(run_until(scene.base, [&] { return !scene.journal.text().empty(); }));
  CHECK(now_ms() - start >= kShort - 15);
  CHECK(scene.calls() == "reading|timeout");
  // Reading is disabled until somebody enables it; then the timeout counts again.
  CHECK(bufferevent_get_enabled(scene.bev.get()) == EV_WRITE);
  run_for(scene.base, 2 * kShort);
  CHECK(scene.calls().empty());
  bufferevent_enable(scene.bev.get(), EV_READ);
  CHECK(run_until(scene.base, [&] { return !scene.journal.text().empty(); }));
  CHECK(scene.calls() == "reading|timeout");
}

TEST_CASE("bufferevent_set_timeouts: data begins the timeout anew") {
  SocketScene scene(0, EV_READ);
  set_timeouts(scene.bev, 4000, 0);
  // Less than the timeout at a time, in all more than it.
  for (int i = 0; i < 3; ++i) {
    run_for(scene.base, 1500);
    write_text(scene.peer(), "x");
    CHECK(scene.calls() == "read");
  }
}

TEST_CASE("bufferevent_set_timeouts: does not count while reading is disabled") {
  SocketScene scene(0, EV_READ);
  set_timeouts(scene.bev, kShort, 0);
  CHECK(has_timeout(scene.bev->ev_read));
  bufferevent_disable(scene.bev.get(), EV_READ);
  CHECK_FALSE(has_timeout(scene.bev->ev_read));
  run_for(scene.base, 2 * kShort);
  CHECK(scene.calls().empty());
}

TEST_CASE("bufferevent_set_timeouts: does not count while the high mark holds reading") {
  SocketScene scene(0, EV_READ);
  bufferevent_setcb(scene.bev.get(), nullptr, nullptr, Journal::event_callback, &scene.subject);
  set_timeouts(scene.bev, kShort, 0);
  bufferevent_setwatermark(scene.bev.get(), EV_READ, 0, 4);
  write_text(scene.peer(), "01234567");
  scene.settle();
  CHECK_FALSE(has_timeout(scene.bev->ev_read));
  run_for(scene.base, 2 * kShort);
  CHECK(scene.calls().empty());
  evbuffer_drain(bufferevent_get_input(scene.bev.get()), 4);
  CHECK(has_timeout(scene.bev->ev_read));
  scene.settle();
  CHECK(input_length(scene.bev) == 4);
  evbuffer_drain(bufferevent_get_input(scene.bev.get()), 4);
  CHECK(run_until(scene.base, [&] { return !scene.journal.text().empty(); }));
  CHECK(scene.calls() == "reading|timeout");
}

TEST_CASE("bufferevent_set_timeouts: nothing to write, nothing to wait for") {
  SocketScene scene;
  scene.calls();
  set_timeouts(scene.bev, 0, kShort);
  CHECK_FALSE(has_timeout(scene.bev->ev_write));
  run_for(scene.base, 2 * kShort);
  CHECK(scene.calls().empty());
  CHECK(bufferevent_get_enabled(scene.bev.get()) == (EV_READ | EV_WRITE));
}

TEST_CASE("bufferevent_set_timeouts: what is written at once does not time out") {
  SocketScene scene;
  scene.calls();
  set_timeouts(scene.bev, 0, kShort);
  write_text(scene.bev, "x");
  CHECK(scene.calls() == "write");
  CHECK_FALSE(has_timeout(scene.bev->ev_write));
  run_for(scene.base, 2 * kShort);
  CHECK(scene.calls().empty());
}

TEST_CASE("bufferevent_set_timeouts: the peer takes nothing") {
  SocketScene scene(0, 0);
  fill(scene.sockets.first);
  set_timeouts(scene.bev, 0, kShort);
  write_text(scene.bev, "no room");
  CHECK(run_until(scene.base, [&] { return !scene.journal.text().empty(); }));
  CHECK(scene.calls() == "writing|timeout");
  CHECK(bufferevent_get_enabled(scene.bev.get()) == 0);
  CHECK(output_length(scene.bev) == 7);
  // With room it goes on once it is enabled.
  take(scene.peer());
  CHECK(scene.calls().empty());
  bufferevent_enable(scene.bev.get(), EV_WRITE);
  CHECK(scene.calls() == "write");
  CHECK(take(scene.peer()) == "no room");
}

TEST_CASE("bufferevent_set_timeouts: does not count while writing is disabled") {
  SocketScene scene(0, 0);
  fill(scene.sockets.first);
  set_timeouts(scene.bev, 0, kShort);
  write_text(scene.bev, "no room");
  bufferevent_disable(scene.bev.get(), EV_WRITE);
  run_for(scene.base, 2 * kShort);
  CHECK(scene.calls().empty());
  bufferevent_enable(scene.bev.get(), EV_WRITE);
  CHECK(run_until(scene.base, [&] { return !scene.journal.text().empty(); }));
  CHECK(scene.calls() == "writing|timeout");
}

TEST_CASE("bufferevent_set_timeouts: both directions") {
  SocketScene scene;
  scene.calls();
  fill(scene.sockets.first);
  set_timeouts(scene.bev, kShort, kLong);
  write_text(scene.bev, "no room");
  CHECK(run_until(scene.base, [&] { return scene.subject.events.size() == 2; }));
  CHECK(scene.calls() == "reading|timeout writing|timeout");
  CHECK(bufferevent_get_enabled(scene.bev.get()) == 0);
}

TEST_CASE("bufferevent_set_timeouts: none, and zero, are no timeout") {
  SocketScene scene(0, EV_READ);
  set_timeouts(scene.bev, kShort, kShort);
  CHECK(has_timeout(scene.bev->ev_read));
  const timeval zero{};
  SECTION("null") { CHECK(bufferevent_set_timeouts(scene.bev.get(), nullptr, nullptr) == 0); }
  SECTION("zero") { CHECK(bufferevent_set_timeouts(scene.bev.get(), &zero, &zero) == 0); }
  CHECK(scene.bev->timeout_read.tv_usec == 0);
  CHECK(scene.bev->timeout_write.tv_usec == 0);
  CHECK_FALSE(has_timeout(scene.bev->ev_read));
  run_for(scene.base, 2 * kShort);
  CHECK(scene.calls().empty());
  // It reads as before.
  write_text(scene.peer(), "x");
  CHECK(scene.calls() == "read");
}

TEST_CASE("bufferevent_set_timeouts: before reading is enabled") {
  SocketScene scene(0, 0);
  set_timeouts(scene.bev, kShort, 0);
  CHECK_FALSE(has_timeout(scene.bev->ev_read));
  bufferevent_enable(scene.bev.get(), EV_READ);
  CHECK(has_timeout(scene.bev->ev_read));
  CHECK(run_until(scene.base, [&] { return !scene.journal.text().empty(); }));
  CHECK(scene.calls() == "reading|timeout");
}

TEST_CASE("bufferevent_set_timeouts: a new value begins anew") {
  SocketScene scene(0, EV_READ);
  set_timeouts(scene.bev, 5000, 0);
  const std::int64_t start = now_ms();
  set_timeouts(scene.bev, kShort, 0);
  CHECK(run_until(scene.base, [&] { return !scene.journal.text().empty(); }));
  CHECK(now_ms() - start < 4000);
}

TEST_CASE("bufferevent_set_timeouts: enabling again begins anew") {
  SocketScene scene(0, EV_READ);
  set_timeouts(scene.bev, 4000, 0);
  for (int i = 0; i < 3; ++i) {
    run_for(scene.base, 1500);
    bufferevent_enable(scene.bev.get(), EV_READ);
  }
  CHECK(scene.calls().empty());
}

TEST_CASE("bufferevent_set_timeouts: the callback may free the bufferevent") {
  SocketScene scene(0, EV_READ);
  set_timeouts(scene.bev, kShort, 0);
  scene.subject.on_event = [&](bufferevent*, short) { scene.bev.reset(); };
  CHECK(event_base_dispatch(scene.base.get()) == 1);
  CHECK(scene.journal.text() == "reading|timeout");
}

TEST_CASE("bufferevent_set_timeouts: the callback may go on") {
  SocketScene scene(0, EV_READ);
  set_timeouts(scene.bev, 20, 0);
  scene.subject.on_event = [&](bufferevent* bev, short) {
    if (scene.subject.events.size() < 3) {
      bufferevent_enable(bev, EV_READ);
    }
  };
  CHECK(event_base_dispatch(scene.base.get()) == 1);
  CHECK(scene.journal.text() == "reading|timeout reading|timeout reading|timeout");
}

TEST_CASE("bufferevent_set_timeouts: with deferred callbacks") {
  SocketScene scene(BEV_OPT_DEFER_CALLBACKS, EV_READ);
  set_timeouts(scene.bev, kShort, 0);
  CHECK(run_until(scene.base, [&] { return !scene.journal.text().empty(); }));
  CHECK(scene.calls() == "reading|timeout");
}
