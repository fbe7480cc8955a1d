#include "bufferevent/filter.h"

#include <algorithm>
#include <cerrno>

#include "bufferevent/hold.h"

namespace relevent::bev {
namespace {

// The filter for those who gave none.
bufferevent_filter_result pass_on(evbuffer* source, evbuffer* target, ev_ssize_t limit,
                                  bufferevent_flush_mode, void*) {
  if (limit < 0) {
    return target->add_all_of(*source) ? BEV_OK : BEV_ERROR;
  }
  return target->take_from(*source, static_cast<std::size_t>(limit)) >= 0 ? BEV_OK : BEV_ERROR;
}

// How much may be added to a buffer with a high watermark; -1 for any amount.
ev_ssize_t room(std::size_t length, std::size_t high, bufferevent_flush_mode mode) {
  if (mode != BEV_NORMAL || high == 0) {
    return -1;
  }
  return length < high ? static_cast<ev_ssize_t>(std::min<std::size_t>(high - length, EV_SSIZE_MAX))
                       : 0;
}

}  // namespace

::bufferevent* Filter::create(::bufferevent& underlying, int options, const Functions& functions) {
  mem::Owned<Filter> filter(mem::create<Filter>());
  Core& below = Core::of(underlying);
  if (filter == nullptr ||
      !filter->init(below.base(), kOps<Filter>, options & ~BEV_OPT_THREADSAFE,
                    below.shared_lock()) ||
      !filter->init_timers()) {
    return nullptr;
  }
  filter->functions_ = functions;
  if (functions.input == nullptr) {
    filter->functions_.input = pass_on;
  }
  if (functions.output == nullptr) {
    filter->functions_.output = pass_on;
  }
  filter->underlying_ = &underlying;
  below.acquire();
  below.set_callbacks(on_read, on_write, on_event, filter.get());
  below.suspend_read(kFilterRead);
  below.enable(EV_READ | EV_WRITE);
  return filter.release();
}

void Filter::detach() {
  Core& below = this->below();
  if ((options_ & BEV_OPT_CLOSE_ON_FREE) != 0) {
    below.free();
  } else if (below.errorcb == on_event && below.cbarg == this) {
    below.set_callbacks(nullptr, nullptr, nullptr, nullptr);
    below.resume_read(kFilterRead);
  }
}

Filter::~Filter() {
  if (underlying_ != nullptr) {
    if (functions_.free_context != nullptr) {
      functions_.free_context(functions_.context);
    }
    below().release();
  }
}

int Filter::start(short events) {
  refresh_timers(events);
  if ((events & EV_READ) != 0) {
    below().resume_read(kFilterRead);
  }
  return 0;
}

int Filter::stop(short events) {
  if ((events & EV_WRITE) != 0) {
    stop_timer(ev_write);
  }
  if ((events & EV_READ) != 0) {
    stop_timer(ev_read);
    below().suspend_read(kFilterRead);
  }
  return 0;
}

int Filter::refresh_timeouts() {
  set_timers(EV_READ | EV_WRITE);
  return 0;
}

bool Filter::set_fd(int fd) { return below().be_ops->set_fd(below(), fd); }

int Filter::fd() const { return below().be_ops->fd(below()); }

// --- Input ---

bufferevent_filter_result Filter::filter_input(bufferevent_flush_mode mode) {
  in_.freeze(false, false);
  const bufferevent_filter_result result = functions_.input(
      underlying_->input, &in_, room(input_length(), wm_read.high, mode), mode, functions_.context);
  in_.freeze(false, true);
  return result;
}

bool Filter::process_input(bufferevent_flush_mode mode) {
  bool produced = false;
  if (mode == BEV_NORMAL && ((enabled & EV_READ) == 0 || input_is_full())) {
    return false;
  }
  while (filter_input(mode) == BEV_OK) {
    produced = true;
    if ((enabled & EV_READ) == 0 || below().input_length() == 0 || input_is_full()) {
      break;
    }
  }
  if (produced) {
    refresh_timers(EV_READ);
  }
  return produced;
}

// Goes on as long as the user's callback makes room for what waits below.
void Filter::read_all(int options) {
  if (reading_) {
    return;
  }
  reading_ = true;
  while (process_input(BEV_NORMAL)) {
    const std::size_t length = input_length();
    trigger(EV_READ, options);
    if (freed_ || input_length() >= length || below().input_length() == 0) {
      break;
    }
  }
  reading_ = false;
}

void Filter::on_read(::bufferevent*, void* argument) {
  Filter& filter = *static_cast<Filter*>(argument);
  if (const Entry entry(filter); entry) {
    filter.read_all(0);
  }
}

void Filter::input_resumed() {
  const Hold hold(*this);
  // Somebody drains the buffer at this moment, and does not expect to be called back.
  if (below().input_length() > 0) {
    read_all(BEV_OPT_DEFER_CALLBACKS);
  }
}

// --- Output ---

bool Filter::output_is_full() const {
  const std::size_t high = underlying_->wm_write.high;
  return high != 0 && below().output_length() >= high;
}

bufferevent_filter_result Filter::filter_output(bufferevent_flush_mode mode) {
  out_.freeze(true, false);
  const ev_ssize_t limit = room(below().output_length(), underlying_->wm_write.high, mode);
  const bufferevent_filter_result result =
      functions_.output(&out_, underlying_->output, limit, mode, functions_.context);
  out_.freeze(true, true);
  return result;
}

bool Filter::process_output(bufferevent_flush_mode mode) {
  const auto may_go_on = [this] {
    return (enabled & EV_WRITE) != 0 && !output_is_full() && output_length() > 0;
  };
  if (writing_ || (mode == BEV_NORMAL && !may_go_on())) {
    return false;
  }
  bool produced_any = false;
  writing_ = true;
  // The user's callback may add more.
  for (bool again = true; again;) {
    bool produced = false;
    while (filter_output(mode) == BEV_OK) {
      produced = true;
      if (!may_go_on()) {
        break;
      }
    }
    again = false;
    if (produced) {
      produced_any = true;
      trigger(EV_WRITE);
      again = !freed_ && may_go_on();
    }
  }
  writing_ = false;
  if (produced_any) {
    refresh_timers(EV_WRITE);
  }
  return produced_any;
}

void Filter::output_added() {
  const Hold hold(*this);
  process_output(BEV_NORMAL);
}

void Filter::on_write(::bufferevent*, void* argument) {
  Filter& filter = *static_cast<Filter*>(argument);
  if (const Entry entry(filter); entry) {
    filter.process_output(BEV_NORMAL);
  }
}

// What happens below is passed on as it is.
void Filter::on_event(::bufferevent*, short what, void* argument) {
  const int error = errno;
  Filter& filter = *static_cast<Filter*>(argument);
  if (const Entry entry(filter); entry) {
    filter.run_event(what, error);
  }
}

int Filter::flush(short events, bufferevent_flush_mode mode) {
  bool produced = false;
  if ((events & EV_READ) != 0) {
    produced = process_input(mode);
  }
  if ((events & EV_WRITE) != 0) {
    produced = process_output(mode) || produced;
  }
  below().be_ops->flush(below(), events, mode);
  return produced ? 1 : 0;
}

}  // namespace relevent::bev
