#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>

namespace relevent {

// A growable array of plain values in memory from `Hooks` (base/objects.h).
// Owns: its storage.
// Fails: push_back, reserve and resize return false and leave the array as it was.
template <class T, class Hooks>
class BasicGrowArray {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  BasicGrowArray() = default;
  ~BasicGrowArray() { Hooks::release(data_); }
  BasicGrowArray(const BasicGrowArray&) = delete;
  BasicGrowArray& operator=(const BasicGrowArray&) = delete;

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T& operator[](std::size_t index) { return data_[index]; }
  const T& operator[](std::size_t index) const { return data_[index]; }
  T& back() { return data_[size_ - 1]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }

  [[nodiscard]] bool reserve(std::size_t wanted) {
    if (wanted <= capacity_) {
      return true;
    }
    std::size_t capacity = capacity_ < 8 ? 8 : capacity_ + capacity_ / 2;
    return set_capacity(capacity < wanted ? wanted : capacity);
  }

  [[nodiscard]] bool push_back(const T& value) {
    const T copy = value;  // `value` may live in this array
    if (!reserve(size_ + 1)) {
      return false;
    }
    data_[size_++] = copy;
    return true;
  }

  // The elements may not live in this array.
  [[nodiscard]] bool append(std::span<const T> elements) {
    if (!reserve(size_ + elements.size())) {
      return false;
    }
    if (!elements.empty()) {
      std::memcpy(static_cast<void*>(data_ + size_), elements.data(), elements.size_bytes());
      size_ += elements.size();
    }
    return true;
  }

  // New elements are all-zero.
  [[nodiscard]] bool resize(std::size_t size) {
    if (!reserve(size)) {
      return false;
    }
    if (size > size_) {
      std::memset(static_cast<void*>(data_ + size_), 0, (size - size_) * sizeof(T));
    }
    size_ = size;
    return true;
  }

  void pop_back() { --size_; }
  void clear() { size_ = 0; }

  // Gives memory back when three quarters of it are unused.
  void shrink() {
    if (capacity_ > kKeepCapacity && size_ < capacity_ / 4) {
      static_cast<void>(set_capacity(capacity_ / 2));
    }
  }

 private:
  static constexpr std::size_t kKeepCapacity = 64;

  bool set_capacity(std::size_t capacity) {
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(capacity, sizeof(T), &bytes)) {
      return false;
    }
    auto* const moved = static_cast<T*>(Hooks::reallocate(data_, bytes));
    if (moved == nullptr) {
      return false;
    }
    data_ = moved;
    capacity_ = capacity;
    return true;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace relevent
