// Signal events: handlers installed and put back, calls counted, deleted on the way.
#include "signal_tools.h"

using namespace event_cases;

TEST_CASE("evsignal_new: a raised signal calls back from the loop, with its number") {
  const Base base = make_base();
  Recorder record;
  const Event ev = add_signal(record, base, SIGUSR1, "usr1");
  CHECK(event_get_signal(ev.get()) == SIGUSR1);
  CHECK(evsignal_pending(ev.get(), nullptr) == EV_SIGNAL);
  REQUIRE(raise(SIGUSR1) == 0);
  CHECK(record.calls().empty());  // never from the handler itself
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  REQUIRE(record.order() == "usr1");
  CHECK(record.calls()[0].fd == SIGUSR1);
  CHECK(record.calls()[0].what == EV_SIGNAL);
  CHECK(evsignal_pending(ev.get(), nullptr) == EV_SIGNAL);
}

TEST_CASE("evsignal_add: a handler is installed with the first event, put back with the last") {
  const Handler mine(SIGUSR1);
  const Base base = make_base();
  Recorder record;
  CHECK(mine.installed());
  Event first = add_signal(record, base, SIGUSR1, "first");
  CHECK_FALSE(mine.installed());
  const Event second = add_signal(record, base, SIGUSR1, "second");
  CHECK(event_del(first.get()) == 0);
  CHECK_FALSE(mine.installed());
  raise(SIGUSR1);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(record.order() == "second");
  CHECK(Handler::calls() == 0);
  CHECK(event_del(second.get()) == 0);
  CHECK(mine.installed());
  raise(SIGUSR1);
  CHECK(Handler::calls() == 1);
}

TEST_CASE("evsignal_add: what is put back has its flags and mask, ignoring and default too") {
  const Base base = make_base();
  Recorder record;
  {
    const Handler mine(SIGUSR1, SA_RESTART | SA_NODEFER);
    { const Event ev = add_signal(record, base, SIGUSR1, "usr1"); }
    CHECK(mine.installed(SA_RESTART | SA_NODEFER));
  }
  CHECK(is_default(SIGUSR1));
  { const Event ev = add_signal(record, base, SIGUSR1, "usr1"); }
  CHECK(is_default(SIGUSR1));
  CHECK(action_of(SIGPIPE).sa_handler == SIG_IGN);
  {
    const Event ev = add_signal(record, base, SIGPIPE, "pipe");
    CHECK(action_of(SIGPIPE).sa_handler != SIG_IGN);
    raise(SIGPIPE);
    CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
    CHECK(record.order() == "pipe");
  }
  CHECK(action_of(SIGPIPE).sa_handler == SIG_IGN);
}

TEST_CASE("evsignal_add: the installed handler restarts system calls and blocks every signal") {
  const Base base = make_base();
  Recorder record;
  const Event ev = add_signal(record, base, SIGUSR1, "usr1");
  const struct sigaction action = action_of(SIGUSR1);
  CHECK((action.sa_flags & SA_RESTART) != 0);
  for (const int number : {SIGUSR1, SIGUSR2, SIGALRM, SIGCHLD, SIGTERM}) {
    CHECK(sigismember(&action.sa_mask, number) == 1);
  }
}

TEST_CASE("event_base_free: puts handlers back of events that are still there") {
  const Handler mine(SIGUSR1);
  const Handler also_mine(SIGUSR2);
  Base base = make_base();
  Recorder record;
  const auto* ev = event_new(base.get(), SIGUSR1, EV_SIGNAL | EV_PERSIST, Recorder::callback,
                             record.argument("usr1"));
  REQUIRE(event_add(const_cast<event*>(ev), nullptr) == 0);
  Event second = add_signal(record, base, SIGUSR2, "usr2");
  second.reset();
  base.reset();
  CHECK(mine.installed());
  CHECK(also_mine.installed());
  raise(SIGUSR1);
  CHECK(Handler::calls() == 1);
  std::free(const_cast<event*>(ev));
}

TEST_CASE("evsignal_new: two events on one signal are both called, the last added first") {
  const Base base = make_base();
  Recorder record;
  const Event a = add_signal(record, base, SIGUSR1, "a");
  const Event b = add_signal(record, base, SIGUSR1, "b");
  const Event other = add_signal(record, base, SIGUSR2, "other");
  raise(SIGUSR1);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(record.order() == "b a");
}

TEST_CASE("evsignal_new: each event is called as often as the signal was raised") {
  const Base base = make_base();
  Recorder record;
  const Event usr1 = add_signal(record, base, SIGUSR1, "usr1");
  const Event usr2 = add_signal(record, base, SIGUSR2, "usr2");
  for (int i = 0; i < 5; ++i) {
    raise(SIGUSR1);
    raise(SIGUSR2);
  }
  raise(SIGUSR2);
  CHECK(run_ready(base) == 0);
  CHECK(record.count("usr1") == 5);
  CHECK(record.count("usr2") == 6);
}

TEST_CASE("evsignal_new: ten thousand signals before the loop looks are all counted") {
  const Base base = make_base();
  Recorder record;
  const Event ev = add_signal(record, base, SIGUSR1, "usr1");
  for (int i = 0; i < 10'000; ++i) {
    raise(SIGUSR1);
  }
  CHECK(run_ready(base) == 0);
  CHECK(record.calls().size() == 10'000);
}

TEST_CASE("evsignal_new: without EV_PERSIST it is taken back before its calls") {
  const Handler mine(SIGUSR1);
  const Base base = make_base();
  Recorder record;
  Event ev;
  ev = record.make(base.get(), SIGUSR1, EV_SIGNAL, "once", [&](const Call&) {
    CHECK(event_pending(ev.get(), EV_SIGNAL, nullptr) == 0);
    CHECK(mine.installed());
  });
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  raise(SIGUSR1);
  raise(SIGUSR1);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.calls().size() == 2);  // as often as it was raised, all the same
  CHECK(mine.installed());
}

TEST_CASE("evsignal_del: in the callback ends the calls that are left") {
  const Handler mine(SIGUSR1);
  const Base base = make_base();
  Recorder record;
  Event ev;
  ev = add_signal(record, base, SIGUSR1, "usr1", [&](const Call&) {
    if (record.calls().size() == 2) {
      CHECK(event_del(ev.get()) == 0);
      CHECK(mine.installed());
    }
  });
  for (int i = 0; i < 5; ++i) {
    raise(SIGUSR1);
  }
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.calls().size() == 2);
}

TEST_CASE("event_free: in its own signal callback, with calls left") {
  const Base base = make_base();
  Recorder record;
  Event ev;
  ev = add_signal(record, base, SIGUSR1, "usr1", [&](const Call&) { ev.reset(); });
  for (int i = 0; i < 3; ++i) {
    raise(SIGUSR1);
  }
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.order() == "usr1");
}

TEST_CASE("evsignal_del: of another event on the same signal takes its calls back") {
  const Base base = make_base();
  Recorder record;
  Event a;
  Event b;
  const auto drop_other = [&](const Call& call) {
    CHECK(event_del((call.name == "a" ? b : a).get()) == 0);
  };
  a = add_signal(record, base, SIGUSR1, "a", drop_other);
  b = add_signal(record, base, SIGUSR1, "b", drop_other);
  raise(SIGUSR1);
  raise(SIGUSR1);
  CHECK(run_ready(base) == 0);
  CHECK(record.order() == "b b");
}

TEST_CASE("event_base_loopbreak: in a signal callback ends the calls that are left") {
  const Base base = make_base();
  Recorder record;
  const Event ev = add_signal(record, base, SIGUSR1, "usr1",
                              [&](const Call&) { event_base_loopbreak(base.get()); });
  for (int i = 0; i < 4; ++i) {
    raise(SIGUSR1);
  }
  CHECK(event_base_dispatch(base.get()) == 0);
  CHECK(record.calls().size() == 1);
  CHECK(event_base_got_break(base.get()) == 1);
  CHECK(run_ready(base) == 0);
  CHECK(record.calls().size() == 1);
}

TEST_CASE("evsignal_add: with a timeout it fires with EV_TIMEOUT if no signal comes") {
  const Base base = make_base();
  Recorder record;
  const Event ev = record.make(base.get(), SIGUSR1, EV_SIGNAL, "usr1");
  const timeval wait = ms(10);
  REQUIRE(event_add(ev.get(), &wait) == 0);
  CHECK(event_pending(ev.get(), EV_SIGNAL | EV_TIMEOUT, nullptr) == (EV_SIGNAL | EV_TIMEOUT));
  CHECK(event_base_dispatch(base.get()) == 1);
  REQUIRE(record.order() == "usr1");
  CHECK(record.calls()[0].what == EV_TIMEOUT);
  CHECK(record.calls()[0].fd == SIGUSR1);
  CHECK(is_default(SIGUSR1));
}

TEST_CASE("evsignal_add: a signal leaves the timeout of a persistent event as it is") {
  const Base base = make_base();
  Recorder record;
  const Event ev = record.make(base.get(), SIGUSR1, EV_SIGNAL | EV_PERSIST, "usr1");
  const timeval wait = {100, 0};
  REQUIRE(event_add(ev.get(), &wait) == 0);
  const std::int64_t due = due_us(ev.get());
  work_for_ms(2);
  raise(SIGUSR1);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(record.what("usr1") == EV_SIGNAL);
  CHECK(event_pending(ev.get(), EV_SIGNAL, nullptr) == EV_SIGNAL);
  CHECK(due_us(ev.get()) == due);
}

TEST_CASE("evsignal_add: a timeout ends a persistent event as well") {
  const Base base = make_base();
  Recorder record;
  const Event ev = record.make(base.get(), SIGUSR1, EV_SIGNAL | EV_PERSIST, "usr1");
  const timeval wait = ms(5);
  REQUIRE(event_add(ev.get(), &wait) == 0);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.order() == "usr1");
  CHECK(record.what("usr1") == EV_TIMEOUT);
  CHECK(event_pending(ev.get(), EV_SIGNAL | EV_TIMEOUT, nullptr) == 0);
  CHECK(is_default(SIGUSR1));
}

TEST_CASE("evsignal_add: a number that is no signal, or cannot be caught, is refused") {
  const LogCapture log;
  const Base base = make_base();
  Recorder record;
  for (const int number : {SIGKILL, SIGSTOP, NSIG, NSIG + 100, 1'000'000, -1, -5}) {
    INFO(number);
    const Event ev = record.make(base.get(), number, EV_SIGNAL, "bad");
    REQUIRE(ev);
    CHECK(event_add(ev.get(), nullptr) == -1);
    CHECK(event_pending(ev.get(), EV_SIGNAL, nullptr) == 0);
    CHECK(added(base) == 0);
  }
  CHECK(event_base_dispatch(base.get()) == 1);
}
