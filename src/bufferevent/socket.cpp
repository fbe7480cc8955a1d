#include "bufferevent/socket.h"

#include "loop/assign.h"
#include "util/socket_options.h"

namespace relevent::bev {

::bufferevent* Socket::create(event_base& base, int fd, int options) {
  mem::Owned<Socket> socket(mem::create<Socket>());
  if (socket == nullptr || !socket->init(base, kOps<Socket>, options, nullptr)) {
    return nullptr;
  }
  socket->out_.set_flags(EVBUFFER_FLAG_DRAINS_TO_FD, true);
  socket->assign(fd);
  return socket.release();
}

Socket::~Socket() {
  if ((options_ & BEV_OPT_CLOSE_ON_FREE) != 0 && loop::has(ev_read, EVLIST_INIT) && fd() >= 0) {
    static_cast<void>(util::close_socket(fd()));  // nobody left to tell
  }
}

bool Socket::assign(int fd) {
  // EV_FINALIZE: deleting one waits for nobody, as whoever deletes holds a lock that callbacks
  // take.
  return loop::assign_event(ev_read, &base(), fd, EV_READ | EV_PERSIST | EV_FINALIZE, on_readable,
                            this) &&
         loop::assign_event(ev_write, &base(), fd, EV_WRITE | EV_PERSIST | EV_FINALIZE, on_writable,
                            this);
}

// Without its period either, or activating it would add it again.
void Socket::remove(event& ev) {
  base().del(ev, loop::DelMode::kNoBlock);
  loop::period(ev) = {};
}

int Socket::start(short events) {
  if ((events & EV_READ) != 0) {
    const timeval* const timeout = evutil_timerisset(&timeout_read) ? &timeout_read : nullptr;
    if (base().add(ev_read, timeout) != 0) {
      return -1;
    }
  }
  if ((events & EV_WRITE) != 0) {
    // Who has nothing to send but a callback wants to hear when the socket can take something.
    const bool wants_room = writecb != nullptr && output_length() == 0;
    if (connecting_ || write_armed_ || wants_room) {
      return arm_write() ? 0 : -1;
    }
    queue_flush();
  }
  return 0;
}

int Socket::stop(short events) {
  if ((events & EV_READ) != 0) {
    remove(ev_read);
  }
  // The end of a connection attempt is reported in any case.
  if ((events & EV_WRITE) != 0 && !connecting_) {
    disarm_write();
  }
  return 0;
}

int Socket::refresh_timeouts() {
  const auto refresh = [this](event& ev, const timeval& timeout) {
    if (evutil_timerisset(&timeout)) {
      return base().add(ev, &timeout);
    }
    return base().remove_timer(ev);
  };
  int result = 0;
  if (loop::has(ev_read, EVLIST_INSERTED)) {
    result = refresh(ev_read, timeout_read);
  }
  if (write_armed_ && refresh(ev_write, timeout_write) != 0) {
    result = -1;
  }
  return result;
}

// The caller has taken care of connecting_.
bool Socket::set_fd(int fd) {
  base().del(ev_read, loop::DelMode::kNoBlock);
  write_armed_ = flush_done_ = false;
  base().del(ev_write, loop::DelMode::kNoBlock);
  const int priority = this->priority();
  assign(fd);
  set_priority(priority);
  return fd < 0 || enable(enabled) == 0;
}

}  // namespace relevent::bev
