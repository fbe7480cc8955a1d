// Rate limits: token buckets of one bufferevent.
#include <limits>

#include "bufferevent_tools.h"

using namespace event_cases;

namespace {

using Limit = std::unique_ptr<ev_token_bucket_cfg, FreeWith<ev_token_bucket_cfg_free>>;

// Rate and burst are the same; ticks in milliseconds.
Limit make_limit(size_t read, size_t write, int tick_ms) {
  const timeval tick = ms(tick_ms);
  Limit limit(ev_token_bucket_cfg_new(read, read, write, write, &tick));
  REQUIRE(limit);
  return limit;
}

// Ticks so long that none passes in a case.
constexpr int kForever = 3'600'000;
constexpr size_t kPlenty = 1'000'000;

// A bufferevent in a scene whose limit outlives it.
struct LimitScene {
  LimitScene(size_t read, size_t write, int tick_ms, short enabled = EV_READ | EV_WRITE)
      : limit(make_limit(read, write, tick_ms)), scene(0, enabled) {
    scene.calls();
    CHECK(bufferevent_set_rate_limit(bev(), limit.get()) == 0);
    scene.calls();  // it may have been "write": writing is enabled anew
  }
  bufferevent* bev() { return scene.bev.get(); }

  Limit limit;
  SocketScene scene;
};

}  // namespace

TEST_CASE("ev_token_bucket_cfg_new: what it refuses") {
  const timeval tick = ms(1000);
  CHECK_FALSE(Limit(ev_token_bucket_cfg_new(10, 5, 10, 10, &tick)));  // burst below rate
  CHECK_FALSE(Limit(ev_token_bucket_cfg_new(10, 10, 10, 5, &tick)));
  CHECK_FALSE(Limit(ev_token_bucket_cfg_new(0, 10, 10, 10, &tick)));
  CHECK_FALSE(Limit(ev_token_bucket_cfg_new(10, 10, 0, 10, &tick)));
  constexpr size_t kTooMuch = std::numeric_limits<size_t>::max();
  CHECK_FALSE(Limit(ev_token_bucket_cfg_new(kTooMuch, kTooMuch, 1, 1, &tick)));
  CHECK_FALSE(Limit(ev_token_bucket_cfg_new(1, 1, 1, kTooMuch, &tick)));
  CHECK(Limit(ev_token_bucket_cfg_new(EV_RATE_LIMIT_MAX, EV_RATE_LIMIT_MAX, EV_RATE_LIMIT_MAX,
                                      EV_RATE_LIMIT_MAX, &tick)));
  CHECK(Limit(ev_token_bucket_cfg_new(1, 1, 1, 1, nullptr)));  // a second
}

TEST_CASE("bufferevent_set_rate_limit: what is in the buckets") {
  SocketScene plain;
  CHECK(bufferevent_get_read_limit(plain.bev.get()) == EV_SSIZE_MAX);
  CHECK(bufferevent_get_write_limit(plain.bev.get()) == EV_SSIZE_MAX);
  CHECK(bufferevent_get_token_bucket_cfg(plain.bev.get()) == nullptr);

  LimitScene limited(100, 50, kForever);
  CHECK(bufferevent_get_read_limit(limited.bev()) == 100);
  CHECK(bufferevent_get_write_limit(limited.bev()) == 50);
  CHECK(bufferevent_get_token_bucket_cfg(limited.bev()) == limited.limit.get());
  CHECK(bufferevent_get_max_to_read(limited.bev()) == 100);
  CHECK(bufferevent_get_max_to_write(limited.bev()) == 50);

  CHECK(bufferevent_set_rate_limit(limited.bev(), nullptr) == 0);
  CHECK(bufferevent_get_read_limit(limited.bev()) == EV_SSIZE_MAX);
  CHECK(bufferevent_get_token_bucket_cfg(limited.bev()) == nullptr);
  CHECK(bufferevent_get_max_to_read(limited.bev()) == 16384);
}

TEST_CASE("bufferevent_set_rate_limit: reading stops when the bucket is empty") {
  LimitScene limited(100, kPlenty, kForever);
  write_text(limited.scene.peer(), std::string(250, 'r'));
  CHECK(limited.scene.calls() == "read");
  CHECK(input_length(limited.bev()) == 100);
  CHECK(bufferevent_get_read_limit(limited.bev()) == 0);
  CHECK(bufferevent_get_enabled(limited.bev()) == (EV_READ | EV_WRITE));
  // Without the limit it goes on.
  bufferevent_set_rate_limit(limited.bev(), nullptr);
  limited.scene.settle();
  CHECK(limited.scene.subject.reads == 2);
  CHECK(input_length(limited.bev()) == 250);
}

TEST_CASE("bufferevent_set_rate_limit: writing stops when the bucket is empty") {
  LimitScene limited(kPlenty, 100, kForever);
  write_text(limited.bev(), std::string(250, 'w'));
  CHECK(limited.scene.calls().empty());
  CHECK(take(limited.scene.peer()).size() == 100);
  CHECK(output_length(limited.bev()) == 150);
  CHECK(bufferevent_get_write_limit(limited.bev()) == 0);
  bufferevent_set_rate_limit(limited.bev(), nullptr);
  CHECK(limited.scene.calls() == "write");
  CHECK(take(limited.scene.peer()).size() == 150);
}

TEST_CASE("bufferevent_set_rate_limit: buckets fill with the ticks") {
  LimitScene limited(100, kPlenty, 50);
  const std::int64_t start = now_ms();
  write_text(limited.scene.peer(), std::string(450, 'r'));
  CHECK(run_until(limited.scene.base, [&] { return input_length(limited.bev()) == 450; }));
  // Five ticks' worth: at least three whole ticks pass between the first and the last.
  CHECK(now_ms() - start >= 140);
}

TEST_CASE("bufferevent_set_rate_limit: writes fill with the ticks") {
  LimitScene limited(kPlenty, 100, 50);
  const std::int64_t start = now_ms();
  write_text(limited.bev(), std::string(450, 'w'));
  std::string got;
  CHECK(run_until(limited.scene.base, [&] {
    got += take(limited.scene.peer());
    return got.size() == 450;
  }));
  CHECK(now_ms() - start >= 140);
}

TEST_CASE("bufferevent_set_rate_limit: a burst is what the bucket holds at most") {
  const timeval tick = ms(20);
  const Limit limit(ev_token_bucket_cfg_new(10, 60, 10, 60, &tick));
  SocketScene scene;
  scene.calls();
  CHECK(bufferevent_set_rate_limit(scene.bev.get(), limit.get()) == 0);
  CHECK(bufferevent_get_read_limit(scene.bev.get()) == 10);
  run_for(scene.base, 300);
  write_text(scene.peer(), std::string(200, 'r'));
  event_base_loop(scene.base.get(), EVLOOP_ONCE);
  CHECK(input_length(scene.bev) >= 10);
  CHECK(input_length(scene.bev) <= 60);
}

TEST_CASE("bufferevent_decrement_read_limit: takes from the bucket, and gives back") {
  LimitScene limited(100, 100, kForever);
  CHECK(bufferevent_decrement_read_limit(limited.bev(), 60) == 0);
  CHECK(bufferevent_get_read_limit(limited.bev()) == 40);
  CHECK(bufferevent_decrement_read_limit(limited.bev(), 60) == 0);
  CHECK(bufferevent_get_read_limit(limited.bev()) == -20);
  write_text(limited.scene.peer(), std::string(70, 'r'));
  CHECK(limited.scene.calls().empty());
  CHECK(bufferevent_decrement_read_limit(limited.bev(), -50) == 0);
  CHECK(bufferevent_get_read_limit(limited.bev()) == 30);
  CHECK(limited.scene.calls() == "read");
  CHECK(input_length(limited.bev()) == 30);
}

TEST_CASE("bufferevent_decrement_write_limit: takes from the bucket, and gives back") {
  LimitScene limited(100, 100, kForever);
  CHECK(bufferevent_decrement_write_limit(limited.bev(), 100) == 0);
  CHECK(bufferevent_get_write_limit(limited.bev()) == 0);
  write_text(limited.bev(), "waits");
  CHECK(limited.scene.calls().empty());
  CHECK(take(limited.scene.peer()).empty());
  CHECK(bufferevent_decrement_write_limit(limited.bev(), -10) == 0);
  CHECK(limited.scene.calls() == "write");
  CHECK(take(limited.scene.peer()) == "waits");
  CHECK(bufferevent_get_write_limit(limited.bev()) == 5);
}

TEST_CASE("bufferevent_decrement_read_limit: without a limit of its own", "[relevent]") {
  INTENDED_DIFFERENCE("the reference aborts");
  const SocketScene scene;
  CHECK(bufferevent_decrement_read_limit(scene.bev.get(), 1) == -1);
  CHECK(bufferevent_decrement_write_limit(scene.bev.get(), 1) == -1);
}

TEST_CASE("bufferevent_set_rate_limit: another limit while reading is suspended") {
  LimitScene limited(10, kPlenty, kForever);
  write_text(limited.scene.peer(), std::string(100, 'r'));
  limited.scene.settle();
  CHECK(input_length(limited.bev()) == 10);
  const Limit larger = make_limit(50, kPlenty, kForever);
  CHECK(bufferevent_set_rate_limit(limited.bev(), larger.get()) == 0);
  limited.scene.settle();
  const size_t length = input_length(limited.bev());
  bufferevent_set_rate_limit(limited.bev(), nullptr);
  CHECK(length == 10);  // the bucket is as empty as it was
}

TEST_CASE("bufferevent_set_rate_limit: disabled and enabled while suspended") {
  LimitScene limited(10, kPlenty, kForever);
  write_text(limited.scene.peer(), std::string(100, 'r'));
  limited.scene.settle();
  bufferevent_disable(limited.bev(), EV_READ);
  bufferevent_enable(limited.bev(), EV_READ);
  limited.scene.settle();
  CHECK(input_length(limited.bev()) == 10);
}

TEST_CASE("bufferevent_set_rate_limit: the high mark and the limit, both must allow it") {
  LimitScene limited(100, kPlenty, kForever);
  bufferevent_setcb(limited.bev(), nullptr, nullptr, nullptr, nullptr);
  bufferevent_setwatermark(limited.bev(), EV_READ, 0, 60);
  write_text(limited.scene.peer(), std::string(200, 'r'));
  limited.scene.settle();
  CHECK(input_length(limited.bev()) == 60);
  take_input(limited.bev());
  limited.scene.settle();
  CHECK(input_length(limited.bev()) == 40);
  take_input(limited.bev());
  limited.scene.settle();
  CHECK(input_length(limited.bev()) == 0);
}

TEST_CASE("bufferevent_set_rate_limit: timeouts do not count while it suspends") {
  LimitScene limited(10, kPlenty, kForever, EV_READ);
  const timeval soon = ms(50);
  write_text(limited.scene.peer(), std::string(100, 'r'));
  limited.scene.calls();
  CHECK(bufferevent_set_timeouts(limited.bev(), &soon, nullptr) == 0);
  run_for(limited.scene.base, 150);
  CHECK(limited.scene.calls().empty());
}

TEST_CASE("bufferevent_set_rate_limit: freed while it suspends") {
  LimitScene limited(10, 10, 20);
  write_text(limited.scene.peer(), std::string(100, 'r'));
  write_text(limited.bev(), std::string(100, 'w'));
  limited.scene.settle();
  limited.scene.bev.reset();
  limited.scene.settle();
  CHECK(event_base_dispatch(limited.scene.base.get()) == 1);
}

TEST_CASE("bufferevent_set_rate_limit: ticks of any length") {
  const int tick_ms = GENERATE(1, 3, 999, 1001, 100'000);
  LimitScene limited(100, 100, tick_ms);
  write_text(limited.scene.peer(), std::string(100, 'r'));
  write_text(limited.bev(), std::string(100, 'w'));
  CHECK(run_until(limited.scene.base, [&] {
    return input_length(limited.bev()) == 100 && output_length(limited.bev()) == 0;
  }));
}

TEST_CASE("bufferevent_set_rate_limit: the largest limit is none in effect") {
  const timeval tick = ms(10);
  const Limit limit(ev_token_bucket_cfg_new(EV_RATE_LIMIT_MAX, EV_RATE_LIMIT_MAX, EV_RATE_LIMIT_MAX,
                                            EV_RATE_LIMIT_MAX, &tick));
  REQUIRE(limit);
  SocketScene scene;
  scene.calls();
  CHECK(bufferevent_set_rate_limit(scene.bev.get(), limit.get()) == 0);
  for (int i = 0; i < 5; ++i) {
    write_text(scene.peer(), std::string(1000, 'r'));
    run_for(scene.base, 25);
  }
  CHECK(input_length(scene.bev) == 5000);
}
