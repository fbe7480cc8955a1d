// Rate limits of groups.
#include "bufferevent_tools.h"

using namespace event_cases;

namespace {

using Limit = std::unique_ptr<ev_token_bucket_cfg, FreeWith<ev_token_bucket_cfg_free>>;
using Group =
    std::unique_ptr<bufferevent_rate_limit_group, FreeWith<bufferevent_rate_limit_group_free>>;

constexpr int kForever = 3'600'000;
constexpr size_t kPlenty = 1'000'000;

Limit make_limit(size_t read, size_t write, int tick_ms) {
  const timeval tick = ms(tick_ms);
  Limit limit(ev_token_bucket_cfg_new(read, read, write, write, &tick));
  REQUIRE(limit);
  return limit;
}

// A group of some bufferevents, each on a socket pair.
struct GroupScene {
  GroupScene(int count, size_t read, size_t write, int tick_ms, size_t min_share = 1)
      : limit(make_limit(read, write, tick_ms)),
        group(bufferevent_rate_limit_group_new(base.get(), limit.get())),
        sockets(static_cast<size_t>(count)) {
    REQUIRE(group);
    CHECK(bufferevent_rate_limit_group_set_min_share(group.get(), min_share) == 0);
    for (const SocketPair& pair : sockets) {
      bevs.push_back(make_bufferevent(base, pair.first));
      bufferevent_enable(bevs.back().get(), EV_READ);
      CHECK(bufferevent_add_to_rate_limit_group(bevs.back().get(), group.get()) == 0);
    }
    settle(base);
  }
  ~GroupScene() {
    for (const Bufferevent& bev : bevs) {
      bufferevent_remove_from_rate_limit_group(bev.get());
    }
    bevs.clear();
    settle(base);
  }
  GroupScene(const GroupScene&) = delete;
  GroupScene& operator=(const GroupScene&) = delete;

  bufferevent* bev(size_t i) { return bevs[i].get(); }
  int peer(size_t i) const { return sockets[i].second; }
  size_t total_input() const {
    size_t total = 0;
    for (const Bufferevent& bev : bevs) {
      total += input_length(bev);
    }
    return total;
  }
  ev_ssize_t read_limit() { return bufferevent_rate_limit_group_get_read_limit(group.get()); }
  ev_ssize_t write_limit() { return bufferevent_rate_limit_group_get_write_limit(group.get()); }

  Base base = make_base();
  Limit limit;
  Group group;
  std::vector<SocketPair> sockets;
  std::vector<Bufferevent> bevs;
};

}  // namespace

TEST_CASE("bufferevent_rate_limit_group_new: what is in its buckets") {
  GroupScene scene(0, 100, 200, kForever);
  CHECK(scene.read_limit() == 100);
  CHECK(scene.write_limit() == 200);
  ev_uint64_t read = 1;
  ev_uint64_t written = 1;
  bufferevent_rate_limit_group_get_totals(scene.group.get(), &read, &written);
  CHECK(read == 0);
  CHECK(written == 0);
  bufferevent_rate_limit_group_get_totals(scene.group.get(), nullptr, nullptr);
}

TEST_CASE("bufferevent_rate_limit_group: all its members together read no more") {
  GroupScene scene(3, 90, kPlenty, kForever);
  for (size_t i = 0; i < 3; ++i) {
    write_text(scene.peer(i), std::string(100, 'r'));
  }
  settle(scene.base);
  CHECK(scene.total_input() == 90);
  CHECK(scene.read_limit() == 0);
  ev_uint64_t read = 0;
  ev_uint64_t written = 0;
  bufferevent_rate_limit_group_get_totals(scene.group.get(), &read, &written);
  CHECK(read == 90);
  CHECK(written == 0);
}

TEST_CASE("bufferevent_rate_limit_group: each member has its share") {
  GroupScene scene(3, 90, kPlenty, kForever);
  // The group has 90 for three: the first to read may have 30.
  CHECK(bufferevent_get_max_to_read(scene.bev(0)) == 30);
  CHECK(bufferevent_get_max_to_write(scene.bev(0)) == 16384);
  // This is no limit of its own.
  CHECK(bufferevent_get_read_limit(scene.bev(0)) == EV_SSIZE_MAX);
  CHECK(bufferevent_get_token_bucket_cfg(scene.bev(0)) == nullptr);
}

TEST_CASE("bufferevent_rate_limit_group: all its members together write no more") {
  GroupScene scene(3, kPlenty, 90, kForever);
  for (size_t i = 0; i < 3; ++i) {
    write_text(scene.bev(i), std::string(100, 'w'));
  }
  settle(scene.base);
  size_t total = 0;
  for (size_t i = 0; i < 3; ++i) {
    total += take(scene.peer(i)).size();
  }
  CHECK(total == 90);
  CHECK(scene.write_limit() == 0);
  ev_uint64_t read = 0;
  ev_uint64_t written = 0;
  bufferevent_rate_limit_group_get_totals(scene.group.get(), &read, &written);
  CHECK(read == 0);
  CHECK(written == 90);
  bufferevent_rate_limit_group_reset_totals(scene.group.get());
  bufferevent_rate_limit_group_get_totals(scene.group.get(), &read, &written);
  CHECK(written == 0);
}

TEST_CASE("bufferevent_rate_limit_group: the buckets fill with the ticks") {
  GroupScene scene(2, 100, kPlenty, 50);
  const std::int64_t start = now_ms();
  write_text(scene.peer(0), std::string(200, 'r'));
  write_text(scene.peer(1), std::string(200, 'r'));
  CHECK(run_until(scene.base, [&] { return scene.total_input() == 400; }));
  CHECK(now_ms() - start >= 90);
}

TEST_CASE("bufferevent_rate_limit_group: nobody starves") {
  GroupScene scene(4, 400, kPlenty, 20, 10);
  for (size_t i = 0; i < 4; ++i) {
    write_text(scene.peer(i), std::string(100'000, 'r'));
  }
  run_for(scene.base, 400);
  size_t least = kPlenty;
  size_t most = 0;
  for (const Bufferevent& bev : scene.bevs) {
    least = std::min(least, input_length(bev));
    most = std::max(most, input_length(bev));
  }
  CHECK(least > 0);
  CHECK(most <= 10 * least);
}

TEST_CASE("bufferevent_rate_limit_group_set_min_share: a member has at least that") {
  GroupScene scene(4, 100, kPlenty, kForever, 64);
  CHECK(bufferevent_get_max_to_read(scene.bev(0)) == 64);
  CHECK(bufferevent_rate_limit_group_set_min_share(scene.group.get(), 10) == 0);
  CHECK(bufferevent_get_max_to_read(scene.bev(0)) == 25);
  // Not more than the group may have in a tick.
  CHECK(bufferevent_rate_limit_group_set_min_share(scene.group.get(), 10'000) == 0);
  CHECK(bufferevent_get_max_to_read(scene.bev(0)) == 100);
}

TEST_CASE("bufferevent_rate_limit_group_set_min_share: with none the last bytes go out") {
  INTENDED_DIFFERENCE("a member whose share is 0 fails with an error event");
  GroupScene scene(3, 2, 2, kForever, 0);
  write_text(scene.bev(0), "ab");
  settle(scene.base);
  CHECK(take(scene.peer(0)) == "ab");
  CHECK(scene.write_limit() == 0);
}

TEST_CASE("bufferevent_rate_limit_group_decrement_read: stops and starts the members") {
  GroupScene scene(2, 100, kPlenty, kForever);
  CHECK(bufferevent_rate_limit_group_decrement_read(scene.group.get(), 130) == 0);
  CHECK(scene.read_limit() == -30);
  write_text(scene.peer(0), std::string(50, 'r'));
  settle(scene.base);
  CHECK(scene.total_input() == 0);
  CHECK(bufferevent_rate_limit_group_decrement_read(scene.group.get(), -100) == 0);
  CHECK(scene.read_limit() == 70);
  CHECK(run_until(scene.base, [&] { return scene.total_input() == 50; }));
  CHECK(scene.read_limit() == 20);
}

TEST_CASE("bufferevent_rate_limit_group_decrement_write: stops and starts the members") {
  GroupScene scene(2, kPlenty, 100, kForever);
  CHECK(bufferevent_rate_limit_group_decrement_write(scene.group.get(), 100) == 0);
  CHECK(scene.write_limit() == 0);
  write_text(scene.bev(0), std::string(40, 'w'));
  settle(scene.base);
  CHECK(output_length(scene.bev(0)) == 40);
  CHECK(bufferevent_rate_limit_group_decrement_write(scene.group.get(), -60) == 0);
  CHECK(run_until(scene.base, [&] { return output_length(scene.bev(0)) == 0; }));
  CHECK(scene.write_limit() == 20);
}

TEST_CASE("bufferevent_rate_limit_group_set_cfg: another limit") {
  GroupScene scene(1, 100, 100, kForever);
  const Limit smaller = make_limit(40, 50, kForever);
  CHECK(bufferevent_rate_limit_group_set_cfg(scene.group.get(), smaller.get()) == 0);
  // What is too much is taken away.
  CHECK(scene.read_limit() == 40);
  CHECK(scene.write_limit() == 50);
  const Limit larger = make_limit(200, 200, kForever);
  CHECK(bufferevent_rate_limit_group_set_cfg(scene.group.get(), larger.get()) == 0);
  CHECK(scene.read_limit() == 40);  // more comes with the ticks
}

TEST_CASE("bufferevent_remove_from_rate_limit_group: it reads as it likes again") {
  GroupScene scene(2, 10, kPlenty, kForever);
  write_text(scene.peer(0), std::string(100, 'r'));
  settle(scene.base);
  CHECK(input_length(scene.bev(0)) <= 10);
  CHECK(bufferevent_remove_from_rate_limit_group(scene.bev(0)) == 0);
  CHECK(run_until(scene.base, [&] { return input_length(scene.bev(0)) == 100; }));
  CHECK(bufferevent_remove_from_rate_limit_group(scene.bev(0)) == 0);  // of none
}

TEST_CASE("bufferevent_add_to_rate_limit_group: from one group to another") {
  GroupScene scene(1, 10, kPlenty, kForever);
  const Limit limit = make_limit(50, kPlenty, kForever);
  const Group other(bufferevent_rate_limit_group_new(scene.base.get(), limit.get()));
  CHECK(bufferevent_add_to_rate_limit_group(scene.bev(0), scene.group.get()) == 0);  // is in it
  CHECK(bufferevent_add_to_rate_limit_group(scene.bev(0), other.get()) == 0);
  write_text(scene.peer(0), std::string(100, 'r'));
  settle(scene.base);
  CHECK(input_length(scene.bev(0)) == 50);
  CHECK(scene.read_limit() == 10);
  bufferevent_remove_from_rate_limit_group(scene.bev(0));
}

TEST_CASE("bufferevent_add_to_rate_limit_group: no group is to leave it", "[relevent]") {
  INTENDED_DIFFERENCE("the reference crashes, though its header allows it");
  GroupScene scene(1, 10, kPlenty, kForever);
  CHECK(bufferevent_add_to_rate_limit_group(scene.bev(0), nullptr) == 0);
  write_text(scene.peer(0), std::string(100, 'r'));
  CHECK(run_until(scene.base, [&] { return input_length(scene.bev(0)) == 100; }));
}

TEST_CASE("bufferevent_free: of a member of a group") {
  GroupScene scene(3, 90, kPlenty, kForever);
  scene.bevs.pop_back();
  settle(scene.base);
  CHECK(bufferevent_get_max_to_read(scene.bev(0)) == 45);
}

TEST_CASE("bufferevent_rate_limit_group: and a limit of its own, the smaller counts") {
  const Limit own = make_limit(20, 20, kForever);
  GroupScene scene(1, 100, 100, kForever);
  CHECK(bufferevent_set_rate_limit(scene.bev(0), own.get()) == 0);
  CHECK(bufferevent_get_max_to_read(scene.bev(0)) == 20);
  write_text(scene.peer(0), std::string(100, 'r'));
  settle(scene.base);
  CHECK(input_length(scene.bev(0)) == 20);
  CHECK(bufferevent_get_read_limit(scene.bev(0)) == 0);
  CHECK(scene.read_limit() == 80);
  bufferevent_set_rate_limit(scene.bev(0), nullptr);
}
