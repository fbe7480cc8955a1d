// Where all memory of the library comes from: the functions of event_set_mem_functions, or libc's.
#pragma once

#include <cstddef>

namespace relevent::mem {

using AllocateHook = void* (*)(std::size_t);
using ReallocateHook = void* (*)(void*, std::size_t);
using ReleaseHook = void (*)(void*);

// Replaces the hooks; null restores libc's function. Not thread safe: to be called before anything
// has been allocated. C API: event_set_mem_functions.
void set_hooks(AllocateHook allocate, ReallocateHook reallocate, ReleaseHook release);

// Uninitialised memory. Fails: null with errno ENOMEM. A size of 0 gives null without an error.
[[nodiscard]] void* allocate(std::size_t size);

// `count` elements of `size` bytes, all zero. Fails: null with errno ENOMEM, also on overflow.
[[nodiscard]] void* allocate_zeroed(std::size_t count, std::size_t size);

// As realloc: on failure null, and the old block is untouched.
[[nodiscard]] void* reallocate(void* block, std::size_t size);

// Null is allowed. errno is kept.
void release(void* block);

// A copy of the string. Fails: null with errno ENOMEM, or EINVAL for null.
[[nodiscard]] char* duplicate_string(const char* text);

// Deleter for owners of blocks, e.g. std::unique_ptr<char, mem::Release>.
struct Release {
  void operator()(void* block) const { release(block); }
};

}  // namespace relevent::mem
