// Who hears of changes of an evbuffer, at once or from the loop.
#include <utility>

#include "buffer/access.h"
#include "buffer/evbuffer.h"

namespace relevent::buffer {

constinit OwnerHooks g_owner_hooks;

inline void Evbuffer::notify_owner_locked(std::size_t added, std::size_t removed) {
  if (place_ == Place::kOutput) {
    g_owner_hooks.output_changed(*handle(), added, removed);
  } else if (place_ == Place::kInput) {
    g_owner_hooks.input_changed(*handle(), added, removed);
  }
}

void Evbuffer::notify_heard_locked(std::size_t added, std::size_t removed) {
  notify_owner_locked(added, removed);
  if (extras_ != nullptr && !extras_->listeners.empty()) {
    notify_listeners_locked(added, removed);
  }
}

void Evbuffer::notify_listeners_locked(std::size_t added, std::size_t removed) {
  Listeners& listeners = extras_->listeners;
  listeners.record(added, removed);
  if (listeners.base == nullptr) {
    extras_->freed = false;
    listeners.call(handle(), content_.size(), extras_->freed);
  } else if (!std::exchange(listeners.scheduled, true)) {
    ++users_;
    if (place_ != Place::kHeap) {
      g_owner_hooks.acquire(*handle());
    }
    listeners.work.schedule(*listeners.base);
  }
}

void Evbuffer::run_deferred(event_callback*, void* argument) {
  auto* const buffer = static_cast<Evbuffer*>(argument);
  const bool owned = buffer->place_ != Place::kHeap;
  {
    const Access access(*buffer);
    Extras& extras = *buffer->extras_;
    extras.listeners.scheduled = false;
    // Whoever freed the buffer meanwhile still hears what happened before.
    extras.freed = false;
    extras.listeners.call(buffer->handle(), buffer->content_.size(), extras.freed);
    --buffer->users_;  // what scheduling took; `access` has another
  }
  if (owned) {
    g_owner_hooks.release(*buffer->handle());
  }
}

evbuffer_cb_entry* Evbuffer::add_callback(evbuffer_cb_func function, void* argument) {
  const Access access(*this);
  return make_extras() ? extras_->listeners.add(function, argument) : nullptr;
}

bool Evbuffer::set_old_callback(evbuffer_cb function, void* argument) {
  const Access access(*this);
  if (extras_ == nullptr && function == nullptr) {
    return true;
  }
  return make_extras() && extras_->listeners.replace_all(function, argument);
}

bool Evbuffer::remove_callback(evbuffer_cb_func function, void* argument) {
  const Access access(*this);
  return extras_ != nullptr && extras_->listeners.remove(function, argument);
}

void Evbuffer::remove_callback(evbuffer_cb_entry& entry) {
  const Access access(*this);
  extras_->listeners.remove(entry);
}

void Evbuffer::enable_callback(evbuffer_cb_entry& entry, bool on) {
  const Access access(*this);
  entry.enabled = on;
}

bool Evbuffer::defer_callbacks(event_base* base) {
  const Access access(*this);
  if (!make_extras()) {
    return false;
  }
  Listeners& listeners = extras_->listeners;
  if (!listeners.scheduled) {
    const int priority = event_base_get_npriorities(base) / 2;
    listeners.work.init(static_cast<unsigned char>(priority), run_deferred, this);
    listeners.base = base;
  }
  return true;
}

}  // namespace relevent::buffer
