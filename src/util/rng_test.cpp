#include "util/rng.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

using namespace relevent;

namespace {

using Block = std::array<unsigned char, 16>;

Block block() {
  Block out{};
  util::fill_random(out.data(), out.size());
  return out;
}

}  // namespace

TEST_CASE("util: random requests of every size around the pool's are filled and stay inside") {
  REQUIRE(util::init_random());
  for (std::size_t size = 1; size < 3000; size = size < 300 ? size + 1 : size * 2) {
    std::vector<unsigned char> out(size + 2, 0x5a);
    util::fill_random(out.data() + 1, size);
    CAPTURE(size);
    REQUIRE(out.front() == 0x5a);
    REQUIRE(out.back() == 0x5a);
    const std::vector<unsigned char> untouched(size, 0x5a);
    if (size >= 16) {
      REQUIRE(std::memcmp(out.data() + 1, untouched.data(), size) != 0);
    }
  }
}

TEST_CASE("util: random bytes differ before and after the pool was given back") {
  const Block first = block();
  util::release_random();
  util::release_random();
  const Block second = block();
  CHECK(first != second);
  CHECK(second != Block{});
}

TEST_CASE("util: a forked child gets random bytes of its own") {
  static_cast<void>(block());  // fills the pool
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const Block mine = block();
    ::_exit(::write(ends[1], mine.data(), mine.size()) == static_cast<ssize_t>(mine.size()) ? 0
                                                                                            : 1);
  }
  REQUIRE(child > 0);
  const Block mine = block();
  Block theirs{};
  REQUIRE(::read(ends[0], theirs.data(), theirs.size()) == static_cast<ssize_t>(theirs.size()));
  int state = -1;
  REQUIRE(::waitpid(child, &state, 0) == child);
  CHECK(state == 0);
  CHECK(mine != theirs);
  CHECK(theirs != Block{});
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("util: threads get random bytes of their own") {
  constexpr int kThreads = 4;
  constexpr int kBlocks = 2000;
  std::vector<std::vector<Block>> results(kThreads);
  std::vector<std::thread> threads;
  for (std::vector<Block>& result : results) {
    threads.emplace_back([&result] {
      for (int i = 0; i < kBlocks; ++i) result.push_back(block());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<Block> all;
  for (const std::vector<Block>& result : results) all.insert(result.begin(), result.end());
  CHECK(all.size() == std::size_t{kThreads} * kBlocks);
}
