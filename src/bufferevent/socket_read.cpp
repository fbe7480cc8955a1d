// From the socket to the input buffer.
#include <algorithm>
#include <cerrno>

#include "buffer/lent_chain.h"
#include "bufferevent/hold.h"
#include "bufferevent/socket.h"
#include "util/socket_error.h"

namespace relevent::bev {

void Socket::on_readable(int, short what, void* argument) {
  Socket& socket = *static_cast<Socket*>(argument);
  const Entry entry(socket);
  if (!entry) {
    return;
  }
  // Ready at the last moment is still in time.
  if (what == EV_TIMEOUT) {
    socket.fail_read(BEV_EVENT_TIMEOUT, 0);
  } else if (!socket.connecting_) {
    socket.read();
  }
}

// One read of what the watermark and the limits allow.
void Socket::read() {
  if (!may_read()) {
    return;
  }
  std::size_t budget = read_budget();
  if (wm_read.high != 0) {
    const std::size_t length = input_length();
    if (length >= wm_read.high) {
      suspend_read(kWatermark);
      return;
    }
    budget = std::min(budget, wm_read.high - length);
  }
  if (budget == 0) {
    return;
  }
  const buffer::LentChain lent(base().spare_block());
  in_.lock().assert_held();
  const Result<std::size_t> result = in_.read_locked(fd(), budget, lent.get());
  if (!result) {
    if (!util::is_retriable_io_error(result.error())) {
      fail_read(BEV_EVENT_ERROR, result.error());
    }
    return;
  }
  if (*result == 0) {
    fail_read(BEV_EVENT_EOF, 0);
    return;
  }
  charge(EV_READ, *result);
  trigger(EV_READ);
}

void Socket::fail_read(short what, int error) {
  disable(EV_READ);
  run_event(static_cast<short>(what | BEV_EVENT_READING), error);
}

}  // namespace relevent::bev
