// What is enabled, what is suspended, and how long it may take.
#include "bufferevent/core.h"
#include "bufferevent/hold.h"
#include "loop/assign.h"

namespace relevent::bev {

int Core::enable(short events) {
  short start = events;
  if (read_suspended_ != 0) {
    start = static_cast<short>(start & ~EV_READ);
  }
  if (write_suspended_ != 0) {
    start = static_cast<short>(start & ~EV_WRITE);
  }
  enabled = static_cast<short>(enabled | events);
  return start != 0 ? be_ops->start(*this, start) : 0;
}

int Core::disable(short events) {
  enabled = static_cast<short>(enabled & ~events);
  return be_ops->stop(*this, events);
}

void Core::suspend_read(Suspension why) {
  if (read_suspended_ == 0) {
    be_ops->stop(*this, EV_READ);
  }
  read_suspended_ = static_cast<std::uint8_t>(read_suspended_ | why);
}

void Core::suspend_write(Suspension why) {
  if (write_suspended_ == 0) {
    be_ops->stop(*this, EV_WRITE);
  }
  write_suspended_ = static_cast<std::uint8_t>(write_suspended_ | why);
}

void Core::resume_read(Suspension why) {
  read_suspended_ = static_cast<std::uint8_t>(read_suspended_ & ~why);
  if (may_read()) {
    be_ops->start(*this, EV_READ);
  }
}

void Core::resume_write(Suspension why) {
  write_suspended_ = static_cast<std::uint8_t>(write_suspended_ & ~why);
  if (may_write()) {
    be_ops->start(*this, EV_WRITE);
  }
}

void Core::set_watermark(short events, std::size_t low, std::size_t high) {
  if ((events & EV_WRITE) != 0) {
    wm_write = {low, high};
  }
  if ((events & EV_READ) != 0) {
    wm_read = {low, high};
    if (high == 0 || input_length() < high) {
      leave_watermark();
    } else {
      suspend_read(kWatermark);
    }
  }
}

void Core::input_changed(evbuffer& input, std::size_t added, std::size_t removed) {
  Core& core = of_input(input);
  if (core.wm_read.high == 0 || core.dying_) {
    return;
  }
  if (core.input_is_full()) {
    if (added > removed) {
      core.suspend_read(kWatermark);
    }
  } else if ((core.read_suspended_ & kWatermark) != 0) {
    core.leave_watermark();
  }
}

void Core::output_changed(evbuffer& output, std::size_t added, std::size_t) {
  Core& core = of_output(output);
  if (added != 0 && !core.dying_) {
    core.be_ops->output_added(core);
  }
}

void Core::leave_watermark() {
  const bool was_full = (read_suspended_ & kWatermark) != 0;
  resume_read(kWatermark);
  if (was_full && may_read()) {
    be_ops->input_resumed(*this);
  }
}

int Core::set_timeouts(const timeval* read, const timeval* write) {
  timeout_read = read != nullptr ? *read : timeval{};
  timeout_write = write != nullptr ? *write : timeval{};
  return be_ops->refresh_timeouts(*this);
}

// --- Timers, for kinds without a descriptor ---

bool Core::init_timers() {
  constexpr short kEvents = EV_PERSIST | EV_FINALIZE;
  return loop::assign_event(ev_read, &base(), -1, kEvents, on_read_timeout, this) &&
         loop::assign_event(ev_write, &base(), -1, kEvents, on_write_timeout, this);
}

void Core::on_read_timeout(int, short, void* argument) {
  Core& core = *static_cast<Core*>(argument);
  if (const Entry entry(core); entry) {
    core.disable(EV_READ);
    core.run_event(BEV_EVENT_TIMEOUT | BEV_EVENT_READING, errno);
  }
}

void Core::on_write_timeout(int, short, void* argument) {
  Core& core = *static_cast<Core*>(argument);
  if (const Entry entry(core); entry) {
    core.disable(EV_WRITE);
    core.run_event(BEV_EVENT_TIMEOUT | BEV_EVENT_WRITING, errno);
  }
}

void Core::refresh_timer(event& timer, const timeval& timeout, bool waits) {
  if (waits && evutil_timerisset(&timeout)) {
    base().add(timer, &timeout);
  } else {
    stop_timer(timer);
  }
}

void Core::stop_timer(event& timer) {
  if (loop::has(timer, EVLIST_TIMEOUT)) {
    base().del(timer, loop::DelMode::kNoBlock);
  }
}

void Core::set_timers(short events) {
  if ((events & EV_READ) != 0) {
    refresh_timer(ev_read, timeout_read, may_read());
  }
  if ((events & EV_WRITE) != 0) {
    refresh_timer(ev_write, timeout_write, may_write() && output_length() > 0);
  }
}

}  // namespace relevent::bev
