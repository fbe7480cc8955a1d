#include "mem/hooks.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/attributes.h"

namespace relevent::mem {
namespace {

struct Hooks {
  AllocateHook allocate = nullptr;
  ReallocateHook reallocate = nullptr;
  ReleaseHook release = nullptr;
};

constinit Hooks g_hooks;

// glibc's malloc takes blocks up to this size from the thread's own cache, its calloc none.
constexpr std::size_t kLargestCachedBlock = 1024;

void* out_of_memory() {
  errno = ENOMEM;
  return nullptr;
}

// Apart, so that release() needs no stack frame.
RELEVENT_COLD void release_by_hook(void* block) {
  const int saved_errno = errno;
  g_hooks.release(block);
  errno = saved_errno;
}

}  // namespace

void set_hooks(AllocateHook allocate, ReallocateHook reallocate, ReleaseHook release) {
  g_hooks = {allocate, reallocate, release};
}

void* allocate(std::size_t size) {
  if (size == 0) {
    return nullptr;
  }
  void* const block = g_hooks.allocate != nullptr ? g_hooks.allocate(size) : std::malloc(size);
  return block != nullptr ? block : out_of_memory();
}

void* allocate_zeroed(std::size_t count, std::size_t size) {
  std::size_t total = 0;
  if (__builtin_mul_overflow(count, size, &total)) {
    return out_of_memory();
  }
  if (g_hooks.allocate == nullptr && total > kLargestCachedBlock) {
    return std::calloc(count, size);
  }
  void* const block = allocate(total);
  if (block != nullptr) {
    std::memset(block, 0, total);
  }
  return block;
}

void* reallocate(void* block, std::size_t size) {
  void* const moved =
      g_hooks.reallocate != nullptr ? g_hooks.reallocate(block, size) : std::realloc(block, size);
  return moved != nullptr ? moved : out_of_memory();
}

void release(void* block) {
  if (RELEVENT_LIKELY(g_hooks.release == nullptr)) {
    std::free(block);  // keeps errno: POSIX.1-2024, glibc 2.33, musl
  } else if (block != nullptr) {
    release_by_hook(block);
  }
}

char* duplicate_string(const char* text) {
  if (text == nullptr) {
    errno = EINVAL;
    return nullptr;
  }
  const std::size_t size = std::strlen(text) + 1;
  auto* const copy = static_cast<char*>(allocate(size));
  if (copy != nullptr) {
    std::memcpy(copy, text, size);
  }
  return copy;
}

}  // namespace relevent::mem
