// From the output buffer to the socket, and the end of a connection attempt.
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "bufferevent/hold.h"
#include "bufferevent/socket.h"
#include "util/socket_error.h"

namespace relevent::bev {
namespace {

// 0 if the connection is there; the errno of what prevents it, EINPROGRESS as long as it is not
// known.
int connection_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
    return errno;
  }
  return util::is_retriable_io_error(error) ? EINPROGRESS : error;
}

// What a write of more than nothing says about the connection; 0 if it goes on. The kernel sends 0
// bytes of a file that got shorter, and would do so again and again.
short failure_of(const Result<std::size_t>& result) {
  if (result) {
    return *result == 0 ? BEV_EVENT_EOF : 0;
  }
  return util::is_retriable_io_error(result.error()) ? 0 : BEV_EVENT_ERROR;
}

}  // namespace

Result<std::size_t> Socket::send(std::size_t budget) {
  out_.lock().assert_held();
  const Result<std::size_t> result = out_.write_locked(fd(), budget);
  if (result) {
    charge(EV_WRITE, *result);
  }
  return result;
}

bool Socket::arm_write() {
  const timeval* const timeout = evutil_timerisset(&timeout_write) ? &timeout_write : nullptr;
  write_armed_ = base().add(ev_write, timeout) == 0 || write_armed_;
  return write_armed_;
}

void Socket::disarm_write() {
  if (write_armed_ || flush_done_) {
    write_armed_ = false;
    remove(ev_write);
  }
  if (flush_done_) {
    // Only the user's own disabling takes back that something was written.
    flush_done_ = (enabled & EV_WRITE) != 0;
    if (flush_done_) {
      base().activate(ev_write, EV_WRITE, 1);
    }
  }
}

void Socket::queue_flush() {
  if (!flush_queued_ && !write_armed_ && may_write() && !connecting_ && fd() >= 0) {
    flush_queued_ = true;
    FlushItem::add(base());
  }
}

void Socket::flush_output(loop::FlushItem& item) {
  Socket& socket = static_cast<Socket&>(static_cast<Core&>(item));
  const Entry entry(socket);
  if (!entry) {
    return;
  }
  socket.flush_queued_ = false;
  if (socket.write_armed_ || !socket.may_write() || socket.connecting_ || socket.fd() < 0) {
    return;
  }
  if (socket.output_length() > 0) {
    socket.write_once();
  } else if (socket.writecb != nullptr) {
    // The callback was set after writing was enabled.
    socket.arm_write();
  }
}

// The first attempt, at the end of an iteration. What comes of it is reported by the write event,
// so that the callback runs from the loop at its priority.
void Socket::write_once() {
  const std::size_t budget = write_budget();
  if (budget == 0) {
    return;  // suspended
  }
  const Result<std::size_t> result = send(budget);
  flush_failure_ = failure_of(result);
  flush_error_ = result ? 0 : result.error();
  if (flush_failure_ != 0) {
    flush_done_ = true;
  } else {
    const std::size_t left = output_length();
    flush_done_ = result && writecb != nullptr && left <= wm_write.low;
    if (left > 0 && may_write()) {
      if (result && *result == budget) {
        queue_flush();  // the socket may take more, but others want to be served
      } else {
        arm_write();
      }
    }
  }
  if (flush_done_) {
    base().activate(ev_write, EV_WRITE, 1);
  }
}

void Socket::on_writable(int, short what, void* argument) {
  Socket& socket = *static_cast<Socket*>(argument);
  const Entry entry(socket);
  if (!entry) {
    return;
  }
  if (what == EV_TIMEOUT) {
    socket.fail_write(BEV_EVENT_TIMEOUT, 0);
  } else if (socket.flush_done_) {
    socket.report_flush();
  } else if (!socket.connecting_ || socket.finish_connecting()) {
    socket.write_now();
  }
}

void Socket::report_flush() {
  flush_done_ = false;
  if (const short failure = std::exchange(flush_failure_, short{0}); failure != 0) {
    fail_write(failure, flush_error_);
  } else {
    trigger(EV_WRITE);
  }
}

bool Socket::finish_connecting() {
  const int descriptor = fd();
  const int error = connection_error(descriptor);
  if (error == EINPROGRESS) {
    return false;
  }
  connecting_ = false;
  if (error != 0) {
    disarm_write();
    remove(ev_read);
    run_event(BEV_EVENT_ERROR, error);
    return false;
  }
  run_event(BEV_EVENT_CONNECTED, 0);
  if (connecting_ || fd() != descriptor) {
    return false;
  }
  if (!may_write() || output_length() == 0) {
    disarm_write();
    return false;
  }
  return true;
}

// The socket can take something.
void Socket::write_now() {
  if (!may_write() || fd() < 0) {
    disarm_write();
    return;
  }
  if (output_length() > 0) {
    const std::size_t budget = write_budget();
    if (budget == 0) {
      return;
    }
    const Result<std::size_t> result = send(budget);
    if (const short failure = failure_of(result); failure != 0) {
      fail_write(failure, result ? 0 : result.error());
      return;
    }
    if (!result) {
      return;
    }
  }
  if (output_length() == 0) {
    disarm_write();
  }
  trigger(EV_WRITE);
}

void Socket::fail_write(short what, int error) {
  disable(EV_WRITE);
  run_event(static_cast<short>(what | BEV_EVENT_WRITING), error);
}

}  // namespace relevent::bev
