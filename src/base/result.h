#pragma once

#include "base/attributes.h"

namespace relevent {

// The value of a system call, or the errno it failed with.
template <class T>
class [[nodiscard]] Result {
 public:
  constexpr Result(T value) : value_(static_cast<T&&>(value)) {}
  static constexpr Result failure(int error) { return Result(Failed{}, error); }

  constexpr bool ok() const { return error_ == 0; }
  constexpr explicit operator bool() const { return ok(); }
  // 0, or the errno.
  constexpr int error() const { return error_; }
  // Only if ok().
  constexpr const T& value() const { return value_; }
  constexpr const T& operator*() const { return value_; }
  // Moves the value out; only if ok().
  constexpr T take() { return static_cast<T&&>(value_); }

 private:
  struct Failed {};
  constexpr Result(Failed, int error) : value_(), error_(error) {}

  T value_;
  int error_ = 0;
};

// Success, or the errno.
template <>
class [[nodiscard]] Result<void> {
 public:
  constexpr Result() = default;
  static constexpr Result failure(int error) {
    Result result;
    result.error_ = error;
    return result;
  }

  constexpr bool ok() const { return error_ == 0; }
  constexpr explicit operator bool() const { return ok(); }
  constexpr int error() const { return error_; }

 private:
  int error_ = 0;
};

}  // namespace relevent
