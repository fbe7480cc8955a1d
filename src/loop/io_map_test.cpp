#include "loop/io_map.h"

#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <map>
#include <vector>

namespace loop = relevent::loop;
namespace backend = relevent::backend;
using relevent::Result;

namespace {

// Remembers what it was told instead of asking a kernel.
class FakeBackend final : public backend::Backend {
 public:
  struct Call {
    int fd;
    int before;
    int after;
    bool operator==(const Call&) const = default;
  };

  const char* name() const override { return "fake"; }
  int features() const override { return 0; }
  Result<void> set_interest(int fd, std::uint32_t generation, backend::Interest before,
                            backend::Interest after) override {
    if (fail_with != 0) return Result<void>::failure(fail_with);
    calls.push_back({fd, before, after});
    generations[fd] = generation;
    return {};
  }
  Result<void> prepare(relevent::os::Nanoseconds) override { return {}; }
  Result<void> wait() override { return {}; }
  std::span<const backend::Ready> collect() override { return ready; }
  Result<void> reset() override {
    ++resets;
    return {};
  }
  void destroy() override {}

  std::vector<Call> take() { return std::exchange(calls, {}); }

  int fail_with = 0;
  int resets = 0;
  std::vector<Call> calls;
  std::map<int, std::uint32_t> generations;
  std::vector<backend::Ready> ready;
};

event make_event(int fd, short events) {
  event ev{};
  ev.ev_fd = fd;
  ev.ev_events = events;
  return ev;
}

using Calls = std::vector<FakeBackend::Call>;

}  // namespace

TEST_CASE("io map: the first event is told at once, the rest before polling") {
  FakeBackend fake;
  loop::IoMap map;
  event reader = make_event(5, EV_READ);
  event writer = make_event(5, EV_WRITE);
  REQUIRE(map.add(fake, reader));
  CHECK(fake.take() == Calls{{5, 0, EV_READ}});
  REQUIRE(map.add(fake, writer));
  CHECK(fake.take().empty());
  map.flush(fake);
  CHECK(fake.take() == Calls{{5, EV_READ, EV_READ | EV_WRITE}});

  event other_writer = make_event(5, EV_WRITE);
  SECTION("what ends where it began costs nothing") {
    REQUIRE(map.add(fake, other_writer));
    map.remove(fake, writer);
    map.flush(fake);
    map.remove(fake, other_writer);
    map.flush(fake);
    fake.take();
    REQUIRE(map.add(fake, writer));
    map.remove(fake, writer);
    map.flush(fake);
    CHECK(fake.take().empty());
  }
  SECTION("when all events of a kind were gone in between, the kernel is asked in any case") {
    map.remove(fake, writer);
    REQUIRE(map.add(fake, writer));
    map.flush(fake);
    CHECK(fake.take() == Calls{{5, EV_READ | EV_WRITE, EV_READ | EV_WRITE}});
  }
  SECTION("when all events were gone in between, the kernel is asked in any case") {
    map.remove(fake, writer);
    map.remove(fake, reader);
    REQUIRE(map.add(fake, reader));
    CHECK(fake.take() == Calls{{5, EV_READ | EV_WRITE, EV_READ}});
    map.flush(fake);
    CHECK(fake.take().empty());
  }
  SECTION("the last event's going is told before polling") {
    map.remove(fake, writer);
    map.remove(fake, reader);
    CHECK(fake.take().empty());
    map.flush(fake);
    CHECK(fake.take() == Calls{{5, EV_READ | EV_WRITE, 0}});
    map.flush(fake);
    CHECK(fake.take().empty());
  }
}

TEST_CASE("io map: edge-triggered descriptors are told of every change") {
  FakeBackend fake;
  loop::IoMap map;
  event reader = make_event(7, EV_READ | EV_ET);
  event writer = make_event(7, EV_WRITE | EV_ET);
  event level = make_event(7, EV_WRITE);
  REQUIRE(map.add(fake, reader));
  REQUIRE(map.add(fake, writer));
  map.flush(fake);
  fake.take();
  map.remove(fake, writer);
  REQUIRE(map.add(fake, writer));
  map.flush(fake);
  CHECK(fake.take().size() == 1);
  CHECK(map.add(fake, level).error() == EINVAL);
}

TEST_CASE("io map: what is left of a closed file is told again when an event is added") {
  const short mode = GENERATE(as<short>{}, 0, EV_ET);
  FakeBackend fake;
  loop::IoMap map;
  event reader = make_event(6, static_cast<short>(EV_READ | mode));
  event second = make_event(6, static_cast<short>(EV_READ | mode));
  event writer = make_event(6, static_cast<short>(EV_WRITE | mode));
  REQUIRE(map.add(fake, reader));
  REQUIRE(map.add(fake, second));
  REQUIRE(map.add(fake, writer));
  map.flush(fake);
  map.remove(fake, writer);
  fake.fail_with = ENOENT;
  map.flush(fake);
  fake.fail_with = 0;
  fake.take();

  map.remove(fake, second);
  map.flush(fake);
  CHECK(fake.take().empty());

  // A duplicate may keep the file, which nobody can take out of the set any more.
  const std::uint32_t generation = fake.generations[6];
  int calls = 0;
  const auto round = [&] { map.dispatch(fake, [&](event&, short) { ++calls; }); };
  fake.ready = {{6, generation, EV_READ}};
  round();
  CHECK(calls == 1);
  fake.ready = {{6, generation, EV_WRITE}};
  for (int i = 0; i < 20; ++i) {
    round();
  }
  CHECK(calls == 1);
  CHECK(fake.resets > 0);
  CHECK(fake.take().empty());

  REQUIRE(map.add(fake, second));
  map.flush(fake);
  CHECK(fake.take() == Calls{{6, 0, EV_READ | mode}});
}

TEST_CASE("io map: a refused event leaves everything as it was") {
  FakeBackend fake;
  loop::IoMap map;
  event reader = make_event(3, EV_READ);
  fake.fail_with = EBADF;
  CHECK(map.add(fake, reader).error() == EBADF);
  fake.fail_with = 0;
  map.flush(fake);
  CHECK(fake.take().empty());
  REQUIRE(map.add(fake, reader));
  CHECK(fake.take() == Calls{{3, 0, EV_READ}});
}

TEST_CASE(
    "io map: reports of an old generation are dropped, and if they go on, all is set up anew") {
  FakeBackend fake;
  loop::IoMap map;
  event reader = make_event(4, EV_READ);
  REQUIRE(map.add(fake, reader));
  const std::uint32_t generation = fake.generations[4];
  int calls = 0;
  const auto round = [&] { map.dispatch(fake, [&](event&, short) { ++calls; }); };

  fake.ready = {{4, generation, EV_READ}};
  round();
  CHECK(calls == 1);
  fake.ready = {{4, generation - 1, EV_READ}, {900, 1, EV_READ}};
  for (int i = 0; i < 7; ++i) round();
  CHECK(fake.resets == 0);
  fake.ready = {{4, generation, EV_READ}};
  for (int i = 0; i < 7; ++i) round();
  fake.ready = {{4, generation - 1, EV_READ}};
  fake.take();
  for (int i = 0; i < 8; ++i) round();
  CHECK(fake.resets == 1);
  CHECK(fake.take() == Calls{{4, 0, EV_READ}});
  CHECK(calls == 8);

  SECTION("from then on the end of a last event is told at once") {
    map.remove(fake, reader);
    CHECK(fake.take() == Calls{{4, EV_READ, 0}});
  }
}

TEST_CASE("io map: a closed descriptor whose duplicate lives does not keep epoll spinning") {
  backend::OwnedBackend epoll(backend::kEpoll.create(0));
  REQUIRE(epoll);
  loop::IoMap map;
  int fds[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
  event reader = make_event(fds[0], EV_READ);
  REQUIRE(map.add(*epoll, reader));
  const int duplicate = ::dup(fds[0]);
  REQUIRE(::write(fds[1], "x", 1) == 1);
  map.remove(*epoll, reader);
  ::close(fds[0]);
  int reports = 0;
  for (int i = 0; i < 20; ++i) {
    map.flush(*epoll);
    REQUIRE(epoll->prepare(0));
    REQUIRE(epoll->wait());
    reports += !epoll->collect().empty();
    map.dispatch(*epoll, [](event&, short) { FAIL("nobody waits"); });
  }
  CHECK(reports <= 8);
  ::close(duplicate);
  ::close(fds[1]);
}
