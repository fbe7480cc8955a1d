#include "util/rng.h"

#include <atomic>
#include <cstdint>
#include <cstring>

#include "log/log.h"
#include "os/entropy.h"
#include "os/wiped_page.h"

namespace relevent::util {
namespace {

// Lies in a page that is all zero at first, and again in a child after fork: not in use, and empty.
struct Pool {
  static constexpr std::size_t kSize = 1024;

  std::atomic<bool> in_use;
  std::uint32_t left;  // the bytes at the end that were not given away yet
  unsigned char bytes[kSize];
};
static_assert(sizeof(Pool) <= os::kWipedPageSize);
static_assert(std::atomic<bool>::is_always_lock_free);

// What is asked for in one piece; larger requests would only drain the pool.
constexpr std::size_t kLargestFromPool = Pool::kSize / 8;

constinit std::atomic<Pool*> g_pool{nullptr};

void fill_from_kernel(void* out, std::size_t size) {
  const Result<void> filled = os::fill_random(out, size);
  if (!filled) {
    log::fatal_errno(log::kAbortCode, filled.error(), "no random numbers from the system");
  }
}

// The pool of this process, or null if the system has no pages that fork wipes.
Pool* find_pool() {
  Pool* pool = g_pool.load(std::memory_order_acquire);
  if (pool != nullptr) {
    return pool;
  }
  auto* const fresh = static_cast<Pool*>(os::map_wiped_page());
  if (fresh != nullptr && g_pool.compare_exchange_strong(pool, fresh, std::memory_order_acq_rel)) {
    return fresh;
  }
  os::unmap_wiped_page(fresh);
  return pool;
}

void take(Pool& pool, unsigned char* out, std::size_t size) {
  if (pool.left < size) {
    fill_from_kernel(pool.bytes, sizeof pool.bytes);
    pool.left = Pool::kSize;
  }
  unsigned char* const next = pool.bytes + (Pool::kSize - pool.left);
  pool.left -= static_cast<std::uint32_t>(size);
  std::memcpy(out, next, size);
  explicit_bzero(next, size);
}

}  // namespace

bool init_random() {
  unsigned char probe;
  return os::fill_random(&probe, sizeof probe).ok();
}

void fill_random(void* out, std::size_t size) {
  if (size == 0) {
    return;
  }
  Pool* const pool = size <= kLargestFromPool ? find_pool() : nullptr;
  if (pool == nullptr || pool->in_use.exchange(true, std::memory_order_acquire)) {
    fill_from_kernel(out, size);
    return;
  }
  take(*pool, static_cast<unsigned char*>(out), size);
  pool->in_use.store(false, std::memory_order_release);
}

void release_random() { os::unmap_wiped_page(g_pool.exchange(nullptr)); }

}  // namespace relevent::util
