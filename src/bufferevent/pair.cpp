#include "bufferevent/pair.h"

#include <algorithm>
#include <cerrno>

namespace relevent::bev {

Pair* Pair::create_half(event_base& base, int options, void* lock) {
  mem::Owned<Pair> half(mem::create<Pair>());
  if (half == nullptr || !half->init(base, kOps<Pair>, options, lock) || !half->init_timers()) {
    return nullptr;
  }
  return half.release();
}

bool Pair::create(event_base& base, int options, ::bufferevent* pair[2]) {
  options |= BEV_OPT_DEFER_CALLBACKS;
  Pair* const first = create_half(base, options, nullptr);
  if (first == nullptr) {
    return false;
  }
  Pair* const second = create_half(base, options & ~BEV_OPT_THREADSAFE, first->shared_lock());
  if (second == nullptr) {
    mem::destroy(first);
    return false;
  }
  first->partner_ = second;
  second->partner_ = first;
  pair[0] = first;
  pair[1] = second;
  return true;
}

// The survivor becomes the owner of the lock. This half's memory goes first even if both are freed
// now, as its finalizer is queued first.
void Pair::detach() {
  if (partner_ != nullptr) {
    in_.lock().hand_over(partner_->in_.lock());
    partner_->partner_ = nullptr;
    partner_ = nullptr;
  }
}

int Pair::start(short events) {
  refresh_timers(events);
  if (partner_ != nullptr && (events & EV_READ) != 0) {
    transfer_if_wanted(*partner_, this);
  }
  if ((events & EV_WRITE) != 0) {
    transfer_if_wanted(*this, partner_);
  }
  return 0;
}

int Pair::stop(short events) {
  if ((events & EV_READ) != 0) {
    stop_timer(ev_read);
  }
  if ((events & EV_WRITE) != 0) {
    stop_timer(ev_write);
  }
  return 0;
}

int Pair::refresh_timeouts() {
  set_timers(EV_READ | EV_WRITE);
  return 0;
}

void Pair::transfer_if_wanted(Pair& from, Pair* to) {
  if (to != nullptr && from.may_write() && to->may_read() && from.output_length() > 0) {
    transfer(from, *to, false);
  }
}

// Compat: who ignores the watermark is still stopped by it once, when it is reached
// (bufferevent_pair_test.cpp).
void Pair::transfer(Pair& from, Pair& to, bool ignore_watermark) {
  std::size_t count = from.output_length();
  if (const std::size_t high = to.wm_read.high; high != 0) {
    const std::size_t length = to.input_length();
    if (length < high) {
      count = std::min(count, high - length);
    } else if (!ignore_watermark) {
      return;
    }
  }
  to.in_.lock().assert_held();
  from.out_.lock().assert_held();
  // If memory runs out the data waits for the next occasion.
  const ev_ssize_t moved = to.in_.take_from_locked(from.out_, count);
  if (moved > 0) {
    from.refresh_timers(EV_WRITE);
    to.refresh_timers(EV_READ);
  }
  to.trigger(EV_READ);
  from.trigger(EV_WRITE);
}

int Pair::flush(short events, bufferevent_flush_mode mode) {
  if (partner_ == nullptr) {
    return -1;
  }
  if (mode == BEV_NORMAL) {
    return 0;
  }
  if ((events & EV_READ) != 0) {
    transfer(*partner_, *this, true);
  }
  if ((events & EV_WRITE) != 0) {
    transfer(*this, *partner_, true);
  }
  if (mode == BEV_FINISHED) {
    int what = BEV_EVENT_EOF;
    // What we write is what the partner reads.
    what |= (events & EV_WRITE) != 0 ? BEV_EVENT_READING : 0;
    what |= (events & EV_READ) != 0 ? BEV_EVENT_WRITING : 0;
    partner_->run_event(static_cast<short>(what), errno);
  }
  return 0;
}

}  // namespace relevent::bev
