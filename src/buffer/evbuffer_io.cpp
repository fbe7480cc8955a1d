// Reading into an evbuffer from a descriptor, and writing from it.
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "buffer/access.h"
#include "buffer/evbuffer.h"

namespace relevent::buffer {
namespace {

// Blocks for one read, as powers of two: for messages, and for bulk transfer.
constexpr std::uint8_t kSmallestOrder = 9;
constexpr std::uint8_t kLargestOrder = 16;

}  // namespace

Result<std::size_t> Evbuffer::read_once_locked(int fd, std::size_t limit, std::size_t wanted,
                                               ReadRoom& room) {
  if (!content_.prepare_read(limit, wanted, room)) {
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
  ReadRoom room;
  const Result<std::size_t> result = read_once_locked(fd, size, size, room);
  if (!result) {
    errno = result.error();
    return -1;
  }
  return static_cast<int>(*result);
}

Result<std::size_t> Evbuffer::read_locked(int fd, std::size_t limit) {
  const std::size_t wanted = (std::size_t{1} << read_order_) - sizeof(Chain);
  ReadRoom room;
  const Result<std::size_t> result = read_once_locked(fd, limit, wanted, room);
  if (!result) {
    return result;
  }
  if (*result == room.total && room.total >= wanted) {
    read_order_ = static_cast<std::uint8_t>(std::min(read_order_ + 2, int{kLargestOrder}));
  } else if (*result < wanted / 4 && read_order_ > kSmallestOrder) {
    --read_order_;
  }
  return result;
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
