// Signals from elsewhere: blocked ones, other threads, children; and several bases at once.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "signal_tools.h"

using namespace event_cases;

namespace {

// Keeps a signal from this thread while it lives.
class Blocked {
 public:
  explicit Blocked(int number) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    REQUIRE(pthread_sigmask(SIG_BLOCK, &set, &before_) == 0);
  }
  ~Blocked() { release(); }
  Blocked(const Blocked&) = delete;
  Blocked& operator=(const Blocked&) = delete;
  void release() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

TEST_CASE("evsignal_new: a blocked signal is reported once it is let through") {
  const Base base = make_base();
  Recorder record;
  const Event ev = add_signal(record, base, SIGUSR1, "usr1");
  Blocked blocked(SIGUSR1);
  raise(SIGUSR1);
  raise(SIGUSR1);
  CHECK(run_ready(base) == 0);
  CHECK(record.calls().empty());
  blocked.release();
  CHECK(run_ready(base) == 0);
  CHECK(record.calls().size() == 1);  // the kernel keeps one of a kind
}

TEST_CASE("event_base_loop: leaves the thread's signal mask alone") {
  const Base base = make_base();
  Recorder record;
  sigset_t in_callback;
  const Blocked blocked(SIGUSR2);
  {
    const Event ev = add_signal(record, base, SIGUSR1, "usr1", [&](const Call&) {
      pthread_sigmask(SIG_BLOCK, nullptr, &in_callback);
    });
    raise(SIGUSR1);
    CHECK(run_ready(base) == 0);
  }
  sigset_t after;
  pthread_sigmask(SIG_BLOCK, nullptr, &after);
  REQUIRE(record.calls().size() == 1);
  for (int number = 1; number < 32; ++number) {
    INFO(number);
    CHECK(sigismember(&in_callback, number) == (number == SIGUSR2));
    CHECK(sigismember(&after, number) == (number == SIGUSR2));
  }
}

TEST_CASE("evsignal_new: a signal from another thread wakes the loop") {
  const Base base = make_base();
  Recorder record;
  const pthread_t loop_thread = pthread_self();
  const Event ev = add_signal(record, base, SIGUSR1, "usr1", [&](const Call&) {
    if (record.calls().size() == 10) {
      event_base_loopbreak(base.get());
    }
  });
  for (const bool directed : {true, false}) {
    record.clear();
    std::thread sender([&] {
      for (int i = 0; i < 10; ++i) {
        directed ? pthread_kill(loop_thread, SIGUSR1) : kill(getpid(), SIGUSR1);
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }
    });
    // Signals that meet one that is still pending melt into it, so a time limit ends the case.
    const timeval limit = ms(1000);
    CHECK(event_base_loopexit(base.get(), &limit) == 0);
    CHECK(event_base_dispatch(base.get()) == 0);
    sender.join();
    CHECK(record.calls().size() >= 1);
    CHECK(record.calls().size() <= 10);
    run_ready(base);
  }
}

TEST_CASE("evsignal_new: a signal that another thread receives reaches the loop") {
  const Base base = make_base();
  Recorder record;
  const Event ev = add_signal(record, base, SIGUSR1, "usr1",
                              [&](const Call&) { event_base_loopbreak(base.get()); });
  std::thread receiver([] { raise(SIGUSR1); });
  CHECK(event_base_dispatch(base.get()) == 0);
  receiver.join();
  CHECK(record.order() == "usr1");
}

TEST_CASE("evsignal_new: SIGCHLD tells that a child has ended") {
  const Base base = make_base();
  Recorder record;
  int status = -1;
  pid_t child = -1;
  const Event ev = add_signal(record, base, SIGCHLD, "child", [&](const Call&) {
    if (waitpid(child, &status, WNOHANG) == child) {
      event_base_loopbreak(base.get());
    }
  });
  child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    _exit(7);
  }
  CHECK(event_base_dispatch(base.get()) == 0);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 7);
  CHECK(record.order() == "child");
}

TEST_CASE("evsignal_new: a child process can send one") {
  const Base base = make_base();
  Recorder record;
  const Event ev = add_signal(record, base, SIGUSR2, "usr2",
                              [&](const Call&) { event_base_loopbreak(base.get()); });
  const pid_t parent = getpid();
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // Not through the library: the handler that is inherited would write to the parent's loop.
    _exit(kill(parent, SIGUSR2) == 0 ? 0 : 1);
  }
  CHECK(event_base_dispatch(base.get()) == 0);
  CHECK(record.order() == "usr2");
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("evsignal_add: one base after the other can own signals") {
  for (int i = 0; i < 3; ++i) {
    const LogCapture log;
    const Base base = make_base();
    Recorder record;
    {
      const Event ev = add_signal(record, base, SIGUSR1, "usr1");
      raise(SIGUSR1);
      CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
    }
    CHECK(record.order() == "usr1");
    CHECK(is_default(SIGUSR1));
    CHECK(log.count() == 0);
  }
}

TEST_CASE("evsignal_add: several bases can own signals at once") {
  INTENDED_DIFFERENCE("with the reference only one base at a time gets signals");
  const LogCapture log;
  const Handler mine(SIGUSR1);
  const Base first = make_base();
  const Base second = make_base();
  Recorder record;
  Event shared_first = add_signal(record, first, SIGUSR1, "first usr1");
  const Event shared_second = add_signal(record, second, SIGUSR1, "second usr1");
  const Event only_first = add_signal(record, first, SIGUSR2, "first usr2");
  const Event only_second = add_signal(record, second, SIGALRM, "second alrm");
  for (const int number : {SIGUSR1, SIGUSR2, SIGALRM, SIGUSR1}) {
    raise(number);
  }
  CHECK(run_ready(first) == 0);
  CHECK(record.order() == "first usr1 first usr1 first usr2");
  record.clear();
  CHECK(run_ready(second) == 0);
  CHECK(record.order() == "second usr1 second usr1 second alrm");
  CHECK(log.count() == 0);

  // The handler goes with the last event of all bases.
  record.clear();
  shared_first.reset();
  CHECK_FALSE(mine.installed());
  raise(SIGUSR1);
  CHECK(run_ready(first) == 0);
  CHECK(run_ready(second) == 0);
  CHECK(record.order() == "second usr1");
  CHECK(event_del(shared_second.get()) == 0);
  CHECK(mine.installed());
}

TEST_CASE("event_base_free: of one base leaves the signals of another alone") {
  INTENDED_DIFFERENCE("with the reference only one base at a time gets signals");
  Base first = make_base();
  const Base second = make_base();
  Recorder record;
  Event gone = add_signal(record, first, SIGUSR1, "gone");
  const Event stays = add_signal(record, second, SIGUSR1, "stays");
  gone.reset();
  first.reset();
  raise(SIGUSR1);
  CHECK(run_ready(second) == 0);
  CHECK(record.order() == "stays");
}

TEST_CASE("evsignal_add: bases in two threads each get the signals they wait for", "[threads]") {
  INTENDED_DIFFERENCE("with the reference only one base at a time gets signals");
  std::vector<std::thread> threads;
  std::atomic<int> ready = 0;
  std::atomic<int> calls = 0;
  for (const int number : {SIGUSR1, SIGUSR2}) {
    threads.emplace_back([&ready, &calls, number] {
      const Base base = make_base();
      Recorder record;
      const Event ev = record.make(base.get(), number, EV_SIGNAL, "signal",
                                   [&](const Call& call) { calls += call.fd == number; });
      event_add(ev.get(), nullptr);
      ++ready;
      event_base_dispatch(base.get());
    });
  }
  while (ready < 2) {
    std::this_thread::yield();
  }
  kill(getpid(), SIGUSR1);
  kill(getpid(), SIGUSR2);
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(calls == 2);
}
