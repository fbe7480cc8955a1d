// Objects in memory that comes from hooks.
#pragma once

#include <memory>
#include <new>
#include <utility>

namespace relevent {

// Construction and owners over `Hooks`, which says where memory comes from by three static
// functions:
//   void* allocate_zeroed(size_t count, size_t size);   null with errno ENOMEM when there is none
//   void* reallocate(void* block, size_t size);         null leaves the block as it was
//   void release(void* block);                          null is allowed
template <class Hooks>
struct Objects {
  // Allocates and constructs. Fails: null with errno ENOMEM. The memory is zero before the
  // constructor runs, so plain C structs start out clean.
  template <class T, class... Args>
  [[nodiscard]] static T* create(Args&&... args) {
    void* const block = Hooks::allocate_zeroed(1, sizeof(T));
    if (block == nullptr) {
      return nullptr;
    }
    return ::new (block) T(std::forward<Args>(args)...);
  }

  // Destroys and releases. Null is allowed.
  template <class T>
  static void destroy(T* object) {
    if (object != nullptr) {
      object->~T();
      Hooks::release(object);
    }
  }

  // Deleters for std::unique_ptr: of objects from create(), and of plain blocks.
  struct Destroy {
    template <class T>
    void operator()(T* object) const {
      destroy(object);
    }
  };
  struct Release {
    void operator()(void* block) const { Hooks::release(block); }
  };

  template <class T>
  using Owned = std::unique_ptr<T, Destroy>;
  using OwnedString = std::unique_ptr<char, Release>;
};

}  // namespace relevent
