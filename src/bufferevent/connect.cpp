#include "bufferevent/connect.h"

#include <cerrno>

#include "bufferevent/external.h"
#include "os/own_fd.h"
#include "util/socket_error.h"

namespace relevent::bev {
namespace {

enum class Progress { kUnderWay, kDone, kRefused, kFailed };

Progress start(int fd, const sockaddr& address, socklen_t length) {
  if (::connect(fd, &address, length) == 0) {
    return Progress::kDone;
  }
  if (util::is_connect_in_progress(errno)) {
    return Progress::kUnderWay;
  }
  return util::is_connect_refused(errno) ? Progress::kRefused : Progress::kFailed;
}

}  // namespace

int connect(Core& core, const sockaddr* address, socklen_t length) {
  if (core.be_ops == &kOps<External>) {
    return connect(static_cast<External&>(core).carrier(), address, length);
  }
  int fd = core.be_ops->fd(core);
  os::OwnFd made;
  if (fd < 0) {
    if (address == nullptr) {
      return -1;
    }
    made.reset(::socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0));
    fd = made.get();
    if (fd < 0) {
      return -1;
    }
  }
  const Progress progress = address != nullptr ? start(fd, *address, length) : Progress::kUnderWay;
  if (progress == Progress::kFailed) {
    return -1;
  }
  // Before the event is armed that reports it: another thread may run the loop.
  core.set_connecting(progress != Progress::kRefused);
  if (!core.be_ops->set_fd(core, fd)) {
    core.set_connecting(false);
    return -1;
  }
  made.release();
  if (progress == Progress::kRefused) {
    core.disable(EV_READ | EV_WRITE);
    core.run_event(BEV_EVENT_ERROR, ECONNREFUSED, BEV_OPT_DEFER_CALLBACKS);
    return 0;
  }
  if (progress == Progress::kDone) {
    // Compat: whoever waits for room to write hears of it before the connection.
    core.trigger(EV_WRITE, BEV_OPT_DEFER_CALLBACKS);
  }
  // Also if writing is disabled.
  return core.be_ops->start(core, EV_WRITE);
}

}  // namespace relevent::bev
