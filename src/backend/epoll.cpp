// epoll: changes go to the kernel at once, so they also reach a thread that is waiting.
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>

#include "backend/backend.h"
#include "log/log.h"
#include "mem/create.h"
#include "mem/grow_array.h"
#include "os/own_fd.h"

namespace relevent::backend {
namespace {

constexpr std::size_t kInitialEvents = 32;
constexpr std::size_t kMaxEvents = 4096;
constexpr int kFeatures = EV_FEATURE_ET | EV_FEATURE_O1 | EV_FEATURE_EARLY_CLOSE;

// A regular file or another descriptor that epoll refuses, and that poll(2) calls always ready.
struct AlwaysReady {
  int fd;
  std::uint32_t generation;
  Interest interest;
};

std::uint32_t to_epoll(Interest interest) {
  std::uint32_t events = 0;
  if (interest & kRead) events |= EPOLLIN;
  if (interest & kWrite) events |= EPOLLOUT;
  if (interest & kClosed) events |= EPOLLRDHUP;
  if (interest & kEdge) events |= EPOLLET;
  return events;
}

Interest from_epoll(std::uint32_t events) {
  // An error or a full hang-up ends both directions; whoever reads or writes finds out which.
  // Compat: kEdge tells edge-triggered events that they are (event_et_test.cpp).
  if (events & EPOLLERR) {
    return kRead | kWrite | kEdge;
  }
  if ((events & EPOLLHUP) && !(events & EPOLLRDHUP)) {
    return kRead | kWrite | kEdge;
  }
  Interest what = kEdge;
  if (events & EPOLLIN) what |= kRead;
  if (events & EPOLLOUT) what |= kWrite;
  if (events & EPOLLRDHUP) what |= kClosed;
  return what;
}

epoll_event make_event(int fd, std::uint32_t generation, Interest interest) {
  epoll_event event{};
  event.events = to_epoll(interest);
  event.data.u64 = static_cast<std::uint64_t>(generation) << 32 | static_cast<std::uint32_t>(fd);
  return event;
}

class Epoll final : public Backend {
 public:
  static Backend* create(int base_flags);

  // Compat: changes are always collected; who asked for it is told so (event_config_test.cpp).
  const char* name() const override {
    return changelist_asked_for_ ? "epoll (with changelist)" : "epoll";
  }
  int features() const override { return kFeatures; }
  Result<void> set_interest(int fd, std::uint32_t generation, Interest before,
                            Interest after) override;
  Result<void> prepare(os::Nanoseconds timeout) override;
  Result<void> wait() override;
  std::span<const Ready> collect() override;
  Result<void> reset() override;
  void destroy() override { mem::destroy(this); }

 private:
  int control(int operation, int fd, epoll_event& event) {
    return ::epoll_ctl(epoll_.get(), operation, fd, &event) == 0 ? 0 : errno;
  }
  AlwaysReady* find_always_ready(int fd);
  Result<void> set_always_ready(int fd, std::uint32_t generation, Interest after);
  int wait_until_ready();

  os::OwnFd epoll_;
  mem::GrowArray<epoll_event> events_;
  mem::GrowArray<Ready> ready_;
  mem::GrowArray<AlwaysReady> always_ready_;
  os::Nanoseconds timeout_ = 0;
  std::size_t count_ = 0;
  bool has_pwait2_ = true;
  bool changelist_asked_for_ = false;
};

Backend* Epoll::create(int base_flags) {
  mem::Owned<Epoll> epoll(mem::create<Epoll>());
  if (epoll == nullptr || !epoll->events_.resize(kInitialEvents) ||
      !epoll->ready_.reserve(kInitialEvents) || !epoll->reset()) {
    return nullptr;
  }
  const bool ignore_environment = base_flags & EVENT_BASE_FLAG_IGNORE_ENV;
  epoll->changelist_asked_for_ =
      (base_flags & EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST) ||
      (!ignore_environment && ::secure_getenv("EVENT_EPOLL_USE_CHANGELIST") != nullptr);
  return epoll.release();
}

Result<void> Epoll::reset() {
  os::OwnFd fresh(::epoll_create1(EPOLL_CLOEXEC));
  if (!fresh.valid()) {
    return Result<void>::failure(errno);
  }
  epoll_ = std::move(fresh);
  always_ready_.clear();
  return {};
}

Result<void> Epoll::set_interest(int fd, std::uint32_t generation, Interest before,
                                 Interest after) {
  if (RELEVENT_UNLIKELY(!always_ready_.empty()) && find_always_ready(fd) != nullptr) {
    // The number may belong to another file by now, which epoll may like.
    static_cast<void>(set_always_ready(fd, generation, 0));
    before = 0;
  }
  if ((after & ~kEdge) == 0) {
    epoll_event none{};
    const int error = before != 0 ? control(EPOLL_CTL_DEL, fd, none) : 0;
    // Closed, or closed and opened again: the kernel has forgotten it by itself.
    return error == 0 || error == ENOENT || error == EBADF || error == EPERM
               ? Result<void>()
               : Result<void>::failure(error);
  }
  epoll_event event = make_event(fd, generation, after);
  int error = control(before != 0 ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, event);
  if (error == EEXIST) {
    error = control(EPOLL_CTL_MOD, fd, event);
  }
  if (error == EPERM) {
    return set_always_ready(fd, generation, after);
  }
  return error == 0 ? Result<void>() : Result<void>::failure(error);
}

AlwaysReady* Epoll::find_always_ready(int fd) {
  for (AlwaysReady& entry : always_ready_) {
    if (entry.fd == fd) {
      return &entry;
    }
  }
  return nullptr;
}

Result<void> Epoll::set_always_ready(int fd, std::uint32_t generation, Interest after) {
  AlwaysReady* const entry = find_always_ready(fd);
  if (after == 0) {
    if (entry != nullptr) {
      *entry = always_ready_.back();
      always_ready_.pop_back();
    }
    return {};
  }
  if (entry != nullptr) {
    *entry = {fd, generation, after};
    return {};
  }
  return always_ready_.push_back({fd, generation, after}) ? Result<void>()
                                                          : Result<void>::failure(ENOMEM);
}

Result<void> Epoll::prepare(os::Nanoseconds timeout) {
  timeout_ = timeout;
  for (const AlwaysReady& entry : always_ready_) {
    if (entry.interest & (kRead | kWrite)) {
      timeout_ = 0;
    }
  }
  // Room for all that collect() may find, so that it cannot fail.
  return ready_.resize(events_.size() + always_ready_.size()) ? Result<void>()
                                                              : Result<void>::failure(ENOMEM);
}

// epoll_wait, and epoll_pwait2 where a timeout has to be finer than a millisecond.
int Epoll::wait_until_ready() {
  const int room = static_cast<int>(events_.size());
  if (timeout_ == os::kNever || timeout_ <= 0) {
    return ::epoll_wait(epoll_.get(), events_.data(), room, timeout_ <= 0 ? 0 : -1);
  }
  if (has_pwait2_) {
    const timespec limit{timeout_ / os::kNanosecondsPerSecond,
                         timeout_ % os::kNanosecondsPerSecond};
    const int count = ::epoll_pwait2(epoll_.get(), events_.data(), room, &limit, nullptr);
    if (count >= 0 || (errno != ENOSYS && errno != EPERM)) {
      return count;
    }
    has_pwait2_ = false;
  }
  constexpr os::Nanoseconds kMillisecond = 1'000'000;
  const os::Nanoseconds milliseconds = (timeout_ - 1) / kMillisecond + 1;
  return ::epoll_wait(epoll_.get(), events_.data(), room,
                      static_cast<int>(std::min<os::Nanoseconds>(milliseconds, INT_MAX)));
}

Result<void> Epoll::wait() {
  count_ = 0;
  const int count = wait_until_ready();
  if (count < 0) {
    return errno == EINTR ? Result<void>() : Result<void>::failure(errno);
  }
  count_ = static_cast<std::size_t>(count);
  return {};
}

std::span<const Ready> Epoll::collect() {
  Ready* end = ready_.data();  // prepare() has made room
  for (std::size_t i = 0; i < count_; ++i) {
    const epoll_event& event = events_[i];
    *end++ = {static_cast<int>(event.data.u64 & 0xffffffff),
              static_cast<std::uint32_t>(event.data.u64 >> 32), from_epoll(event.events)};
  }
  for (AlwaysReady& entry : always_ready_) {
    const auto what = static_cast<Interest>(entry.interest & (kRead | kWrite | kEdge));
    if (what & (kRead | kWrite)) {
      *end++ = {entry.fd, entry.generation, what};
      if (entry.interest & kEdge) {
        entry.interest = kEdge;  // the edge is reported once
      }
    }
  }
  if (count_ == events_.size() && count_ < kMaxEvents) {
    static_cast<void>(events_.resize(count_ * 2));  // without memory it goes on as it is
  }
  return {ready_.data(), end};
}

}  // namespace

constinit const Method kEpoll = {"epoll", kFeatures, "EVENT_NOEPOLL", Epoll::create};

}  // namespace relevent::backend
