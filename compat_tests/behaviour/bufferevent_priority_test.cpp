// Priorities of bufferevents.
#include <event2/bufferevent_struct.h>

#include "bufferevent_tools.h"

using namespace event_cases;

namespace {

struct Scene {
  explicit Scene(int priorities, int options = 0) {
    REQUIRE(event_base_priority_init(base.get(), priorities) == 0);
    for (int i = 0; i < 3; ++i) {
      bevs.push_back(make_bufferevent(base, pairs[i].first, options));
      journal.watch(bevs.back(), std::to_string(i));
      bufferevent_enable(bevs.back().get(), EV_READ);
    }
  }
  void set(int i, int priority) {
    CHECK(bufferevent_priority_set(bevs[static_cast<size_t>(i)].get(), priority) == 0);
  }

  Base base = make_base();
  SocketPair pairs[3];
  Journal journal;
  std::vector<Bufferevent> bevs;
};

}  // namespace

TEST_CASE("bufferevent_get_priority: the middle one at first") {
  const int count = GENERATE(1, 2, 5);
  const Scene scene(count);
  CHECK(bufferevent_get_priority(scene.bevs[0].get()) == count / 2);
}

TEST_CASE("bufferevent_priority_set: what it set can be read back") {
  Scene scene(4);
  scene.set(0, 3);
  CHECK(bufferevent_get_priority(scene.bevs[0].get()) == 3);
  CHECK(event_get_priority(&scene.bevs[0]->ev_read) == 3);
  CHECK(event_get_priority(&scene.bevs[0]->ev_write) == 3);
  scene.set(0, 0);
  CHECK(bufferevent_get_priority(scene.bevs[0].get()) == 0);
}

TEST_CASE("bufferevent_priority_set: not beyond what the base has") {
  const Scene scene(2);
  CHECK(bufferevent_priority_set(scene.bevs[0].get(), 2) == -1);
  CHECK(bufferevent_priority_set(scene.bevs[0].get(), -1) == -1);
  CHECK(bufferevent_get_priority(scene.bevs[0].get()) == 1);
}

TEST_CASE("bufferevent_priority_set: not for other kinds") {
  const Base base = make_base();
  event_base_priority_init(base.get(), 3);
  bufferevent* pair[2];
  REQUIRE(bufferevent_pair_new(base.get(), 0, pair) == 0);
  CHECK(bufferevent_priority_set(pair[0], 0) == -1);
  bufferevent_free(pair[0]);
  bufferevent_free(pair[1]);
}

TEST_CASE("bufferevent_priority_set: the read callbacks follow it") {
  const int options = GENERATE(0, BEV_OPT_DEFER_CALLBACKS);
  Scene scene(3, options);
  scene.set(0, 2);
  scene.set(1, 0);
  scene.set(2, 1);
  for (const SocketPair& pair : scene.pairs) {
    write_text(pair.second, "x");
  }
  settle(scene.base);
  CHECK(scene.journal.text() == "1:read 2:read 0:read");
}

TEST_CASE("bufferevent_priority_set: the write callbacks follow it") {
  const int options = GENERATE(0, BEV_OPT_DEFER_CALLBACKS);
  Scene scene(3, options);
  settle(scene.base);
  scene.journal.clear();
  scene.set(0, 2);
  scene.set(1, 0);
  scene.set(2, 1);
  for (const Bufferevent& bev : scene.bevs) {
    write_text(bev, "x");
  }
  settle(scene.base);
  CHECK(scene.journal.text() == "1:write 2:write 0:write");
}

TEST_CASE("bufferevent_priority_set: against plain events") {
  Scene scene(3);
  scene.set(0, 2);
  scene.set(1, 0);
  Recorder recorder;
  const Event plain = recorder.make(scene.base.get(), -1, 0, "plain",
                                    [&](const Call&) { scene.journal.note("plain"); });
  event_priority_set(plain.get(), 1);
  event_active(plain.get(), EV_TIMEOUT, 1);
  write_text(scene.pairs[0].second, "x");
  write_text(scene.pairs[1].second, "x");
  settle(scene.base);
  CHECK(scene.journal.text() == "1:read plain 0:read");
}

TEST_CASE("bufferevent_priority_set: the urgent one comes first again and again") {
  Scene scene(2);
  scene.set(0, 0);
  scene.set(1, 1);
  int rounds = 0;
  // The urgent one is ready anew each time it is called; the other waits.
  Journal::Subject& urgent = scene.journal.watch(scene.bevs[0], "urgent");
  urgent.on_read = [&](bufferevent* bev) {
    take_input(bev);
    if (++rounds < 4) {
      bufferevent_trigger(bev, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
    }
  };
  write_text(scene.pairs[0].second, "x");
  write_text(scene.pairs[1].second, "x");
  settle(scene.base);
  CHECK(scene.journal.text() == "urgent:read urgent:read urgent:read urgent:read 1:read");
}
