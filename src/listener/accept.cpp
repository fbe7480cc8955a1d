// What the loop does for a listener: accept what waits, and pause while that cannot be done.
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "listener/listener.h"
#include "log/log.h"
#include "loop/event_base.h"
#include "mem/create.h"
#include "os/own_fd.h"
#include "util/socket_error.h"

namespace relevent::listener {
namespace {

// So many connections in one go; then the other events have their turn. Twice the usual backlog.
constexpr int kMaxPerTurn = 256;

// The first pause, and the longest: each is twice the one before.
constexpr int kFirstPauseMs = 10;
constexpr int kMaxDoublings = 5;

// `number` counts from 1.
timeval pause_length(int number) {
  const int ms = kFirstPauseMs << std::min(number - 1, kMaxDoublings);
  return {0, ms * 1000};
}

}  // namespace

// The listener outlives this, whatever the callbacks do; if it was freed meanwhile, it goes at the
// end.
class RELEVENT_SCOPED_CAPABILITY Listener::Turn {
 public:
  explicit Turn(Listener& listener) RELEVENT_ACQUIRE(listener.lock_) : listener_(listener) {
    listener_.lock_.lock();
    listener_.busy_ = !listener_.freed_;
  }
  ~Turn() RELEVENT_RELEASE() {
    const bool last = listener_.busy_ && listener_.freed_;
    listener_.busy_ = false;
    listener_.lock_.unlock();
    if (last) {
      mem::destroy(listener_.handle());
    }
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Listener& listener_;
};

void Listener::on_readable(int, short, void* argument) {
  auto& listener = *static_cast<evconnlistener*>(argument);
  const Turn turn(listener);
  listener.accept_locked();
}

void Listener::on_retry(int, short, void* argument) {
  auto& listener = *static_cast<evconnlistener*>(argument);
  const Turn turn(listener);
  if (listener.enabled_) {
    listener.enable_locked();
  }
}

void Listener::accept_locked() {
  for (int i = 0; i < kMaxPerTurn && enabled_; ++i) {
    sockaddr_storage address;
    socklen_t length = sizeof address;
    auto* const peer = static_cast<sockaddr*>(static_cast<void*>(&address));
    const int connection = ::accept4(fd(), peer, &length, accept_flags_);
    if (connection >= 0) {
      failures_ = 0;
      if (!hand_over_locked(connection, *peer, static_cast<int>(length))) {
        return;
      }
    } else if (const int error = errno; !util::is_retriable_accept_error(error)) {
      report_locked(error);
      return;
    } else if (error == EAGAIN) {
      failures_ = 0;
      return;
    }
  }
}

// False if there is nobody to take it. Compat: it is closed then (listener_callback_test.cpp).
bool Listener::hand_over_locked(int connection, sockaddr& address, int length) {
  const evconnlistener_cb callback = callback_;
  if (callback == nullptr) {
    const os::OwnFd closed(connection);
    return false;
  }
  void* const argument = argument_;
  const sync::UnlockGuard unlocked(lock_);
  callback(handle(), connection, &address, length, argument);
  return true;
}

// An error callback may cure the error, by closing something say, so the next attempt is made
// without delay once. Without one the error is logged, once until there is a connection again.
void Listener::report_locked(int error) {
  ++failures_;
  int pause = failures_;
  if (const evconnlistener_errorcb callback = error_callback_; callback != nullptr) {
    void* const argument = argument_;
    const sync::UnlockGuard unlocked(lock_);
    --pause;
    errno = error;
    callback(handle(), argument);
  } else if (failures_ == 1) {
    log::warn_errno(error, "accept: no connections can be taken on descriptor %d for now", fd());
  }
  if (enabled_ && pause > 0) {
    pause_locked(pause);
  }
}

void Listener::pause_locked(int number) {
  const timeval length = pause_length(number);
  // Without a timer it goes on at once, rather than never.
  if (base()->add(retry_, &length) == 0) {
    base()->del(readable_, loop::DelMode::kNoBlock);
  }
}

}  // namespace relevent::listener
