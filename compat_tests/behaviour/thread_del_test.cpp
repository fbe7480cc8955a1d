// event_del and a callback that runs in another thread: who waits for whom.
#include <csignal>

#include "thread_tools.h"

using namespace event_cases;

namespace {

// An event whose callback, in the loop's thread, says that it runs and goes on when it may.
class Slow {
 public:
  Slow(const Base& base, short flags)
      : event_(event_new(base.get(), -1, flags, callback, this)), loop_(base.get()) {
    event_active(event_.get(), EV_READ, 1);
    REQUIRE(running_.wait());
  }
  ~Slow() {
    if (!released_) {
      release();
    }
    loop_.stop();
    CHECK(in_time_);
  }

  event* get() const { return event_.get(); }
  bool finished() const { return finished_; }
  void release() {
    released_ = true;
    go_on_.set();
  }
  // Frees the event without a wait here; its owner must not do so again.
  event* give_up() { return event_.release(); }

 private:
  static void callback(evutil_socket_t, short, void* arg) {
    auto* self = static_cast<Slow*>(arg);
    self->running_.set();
    self->in_time_ = self->go_on_.wait();
    self->finished_ = true;
  }

  Flag running_;
  Flag go_on_;
  std::atomic<bool> finished_ = false;
  std::atomic<bool> in_time_ = false;  // Catch is for one thread, so this is checked at the end
  bool released_ = false;
  Event event_;
  LoopThread loop_;
};

// Calls `remove` on the event, in another thread, while its callback runs. It must come back only
// after the callback's end, or before it.
template <class Remove>
void check_removal(short flags, Remove remove, bool waits) {
  const Base base = make_threaded_base();
  Slow slow(base, flags);
  std::atomic<bool> returned = false;
  bool finished_first = false;
  int result = -2;
  std::thread other([&] {
    result = remove(slow.get());
    finished_first = slow.finished();
    returned = true;
  });
  if (waits) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    CHECK_FALSE(returned);
  } else {
    CHECK(eventually([&] { return returned.load(); }));
  }
  slow.release();
  other.join();
  CHECK(result == 0);
  CHECK(finished_first == waits);
}

template <class Remove>
void check_waits(short flags, Remove remove) {
  check_removal(flags, remove, true);
}

template <class Remove>
void check_returns(short flags, Remove remove) {
  check_removal(flags, remove, false);
}

}  // namespace

TEST_CASE("event_del: waits for a callback that runs in another thread", "[threads]") {
  check_waits(0, event_del);
  check_waits(EV_PERSIST, event_del);
}

TEST_CASE("event_del: does not wait for an event with EV_FINALIZE", "[threads]") {
  check_returns(EV_FINALIZE, event_del);
  check_returns(EV_FINALIZE | EV_PERSIST, event_del);
}

TEST_CASE("event_del_block: waits, with EV_FINALIZE as well", "[threads]") {
  check_waits(0, event_del_block);
  check_waits(EV_FINALIZE, event_del_block);
}

TEST_CASE("event_del_noblock: does not wait, without EV_FINALIZE neither", "[threads]") {
  check_returns(0, event_del_noblock);
  check_returns(EV_FINALIZE, event_del_noblock);
}

TEST_CASE("event_free: waits for a callback that runs in another thread", "[threads]") {
  const Base base = make_threaded_base();
  Slow slow(base, EV_PERSIST);
  std::atomic<bool> returned = false;
  bool finished_first = false;
  std::thread other([&] {
    event_free(slow.give_up());
    finished_first = slow.finished();
    returned = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK_FALSE(returned);
  slow.release();
  other.join();
  CHECK(finished_first);
}

TEST_CASE("event_del: does not wait for another event's callback", "[threads]") {
  const Base base = make_threaded_base();
  Recorder record;
  const Event bystander = record.make(base.get(), -1, 0, "bystander");
  const timeval hour = {3600, 0};
  REQUIRE(event_add(bystander.get(), &hour) == 0);
  Slow slow(base, 0);
  CHECK(event_del(bystander.get()) == 0);
  CHECK(event_del_block(bystander.get()) == 0);
  CHECK_FALSE(slow.finished());
}

TEST_CASE("event_del: all of its forms return at once in the event's own callback", "[threads]") {
  const Base base = make_threaded_base();
  Recorder record;
  for (const short flags : {short{EV_PERSIST}, short{EV_PERSIST | EV_FINALIZE}}) {
    Event ev;
    ev = record.make(base.get(), -1, flags, "ev", [&](const Call&) {
      CHECK(event_del(ev.get()) == 0);
      CHECK(event_del_noblock(ev.get()) == 0);
      CHECK(event_del_block(ev.get()) == 0);
    });
    const timeval wait = ms(1);
    REQUIRE(event_add(ev.get(), &wait) == 0);
    CHECK(event_base_dispatch(base.get()) == 1);
  }
  CHECK(record.order() == "ev ev");
}

TEST_CASE("event_del: an idle event is removed at once whatever the form", "[threads]") {
  const Base base = make_threaded_base();
  Recorder record;
  const Event ev = record.make(base.get(), -1, 0, "ev");
  const timeval hour = {3600, 0};
  for (const auto remove : {event_del, event_del_block, event_del_noblock}) {
    CHECK(remove(ev.get()) == 0);
    REQUIRE(event_add(ev.get(), &hour) == 0);
    CHECK(remove(ev.get()) == 0);
    CHECK(event_pending(ev.get(), EV_TIMEOUT, nullptr) == 0);
    CHECK(remove(ev.get()) == 0);
  }
  CHECK(added(base) == 0);
}

TEST_CASE("event_add: while the callback runs in another thread does not wait", "[threads]") {
  const Base base = make_threaded_base();
  Slow slow(base, 0);
  const timeval hour = {3600, 0};
  CHECK(event_add(slow.get(), &hour) == 0);
  CHECK_FALSE(slow.finished());
  CHECK(event_pending(slow.get(), EV_TIMEOUT, nullptr) == EV_TIMEOUT);
  slow.release();
  CHECK(eventually([&] { return slow.finished(); }));
  CHECK(event_pending(slow.get(), EV_TIMEOUT, nullptr) == EV_TIMEOUT);
}

TEST_CASE("event_active: of a signal event waits for its callback in another thread", "[threads]") {
  // The number of calls belongs to the run that is under way, so it may not be changed under it.
  const Base base = make_threaded_base();
  Flag running;
  Flag go_on;
  struct Shared {
    Flag& running;
    Flag& go_on;
    std::atomic<int> calls = 0;
    std::atomic<bool> finished = false;
  } shared{running, go_on};
  const Event ev(event_new(
      base.get(), SIGUSR1, EV_SIGNAL | EV_PERSIST,
      [](evutil_socket_t, short, void* arg) {
        auto* s = static_cast<Shared*>(arg);
        if (++s->calls == 1) {
          s->running.set();
          s->finished = s->go_on.wait();
        }
      },
      &shared));
  event_active(ev.get(), EV_SIGNAL, 1);
  LoopThread loop(base.get());
  REQUIRE(running.wait());
  bool finished_first = false;
  std::thread other([&] {
    event_active(ev.get(), EV_SIGNAL, 2);
    finished_first = shared.finished;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  go_on.set();
  other.join();
  CHECK(finished_first);
  CHECK(eventually([&] { return shared.calls == 3; }));
  CHECK(loop.stop() == 0);
}

TEST_CASE("event_base_get_running_event: the event, seen by the loop's own thread", "[threads]") {
  const Base base = make_threaded_base();
  Recorder record;
  Event ev;
  ev = record.make(base.get(), -1, 0, "ev", [&](const Call&) {
    CHECK(event_base_get_running_event(base.get()) == ev.get());
  });
  event_active(ev.get(), EV_READ, 1);
  CHECK(run_ready(base) == 1);
  CHECK(record.order() == "ev");
}
