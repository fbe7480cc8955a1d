#include "bufferevent/external.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "bufferevent/hold.h"

namespace relevent::bev {

::bufferevent* External::create(::bufferevent& carrier, bool own, int options,
                                const relevent_external_kind& kind, void* context) {
  mem::Owned<External> external(mem::create<External>());
  Core& below = Core::of(carrier);
  if (external == nullptr ||
      !external->init(below.base(), kOps<External>, options & ~BEV_OPT_THREADSAFE,
                      below.shared_lock()) ||
      !external->init_timers()) {
    return nullptr;
  }
  external->carrier_ = &carrier;
  external->kind_ = &kind;
  external->context_ = context;
  external->own_ = own;
  below.acquire();
  below.set_callbacks(on_read, on_write, on_event, external.get());
  below.suspend_read(kFilterRead);
  below.enable(EV_READ | EV_WRITE);
  return external.release();
}

// What was only lent is the user's again when bufferevent_free() returns, also in a callback, which
// holds a reference: he may free the TLS object and close the descriptor then.
void External::freed() {
  if ((options_ & BEV_OPT_CLOSE_ON_FREE) == 0 && kind_->is_idle(context_)) {
    detach();
  }
}

void External::detach() {
  if (std::exchange(detached_, true)) {
    return;
  }
  kind_->detach(context_);
  Core& below = carrier();
  if (own_) {
    below.flush_now();  // the last words, such as an alert
    below.disable(EV_READ | EV_WRITE);
    below.free();
  } else if ((options_ & BEV_OPT_CLOSE_ON_FREE) != 0) {
    below.free();
  } else if (below.errorcb == on_event && below.cbarg == this) {
    below.set_callbacks(nullptr, nullptr, nullptr, nullptr);
    below.resume_read(kFilterRead);
  }
}

External::~External() {
  if (carrier_ != nullptr) {
    kind_->destroy(context_);
    carrier().release();
  }
}

// --- Directions ---

void External::update_carrier_reading() {
  if (input_ == RELEVENT_INPUT_NEEDED || (input_ == RELEVENT_INPUT_AS_ENABLED && read_wanted_)) {
    carrier().resume_read(kFilterRead);
  } else {
    carrier().suspend_read(kFilterRead);
  }
}

int External::start(short events) {
  Core& below = carrier();
  if (!own_) {
    refresh_timers(events);
  } else if ((events & ~below.enabled) != 0) {
    below.enable(events);  // a timeout had disabled it
  }
  if ((events & EV_READ) != 0) {
    read_wanted_ = true;
    update_carrier_reading();
  }
  kind_->resumed(context_, events);
  return 0;
}

int External::stop(short events) {
  if ((events & EV_WRITE) != 0) {
    stop_timer(ev_write);
  }
  if ((events & EV_READ) != 0) {
    stop_timer(ev_read);
    read_wanted_ = false;
    update_carrier_reading();
  }
  return 0;
}

int External::refresh_timeouts() {
  if (own_) {
    return carrier().set_timeouts(&timeout_read, &timeout_write);
  }
  refresh_timers(EV_READ | EV_WRITE);
  return 0;
}

int External::flush(short events, bufferevent_flush_mode mode) {
  const int result = kind_->flush(context_, events, mode);
  carrier().be_ops->flush(carrier(), events, mode);
  return result;
}

bool External::set_priority(int priority) {
  return Core::set_priority(priority) && (!own_ || carrier().set_priority(priority));
}

// --- The descriptor ---

bool External::set_fd(int fd) {
  Core& below = carrier();
  below.set_connecting(false);
  if (!below.be_ops->set_fd(below, fd)) {
    return false;
  }
  kind_->carrier_replaced(context_);
  return true;
}

int External::fd() const { return carrier().be_ops->fd(carrier()); }

// --- For the other object ---

std::size_t External::read_room() {
  if (freed_ || !may_read()) {
    return 0;
  }
  std::size_t room = read_budget();
  if (wm_read.high != 0) {
    const std::size_t length = in_.length();
    room = length < wm_read.high ? std::min(room, wm_read.high - length) : 0;
  }
  return room;
}

std::size_t External::write_room() { return freed_ || !may_write() ? 0 : write_budget(); }

void External::moved(short event, std::size_t bytes) {
  charge(event, bytes);
  if (!own_) {
    refresh_timers(event);
  }
}

void External::schedule() {
  if (!flush_queued_ && !detached_) {
    flush_queued_ = true;
    FlushItem::add(base());
  }
}

void External::set_input(relevent_external_input wanted) {
  if (input_ != wanted) {
    input_ = wanted;
    update_carrier_reading();
  }
}

// What the other object gives to the carrier now still leaves in this iteration.
void External::flush_output(loop::FlushItem& item) {
  External& external = static_cast<External&>(static_cast<Core&>(item));
  const Entry entry(external);
  if (!entry) {
    return;
  }
  external.flush_queued_ = false;
  if (external.detached_) {
    return;
  }
  external.kind_->scheduled(external.context_);
  external.carrier().flush_now();
}

// --- The carrier's callbacks ---

void External::on_read(::bufferevent*, void* argument) {
  External& external = *static_cast<External*>(argument);
  if (const Entry entry(external); entry) {
    external.kind_->carrier_readable(external.context_);
  }
}

void External::on_write(::bufferevent*, void* argument) {
  External& external = *static_cast<External*>(argument);
  if (const Entry entry(external); entry) {
    external.kind_->carrier_drained(external.context_);
  }
}

void External::on_event(::bufferevent*, short what, void* argument) {
  const int error = errno;
  External& external = *static_cast<External*>(argument);
  if (const Entry entry(external); entry) {
    external.kind_->carrier_event(external.context_, what, error);
  }
}

}  // namespace relevent::bev
