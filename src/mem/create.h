// Objects in memory from the hooks of event_set_mem_functions, for core.
#pragma once

#include <utility>

#include "base/objects.h"
#include "mem/hooks.h"

namespace relevent::mem {

struct Hooks {
  static void* allocate_zeroed(std::size_t count, std::size_t size) {
    return mem::allocate_zeroed(count, size);
  }
  static void* reallocate(void* block, std::size_t size) { return mem::reallocate(block, size); }
  static void release(void* block) { mem::release(block); }
};

template <class T, class... Args>
[[nodiscard]] T* create(Args&&... args) {
  return Objects<Hooks>::create<T>(std::forward<Args>(args)...);
}

template <class T>
void destroy(T* object) {
  Objects<Hooks>::destroy(object);
}

using Destroy = Objects<Hooks>::Destroy;

// Owns one object made by create().
template <class T>
using Owned = Objects<Hooks>::Owned<T>;

// Owns a C string or another plain block from allocate().
using OwnedString = Objects<Hooks>::OwnedString;

}  // namespace relevent::mem
