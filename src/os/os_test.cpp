#include <poll.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <thread>

#include "base/saturating.h"
#include "os/clock.h"
#include "os/entropy.h"
#include "os/notifier.h"

namespace os = relevent::os;

TEST_CASE("os: times convert and saturate") {
  CHECK(os::from_timeval({1, 500000}) == 1'500'000'000);
  CHECK(os::from_timeval({INT64_MAX, 0}) == os::kNever);
  CHECK(os::from_timeval({INT64_MAX / 1000, 999999}) == os::kNever);
  CHECK(os::from_timeval({-1, 0}) == -1'000'000'000);
  const timeval negative = os::to_timeval(-1);
  CHECK(negative.tv_sec == -1);
  CHECK(negative.tv_usec == 999999);
  CHECK(relevent::add_saturating(os::kNever, 1) == os::kNever);
  const os::Nanoseconds first = os::monotonic_now_coarse();
  const os::Nanoseconds second = os::monotonic_now();
  CHECK(first <= second);
  CHECK(second <= os::monotonic_now());
}

TEST_CASE("os: the notifier is readable until it is drained") {
  os::Notifier notifier;
  REQUIRE(notifier.open());
  pollfd poll_fd{notifier.fd(), POLLIN, 0};
  CHECK(::poll(&poll_fd, 1, 0) == 0);
  for (int i = 0; i < 3; ++i) notifier.notify();
  CHECK(::poll(&poll_fd, 1, 0) == 1);
  notifier.drain();
  CHECK(::poll(&poll_fd, 1, 0) == 0);
}

TEST_CASE("os: random bytes fill every size") {
  unsigned char block[300] = {};
  REQUIRE(os::fill_random(block, sizeof block));
  int zeros = 0;
  for (const unsigned char byte : block) zeros += byte == 0;
  CHECK(zeros < 30);
}
