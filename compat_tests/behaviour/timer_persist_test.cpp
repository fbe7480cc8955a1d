// When a persistent event is armed again: from its schedule after a timeout, from now otherwise.
#include "timer_tools.h"

using namespace event_cases;

namespace {

// What a callback sees of a periodic timer: when it was due, when it is due next, and the time.
struct Beat {
  std::int64_t due;
  std::int64_t next;
  std::int64_t now;
};

}  // namespace

TEST_CASE("EV_PERSIST: a periodic timer keeps to its schedule, however late its calls are") {
  for (const int flags : {0, int{EVENT_BASE_FLAG_PRECISE_TIMER}}) {
    const Base base = make_base_flags(flags);
    Recorder record;
    Event timer;
    std::vector<Beat> beats;
    std::int64_t due = 0;
    timer = record.make(base.get(), -1, EV_PERSIST, "beat", [&](const Call& call) {
      CHECK(call.what == EV_TIMEOUT);
      beats.push_back({due, due_us(timer.get()), cached_us(base.get())});
      due = beats.back().next;
      if (beats.size() == 2) {
        work_for_ms(10);  // less than a period: no beat is lost
      }
      if (beats.size() == 6) {
        CHECK(event_del(timer.get()) == 0);
      }
    });
    const timeval period = ms(30);
    REQUIRE(event_add(timer.get(), &period) == 0);
    due = due_us(timer.get());
    CHECK(event_base_dispatch(base.get()) == 1);
    REQUIRE(beats.size() == 6);
    for (const Beat& beat : beats) {
      CHECK(next_beat_is_right(beat.due, beat.next, beat.now, 30'000));
    }
  }
}

TEST_CASE("EV_PERSIST: beats that a long callback misses are not made up, the next is from now") {
  const Base base = make_precise_base();
  Recorder record;
  Event timer;
  std::vector<Beat> beats;
  timer = record.make(base.get(), -1, EV_PERSIST, "beat", [&](const Call&) {
    beats.push_back({0, due_us(timer.get()), cached_us(base.get())});
    if (beats.size() == 1) {
      work_for_ms(130);
    }
    if (beats.size() == 3) {
      CHECK(event_del(timer.get()) == 0);
    }
  });
  const timeval period = ms(40);
  REQUIRE(event_add(timer.get(), &period) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  REQUIRE(beats.size() == 3);
  CHECK(beats[1].now - beats[0].now >= 130'000);
  // Its schedule had beats at 40, 80 and 120 ms; all that is left of them is one call.
  CHECK(std::abs(beats[1].next - (beats[1].now + 40'000)) <= 1);
  CHECK(beats[2].now - beats[1].now >= 40'000 - 1);
}

TEST_CASE("EV_PERSIST: event_active arms a periodic timer again from now") {
  const Base base = make_precise_base();
  Recorder record;
  Event timer;
  std::int64_t next = 0;
  std::int64_t now = 0;
  timer = record.make(base.get(), -1, EV_PERSIST, "beat", [&](const Call&) {
    next = due_us(timer.get());
    now = cached_us(base.get());
  });
  const timeval period = {100, 0};
  REQUIRE(event_add(timer.get(), &period) == 0);
  const std::int64_t first = due_us(timer.get());
  work_for_ms(5);
  event_active(timer.get(), EV_READ, 1);
  REQUIRE(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(record.what("beat") == EV_READ);
  CHECK(next >= first + 5000);
  CHECK(std::abs(next - (now + 100'000'000)) <= 1);
}

TEST_CASE("EV_PERSIST: each input arms the timeout of a reader again from now") {
  const Base base = make_precise_base();
  const SocketPair sockets;
  Recorder record;
  Event reader;
  std::vector<Beat> beats;
  reader = record.make(base.get(), sockets.first, EV_READ | EV_PERSIST, "reader", [&](const Call&) {
    drain(sockets.first);
    beats.push_back({0, due_us(reader.get()), cached_us(base.get())});
  });
  const timeval wait = {50, 0};
  REQUIRE(event_add(reader.get(), &wait) == 0);
  for (int i = 0; i < 3; ++i) {
    work_for_ms(3);
    write_byte(sockets.second);
    REQUIRE(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  }
  REQUIRE(beats.size() == 3);
  for (const Beat& beat : beats) {
    CHECK(std::abs(beat.next - (beat.now + 50'000'000)) <= 1);
  }
  CHECK(beats[2].next > beats[0].next);
  CHECK(record.what("reader") == EV_READ);
}

TEST_CASE("EV_PERSIST: the idle timeout of a reader repeats by schedule") {
  const Base base = make_precise_base();
  const SocketPair sockets;
  Recorder record;
  Event reader;
  std::vector<std::int64_t> due;
  reader = record.make(base.get(), sockets.first, EV_READ | EV_PERSIST, "idle", [&](const Call& c) {
    CHECK(c.what == EV_TIMEOUT);
    due.push_back(due_us(reader.get()));
    if (due.size() == 3) {
      CHECK(event_del(reader.get()) == 0);
    }
  });
  const timeval wait = ms(20);
  REQUIRE(event_add(reader.get(), &wait) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  REQUIRE(due.size() == 3);
  CHECK(due[1] - due[0] >= 20'000 - 1);
  CHECK(due[2] - due[1] >= 20'000 - 1);
}

TEST_CASE("EV_PERSIST: a period given in the callback replaces the old one for good") {
  const Base base = make_precise_base();
  Recorder record;
  Event timer;
  std::vector<std::int64_t> waits;
  timer = record.make(base.get(), -1, EV_PERSIST, "beat", [&](const Call&) {
    if (record.calls().size() == 1) {
      const timeval other = {7, 0};
      CHECK(event_add(timer.get(), &other) == 0);
    }
    waits.push_back(due_us(timer.get()) - cached_us(base.get()));
  });
  const timeval period = {3, 0};
  REQUIRE(event_add(timer.get(), &period) == 0);
  for (int i = 0; i < 3; ++i) {
    event_active(timer.get(), EV_READ, 1);
    REQUIRE(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  }
  REQUIRE(waits.size() == 3);
  for (const std::int64_t wait : waits) {
    CHECK(std::abs(wait - 7'000'000) <= 1);
  }
}

TEST_CASE("EV_PERSIST: event_add with NULL keeps the period") {
  const Base base = make_base();
  Recorder record;
  Event timer;
  timer = record.make(base.get(), -1, EV_PERSIST, "beat", [&](const Call&) {
    CHECK(event_add(timer.get(), nullptr) == 0);
    if (record.calls().size() == 3) {
      event_base_loopbreak(base.get());
    }
  });
  const timeval period = ms(2);
  REQUIRE(event_add(timer.get(), &period) == 0);
  REQUIRE(event_add(timer.get(), nullptr) == 0);
  CHECK(event_base_dispatch(base.get()) == 0);
  CHECK(record.calls().size() == 3);
}

TEST_CASE("EV_PERSIST: a period of zero is no period: one call, then idle") {
  const Base base = make_base();
  Recorder record;
  Event timer;
  timer = record.make(base.get(), -1, EV_PERSIST, "beat",
                      [&](const Call&) { CHECK(event_pending(timer.get(), 0xff, nullptr) == 0); });
  const timeval zero = {0, 0};
  REQUIRE(event_add(timer.get(), &zero) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.order() == "beat");
}

TEST_CASE("EV_PERSIST: a timeout of zero is no period for a reader either: it ends all of it") {
  const Base base = make_base();
  const SocketPair sockets;
  Recorder record;
  const Event reader = record.make(base.get(), sockets.first, EV_READ | EV_PERSIST, "reader");
  const timeval zero = {0, 0};
  REQUIRE(event_add(reader.get(), &zero) == 0);
  REQUIRE(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(record.what("reader") == EV_TIMEOUT);
  CHECK(event_pending(reader.get(), EV_READ | EV_TIMEOUT, nullptr) == 0);
  write_byte(sockets.second);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.calls().size() == 1);
}

TEST_CASE("EV_PERSIST: a reader whose timeout of zero was removed reads on without one") {
  const Base base = make_base();
  const SocketPair sockets;
  Recorder record;
  Event reader;
  reader = record.make(base.get(), sockets.first, EV_READ | EV_PERSIST, "reader",
                       [&](const Call&) { drain(sockets.first); });
  const timeval zero = {0, 0};
  REQUIRE(event_add(reader.get(), &zero) == 0);
  REQUIRE(event_remove_timer(reader.get()) == 0);
  for (int i = 0; i < 2; ++i) {
    write_byte(sockets.second);
    REQUIRE(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
    CHECK(event_pending(reader.get(), EV_READ | EV_TIMEOUT, nullptr) == EV_READ);
  }
  CHECK(record.calls().size() == 2);
  CHECK(record.what("reader") == EV_READ);
}

TEST_CASE("EV_PERSIST: a negative period is overdue for ever and fires in every pass") {
  const Base base = make_base();
  Recorder record;
  Event timer;
  timer = record.make(base.get(), -1, EV_PERSIST, "beat", [&](const Call&) {
    const std::int64_t next = due_us(timer.get()) - cached_us(base.get());
    CHECK(std::abs(next - -5'000'000) <= 1);
    if (record.calls().size() == 6) {
      CHECK(event_del(timer.get()) == 0);
    }
  });
  const timeval period = {-5, 0};
  REQUIRE(event_add(timer.get(), &period) == 0);
  for (size_t i = 1; i <= 6; ++i) {
    CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
    CHECK(record.calls().size() == i);
  }
  CHECK(event_base_dispatch(base.get()) == 1);
}

TEST_CASE("event_base_loop: a timeout does not swallow readiness that is found in the same pass") {
  INTENDED_DIFFERENCE("the reference reports only EV_TIMEOUT when both come in one pass");
  for (const short persist : {short{0}, short{EV_PERSIST}}) {
    const Base base = make_base();
    const SocketPair sockets;
    Recorder record;
    const Event reader =
        record.make(base.get(), sockets.first, static_cast<short>(EV_READ | persist), "reader");
    const timeval minus = {-1, 0};
    REQUIRE(event_add(reader.get(), &minus) == 0);
    write_byte(sockets.second);
    CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
    CHECK(record.order() == "reader");
    CHECK(record.what("reader") == (EV_READ | EV_TIMEOUT));
  }
}
