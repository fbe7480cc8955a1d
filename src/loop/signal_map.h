#pragma once

#include "loop/event_access.h"
#include "loop/signal_hub.h"
#include "mem/create.h"

namespace relevent::loop {

// The events of one base on each signal.
// Owns: the inbox, which the handlers write to.
// Lock: the loop's; the inbox has none.
class SignalMap {
 public:
  ~SignalMap() { disconnect(); }

  // `notifier` wakes the loop when a signal comes; it must outlive this object.
  // Fails: the errno, and nothing is changed.
  Result<void> add(os::Notifier& notifier, event& ev);
  void remove(event& ev);

  // Whether something has come in.
  bool pending() const {
    return state_ != nullptr && state_->inbox.any.load(std::memory_order_relaxed);
  }
  // Takes what has come in and calls function(event&, int times) for each event on it.
  template <class Function>
  void dispatch(Function function);
  // Calls function(event&) for each event on a signal.
  template <class Function>
  void activate(int signal, Function function);
  template <class Function>
  bool for_each(Function function) const;

  // After a fork: what came in before it is the parent's.
  void forget_pending();
  // Gives all signals back to the program.
  void disconnect();

 private:
  struct State {
    SignalList events[kSignalCount];
    SignalInbox inbox;
  };

  mem::Owned<State> state_;  // made with the first signal event
};

inline bool is_signal_number(int signal) { return signal >= 0 && signal < kSignalCount; }

template <class Function>
void SignalMap::dispatch(Function function) {
  if (!pending() || !state_->inbox.any.exchange(false, std::memory_order_acquire)) {
    return;
  }
  for (int signal = 0; signal < kSignalCount; ++signal) {
    const auto times =
        static_cast<int>(state_->inbox.counts[signal].exchange(0, std::memory_order_relaxed));
    if (times > 0) {
      state_->events[signal].for_each([&](event& ev) { function(ev, times); });
    }
  }
}

template <class Function>
void SignalMap::activate(int signal, Function function) {
  if (state_ != nullptr && is_signal_number(signal)) {
    state_->events[signal].for_each(function);
  }
}

template <class Function>
bool SignalMap::for_each(Function function) const {
  for (int signal = 0; state_ != nullptr && signal < kSignalCount; ++signal) {
    for (event* ev = state_->events[signal].front(); ev != nullptr;) {
      event* const following = SignalList::next(*ev);
      if (!function(*ev)) {
        return false;
      }
      ev = following;
    }
  }
  return true;
}

}  // namespace relevent::loop
