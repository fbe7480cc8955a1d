// Pairs: two bufferevents that are each other's peer.
#include "bufferevent_tools.h"
#include "counting_threads.h"

using namespace event_cases;

namespace {

struct Pair {
  explicit Pair(int options = 0, short enabled = EV_READ | EV_WRITE) {
    bufferevent* ends[2];
    REQUIRE(bufferevent_pair_new(base.get(), options, ends) == 0);
    a.reset(ends[0]);
    b.reset(ends[1]);
    subject_a = &journal.watch(a, "a");
    subject_b = &journal.watch(b, "b");
    if (enabled != 0) {
      bufferevent_enable(a.get(), enabled);
      bufferevent_enable(b.get(), enabled);
    }
  }
  // Both libraries leak what is freed with a callback pending if no loop runs after that.
  ~Pair() {
    a.reset();
    b.reset();
    settle(base);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  std::string calls() {
    settle(base);
    std::string text = journal.text();
    journal.clear();
    return text;
  }

  Base base = make_base();
  Journal journal;
  Bufferevent a;
  Bufferevent b;
  Journal::Subject* subject_a;
  Journal::Subject* subject_b;
};

}  // namespace

TEST_CASE("bufferevent_pair_new: what new ones are like") {
  const Pair pair(0, 0);
  CHECK(bufferevent_pair_get_partner(pair.a.get()) == pair.b.get());
  CHECK(bufferevent_pair_get_partner(pair.b.get()) == pair.a.get());
  CHECK(bufferevent_get_base(pair.a.get()) == pair.base.get());
  CHECK(bufferevent_getfd(pair.a.get()) == -1);
  CHECK(bufferevent_get_enabled(pair.a.get()) == EV_WRITE);
  CHECK(bufferevent_get_underlying(pair.a.get()) == nullptr);
  CHECK(added(pair.base) == 0);
}

TEST_CASE("bufferevent_pair: what is written at one end is read at the other") {
  Pair pair;
  pair.calls();
  write_text(pair.a, "hello");
  CHECK(pair.calls() == "b:read a:write");
  CHECK(take_input(pair.b) == "hello");
  CHECK(output_length(pair.a) == 0);
  write_text(pair.b, "world");
  CHECK(pair.calls() == "a:read b:write");
  CHECK(take_input(pair.a) == "world");
}

TEST_CASE("bufferevent_pair: data moves at once, callbacks come from the loop") {
  Pair pair;
  pair.calls();
  write_text(pair.a, "x");
  CHECK(input_length(pair.b) == 1);
  CHECK(pair.journal.text().empty());
}

TEST_CASE("bufferevent_pair: both ends must want it") {
  Pair pair(0, 0);
  pair.calls();
  write_text(pair.a, "x");
  CHECK(pair.calls().empty());
  CHECK(output_length(pair.a) == 1);
  SECTION("reading is enabled later") {
    bufferevent_enable(pair.b.get(), EV_READ);
    CHECK(pair.calls() == "b:read a:write");
    CHECK(take_input(pair.b) == "x");
  }
  SECTION("writing is disabled") {
    bufferevent_disable(pair.a.get(), EV_WRITE);
    bufferevent_enable(pair.b.get(), EV_READ);
    CHECK(pair.calls().empty());
    bufferevent_enable(pair.a.get(), EV_WRITE);
    CHECK(pair.calls() == "b:read a:write");
  }
}

TEST_CASE("bufferevent_pair: several writes are one read callback") {
  Pair pair;
  pair.calls();
  write_text(pair.a, "a");
  write_text(pair.a, "b");
  write_text(pair.a, "c");
  CHECK(pair.calls() == "b:read a:write");
  CHECK(take_input(pair.b) == "abc");
}

TEST_CASE("bufferevent_pair: an answer in the read callback") {
  Pair pair;
  pair.calls();
  pair.subject_b->on_read = [](bufferevent* bev) {
    const std::string text = take_input(bev);
    write_text(bev, text + text);
  };
  write_text(pair.a, "x");
  pair.calls();
  CHECK(take_input(pair.a) == "xx");
}

TEST_CASE("bufferevent_pair: a long conversation does not nest") {
  Pair pair;
  pair.calls();
  int depth = 0;
  int deepest = 0;
  int rounds = 0;
  const auto answer = [&](bufferevent* bev) {
    deepest = std::max(deepest, ++depth);
    take_input(bev);
    if (++rounds < 2000) {
      write_text(bev, "y");
    }
    --depth;
  };
  pair.subject_a->on_read = answer;
  pair.subject_b->on_read = answer;
  write_text(pair.a, "x");
  CHECK(run_until(pair.base, [&] { return rounds == 2000; }));
  CHECK(deepest == 1);
}

TEST_CASE("bufferevent_pair: the reader's high mark holds the writer") {
  Pair pair;
  pair.calls();
  // Without a read callback, which would be called all the time at the mark.
  bufferevent_setcb(pair.b.get(), nullptr, nullptr, nullptr, nullptr);
  bufferevent_setwatermark(pair.b.get(), EV_READ, 0, 10);
  write_text(pair.a, "0123456789abcdef");
  pair.calls();
  CHECK(peek_input(pair.b) == "0123456789");
  CHECK(output_length(pair.a) == 6);
  evbuffer_drain(bufferevent_get_input(pair.b.get()), 4);
  pair.calls();
  CHECK(peek_input(pair.b) == "456789abcd");
  take_input(pair.b);
  pair.calls();
  CHECK(take_input(pair.b) == "ef");
  CHECK(output_length(pair.a) == 0);
}

TEST_CASE("bufferevent_pair: the reader's low mark holds its callback") {
  Pair pair;
  pair.calls();
  bufferevent_setwatermark(pair.b.get(), EV_READ, 3, 0);
  write_text(pair.a, "ab");
  CHECK(pair.calls() == "a:write");
  write_text(pair.a, "c");
  CHECK(pair.calls() == "b:read a:write");
}

TEST_CASE("bufferevent_flush: BEV_FINISHED of a pair's end is the end for the other") {
  Pair pair;
  pair.calls();
  write_text(pair.a, "last");
  CHECK(bufferevent_flush(pair.a.get(), EV_WRITE, BEV_FINISHED) == 0);
  CHECK(pair.calls() == "b:read b:reading|eof a:write");
  CHECK(take_input(pair.b) == "last");
}

TEST_CASE("bufferevent_flush: moves what the marks of a pair hold") {
  Pair pair;
  pair.calls();
  bufferevent_setcb(pair.b.get(), nullptr, nullptr, nullptr, nullptr);
  bufferevent_setwatermark(pair.b.get(), EV_READ, 0, 4);
  write_text(pair.a, "01234567");
  pair.calls();
  CHECK(input_length(pair.b) == 4);
  const auto mode = GENERATE(BEV_NORMAL, BEV_FLUSH);
  CHECK(bufferevent_flush(pair.a.get(), EV_WRITE, mode) == 0);
  pair.calls();
  CHECK(input_length(pair.b) == (mode == BEV_NORMAL ? 4 : 8));
}

TEST_CASE("bufferevent_flush: fills a pair's end up to its mark if it is below") {
  Pair pair(0, EV_WRITE);
  bufferevent_setcb(pair.b.get(), nullptr, nullptr, nullptr, nullptr);
  bufferevent_setwatermark(pair.b.get(), EV_READ, 0, 4);
  write_text(pair.a, "01234567");
  SECTION("from the writer") {
    CHECK(bufferevent_flush(pair.a.get(), EV_WRITE, BEV_FLUSH) == 0);
    CHECK(input_length(pair.b) == 4);
    CHECK(bufferevent_flush(pair.a.get(), EV_WRITE, BEV_FLUSH) == 0);
    CHECK(input_length(pair.b) == 8);
  }
  SECTION("from the reader") {
    CHECK(bufferevent_flush(pair.b.get(), EV_READ, BEV_FLUSH) == 0);
    CHECK(input_length(pair.b) == 4);
  }
}

TEST_CASE("bufferevent_free: of one end of a pair") {
  Pair pair;
  pair.calls();
  write_text(pair.a, "parting");
  pair.a.reset();
  CHECK(pair.calls() == "b:read");
  CHECK(bufferevent_pair_get_partner(pair.b.get()) == nullptr);
  CHECK(take_input(pair.b) == "parting");
  // Nobody is there to take this.
  write_text(pair.b, "x");
  CHECK(pair.calls().empty());
  CHECK(output_length(pair.b) == 1);
  bufferevent_disable(pair.b.get(), EV_READ | EV_WRITE);
  bufferevent_enable(pair.b.get(), EV_READ | EV_WRITE);
  CHECK(bufferevent_flush(pair.b.get(), EV_WRITE, BEV_FINISHED) == -1);
  CHECK(pair.calls().empty());
}

TEST_CASE("bufferevent_free: both ends of a pair with a lock in either order") {
  counting::use_all();
  const Base base = make_base();
  for (const int first : {0, 1}) {
    INFO("first " << first);
    const int before = counting::counts.live_locks();
    bufferevent* pair[2];
    REQUIRE(bufferevent_pair_new(base.get(), BEV_OPT_THREADSAFE, pair) == 0);
    CHECK(counting::counts.live_locks() > before);
    bufferevent_free(pair[first]);
    settle(base);
    write_text(pair[1 - first], "x");
    bufferevent_free(pair[1 - first]);
    settle(base);
    CHECK(counting::counts.live_locks() == before);
  }
  CHECK(counting::counts.mistakes == 0);
}

TEST_CASE("bufferevent_free: of a pair's end in its callback") {
  Pair pair;
  pair.calls();
  SECTION("its own") {
    pair.subject_b->on_read = [&](bufferevent*) { pair.b.reset(); };
    write_text(pair.a, "x");
    pair.calls();
    CHECK(bufferevent_pair_get_partner(pair.a.get()) == nullptr);
  }
  SECTION("the partner") {
    pair.subject_b->on_read = [&](bufferevent*) { pair.a.reset(); };
    write_text(pair.a, "x");
    CHECK(pair.calls() == "b:read");
    CHECK(take_input(pair.b) == "x");
  }
  SECTION("both") {
    pair.subject_b->on_read = [&](bufferevent*) {
      pair.a.reset();
      pair.b.reset();
    };
    write_text(pair.a, "x");
    CHECK(pair.calls() == "b:read");
  }
}

TEST_CASE("bufferevent_pair_get_partner: of other kinds") {
  const SocketScene scene;
  CHECK(bufferevent_pair_get_partner(scene.bev.get()) == nullptr);
}

TEST_CASE("bufferevent_pair: timeouts") {
  Pair pair;
  pair.calls();
  const timeval limit = ms(50);
  CHECK(bufferevent_set_timeouts(pair.a.get(), &limit, nullptr) == 0);
  CHECK(run_until(pair.base, [&] { return !pair.subject_a->events.empty(); }));
  CHECK(pair.calls() == "a:reading|timeout");
  CHECK(bufferevent_get_enabled(pair.a.get()) == EV_WRITE);
}

TEST_CASE("bufferevent_pair: a write timeout while the partner does not read") {
  Pair pair(0, EV_WRITE);
  pair.calls();
  const timeval limit = ms(50);
  write_text(pair.a, "x");
  CHECK(bufferevent_set_timeouts(pair.a.get(), nullptr, &limit) == 0);
  CHECK(run_until(pair.base, [&] { return !pair.subject_a->events.empty(); }));
  CHECK(pair.calls() == "a:writing|timeout");
}

TEST_CASE("bufferevent_pair: a lot of data") {
  Pair pair;
  pair.calls();
  std::string got;
  pair.subject_b->on_read = [&](bufferevent* bev) { got += take_input(bev); };
  bufferevent_setwatermark(pair.b.get(), EV_READ, 0, 1000);
  const std::string big(300'000, 'p');
  write_text(pair.a, big);
  CHECK(run_until(pair.base, [&] { return got.size() == big.size(); }));
}
