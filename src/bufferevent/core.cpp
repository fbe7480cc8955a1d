// The life of a bufferevent.
#include "bufferevent/core.h"

#include <atomic>
#include <cstddef>

#include "bufferevent/extras.h"
#include "bufferevent/hostname.h"
#include "log/log.h"
#include "loop/assign.h"
#include "sync/global_mutex.h"

namespace relevent::bev {

namespace {

constinit sync::GlobalMutex g_hooks_mutex;
constinit std::atomic<bool> g_hooks_set = false;

// Once: other threads read them.
void set_buffer_hooks() {
  if (g_hooks_set.load(std::memory_order_acquire)) {
    return;
  }
  const sync::GlobalGuard guard(g_hooks_mutex);
  if (!g_hooks_set.load(std::memory_order_relaxed)) {
    buffer::g_owner_hooks = {Core::acquire_for, Core::release_for, Core::input_changed,
                             Core::output_changed};
    g_hooks_set.store(true, std::memory_order_release);
  }
}

}  // namespace

Core::Core(loop::FlushItem::Function flush) : ::bufferevent{}, FlushItem(flush) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
  // Programs hold a pointer to the public struct.
  static_assert(offsetof(Core, ev_base) == 0 &&
                offsetof(Core, enabled) == offsetof(bufferevent, enabled));
#pragma GCC diagnostic pop
  static_assert(sizeof(void*) != 8 || sizeof(Core) <= 528, "an idle bufferevent has to be small");
  input = &in_;
  output = &out_;
  enabled = EV_WRITE;
}

Core::~Core() {
  in_.free();
  out_.free();
  mem::destroy(extras_);
}

bool Core::init(event_base& base, const bufferevent_ops& ops, int options, void* shared) {
  if ((options & BEV_OPT_UNLOCK_CALLBACKS) != 0 && (options & BEV_OPT_DEFER_CALLBACKS) == 0) {
    log::warn("bufferevent: UNLOCK_CALLBACKS requires DEFER_CALLBACKS");
    return false;
  }
  ev_base = &base;
  ev_read.ev_base = &base;
  be_ops = &ops;
  options_ = static_cast<std::uint8_t>(options);
  if (shared == nullptr && (options & BEV_OPT_THREADSAFE) != 0) {
    if (!in_.enable_locking(nullptr)) {
      return false;  // also if nobody has set threading up
    }
    shared = in_.lock().handle();
  } else if (shared != nullptr) {
    in_.enable_locking(shared);
  }
  if (shared != nullptr) {
    out_.enable_locking(shared);
  }
  if ((options & BEV_OPT_DEFER_CALLBACKS) != 0 && make_extras() == nullptr) {
    return false;
  }
  set_buffer_hooks();
  in_.freeze(false, true);
  out_.freeze(true, true);
  return true;
}

Extras* Core::make_extras() {
  if (extras_ == nullptr) {
    extras_ = mem::create<Extras>();
    if (extras_ != nullptr) {
      // Its priority is set when it is scheduled.
      extras_->deferred.init(0, run_deferred, this);
    }
  }
  return extras_;
}

void Core::acquire_for(evbuffer& part) { of_part(part).acquire(); }

void Core::release_for(evbuffer& part) { of_part(part).release(); }

void Core::acquire() {
  lock().lock();
  ++references_;
  lock().unlock();
}

bool Core::release() RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
  lock().lock();
  bool last;
  release_and_unlock(last);
  return last;
}

// The memory lives until the loop's thread comes to finish(), behind any callback of this
// bufferevent that waits for the lock now: those see that it is dying.
void Core::release_and_unlock(bool& last) RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
  last = --references_ == 0;
  if (!last) {
    lock().unlock();
    return;
  }
  die();
  event_base& base = this->base();
  lock().unlock();
  base.finalize(loop::FinalizeMode::kKeep, ev_read, finish);
}

void Core::die() {
  dying_ = true;
  be_ops->detach(*this);
  base().del(ev_read, loop::DelMode::kNoBlock);
  base().del(ev_write, loop::DelMode::kNoBlock);
  if (flush_queued_) {
    FlushItem::cancel(base());
  }
  if (RateLimit* const limit = rate_limit(); limit != nullptr) {
    limit->detach();
  }
}

void Core::finish(event*, void* argument) {
  Core* const core = static_cast<Core*>(argument);
  // Whoever dropped the last reference may still be on its way out of the lock.
  core->lock().lock();
  core->lock().unlock();
  loop::forget_event(core->ev_write);
  core->be_ops->destroy(core);
}

void Core::free() RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
  lock().lock();
  freed_ = true;
  set_callbacks(nullptr, nullptr, nullptr, nullptr);
  cancel_deferred();
  cancel_lookup(*this);
  be_ops->freed(*this);
  bool last;
  release_and_unlock(last);
}

bool Core::set_base(event_base& base) {
  event_base* const old = ev_read.ev_base;
  // A flush that is due stands for the write event that would be added.
  if (flush_queued_ || event_base_set(&base, &ev_read) != 0) {
    return false;
  }
  if (event_base_set(&base, &ev_write) != 0) {
    event_base_set(old, &ev_read);  // both are of base()
    return false;
  }
  ev_base = &base;
  if (extras_ != nullptr && extras_->scheduled && extras_->deferred.cancel(*old)) {
    extras_->deferred.schedule(base);
  }
  return true;
}

bool Core::set_priority(int priority) {
  return event_priority_set(&ev_read, priority) == 0 &&
         event_priority_set(&ev_write, priority) == 0;
}

}  // namespace relevent::bev
