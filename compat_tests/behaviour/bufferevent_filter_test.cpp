// Filters: transformations on top of another bufferevent.
#include "bufferevent_tools.h"

using namespace event_cases;

namespace {

using Transform = std::function<bufferevent_filter_result(evbuffer*, evbuffer*, ev_ssize_t,
                                                          bufferevent_flush_mode)>;

bufferevent_filter_result pass_all(evbuffer* source, evbuffer* target, ev_ssize_t,
                                   bufferevent_flush_mode) {
  evbuffer_add_buffer(target, source);
  return BEV_OK;
}

// Doubles each byte.
bufferevent_filter_result twice(evbuffer* source, evbuffer* target, ev_ssize_t,
                                bufferevent_flush_mode) {
  char byte;
  while (evbuffer_remove(source, &byte, 1) == 1) {
    evbuffer_add(target, &byte, 1);
    evbuffer_add(target, &byte, 1);
  }
  return BEV_OK;
}

// Lines only; a rest waits for more.
bufferevent_filter_result lines(evbuffer* source, evbuffer* target, ev_ssize_t,
                                bufferevent_flush_mode) {
  const evbuffer_ptr end = evbuffer_search(source, "\n", 1, nullptr);
  if (end.pos < 0) {
    return BEV_NEED_MORE;
  }
  evbuffer_remove_buffer(source, target, static_cast<size_t>(end.pos) + 1);
  return BEV_OK;
}

// The context of a filter, with one transformation for each direction.
struct Filters {
  Transform input = pass_all;
  Transform output = pass_all;
  int freed = 0;

  static bufferevent_filter_result on_input(evbuffer* source, evbuffer* target, ev_ssize_t limit,
                                            bufferevent_flush_mode mode, void* arg) {
    const Transform transform = static_cast<Filters*>(arg)->input;
    return transform(source, target, limit, mode);
  }
  static bufferevent_filter_result on_output(evbuffer* source, evbuffer* target, ev_ssize_t limit,
                                             bufferevent_flush_mode mode, void* arg) {
    const Transform transform = static_cast<Filters*>(arg)->output;
    return transform(source, target, limit, mode);
  }
  static void on_free(void* arg) { ++static_cast<Filters*>(arg)->freed; }

  Bufferevent make(Bufferevent underlying, int options = BEV_OPT_CLOSE_ON_FREE) {
    Bufferevent bev(
        bufferevent_filter_new(underlying.get(), on_input, on_output, options, on_free, this));
    REQUIRE(bev);
    if ((options & BEV_OPT_CLOSE_ON_FREE) != 0) {
      underlying.release();
    }
    return bev;
  }
};

// A filter on a socket, both directions enabled.
struct Scene {
  // After the transformations were chosen.
  void build() {
    underlying = bufferevent_socket_new(base.get(), sockets.first, 0);
    REQUIRE(underlying != nullptr);
    filter = filters.make(Bufferevent(underlying));
    subject = &journal.watch(filter);
    bufferevent_enable(filter.get(), EV_READ | EV_WRITE);
    calls();
  }
  int peer() const { return sockets.second; }
  std::string calls() {
    settle(base);
    std::string text = journal.text();
    journal.clear();
    return text;
  }

  SocketPair sockets;
  Base base = make_base();
  Journal journal;
  Filters filters;
  Bufferevent filter;
  bufferevent* underlying = nullptr;
  Journal::Subject* subject = nullptr;
};

}  // namespace

TEST_CASE("bufferevent_filter_new: what a new one is like") {
  Scene scene;
  scene.build();
  CHECK(bufferevent_get_underlying(scene.filter.get()) == scene.underlying);
  CHECK(bufferevent_get_base(scene.filter.get()) == scene.base.get());
  CHECK(bufferevent_getfd(scene.filter.get()) == scene.sockets.first);
  CHECK(bufferevent_get_enabled(scene.filter.get()) == (EV_READ | EV_WRITE));
}

TEST_CASE("bufferevent_filter: each direction has its transformation") {
  Scene scene;
  scene.filters.input = twice;
  scene.build();
  write_text(scene.peer(), "ab");
  CHECK(scene.calls() == "read");
  CHECK(take_input(scene.filter) == "aabb");
  write_text(scene.filter, "cd");
  scene.calls();
  CHECK(scene.subject->writes >= 1);
  CHECK(take(scene.peer()) == "cd");
}

TEST_CASE("bufferevent_filter: without transformations it passes all on") {
  SocketScene scene;
  Journal journal;
  const Bufferevent filter(bufferevent_filter_new(scene.bev.release(), nullptr, nullptr,
                                                  BEV_OPT_CLOSE_ON_FREE, nullptr, nullptr));
  REQUIRE(filter);
  journal.watch(filter);
  bufferevent_enable(filter.get(), EV_READ | EV_WRITE);
  write_text(scene.peer(), "in");
  write_text(filter, "out");
  scene.settle();
  CHECK(take_input(filter) == "in");
  CHECK(take(scene.peer()) == "out");
}

TEST_CASE("bufferevent_filter: BEV_NEED_MORE waits for more") {
  Scene scene;
  scene.filters.input = lines;
  scene.build();
  write_text(scene.peer(), "half");
  CHECK(scene.calls().empty());
  CHECK(input_length(scene.filter) == 0);
  write_text(scene.peer(), " a line\nand more");
  CHECK(scene.calls() == "read");
  CHECK(take_input(scene.filter) == "half a line\n");
  // The rest stays below.
  CHECK(peek_input(scene.underlying) == "and more");
}

TEST_CASE("bufferevent_filter: is called until it needs more") {
  Scene scene;
  scene.filters.input = lines;
  scene.build();
  write_text(scene.peer(), "a\nb\nc\nd");
  scene.calls();
  CHECK(take_input(scene.filter) == "a\nb\nc\n");
}

TEST_CASE("bufferevent_filter: output that needs more stays") {
  Scene scene;
  scene.filters.output = lines;
  scene.build();
  write_text(scene.filter, "half");
  scene.calls();
  CHECK(take(scene.peer()).empty());
  CHECK(output_length(scene.filter) == 4);
  write_text(scene.filter, " a line\n");
  scene.calls();
  CHECK(take(scene.peer()) == "half a line\n");
}

TEST_CASE("bufferevent_filter: BEV_ERROR on input gives nothing to the user") {
  Scene scene;
  scene.filters.input = [](evbuffer*, evbuffer*, ev_ssize_t, bufferevent_flush_mode) {
    return BEV_ERROR;
  };
  scene.build();
  write_text(scene.peer(), "x");
  CHECK(scene.calls().empty());
  CHECK(input_length(scene.filter) == 0);
  CHECK(peek_input(scene.underlying) == "x");
}

TEST_CASE("bufferevent_filter: BEV_ERROR on output gives nothing to the peer") {
  Scene scene;
  scene.filters.output = [](evbuffer*, evbuffer*, ev_ssize_t, bufferevent_flush_mode) {
    return BEV_ERROR;
  };
  scene.build();
  write_text(scene.filter, "x");
  CHECK(scene.calls().empty());
  CHECK(take(scene.peer()).empty());
}

TEST_CASE("bufferevent_filter: events of the underlying one pass through") {
  Scene scene;
  scene.build();
  write_text(scene.peer(), "x");
  scene.sockets.close_second();
  CHECK(scene.calls() == "read reading|eof");
  CHECK(take_input(scene.filter) == "x");
}

TEST_CASE("bufferevent_filter: stacked") {
  Scene scene;
  scene.filters.input = twice;
  scene.filters.output = twice;
  scene.build();
  Filters upper;
  upper.input = twice;
  const Bufferevent top = upper.make(std::move(scene.filter));
  scene.journal.watch(top, "top");
  bufferevent_enable(top.get(), EV_READ | EV_WRITE);
  write_text(scene.peer(), "a");
  write_text(top, "b");
  scene.calls();
  CHECK(take_input(top) == "aaaa");
  CHECK(take(scene.peer()) == "bb");
  CHECK(bufferevent_get_underlying(bufferevent_get_underlying(top.get())) == scene.underlying);
}

TEST_CASE("bufferevent_filter: reading is disabled") {
  Scene scene;
  scene.build();
  bufferevent_disable(scene.filter.get(), EV_READ);
  write_text(scene.peer(), "x");
  CHECK(scene.calls().empty());
  CHECK(input_length(scene.filter) == 0);
  bufferevent_enable(scene.filter.get(), EV_READ);
  CHECK(scene.calls() == "read");
}

TEST_CASE("bufferevent_filter: writing is disabled") {
  Scene scene;
  scene.build();
  bufferevent_disable(scene.filter.get(), EV_WRITE);
  write_text(scene.filter, "x");
  scene.calls();
  CHECK(take(scene.peer()).empty());
  bufferevent_enable(scene.filter.get(), EV_WRITE);
  write_text(scene.filter, "y");
  scene.calls();
  CHECK(take(scene.peer()) == "xy");
}

TEST_CASE("bufferevent_filter: the limit of input is what its high mark leaves") {
  Scene scene;
  std::vector<ev_ssize_t> limits;
  scene.filters.input = [&](evbuffer* source, evbuffer* target, ev_ssize_t limit,
                            bufferevent_flush_mode) {
    limits.push_back(limit);
    const size_t have = evbuffer_get_length(source);
    const size_t room = limit < 0 ? have : std::min(have, static_cast<size_t>(limit));
    if (room == 0) {
      return BEV_NEED_MORE;
    }
    evbuffer_remove_buffer(source, target, room);
    return BEV_OK;
  };
  scene.build();
  bufferevent_setcb(scene.filter.get(), nullptr, nullptr, nullptr, nullptr);
  limits.clear();
  SECTION("none") {
    write_text(scene.peer(), "0123456789");
    scene.calls();
    REQUIRE_FALSE(limits.empty());
    CHECK(limits[0] == -1);
    CHECK(input_length(scene.filter) == 10);
  }
  SECTION("four") {
    bufferevent_setwatermark(scene.filter.get(), EV_READ, 0, 4);
    write_text(scene.peer(), "0123456789");
    scene.calls();
    REQUIRE_FALSE(limits.empty());
    CHECK(limits[0] == 4);
    CHECK(take_input(scene.filter) == "0123");
    scene.calls();
    CHECK(take_input(scene.filter) == "4567");
  }
}

TEST_CASE("bufferevent_filter: what a high mark held comes after the mark has gone") {
  Scene scene;
  scene.filters.input = [](evbuffer* source, evbuffer* target, ev_ssize_t limit,
                           bufferevent_flush_mode) {
    const size_t have = evbuffer_get_length(source);
    const size_t room = limit < 0 ? have : std::min(have, static_cast<size_t>(limit));
    if (room == 0) {
      return BEV_NEED_MORE;
    }
    evbuffer_remove_buffer(source, target, room);
    return BEV_OK;
  };
  scene.build();
  bufferevent_setcb(scene.filter.get(), nullptr, nullptr, nullptr, nullptr);
  bufferevent_setwatermark(scene.filter.get(), EV_READ, 0, 4);
  write_text(scene.peer(), "0123456789");
  scene.calls();
  bufferevent_setwatermark(scene.filter.get(), EV_READ, 0, 0);
  std::string got = take_input(scene.filter);
  scene.calls();
  got += take_input(scene.filter);
  CHECK(got == "0123456789");
}

TEST_CASE("bufferevent_filter: the limit of output is what the underlying high mark leaves") {
  Scene scene;
  std::vector<ev_ssize_t> limits;
  scene.filters.output = [&](evbuffer* source, evbuffer* target, ev_ssize_t limit,
                             bufferevent_flush_mode) {
    limits.push_back(limit);
    const size_t have = evbuffer_get_length(source);
    const size_t room = limit < 0 ? have : std::min(have, static_cast<size_t>(limit));
    evbuffer_remove_buffer(source, target, room);
    return BEV_OK;
  };
  scene.build();
  bufferevent_setwatermark(scene.underlying, EV_WRITE, 0, 4);
  limits.clear();
  write_text(scene.filter, "0123456789");
  REQUIRE_FALSE(limits.empty());
  CHECK(limits[0] == 4);
  CHECK(output_length(scene.underlying) == 4);
  scene.calls();
  CHECK(take(scene.peer()) == "0123456789");
}

TEST_CASE("bufferevent_filter: freed in its callbacks") {
  Scene scene;
  scene.build();
  SECTION("read") {
    scene.subject->on_read = [&](bufferevent*) { scene.filter.reset(); };
    write_text(scene.peer(), "x");
    CHECK(scene.calls() == "read");
  }
  SECTION("event") {
    scene.subject->on_event = [&](bufferevent*, short) { scene.filter.reset(); };
    scene.sockets.close_second();
    CHECK(scene.calls() == "reading|eof");
  }
  SECTION("write") {
    scene.subject->on_write = [&](bufferevent*) { scene.filter.reset(); };
    write_text(scene.filter, "x");
    CHECK(scene.calls() == "write");
  }
  CHECK(scene.filters.freed == 1);
}

TEST_CASE("bufferevent_filter: freed inside its input transformation") {
  Scene scene;
  scene.filters.input = [&](evbuffer* source, evbuffer* target, ev_ssize_t limit,
                            bufferevent_flush_mode mode) {
    scene.filter.reset();
    return pass_all(source, target, limit, mode);
  };
  scene.build();
  write_text(scene.peer(), "x");
  scene.calls();
  CHECK(scene.filter == nullptr);
  CHECK(scene.filters.freed == 1);
}

TEST_CASE("bufferevent_filter: its context is freed once, when the loop has run") {
  Scene scene;
  scene.build();
  scene.filter.reset();
  scene.calls();
  CHECK(scene.filters.freed == 1);
  CHECK(is_open(scene.sockets.first));  // the underlying one does not own it
}

TEST_CASE("bufferevent_filter: BEV_OPT_CLOSE_ON_FREE frees the underlying one") {
  Scene scene;
  SocketPair other;
  const int fd = std::exchange(other.first, -1);
  Bufferevent filter = scene.filters.make(make_bufferevent(scene.base, fd, BEV_OPT_CLOSE_ON_FREE));
  filter.reset();
  settle(scene.base);
  CHECK_FALSE(is_open(fd));
}

TEST_CASE("bufferevent_filter: without it the underlying one can be used again") {
  const Base base = make_base();
  const SocketPair sockets;
  Journal journal;
  Filters filters;
  const Bufferevent underlying = make_bufferevent(base, sockets.first);
  {
    const Bufferevent filter(bufferevent_filter_new(
        underlying.get(), Filters::on_input, Filters::on_output, 0, Filters::on_free, &filters));
    REQUIRE(filter);
    bufferevent_enable(filter.get(), EV_READ);
  }
  settle(base);
  journal.watch(underlying);
  bufferevent_enable(underlying.get(), EV_READ);
  write_text(sockets.second, "x");
  settle(base);
  CHECK(journal.text() == "read");
  CHECK(take_input(underlying) == "x");
}

TEST_CASE("bufferevent_filter: on a pair") {
  const Base base = make_base();
  Journal journal;
  Filters filters;
  filters.output = twice;
  bufferevent* pair[2];
  REQUIRE(bufferevent_pair_new(base.get(), 0, pair) == 0);
  const Bufferevent filter = filters.make(Bufferevent(pair[0]));
  const Bufferevent other(pair[1]);
  bufferevent_enable(filter.get(), EV_READ | EV_WRITE);
  bufferevent_enable(other.get(), EV_READ | EV_WRITE);
  write_text(filter, "ab");
  write_text(other, "cd");
  settle(base);
  CHECK(take_input(other) == "aabb");
  CHECK(take_input(filter) == "cd");
}

TEST_CASE("bufferevent_filter: read timeouts") {
  Scene scene;
  scene.build();
  const timeval limit = ms(50);
  CHECK(bufferevent_set_timeouts(scene.filter.get(), &limit, nullptr) == 0);
  CHECK(run_until(scene.base, [&] { return !scene.subject->events.empty(); }));
  CHECK(scene.calls() == "reading|timeout");
}
