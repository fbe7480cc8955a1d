// Objects in memory from the hooks of event_set_mem_functions, for the objects beside core.
#pragma once

#include <cstring>
#include <utility>

#include "base/grow_array.h"
#include "base/objects.h"
#include "surface/surface.h"

namespace relevent {

struct SurfaceHooks {
  static void* allocate_zeroed(std::size_t count, std::size_t size) {
    return relevent_allocate_zeroed(count, size);
  }
  static void* reallocate(void* block, std::size_t size) {
    return relevent_reallocate(block, size);
  }
  static void release(void* block) { relevent_release(block); }
};

template <class T, class... Args>
[[nodiscard]] T* create(Args&&... args) {
  return Objects<SurfaceHooks>::create<T>(std::forward<Args>(args)...);
}

template <class T>
void destroy(T* object) {
  Objects<SurfaceHooks>::destroy(object);
}

// Owns one object made by create().
template <class T>
using Owned = Objects<SurfaceHooks>::Owned<T>;

// Owns a C string or another plain block of the hooks' memory.
using OwnedString = Objects<SurfaceHooks>::OwnedString;

template <class T>
using GrowArray = BasicGrowArray<T, SurfaceHooks>;

// A copy of `length` bytes with a NUL behind them. Fails: null with errno ENOMEM.
[[nodiscard]] inline char* duplicate_bytes(const char* bytes, std::size_t length) {
  auto* const copy = static_cast<char*>(relevent_allocate(length + 1));
  if (copy != nullptr) {
    std::memcpy(copy, bytes, length);
    copy[length] = '\0';
  }
  return copy;
}
[[nodiscard]] inline char* duplicate_string(const char* text) {
  return duplicate_bytes(text, std::strlen(text));
}

}  // namespace relevent
