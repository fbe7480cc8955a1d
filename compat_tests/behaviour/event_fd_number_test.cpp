// Descriptors as numbers: large ones, duplicates, and numbers that are used again.
#include <fcntl.h>

#include "event_recorder.h"

using namespace event_cases;

namespace {

// A number that one socket has, and then another.
class ReusedNumber {
 public:
  int fd() const { return fd_; }
  int peer() const { return pair_->second; }
  void reopen() {
    pair_.reset();
    pair_ = std::make_unique<SocketPair>();
    REQUIRE(pair_->first == fd_);
  }

 private:
  std::unique_ptr<SocketPair> pair_ = std::make_unique<SocketPair>();
  const int fd_ = pair_->first;
};

}  // namespace

TEST_CASE("event fd number: a large number works like a small one") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  SocketPair pair;
  Recorder recorder;
  constexpr int kLarge = 900;
  REQUIRE(dup2(pair.first, kLarge) == kLarge);
  {
    const Event small = recorder.make(base.get(), pair.second, EV_WRITE, "small");
    const Event large = recorder.make(base.get(), kLarge, EV_READ | EV_PERSIST, "large");
    REQUIRE(event_add(large.get(), nullptr) == 0);
    REQUIRE(event_add(small.get(), nullptr) == 0);
    turn(base);
    CHECK(recorder.order() == "small");
    write_byte(pair.second);
    turn(base);
    CHECK(recorder.order() == "small large");
    CHECK(recorder.calls().back().fd == kLarge);
  }
  close(kLarge);
}

TEST_CASE("event fd number: two duplicates of one socket are watched each on its own") {
  // Without the changelist, which the documentation rules out for duplicates.
  const std::string backend = GENERATE(as<std::string>{}, "epoll", "poll", "select");
  CAPTURE(backend);
  const Base base = make_backend(backend);
  SocketPair pair;
  Recorder recorder;
  const int copy = dup(pair.first);
  const Event one = recorder.make(base.get(), pair.first, EV_READ | EV_PERSIST, "one");
  const Event two = recorder.make(base.get(), copy, EV_READ | EV_PERSIST, "two");
  REQUIRE(event_add(one.get(), nullptr) == 0);
  REQUIRE(event_add(two.get(), nullptr) == 0);
  write_byte(pair.second);
  turn(base);
  CHECK(recorder.count("one") == 1);
  CHECK(recorder.count("two") == 1);
  REQUIRE(event_del(one.get()) == 0);
  pair.close_first();
  turn(base);
  CHECK(recorder.count("one") == 1);
  CHECK(recorder.count("two") == 2);
  REQUIRE(event_del(two.get()) == 0);
  close(copy);
  CHECK(turn(base) == 1);
}

TEST_CASE("event fd number: deleted before closing while a duplicate lives is no longer heard of") {
  const std::string backend = GENERATE(as<std::string>{}, "epoll", "poll", "select");
  CAPTURE(backend);
  const Base base = make_backend(backend);
  SocketPair pair;
  Recorder recorder;
  const Event ev = recorder.make(base.get(), pair.first, EV_READ | EV_PERSIST, "old");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  turn(base);
  // The copy keeps the socket open, so the kernel would go on reporting under the old number.
  const int number = pair.first;
  const int copy = dup(pair.first);
  REQUIRE(event_del(ev.get()) == 0);
  pair.close_first();
  SocketPair other;
  REQUIRE(dup2(other.first, number) == number);
  const Event fresh = recorder.make(base.get(), number, EV_READ | EV_PERSIST, "fresh");
  REQUIRE(event_add(fresh.get(), nullptr) == 0);
  write_byte(pair.second);
  turn(base);
  CHECK(recorder.calls().empty());
  write_byte(other.second);
  turn(base);
  CHECK(recorder.order() == "fresh");
  REQUIRE(event_del(fresh.get()) == 0);
  if (number != other.first && number != other.second) {
    close(number);
  }
  close(copy);
}

TEST_CASE("event fd number: deleting an event whose descriptor is closed works silently") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  const LogCapture log;
  SocketPair pair;
  Recorder recorder;
  const Event ev = recorder.make(base.get(), pair.first, EV_READ | EV_PERSIST, "read");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  if (backend != "changelist") {
    turn(base);
  }
  pair.close_first();
  CHECK(event_del(ev.get()) == 0);
  CHECK(added(base) == 0);
  CHECK(turn(base) == 1);
  CHECK(log.count() == 0);
}

TEST_CASE("event fd number: closed after one of its two events was deleted works silently") {
  const Base base = make_backend("epoll");
  const LogCapture log;
  SocketPair pair;
  Recorder recorder;
  const Event read = recorder.make(base.get(), pair.first, EV_READ | EV_PERSIST, "read");
  const Event write = recorder.make(base.get(), pair.first, EV_WRITE | EV_PERSIST, "write");
  REQUIRE(event_add(read.get(), nullptr) == 0);
  REQUIRE(event_add(write.get(), nullptr) == 0);
  turn(base);
  CHECK(recorder.order() == "write");
  REQUIRE(event_del(write.get()) == 0);
  pair.close_first();
  turn(base);
  CHECK(event_del(read.get()) == 0);
  CHECK(turn(base) == 1);
  CHECK(recorder.count("read") == 0);
  CHECK(log.count() == 0);
}

TEST_CASE("event fd number: what is left of a closed file is not for the next of that number") {
  const auto kind = GENERATE(as<short>{}, EV_PERSIST, EV_PERSIST | EV_ET);
  CAPTURE(kind);
  const Base base = make_backend("epoll");
  const LogCapture log;
  Recorder recorder;
  ReusedNumber number;
  const auto make = [&](int what, const char* name) {
    return recorder.make(base.get(), number.fd(), static_cast<short>(what | kind), name);
  };
  const Event read = make(EV_READ, "read");
  const Event second = make(EV_READ, "second");
  const Event write = make(EV_WRITE, "write");
  for (const Event* ev : {&read, &second, &write}) {
    REQUIRE(event_add(ev->get(), nullptr) == 0);
  }
  turn(base);
  CHECK(recorder.order() == "write");
  REQUIRE(event_del(write.get()) == 0);
  number.reopen();
  write_byte(number.peer());
  turn(base);
  REQUIRE(event_del(second.get()) == 0);
  turn(base);
  CHECK(recorder.count("read") == 0);
  // It is the program that says so.
  REQUIRE(event_del(read.get()) == 0);
  REQUIRE(event_add(read.get(), nullptr) == 0);
  turn(base);
  CHECK(recorder.count("read") == 1);
  CHECK(log.count() == 0);
}

TEST_CASE("event fd number: an event for the next file works with one left of the closed file") {
  const auto kind = GENERATE(as<short>{}, EV_PERSIST, EV_PERSIST | EV_ET);
  CAPTURE(kind);
  const Base base = make_backend("epoll");
  const LogCapture log;
  Recorder recorder;
  ReusedNumber number;
  const Event left =
      recorder.make(base.get(), number.fd(), static_cast<short>(EV_READ | kind), "left");
  const Event write =
      recorder.make(base.get(), number.fd(), static_cast<short>(EV_WRITE | kind), "write");
  REQUIRE(event_add(left.get(), nullptr) == 0);
  REQUIRE(event_add(write.get(), nullptr) == 0);
  turn(base);
  CHECK(recorder.count("write") == 1);
  // The kernel was told of both kinds, but for another file.
  REQUIRE(event_del(write.get()) == 0);
  number.reopen();
  REQUIRE(event_add(write.get(), nullptr) == 0);
  turn(base);
  CHECK(recorder.count("write") == 2);
  CHECK(log.count() == 0);
}

TEST_CASE("event fd number: a number that was closed and opened between delete and add works") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  const LogCapture log;
  Recorder recorder;
  const Event ev(event_new(base.get(), -1, 0, Recorder::callback, nullptr));
  for (int round = 0; round < 5; ++round) {
    SocketPair pair;
    REQUIRE(event_assign(ev.get(), base.get(), pair.first, EV_READ | EV_PERSIST, Recorder::callback,
                         recorder.argument("read")) == 0);
    REQUIRE(event_add(ev.get(), nullptr) == 0);
    if (round % 2 == 0) {
      turn(base);  // also without a turn between two lives of the number
    }
    write_byte(pair.second);
    turn(base);
    CHECK(recorder.count("read") == round + 1);
    REQUIRE(event_del(ev.get()) == 0);
  }
  CHECK(log.count() == 0);
}

TEST_CASE("event fd number: delete, close, open and add all within one callback") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  const LogCapture log;
  Recorder recorder;
  auto pair = std::make_unique<SocketPair>();
  const int number = pair->first;
  Event ev;
  ev = recorder.make(base.get(), number, EV_READ | EV_PERSIST, "read", [&](const Call&) {
    CHECK(event_del(ev.get()) == 0);
    pair.reset();
    pair = std::make_unique<SocketPair>();
    CHECK(pair->first == number);
    CHECK(event_add(ev.get(), nullptr) == 0);
  });
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  for (int round = 1; round <= 4; ++round) {
    write_byte(pair->second);
    turn(base);
    CHECK(recorder.count("read") == round);
    turn(base);
    CHECK(recorder.count("read") == round);
  }
  CHECK(log.count() == 0);
}

TEST_CASE("event fd number: deleting late, after the number was opened again, and adding works") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  Recorder recorder;
  ReusedNumber number;
  const Event ev = recorder.make(base.get(), number.fd(), EV_READ | EV_PERSIST, "read");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  turn(base);
  number.reopen();
  REQUIRE(event_del(ev.get()) == 0);
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  write_byte(number.peer());
  turn(base);
  CHECK(recorder.order() == "read");
}

TEST_CASE("event fd number: a new kind on a number that was reopened registers the new socket") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  Recorder recorder;
  ReusedNumber number;
  const Event reader = recorder.make(base.get(), number.fd(), EV_READ | EV_PERSIST, "read");
  REQUIRE(event_add(reader.get(), nullptr) == 0);
  turn(base);
  number.reopen();
  // The old event was forgotten by its owner; the kernel does not know the new socket yet.
  const Event writer = recorder.make(base.get(), number.fd(), EV_WRITE | EV_PERSIST, "write");
  REQUIRE(event_add(writer.get(), nullptr) == 0);
  write_byte(number.peer());
  turn(base);
  CHECK(recorder.order() == "write read");
  REQUIRE(event_del(reader.get()) == 0);
  turn(base);
  CHECK(recorder.order() == "write read write");
}

TEST_CASE("event fd number: a blocking descriptor is served as well") {
  ON_EACH_BACKEND(backend);
  const Base base = make_backend(backend);
  Recorder recorder;
  int fds[2];
  REQUIRE(pipe2(fds, O_CLOEXEC) == 0);
  const Event ev = recorder.make(base.get(), fds[0], EV_READ, "read");
  REQUIRE(event_add(ev.get(), nullptr) == 0);
  write_byte(fds[1]);
  turn(base);
  CHECK(recorder.order() == "read");
  close(fds[0]);
  close(fds[1]);
}
