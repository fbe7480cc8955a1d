// The process's signal handlers, shared by all bases.
#pragma once

#include <atomic>
#include <csignal>
#include <cstdint>

#include "base/result.h"
#include "os/notifier.h"

namespace relevent::loop {

inline constexpr int kSignalCount = NSIG;

// What the handler leaves behind for one base: how often each signal came since the loop last
// looked, and a notifier to wake the loop. Lives inside the base.
struct SignalInbox {
  std::atomic<std::uint32_t> counts[kSignalCount]{};
  std::atomic<bool> wanted[kSignalCount]{};
  std::atomic<bool> any{false};
  os::Notifier* notifier = nullptr;
  std::atomic<SignalInbox*> next{nullptr};
  bool linked = false;
};

// Delivers a signal to every inbox that wants it; installs our handler with the first and restores
// the program's with the last.
// Lock: its own. The handler takes none: it walks a list that only changes while no handler runs on
// it, which unsubscribe() waits for.
Result<void> subscribe_signal(SignalInbox& inbox, int signal);
void unsubscribe_signal(SignalInbox& inbox, int signal);
// Unsubscribes whatever is left.
void disconnect_signals(SignalInbox& inbox);

// After a fork: handlers that other threads of the parent were running do not exist here.
void forget_running_handlers();

}  // namespace relevent::loop
