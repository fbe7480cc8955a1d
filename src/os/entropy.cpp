#include "os/entropy.h"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>

#include "os/own_fd.h"

namespace relevent::os {
namespace {

// For kernels and sandboxes without getrandom(2).
Result<void> read_urandom(unsigned char* block, std::size_t size) {
  const OwnFd fd(::open("/dev/urandom", O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) {
    return Result<void>::failure(errno);
  }
  while (size > 0) {
    const ssize_t got = ::read(fd.get(), block, size);
    if (got > 0) {
      block += got;
      size -= static_cast<std::size_t>(got);
    } else if (got == 0 || errno != EINTR) {
      return Result<void>::failure(got == 0 ? EIO : errno);
    }
  }
  return {};
}

}  // namespace

Result<void> fill_random(void* block, std::size_t size) {
  auto* next = static_cast<unsigned char*>(block);
  while (size > 0) {
    const ssize_t got = ::getrandom(next, size, 0);
    if (got > 0) {
      next += got;
      size -= static_cast<std::size_t>(got);
    } else if (errno != EINTR) {
      return read_urandom(next, size);
    }
  }
  return {};
}

}  // namespace relevent::os
