// Objects in memory from the hooks.
#pragma once

#include <memory>
#include <new>

#include "mem/hooks.h"

namespace relevent::mem {

// Allocates and constructs. Fails: null with errno ENOMEM. The memory is zero before the constructor
// runs, so plain C structs start out clean.
template <class T, class... Args>
[[nodiscard]] T* create(Args&&... args) {
  void* const block = allocate_zeroed(1, sizeof(T));
  if (block == nullptr) {
    return nullptr;
  }
  return ::new (block) T(static_cast<Args&&>(args)...);
}

// Destroys and releases. Null is allowed.
template <class T>
void destroy(T* object) {
  if (object != nullptr) {
    object->~T();
    release(object);
  }
}

struct Destroy {
  template <class T>
  void operator()(T* object) const {
    destroy(object);
  }
};

// Owns one object made by create().
template <class T>
using Owned = std::unique_ptr<T, Destroy>;

// Owns a C string or another plain block from allocate().
using OwnedString = std::unique_ptr<char, Release>;

}  // namespace relevent::mem
