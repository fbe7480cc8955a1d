#include "loop/signal_hub.h"

#include <sched.h>
#include <unistd.h>

#include <cerrno>

#include "sync/global_mutex.h"

namespace relevent::loop {
namespace {

struct Installed {
  int subscribers = 0;
  struct sigaction previous {};
};

constinit sync::GlobalMutex g_mutex;
constinit Installed g_installed[kSignalCount];  // guarded by g_mutex
constinit std::atomic<SignalInbox*> g_inboxes{nullptr};
constinit std::atomic<int> g_handlers_running{0};
constinit pid_t g_owner = 0;  // guarded by g_mutex: who counts g_handlers_running

void handle_signal(int signal) {
  const int saved_errno = errno;
  g_handlers_running.fetch_add(1, std::memory_order_seq_cst);
  for (SignalInbox* inbox = g_inboxes.load(std::memory_order_seq_cst); inbox != nullptr;
       inbox = inbox->next.load(std::memory_order_acquire)) {
    if (inbox->wanted[signal].load(std::memory_order_acquire)) {
      inbox->counts[signal].fetch_add(1, std::memory_order_relaxed);
      inbox->any.store(true, std::memory_order_release);
      inbox->notifier->notify();
    }
  }
  g_handlers_running.fetch_sub(1, std::memory_order_release);
  errno = saved_errno;
}

// No signal may interrupt the thread that waits for handlers to end while it holds the mutex.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &old_, nullptr); }

 private:
  sigset_t old_{};
};

void link(SignalInbox& inbox) {
  inbox.next.store(g_inboxes.load(std::memory_order_relaxed), std::memory_order_release);
  g_inboxes.store(&inbox, std::memory_order_seq_cst);
  inbox.linked = true;
}

void unlink(SignalInbox& inbox) {
  std::atomic<SignalInbox*>* position = &g_inboxes;
  while (position->load(std::memory_order_relaxed) != &inbox) {
    position = &position->load(std::memory_order_relaxed)->next;
  }
  position->store(inbox.next.load(std::memory_order_relaxed), std::memory_order_seq_cst);
  inbox.linked = false;
  // A handler in another thread may still look at this inbox; it is about to end. After a fork
  // there is no other thread, whatever the count was in the parent.
  while (g_handlers_running.load(std::memory_order_seq_cst) != 0 && g_owner == ::getpid()) {
    sched_yield();
  }
}

bool wants_any(const SignalInbox& inbox) {
  for (const auto& wanted : inbox.wanted) {
    if (wanted.load(std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

Result<void> install(int signal) {
  struct sigaction action {};
  action.sa_handler = handle_signal;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  return ::sigaction(signal, &action, &g_installed[signal].previous) == 0
             ? Result<void>()
             : Result<void>::failure(errno);
}

void drop(SignalInbox& inbox, int signal) {
  inbox.wanted[signal].store(false, std::memory_order_release);
  inbox.counts[signal].store(0, std::memory_order_relaxed);
  if (--g_installed[signal].subscribers == 0) {
    ::sigaction(signal, &g_installed[signal].previous, nullptr);
  }
}

}  // namespace

Result<void> subscribe_signal(SignalInbox& inbox, int signal) {
  const SignalsBlocked blocked;
  const sync::GlobalGuard guard(g_mutex);
  g_owner = ::getpid();
  if (!inbox.linked) {
    link(inbox);
  }
  inbox.counts[signal].store(0, std::memory_order_relaxed);
  inbox.wanted[signal].store(true, std::memory_order_release);
  if (g_installed[signal].subscribers == 0) {
    if (Result<void> result = install(signal); !result) {
      inbox.wanted[signal].store(false, std::memory_order_release);
      return result;
    }
  }
  ++g_installed[signal].subscribers;
  return {};
}

void unsubscribe_signal(SignalInbox& inbox, int signal) {
  const SignalsBlocked blocked;
  const sync::GlobalGuard guard(g_mutex);
  drop(inbox, signal);
  if (!wants_any(inbox)) {
    unlink(inbox);
  }
}

void disconnect_signals(SignalInbox& inbox) {
  if (!inbox.linked) {
    return;
  }
  const SignalsBlocked blocked;
  const sync::GlobalGuard guard(g_mutex);
  for (int signal = 0; signal < kSignalCount; ++signal) {
    if (inbox.wanted[signal].load(std::memory_order_relaxed)) {
      drop(inbox, signal);
    }
  }
  unlink(inbox);
}

void forget_running_handlers() { g_handlers_running.store(0, std::memory_order_relaxed); }

}  // namespace relevent::loop
