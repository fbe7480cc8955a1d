#include "listener/listener.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "loop/assign.h"
#include "loop/event_base.h"
#include "mem/create.h"

namespace relevent::listener {
namespace {

constexpr int kUsualBacklog = 128;

}  // namespace

evconnlistener* Listener::create(event_base* base, evconnlistener_cb callback, void* argument,
                                 unsigned flags, int backlog, int fd) {
  if (base == nullptr && loop::g_current_base == nullptr) {
    errno = EINVAL;
    return nullptr;
  }
  mem::Owned<evconnlistener> listener(mem::create<evconnlistener>());
  if (listener == nullptr) {
    return nullptr;
  }
  Listener& self = *listener;
  if ((flags & LEV_OPT_THREADSAFE) != 0 && !self.lock_.init(sync::Lock::Kind::kRecursive)) {
    return nullptr;
  }
  if (backlog != 0 && ::listen(fd, backlog > 0 ? backlog : kUsualBacklog) != 0) {
    return nullptr;
  }
  self.accept_flags_ = ((flags & LEV_OPT_LEAVE_SOCKETS_BLOCKING) == 0 ? SOCK_NONBLOCK : 0) |
                       ((flags & LEV_OPT_CLOSE_ON_EXEC) != 0 ? SOCK_CLOEXEC : 0);
  loop::assign_event(self.readable_, base, fd, EV_READ | EV_PERSIST, on_readable, listener.get());
  loop::assign_event(self.retry_, base, -1, 0, on_retry, listener.get());
  self.close_on_free_ = (flags & LEV_OPT_CLOSE_ON_FREE) != 0;
  const sync::LockGuard guard(self.lock_);
  self.callback_ = callback;
  self.argument_ = argument;
  if ((flags & LEV_OPT_DISABLED) == 0) {
    // Compat: a descriptor that the loop refuses does not matter yet (listener_test.cpp).
    self.enable_locked();
  }
  return listener.release();
}

Listener::~Listener() {
  if (readable_.ev_base == nullptr) {
    return;  // create() did not get that far
  }
  loop::forget_event(readable_);
  loop::forget_event(retry_);
  if (close_on_free_) {
    ::close(fd());
  }
}

// The loop may be about to call back, in another thread. The Turn that then begins sees freed_ and
// leaves at once, so waiting for it is short; if one is on already, its end is what frees.
void Listener::free() {
  {
    const sync::LockGuard guard(lock_);
    disable_locked();
    freed_ = true;
    if (busy_) {
      return;
    }
  }
  base()->del(readable_, loop::DelMode::kBlock);
  base()->del(retry_, loop::DelMode::kBlock);
  mem::destroy(handle());
}

int Listener::enable() {
  const sync::LockGuard guard(lock_);
  return enable_locked();
}

int Listener::enable_locked() {
  enabled_ = true;
  if (callback_ == nullptr) {
    return 0;
  }
  base()->del(retry_, loop::DelMode::kNoBlock);
  return base()->add(readable_, nullptr);
}

int Listener::disable() {
  const sync::LockGuard guard(lock_);
  return disable_locked();
}

// Waits for no callback: it might want the lock that is held here.
int Listener::disable_locked() {
  enabled_ = false;
  base()->del(retry_, loop::DelMode::kNoBlock);
  return base()->del(readable_, loop::DelMode::kNoBlock);
}

void Listener::set_callback(evconnlistener_cb callback, void* argument) {
  const sync::LockGuard guard(lock_);
  const bool first = callback_ == nullptr;
  callback_ = callback;
  argument_ = argument;
  if (enabled_ && first) {
    enable_locked();
  }
}

void Listener::set_error_callback(evconnlistener_errorcb callback) {
  const sync::LockGuard guard(lock_);
  error_callback_ = callback;
}

}  // namespace relevent::listener
