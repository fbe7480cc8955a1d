// evutil's random numbers.
#include <event2/thread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include "support.h"

namespace {

using Block = std::array<unsigned char, 16>;

Block block() {
  Block out{};
  evutil_secure_rng_get_bytes(out.data(), out.size());
  return out;
}

}  // namespace

TEST_CASE("evutil_secure_rng_init: may be called often, and need not be called") {
  CHECK(block() != block());
  CHECK(evutil_secure_rng_init() == 0);
  CHECK(evutil_secure_rng_init() == 0);
  CHECK(block() != block());
}

TEST_CASE("evutil_secure_rng_get_bytes: fills every size and nothing beside it") {
  for (const std::size_t size :
       std::initializer_list<std::size_t>{1, 2, 3, 7, 8, 16, 31, 64, 127, 128, 129, 255, 256, 257,
                                          1000, 1024, 1025, 4096, 100000}) {
    CAPTURE(size);
    std::vector<unsigned char> out(size + 2, 0x5a);
    // Every byte changes sooner or later.
    std::vector<bool> changed(size, false);
    for (int attempt = 0; attempt < 12; ++attempt) {
      evutil_secure_rng_get_bytes(out.data() + 1, size);
      for (std::size_t i = 0; i < size; ++i) {
        changed[i] = changed[i] || out[i + 1] != 0x5a;
      }
    }
    CHECK(std::count(changed.begin(), changed.end(), false) == 0);
    CHECK(out.front() == 0x5a);
    CHECK(out.back() == 0x5a);
  }
}

TEST_CASE("evutil_secure_rng_get_bytes: nothing is asked for") {
  unsigned char byte = 0x5a;
  evutil_secure_rng_get_bytes(&byte, 0);
  CHECK(byte == 0x5a);
  evutil_secure_rng_get_bytes(nullptr, 0);
}

TEST_CASE("evutil_secure_rng_get_bytes: all values come up about equally often") {
  std::vector<unsigned char> out(256 * 400);
  for (std::size_t i = 0; i < out.size(); i += 50) {
    evutil_secure_rng_get_bytes(out.data() + i, 50);
  }
  std::array<int, 256> seen{};
  for (const unsigned char byte : out) {
    ++seen[byte];
  }
  // 400 are expected of each, with a standard deviation of 20.
  CHECK(*std::min_element(seen.begin(), seen.end()) > 240);
  CHECK(*std::max_element(seen.begin(), seen.end()) < 560);
}

TEST_CASE("evutil_secure_rng_get_bytes: parent and children get bytes of their own") {
  static_cast<void>(block());
  std::set<Block> all;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  constexpr int kChildren = 4;
  for (int i = 0; i < kChildren; ++i) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const Block mine = block();
      ::_exit(::write(ends[1], mine.data(), mine.size()) == 16 ? 0 : 1);
    }
    int state = -1;
    REQUIRE(::waitpid(child, &state, 0) == child);
    REQUIRE(state == 0);
    Block theirs{};
    REQUIRE(::read(ends[0], theirs.data(), theirs.size()) == 16);
    all.insert(theirs);
  }
  all.insert(block());
  CHECK(all.size() == kChildren + 1);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("evutil_secure_rng_get_bytes: threads get bytes of their own") {
  REQUIRE(evthread_use_pthreads() == 0);
  std::array<std::vector<Block>, 4> results;
  std::vector<std::thread> threads;
  for (std::vector<Block>& result : results) {
    threads.emplace_back([&result] {
      for (int i = 0; i < 1000; ++i) {
        result.push_back(block());
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  std::set<Block> all;
  for (const std::vector<Block>& result : results) {
    all.insert(result.begin(), result.end());
  }
  CHECK(all.size() == 4000);
}

TEST_CASE("evutil_secure_rng_add_bytes: harmless") {
  evutil_secure_rng_add_bytes("seed", 4);
  evutil_secure_rng_add_bytes(nullptr, 0);
  const std::vector<char> much(100000, 'x');
  evutil_secure_rng_add_bytes(much.data(), much.size());
  CHECK(block() != block());
}

TEST_CASE("evutil_secure_rng_set_urandom_device_file: no device is used, and it says so") {
  char real[] = "/dev/urandom";
  char missing[] = "/no/such/device";
  CHECK(evutil_secure_rng_set_urandom_device_file(real) == -1);
  CHECK(evutil_secure_rng_set_urandom_device_file(missing) == -1);
  CHECK(evutil_secure_rng_set_urandom_device_file(nullptr) == -1);
  CHECK(evutil_secure_rng_init() == 0);
  CHECK(block() != block());
}
