// event_reinit: a base goes on in a child, and the parent's does not notice.
#include <event2/thread.h>

#include <thread>

#include "child.h"
#include "signal_tools.h"

using namespace event_cases;

namespace {

// Forks; the child runs `body` and exits with 0 if it says true.
template <class Body>
pid_t fork_child(Body body) {
  std::cout.flush();
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    alarm(20);
    _exit(body() ? 0 : 1);
  }
  return pid;
}

bool succeeded(pid_t pid) {
  int status = -1;
  return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

const char* const kMethods[] = {"epoll", "poll", "select"};

}  // namespace

TEST_CASE("event_reinit: in the same process everything goes on, events added or active") {
  for (const char* method : kMethods) {
    INFO(method);
    const Base base = make_base_with(method);
    REQUIRE(base);
    CHECK(event_reinit(base.get()) == 0);
    const SocketPair sockets;
    Recorder record;
    const Event reader = record.make(base.get(), sockets.first, EV_READ, "reader");
    const Event timer = record.make(base.get(), -1, 0, "timer");
    const Event user = record.make(base.get(), -1, 0, "user");
    const Event usr1 = record.make(base.get(), SIGUSR1, EV_SIGNAL, "signal");
    const timeval wait = {100, 0};
    REQUIRE(event_add(reader.get(), nullptr) == 0);
    REQUIRE(event_add(usr1.get(), nullptr) == 0);
    REQUIRE(event_add(timer.get(), &wait) == 0);
    const std::int64_t due = due_us(timer.get());
    event_active(user.get(), EV_READ, 1);
    const int before = added(base);
    CHECK(event_reinit(base.get()) == 0);
    CHECK(added(base) == before);
    CHECK(active(base) == 1);
    CHECK(due_us(timer.get()) == due);
    CHECK(event_pending(reader.get(), 0xff, nullptr) == EV_READ);
    write_byte(sockets.second);
    raise(SIGUSR1);
    CHECK(run_ready(base) == 0);
    CHECK(record.order() == "user reader signal");
  }
}

TEST_CASE("event_reinit: from a callback") {
  const Base base = make_base();
  const SocketPair sockets;
  Recorder record;
  const Event reader = record.make(base.get(), sockets.first, EV_READ, "reader");
  const Event user = record.make(base.get(), -1, 0, "user", [&](const Call&) {
    CHECK(event_reinit(base.get()) == 0);
    write_byte(sockets.second);
  });
  REQUIRE(event_add(reader.get(), nullptr) == 0);
  event_active(user.get(), EV_READ, 1);
  CHECK(event_base_dispatch(base.get()) == 1);
  CHECK(record.order() == "user reader");
}

TEST_CASE("event_reinit: the child's deletions and additions do not touch the parent") {
  for (const char* method : kMethods) {
    INFO(method);
    const Base base = make_base_with(method);
    REQUIRE(base);
    const SocketPair sockets;
    const SocketPair others;
    Recorder record;
    Event reader = record.make(base.get(), sockets.first, EV_READ, "reader");
    Event other = record.make(base.get(), others.first, EV_READ, "other");
    REQUIRE(event_add(reader.get(), nullptr) == 0);
    REQUIRE(run_ready(base) == 0);
    const pid_t child = fork_child([&] {
      bool ok = event_reinit(base.get()) == 0;
      ok = ok && event_del(reader.get()) == 0 && event_add(other.get(), nullptr) == 0;
      ok = ok && run_ready(base) == 0;
      return ok && record.calls().empty();
    });
    CHECK(succeeded(child));
    write_byte(sockets.second);
    write_byte(others.second);
    CHECK(event_base_dispatch(base.get()) == 1);
    CHECK(record.order() == "reader");
  }
}

TEST_CASE("event_reinit: the child may free the base") {
  Base base = make_base();
  const SocketPair sockets;
  Recorder record;
  Event reader = record.make(base.get(), sockets.first, EV_READ, "reader");
  const Event usr1 = add_signal(record, base, SIGUSR1, "signal");
  REQUIRE(event_add(reader.get(), nullptr) == 0);
  REQUIRE(run_ready(base) == 0);
  const pid_t child = fork_child([&] {
    const bool ok = event_reinit(base.get()) == 0;
    event_del(usr1.get());
    reader.reset();
    base.reset();
    return ok && is_default(SIGUSR1);
  });
  CHECK(succeeded(child));
  write_byte(sockets.second);
  raise(SIGUSR1);
  CHECK(run_ready(base) == 0);
  CHECK(record.order() == "reader signal");
}

TEST_CASE("event_reinit: input and output work in the child while the parent goes on") {
  for (const char* method : kMethods) {
    INFO(method);
    const Base base = make_base_with(method);
    REQUIRE(base);
    const SocketPair sockets;
    const SocketPair child_only;
    Recorder record;
    const Event parent_reader = record.make(base.get(), sockets.first, EV_READ | EV_PERSIST,
                                            "parent", [&](const Call&) { drain(sockets.first); });
    const Event child_reader = record.make(base.get(), child_only.first, EV_READ | EV_PERSIST,
                                           "child", [&](const Call&) { drain(child_only.first); });
    REQUIRE(event_add(parent_reader.get(), nullptr) == 0);
    REQUIRE(event_add(child_reader.get(), nullptr) == 0);
    REQUIRE(run_ready(base) == 0);
    const pid_t child = fork_child([&] {
      if (event_reinit(base.get()) != 0 || event_del(parent_reader.get()) != 0) {
        return false;
      }
      while (record.count("child") < 3) {
        if (event_base_loop(base.get(), EVLOOP_ONCE) != 0 || write(sockets.second, "r", 1) != 1) {
          return false;
        }
      }
      return record.count("parent") == 0;
    });
    REQUIRE(event_del(child_reader.get()) == 0);
    for (int i = 1; i <= 3; ++i) {
      write_byte(child_only.second);
      REQUIRE(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
      CHECK(record.count("parent") == i);
    }
    CHECK(succeeded(child));
    CHECK(record.count("child") == 0);
  }
}

TEST_CASE("event_reinit: signals in the child are the child's, those of before the parent's") {
  const Base base = make_base();
  Recorder record;
  const Event ev = add_signal(record, base, SIGUSR1, "signal");
  raise(SIGUSR1);  // before the fork, not seen by the loop yet
  const pid_t child = fork_child([&] {
    bool ok = event_reinit(base.get()) == 0;
    ok = ok && run_ready(base) == 0 && record.calls().empty();
    raise(SIGUSR1);
    raise(SIGUSR1);
    return ok && run_ready(base) == 0 && record.calls().size() == 2;
  });
  CHECK(succeeded(child));
  CHECK(run_ready(base) == 0);
  CHECK(record.calls().size() == 1);
  raise(SIGUSR1);
  CHECK(run_ready(base) == 0);
  CHECK(record.calls().size() == 2);
}

TEST_CASE("event_reinit: a signal event can be added and removed in the child") {
  const Handler mine(SIGUSR2);
  const Base base = make_base();
  Recorder record;
  const Event usr1 = add_signal(record, base, SIGUSR1, "usr1");
  const pid_t child = fork_child([&] {
    bool ok = event_reinit(base.get()) == 0;
    const Event usr2 = record.make(base.get(), SIGUSR2, EV_SIGNAL, "usr2");
    ok = ok && event_add(usr2.get(), nullptr) == 0 && event_del(usr1.get()) == 0;
    ok = ok && is_default(SIGUSR1) && !mine.installed();
    raise(SIGUSR2);
    return ok && event_base_dispatch(base.get()) == 1 && record.order() == "usr2" &&
           mine.installed();
  });
  CHECK(succeeded(child));
  CHECK(mine.installed());
  raise(SIGUSR1);
  CHECK(run_ready(base) == 0);
  CHECK(record.order() == "usr1");
}

TEST_CASE("event_reinit: timers and active events are inherited, with their deadlines") {
  const Base base = make_base();
  Recorder record;
  const Event timer = record.make(base.get(), -1, 0, "timer");
  const Event user = record.make(base.get(), -1, 0, "user");
  const timeval wait = ms(30);
  REQUIRE(event_add(timer.get(), &wait) == 0);
  event_active(user.get(), EV_READ, 1);
  const std::int64_t due = due_us(timer.get());
  const auto both_come = [&] {
    return event_base_dispatch(base.get()) == 1 && record.order() == "user timer";
  };
  const pid_t child = fork_child(
      [&] { return event_reinit(base.get()) == 0 && due_us(timer.get()) == due && both_come(); });
  CHECK(both_come());
  CHECK(succeeded(child));
}

TEST_CASE("event_reinit: a descriptor that was closed makes it fail, the others work") {
  const Base base = make_base_with("epoll");
  const LogCapture log;
  const SocketPair gone;
  const SocketPair sockets;
  Recorder record;
  const Event lost = record.make(base.get(), gone.first, EV_READ, "lost");
  const Event reader = record.make(base.get(), sockets.first, EV_READ, "reader");
  REQUIRE(event_add(lost.get(), nullptr) == 0);
  REQUIRE(event_add(reader.get(), nullptr) == 0);
  const_cast<SocketPair&>(gone).close_first();
  CHECK(event_reinit(base.get()) == -1);
  write_byte(sockets.second);
  CHECK(event_base_loop(base.get(), EVLOOP_ONCE) == 0);
  CHECK(record.order() == "reader");
}

TEST_CASE("event_reinit: wake-ups from threads reach the child's loop, not the parent's",
          "[threads]") {
  REQUIRE(evthread_use_pthreads() == 0);
  const Base base = make_base();
  Recorder record;
  const Event user = record.make(base.get(), -1, 0, "user");
  const Event far = record.make(base.get(), -1, 0, "far");
  const timeval hour = {3600, 0};
  REQUIRE(event_add(far.get(), &hour) == 0);
  const auto woken_by_thread = [&] {
    std::thread other([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
      event_active(user.get(), EV_READ, 1);
    });
    const bool ok = event_base_loop(base.get(), EVLOOP_ONCE) == 0 && record.order() == "user";
    other.join();
    return ok;
  };
  const pid_t child =
      fork_child([&] { return event_reinit(base.get()) == 0 && woken_by_thread(); });
  CHECK(succeeded(child));
  CHECK(record.calls().empty());
  CHECK(run_ready(base) == 0);
  CHECK(woken_by_thread());
}
