#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "mem/create.h"
#include "mem/grow_array.h"

namespace mem = relevent::mem;

namespace {

int g_live = 0;
bool g_fail = false;

void* counting_malloc(std::size_t size) {
  if (g_fail) return nullptr;
  ++g_live;
  return std::malloc(size);
}
void* counting_realloc(void* block, std::size_t size) {
  if (g_fail) return nullptr;
  if (block == nullptr) ++g_live;
  return std::realloc(block, size);
}
void counting_free(void* block) {
  --g_live;
  errno = EIO;
  std::free(block);
}

struct Hooked {
  Hooked() { mem::set_hooks(counting_malloc, counting_realloc, counting_free); }
  ~Hooked() {
    g_fail = false;
    mem::set_hooks(nullptr, nullptr, nullptr);
  }
};

struct Probe {
  explicit Probe(int& counter) : counter_(counter) { ++counter_; }
  ~Probe() { --counter_; }
  int& counter_;
  int zeroed_[4];
};

}  // namespace

TEST_CASE("mem: everything goes through the hooks, and release keeps errno") {
  const Hooked hooked;
  void* block = mem::allocate(10);
  block = mem::reallocate(block, 20);
  char* const text = mem::duplicate_string("text");
  CHECK(g_live == 2);
  errno = EAGAIN;
  mem::release(block);
  CHECK(errno == EAGAIN);
  mem::release(text);
  mem::release(nullptr);
  CHECK(g_live == 0);
}

TEST_CASE("mem: failure gives null and ENOMEM") {
  const Hooked hooked;
  CHECK(mem::allocate(0) == nullptr);
  errno = 0;
  CHECK(mem::allocate_zeroed(SIZE_MAX / 2, 3) == nullptr);
  CHECK(errno == ENOMEM);
  g_fail = true;
  errno = 0;
  CHECK(mem::allocate(1) == nullptr);
  CHECK(errno == ENOMEM);
  errno = 0;
  CHECK(mem::duplicate_string(nullptr) == nullptr);
  CHECK(errno == EINVAL);
}

TEST_CASE("mem: create and destroy run constructor and destructor") {
  const Hooked hooked;
  int counter = 0;
  {
    const mem::Owned<Probe> probe(mem::create<Probe>(counter));
    REQUIRE(probe);
    CHECK(counter == 1);
    CHECK(g_live == 1);
  }
  CHECK(counter == 0);
  CHECK(g_live == 0);
  g_fail = true;
  CHECK(mem::create<Probe>(counter) == nullptr);
  CHECK(counter == 0);
}

TEST_CASE("mem: grow array keeps its contents when growing fails, and gives memory back") {
  const Hooked hooked;
  {
    mem::GrowArray<int> array;
    for (int i = 0; i < 1000; ++i) REQUIRE(array.push_back(i));
    REQUIRE(array.reserve(array.capacity()));
    g_fail = true;
    CHECK_FALSE(array.reserve(array.capacity() + 1));
    CHECK(array.size() == 1000);
    CHECK(array[999] == 999);
    g_fail = false;
    const std::size_t grown = array.capacity();
    while (array.size() > 10) {
      array.pop_back();
      array.shrink();
    }
    CHECK(array.capacity() < grown / 4);
    CHECK(array[9] == 9);
    REQUIRE(array.resize(20));
    CHECK(array[19] == 0);
    CHECK_FALSE(array.reserve(SIZE_MAX / 2));
  }
  CHECK(g_live == 0);
}
