#include "loop/signal_map.h"

#include <cerrno>

namespace relevent::loop {

Result<void> SignalMap::add(os::Notifier& notifier, event& ev) {
  if (!is_signal_number(ev.ev_fd)) {
    return Result<void>::failure(EINVAL);
  }
  if (state_ == nullptr) {
    state_.reset(mem::create<State>());
    if (state_ == nullptr) {
      return Result<void>::failure(ENOMEM);
    }
  }
  SignalList& events = state_->events[ev.ev_fd];
  if (events.empty()) {
    state_->inbox.notifier = &notifier;
    if (Result<void> result = subscribe_signal(state_->inbox, ev.ev_fd); !result) {
      return result;
    }
  }
  events.push_front(ev);
  return {};
}

void SignalMap::remove(event& ev) {
  SignalList& events = state_->events[ev.ev_fd];
  events.remove(ev);
  if (events.empty()) {
    unsubscribe_signal(state_->inbox, ev.ev_fd);
  }
}

void SignalMap::forget_pending() {
  forget_running_handlers();
  if (state_ != nullptr) {
    for (auto& count : state_->inbox.counts) {
      count.store(0, std::memory_order_relaxed);
    }
    state_->inbox.any.store(false, std::memory_order_relaxed);
  }
}

void SignalMap::disconnect() {
  if (state_ != nullptr) {
    disconnect_signals(state_->inbox);
  }
}

}  // namespace relevent::loop
