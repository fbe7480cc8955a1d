#include "backend/backend.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

namespace backend = relevent::backend;
namespace os = relevent::os;
using backend::OwnedBackend;

namespace {

struct Pair {
  Pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0); }
  ~Pair() {
    ::close(fds[0]);
    ::close(fds[1]);
  }
  int fds[2];
};

std::span<const backend::Ready> look(backend::Backend& backend, os::Nanoseconds timeout = 0) {
  REQUIRE(backend.prepare(timeout));
  REQUIRE(backend.wait());
  return backend.collect();
}

constexpr backend::Interest kIo = backend::kRead | backend::kWrite | backend::kClosed;

}  // namespace

TEST_CASE("backend: every method reports what is ready, and nothing that is not wanted") {
  for (const backend::Method* const method : backend::methods()) {
    INFO(method->name);
    const OwnedBackend watch(method->create(0));
    REQUIRE(watch);
    CHECK(std::string(watch->name()) == method->name);
    Pair pair;
    CHECK(look(*watch).empty());
    REQUIRE(watch->set_interest(pair.fds[0], 9, 0, backend::kRead));
    CHECK(look(*watch).empty());
    REQUIRE(::write(pair.fds[1], "x", 1) == 1);
    const auto ready = look(*watch, os::kNever);
    REQUIRE(ready.size() == 1);
    CHECK(ready[0].fd == pair.fds[0]);
    CHECK(ready[0].generation == 9);
    CHECK((ready[0].what & kIo) == backend::kRead);
    REQUIRE(watch->set_interest(pair.fds[0], 9, backend::kRead, backend::kRead | backend::kWrite));
    CHECK((look(*watch)[0].what & kIo) == (backend::kRead | backend::kWrite));
    REQUIRE(watch->set_interest(pair.fds[0], 9, backend::kRead | backend::kWrite, 0));
    CHECK(look(*watch).empty());
    REQUIRE(watch->set_interest(pair.fds[0], 10, 0, backend::kWrite));
    REQUIRE(watch->reset());
    CHECK(look(*watch).empty());
  }
}

TEST_CASE("backend: timeouts are neither early nor a millisecond late") {
  for (const backend::Method* const method : backend::methods()) {
    INFO(method->name);
    const OwnedBackend watch(method->create(0));
    os::Nanoseconds best = os::kNever;
    for (int i = 0; i < 20; ++i) {
      const os::Nanoseconds begin = os::monotonic_now();
      CHECK(look(*watch, 300'000).empty());
      const os::Nanoseconds took = os::monotonic_now() - begin;
      CHECK(took >= 300'000);
      best = std::min(best, took);
    }
    CHECK(best < 900'000);
  }
}

TEST_CASE("backend: a regular file is always ready") {
  for (const backend::Method* const method : backend::methods()) {
    INFO(method->name);
    const OwnedBackend watch(method->create(0));
    const int file = ::open("/proc/self/exe", O_RDONLY);
    REQUIRE(file >= 0);
    REQUIRE(watch->set_interest(file, 1, 0, backend::kRead));
    for (int i = 0; i < 2; ++i) {
      const auto ready = look(*watch, os::kNever);
      REQUIRE(ready.size() == 1);
      CHECK((ready[0].what & kIo) == backend::kRead);
    }
    REQUIRE(watch->set_interest(file, 1, backend::kRead, 0));
    CHECK(look(*watch).empty());
    ::close(file);
  }
}

TEST_CASE("backend: descriptors beyond FD_SETSIZE work everywhere") {
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  if (limit.rlim_max < 3000) {
    WARN("not checked: at most " << limit.rlim_max << " descriptors are allowed");
    return;
  }
  limit.rlim_cur = std::max<rlim_t>(limit.rlim_cur, 3000);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  for (const backend::Method* const method : backend::methods()) {
    INFO(method->name);
    const OwnedBackend watch(method->create(0));
    Pair pair;
    REQUIRE(::dup2(pair.fds[0], 2900) == 2900);
    REQUIRE(watch->set_interest(2900, 1, 0, backend::kWrite));
    const auto ready = look(*watch);
    REQUIRE(ready.size() == 1);
    CHECK(ready[0].fd == 2900);
    ::close(2900);
  }
}

TEST_CASE("backend: more descriptors than one call of epoll returns") {
  const OwnedBackend epoll(backend::kEpoll.create(0));
  std::vector<std::unique_ptr<Pair>> pairs;
  for (int i = 0; i < 100; ++i) {
    pairs.push_back(std::make_unique<Pair>());
    REQUIRE(epoll->set_interest(pairs.back()->fds[0], 1, 0, backend::kWrite));
  }
  CHECK(look(*epoll).size() == 32);
  CHECK(look(*epoll).size() == 64);
  CHECK(look(*epoll).size() == 100);
}

TEST_CASE("backend: the array of names has the methods in their order") {
  const char** name = backend::method_names();
  for (const backend::Method* const method : backend::methods()) {
    CHECK(std::string(*name++) == method->name);
  }
  CHECK(*name == nullptr);
}
