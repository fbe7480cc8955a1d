// poll: the whole list goes to the kernel on every wait.
#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "backend/backend.h"
#include "backend/fd_table.h"
#include "mem/create.h"

namespace relevent::backend {
namespace {

constexpr int kFeatures = EV_FEATURE_FDS | EV_FEATURE_EARLY_CLOSE;

short to_poll(Interest interest) {
  return static_cast<short>(((interest & kRead) ? POLLIN : 0) |
                            ((interest & kWrite) ? POLLOUT : 0) |
                            ((interest & kClosed) ? POLLRDHUP : 0));
}

Interest from_poll(short events) {
  // Errors end both directions; whoever reads or writes finds out which.
  const bool failed = events & (POLLHUP | POLLERR | POLLNVAL);
  return static_cast<Interest>((failed || (events & POLLIN) ? kRead : 0) |
                               (failed || (events & POLLOUT) ? kWrite : 0) |
                               ((events & POLLRDHUP) ? kClosed : 0));
}

class Poll final : public Backend {
 public:
  static Backend* create(int) { return mem::create<Poll>(); }

  const char* name() const override { return "poll"; }
  int features() const override { return kFeatures; }

  Result<void> set_interest(int fd, std::uint32_t generation, Interest, Interest after) override {
    changed_ = true;
    return table_.set(fd, generation, after);
  }

  Result<void> prepare(os::Nanoseconds timeout) override;
  Result<void> wait() override;
  std::span<const Ready> collect() override;

  Result<void> reset() override {
    table_.clear();
    changed_ = true;
    return {};
  }
  void destroy() override { mem::destroy(this); }

 private:
  FdTable table_;
  bool changed_ = false;
  // A copy for wait(), which runs without the lock, and the generations of its entries.
  mem::GrowArray<pollfd> poll_fds_;
  mem::GrowArray<std::uint32_t> generations_;
  mem::GrowArray<Ready> ready_;
  os::Nanoseconds timeout_ = 0;
  std::size_t first_ = 0;  // where collect() begins, so that low descriptors are not favoured
};

Result<void> Poll::prepare(os::Nanoseconds timeout) {
  timeout_ = timeout;
  if (!changed_) {
    return {};
  }
  poll_fds_.clear();
  generations_.clear();
  for (int fd = 0; fd < table_.limit(); ++fd) {
    if (table_[fd].interest != 0 && (!poll_fds_.push_back({fd, to_poll(table_[fd].interest), 0}) ||
                                     !generations_.push_back(table_[fd].generation))) {
      return Result<void>::failure(ENOMEM);
    }
  }
  if (!ready_.reserve(poll_fds_.size())) {
    return Result<void>::failure(ENOMEM);
  }
  changed_ = false;
  return {};
}

Result<void> Poll::wait() {
  const os::Nanoseconds nanoseconds = std::max<os::Nanoseconds>(timeout_, 0);
  const timespec limit{nanoseconds / os::kNanosecondsPerSecond,
                       nanoseconds % os::kNanosecondsPerSecond};
  const int count = ::ppoll(poll_fds_.data(), poll_fds_.size(),
                            timeout_ == os::kNever ? nullptr : &limit, nullptr);
  if (count >= 0) {
    return {};
  }
  const int error = errno;
  for (pollfd& entry : poll_fds_) {
    entry.revents = 0;
  }
  return error == EINTR ? Result<void>() : Result<void>::failure(error);
}

std::span<const Ready> Poll::collect() {
  ready_.clear();
  const std::size_t size = poll_fds_.size();
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t index = (first_ + i) % size;
    const pollfd& entry = poll_fds_[index];
    if (entry.revents != 0) {
      static_cast<void>(
          ready_.push_back({entry.fd, generations_[index], from_poll(entry.revents)}));
    }
  }
  first_ = size != 0 ? (first_ + 1) % size : 0;
  return {ready_.data(), ready_.size()};
}

}  // namespace

constinit const Method kPoll = {"poll", kFeatures, "EVENT_NOPOLL", Poll::create};

}  // namespace relevent::backend
