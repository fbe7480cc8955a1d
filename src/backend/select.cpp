// select: as poll, with bit sets that grow past FD_SETSIZE.
#include <sys/select.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "backend/backend.h"
#include "backend/fd_table.h"
#include "mem/create.h"

namespace relevent::backend {
namespace {

using Word = fd_mask;
constexpr std::size_t kWordBits = sizeof(Word) * 8;

// A descriptor set of any size, in the layout that the kernel expects of an fd_set.
class FdSet {
 public:
  [[nodiscard]] bool resize(std::size_t words) { return words_.resize(words); }
  void clear() { std::fill(words_.begin(), words_.end(), 0); }
  void add(int fd) { words_[word(fd)] |= bit(fd); }
  bool has(int fd) const { return (words_[word(fd)] & bit(fd)) != 0; }
  fd_set* get() { return reinterpret_cast<fd_set*>(words_.data()); }

 private:
  static std::size_t word(int fd) { return static_cast<std::size_t>(fd) / kWordBits; }
  static Word bit(int fd) {
    return static_cast<Word>(1UL << (static_cast<std::size_t>(fd) % kWordBits));
  }

  mem::GrowArray<Word> words_;
};

class Select final : public Backend {
 public:
  static Backend* create(int) { return mem::create<Select>(); }

  const char* name() const override { return "select"; }
  int features() const override { return EV_FEATURE_FDS; }

  Result<void> set_interest(int fd, std::uint32_t generation, Interest, Interest after) override {
    return table_.set(fd, generation, after);
  }

  Result<void> prepare(os::Nanoseconds timeout) override;
  Result<void> wait() override;
  std::span<const Ready> collect() override;

  Result<void> reset() override {
    table_.clear();
    return {};
  }
  void destroy() override { mem::destroy(this); }

 private:
  FdTable table_;
  // Copies for wait(), which runs without the lock.
  FdSet read_;
  FdSet write_;
  mem::GrowArray<std::uint32_t> generations_;
  int limit_ = 0;
  int count_ = 0;
  mem::GrowArray<Ready> ready_;
  os::Nanoseconds timeout_ = 0;
};

Result<void> Select::prepare(os::Nanoseconds timeout) {
  timeout_ = timeout;
  const int limit = table_.limit();
  const std::size_t words = static_cast<std::size_t>(limit) / kWordBits + 1;
  if (!read_.resize(words) || !write_.resize(words) ||
      !ready_.reserve(static_cast<std::size_t>(limit)) ||
      !generations_.resize(static_cast<std::size_t>(limit))) {
    return Result<void>::failure(ENOMEM);
  }
  limit_ = limit;
  read_.clear();
  write_.clear();
  for (int fd = 0; fd < limit; ++fd) {
    generations_[static_cast<std::size_t>(fd)] = table_[fd].generation;
    if (table_[fd].interest & kRead) read_.add(fd);
    if (table_[fd].interest & kWrite) write_.add(fd);
  }
  return {};
}

Result<void> Select::wait() {
  const os::Nanoseconds nanoseconds = std::max<os::Nanoseconds>(timeout_, 0);
  const timespec limit{nanoseconds / os::kNanosecondsPerSecond,
                       nanoseconds % os::kNanosecondsPerSecond};
  count_ = ::pselect(limit_, read_.get(), write_.get(), nullptr,
                     timeout_ == os::kNever ? nullptr : &limit, nullptr);
  if (count_ >= 0 || errno == EINTR) {
    return {};
  }
  return Result<void>::failure(errno);
}

std::span<const Ready> Select::collect() {
  ready_.clear();
  for (int fd = 0; count_ > 0 && fd < limit_; ++fd) {
    const auto what =
        static_cast<Interest>((read_.has(fd) ? kRead : 0) | (write_.has(fd) ? kWrite : 0));
    if (what != 0) {
      static_cast<void>(ready_.push_back({fd, generations_[static_cast<std::size_t>(fd)], what}));
    }
  }
  return {ready_.data(), ready_.size()};
}

}  // namespace

constinit const Method kSelect = {"select", EV_FEATURE_FDS, "EVENT_NOSELECT", Select::create};

}  // namespace relevent::backend
