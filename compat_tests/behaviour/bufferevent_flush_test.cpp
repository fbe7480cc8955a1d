// bufferevent_flush of the kinds and modes.
#include "bufferevent_tools.h"

using namespace event_cases;

TEST_CASE("bufferevent_flush: does nothing for a socket") {
  SocketScene scene;
  scene.calls();
  write_text(scene.bev, "waits");
  const auto mode = GENERATE(BEV_NORMAL, BEV_FLUSH, BEV_FINISHED);
  const short what = GENERATE(as<short>{}, EV_READ, EV_WRITE, EV_READ | EV_WRITE);
  CHECK(bufferevent_flush(scene.bev.get(), what, mode) == 0);
  CHECK(scene.journal.text().empty());
  CHECK(take(scene.peer()).empty());
  CHECK(scene.calls() == "write");
  CHECK(take(scene.peer()) == "waits");
}

namespace {

// A filter that keeps bytes back until it has four, or is told to give all.
struct Blocks {
  std::vector<bufferevent_flush_mode> modes;

  static bufferevent_filter_result pass(evbuffer* source, evbuffer* target, ev_ssize_t,
                                        bufferevent_flush_mode mode, void* arg) {
    static_cast<Blocks*>(arg)->modes.push_back(mode);
    const size_t have = evbuffer_get_length(source);
    const size_t take = mode == BEV_NORMAL ? have / 4 * 4 : have;
    if (take == 0) {
      return BEV_NEED_MORE;
    }
    std::string block(take, '\0');
    evbuffer_remove(source, block.data(), take);
    evbuffer_add(target, block.data(), take);
    return BEV_OK;
  }
};

struct FilterScene : SocketScene {
  FilterScene() {
    calls();
    filter.reset(bufferevent_filter_new(bev.release(), Blocks::pass, Blocks::pass,
                                        BEV_OPT_CLOSE_ON_FREE, nullptr, &blocks));
    REQUIRE(filter);
    filter_subject = &journal.watch(filter);
    bufferevent_enable(filter.get(), EV_READ | EV_WRITE);
    calls();
    blocks.modes.clear();
  }

  Blocks blocks;
  Bufferevent filter;
  Journal::Subject* filter_subject = nullptr;
};

}  // namespace

TEST_CASE("bufferevent_flush: a filter's output is told the mode") {
  FilterScene scene;
  write_text(scene.filter, "123456");
  scene.settle();
  CHECK(take(scene.peer()) == "1234");
  const auto mode = GENERATE(BEV_FLUSH, BEV_FINISHED);
  scene.blocks.modes.clear();
  CHECK(bufferevent_flush(scene.filter.get(), EV_WRITE, mode) >= 0);
  REQUIRE_FALSE(scene.blocks.modes.empty());
  CHECK(scene.blocks.modes[0] == mode);
  scene.settle();
  CHECK(take(scene.peer()) == "56");
}

TEST_CASE("bufferevent_flush: BEV_NORMAL gives what can be given") {
  FilterScene scene;
  write_text(scene.filter, "123456");
  scene.settle();
  take(scene.peer());
  CHECK(bufferevent_flush(scene.filter.get(), EV_WRITE, BEV_NORMAL) >= 0);
  scene.settle();
  CHECK(take(scene.peer()).empty());
  CHECK(output_length(scene.filter) == 2);
}

TEST_CASE("bufferevent_flush: a filter's input is told the mode") {
  FilterScene scene;
  write_text(scene.peer(), "123456");
  scene.settle();
  CHECK(take_input(scene.filter) == "1234");
  scene.blocks.modes.clear();
  CHECK(bufferevent_flush(scene.filter.get(), EV_READ, BEV_FLUSH) >= 0);
  REQUIRE_FALSE(scene.blocks.modes.empty());
  CHECK(scene.blocks.modes[0] == BEV_FLUSH);
  scene.settle();
  CHECK(take_input(scene.filter) == "56");
}

TEST_CASE("bufferevent_flush: goes through stacked filters") {
  FilterScene scene;
  Blocks upper;
  const Bufferevent top(bufferevent_filter_new(scene.filter.release(), Blocks::pass, Blocks::pass,
                                               BEV_OPT_CLOSE_ON_FREE, nullptr, &upper));
  REQUIRE(top);
  write_text(top, "123456");
  scene.settle();
  CHECK(take(scene.peer()) == "1234");
  CHECK(bufferevent_flush(top.get(), EV_WRITE, BEV_FLUSH) >= 0);
  scene.settle();
  CHECK(take(scene.peer()) == "56");
}
