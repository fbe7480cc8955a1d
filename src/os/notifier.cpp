#include "os/notifier.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace relevent::os {

Result<void> Notifier::open() {
  close();
  read_end_ = OwnFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (read_end_.valid()) {
    return {};
  }
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
    return Result<void>::failure(errno);
  }
  read_end_ = OwnFd(ends[0]);
  write_end_ = OwnFd(ends[1]);
  return {};
}

void Notifier::close() {
  read_end_.reset();
  write_end_.reset();
}

void Notifier::notify() {
  const int saved_errno = errno;
  const std::uint64_t one = 1;
  // A full counter or pipe is readable already, so EAGAIN is success.
  ssize_t written;
  do {
    written = write_end_.valid() ? ::write(write_end_.get(), &one, 1)
                                 : ::write(read_end_.get(), &one, sizeof one);
  } while (written < 0 && errno == EINTR);
  errno = saved_errno;
}

void Notifier::drain() {
  const int saved_errno = errno;
  unsigned char block[256];
  ssize_t got;
  do {
    got = ::read(read_end_.get(), block, sizeof block);
  } while (write_end_.valid() ? got == static_cast<ssize_t>(sizeof block)
                              : (got < 0 && errno == EINTR));
  errno = saved_errno;
}

}  // namespace relevent::os
