// Reading into an evbuffer from a descriptor, and writing from it.
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "buffer/access.h"
#include "buffer/evbuffer.h"

namespace relevent::buffer {

Result<std::size_t> Evbuffer::read_locked(int fd, std::size_t limit, Chain* lent) {
  ReadRoom room;
  if (!content_.prepare_read(limit, lent, room)) {
    return Result<std::size_t>::failure(ENOMEM);
  }
  const ssize_t count = ::readv(fd, room.pieces, room.count);
  const int error = errno;
  const std::size_t got = count > 0 ? static_cast<std::size_t>(count) : 0;
  content_.finish_read(room, got);
  if (count < 0) {
    return Result<std::size_t>::failure(error);
  }
  notify_locked(got, 0);
  return got;
}

int Evbuffer::read(int fd, int limit) {
  const Access access(*this);
  if (end_frozen_) {
    return -1;
  }
  const std::size_t most = read_limit();
  const std::size_t size = limit < 0 ? most : std::min(most, static_cast<std::size_t>(limit));
  const Result<std::size_t> result = read_locked(fd, size, nullptr);
  if (!result) {
    errno = result.error();
    return -1;
  }
  return static_cast<int>(*result);
}

int Evbuffer::write(int fd, ev_ssize_t limit) {
  const Access access(*this);
  if (front_frozen_ || content_.empty() || limit == 0) {
    return -1;
  }
  const std::size_t most = limit < 0 ? SIZE_MAX : static_cast<std::size_t>(limit);
  const Result<std::size_t> result = write_locked(fd, std::min<std::size_t>(most, INT_MAX));
  if (!result) {
    errno = result.error();
    return -1;
  }
  return static_cast<int>(*result);
}

Result<std::size_t> Evbuffer::write_locked(int fd, std::size_t limit) {
  const Result<std::size_t> result = content_.write(fd, limit);
  if (result && *result > 0) {
    drain_locked(*result);
  }
  return result;
}

}  // namespace relevent::buffer
