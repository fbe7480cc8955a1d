#pragma once

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace relevent::os {

// Owns: one file descriptor, or none (-1). errno survives the close.
class OwnFd {
 public:
  constexpr OwnFd() = default;
  constexpr explicit OwnFd(int fd) : fd_(fd) {}
  OwnFd(OwnFd&& other) noexcept : fd_(other.release()) {}
  OwnFd& operator=(OwnFd&& other) noexcept {
    reset(other.release());
    return *this;
  }
  ~OwnFd() { reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }

  void reset(int fd = -1) {
    const int old = std::exchange(fd_, fd);
    if (old >= 0) {
      const int saved_errno = errno;
      ::close(old);
      errno = saved_errno;
    }
  }

 private:
  int fd_ = -1;
};

}  // namespace relevent::os
