// How much may be read and written at once.
#include <algorithm>

#include "bufferevent/core.h"
#include "bufferevent/extras.h"

namespace relevent::bev {
namespace {

// What one system call moves at most, unless the user says otherwise: enough for bulk transfer, and
// not so much that the others have to wait.
constexpr std::size_t kDefaultRead = 64 * 1024;
constexpr std::size_t kDefaultWrite = 256 * 1024;
// Compat: what the user is told of this.
constexpr std::size_t kReportedDefault = 16384;

}  // namespace

bool Core::set_max_single(short event, std::size_t size) {
  const std::size_t limit = size > EV_SSIZE_MAX ? 0 : size;
  if (limit == 0 && extras_ == nullptr) {
    return true;
  }
  if (make_extras() == nullptr) {
    return false;
  }
  (event == EV_READ ? extras_->max_single_read : extras_->max_single_write) = limit;
  return true;
}

std::size_t Core::max_single(short event) const {
  std::size_t limit = 0;
  if (extras_ != nullptr) {
    limit = event == EV_READ ? extras_->max_single_read : extras_->max_single_write;
  }
  return limit != 0 ? limit : kReportedDefault;
}

std::size_t Core::read_budget() {
  if (RELEVENT_LIKELY(extras_ == nullptr)) {
    return kDefaultRead;
  }
  const std::size_t most = extras_->max_single_read != 0 ? extras_->max_single_read : kDefaultRead;
  RateLimit* const limit = rate_limit();
  return limit != nullptr ? std::min(most, limit->budget(EV_READ)) : most;
}

std::size_t Core::write_budget() {
  if (RELEVENT_LIKELY(extras_ == nullptr)) {
    return kDefaultWrite;
  }
  const std::size_t most =
      extras_->max_single_write != 0 ? extras_->max_single_write : kDefaultWrite;
  RateLimit* const limit = rate_limit();
  return limit != nullptr ? std::min(most, limit->budget(EV_WRITE)) : most;
}

std::size_t Core::reported_budget(short event) {
  return std::min(max_single(event), event == EV_READ ? read_budget() : write_budget());
}

void Core::charge_limit(short event, std::size_t bytes) {
  if (RateLimit* const limit = rate_limit(); limit != nullptr) {
    limit->charge(event, bytes);
  }
}

RateLimit* Core::rate_limit() const {
  return extras_ != nullptr ? extras_->rate_limit.get() : nullptr;
}

RateLimit* Core::make_rate_limit() {
  if (make_extras() != nullptr && extras_->rate_limit == nullptr) {
    extras_->rate_limit.reset(mem::create<RateLimit>(*this));
  }
  return rate_limit();
}

}  // namespace relevent::bev
