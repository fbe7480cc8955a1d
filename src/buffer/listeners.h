#pragma once

#include <event2/buffer.h>
#include <event2/buffer_compat.h>

#include <cstddef>

#include "base/intrusive_list.h"
#include "loop/deferred.h"

// The handle of one callback.
struct evbuffer_cb_entry {
  union {
    evbuffer_cb_func function;
    evbuffer_cb old_function;
  };
  void* argument;
  bool old_form;
  bool enabled;
  bool dead;  // removed, see Listeners::calls_
  evbuffer_cb_entry* next;
  evbuffer_cb_entry** prev;
};

namespace relevent::buffer {

// The callbacks of an evbuffer and what they have not heard of yet: apart from the buffer, because
// most have none.
//
// Owns: the entries.
// Lock: the evbuffer's is held.
// Fails: add() and replace_all() return null and false, with the list as it was.
// Callbacks: from call(), under that lock; they may add and remove callbacks.
// C API: evbuffer_add_cb, evbuffer_remove_cb, evbuffer_remove_cb_entry, evbuffer_setcb,
// evbuffer_cb_set_flags, evbuffer_cb_clear_flags, evbuffer_defer_callbacks.
class Listeners {
 public:
  Listeners() = default;
  ~Listeners() { remove_all(); }
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;

  bool empty() const { return entries_.empty(); }
  evbuffer_cb_entry* add(evbuffer_cb_func function, void* argument);
  // In place of all others.
  bool replace_all(evbuffer_cb function, void* argument);
  bool remove(evbuffer_cb_func function, void* argument);
  void remove(evbuffer_cb_entry& entry);
  void remove_all();

  void record(std::size_t added, std::size_t removed) {
    added_ += added;
    removed_ += removed;
  }
  // Tells the enabled ones what was recorded, the newest first, until `stop` becomes true. `length`
  // is what the buffer has now.
  void call(evbuffer* buffer, std::size_t length, const bool& stop);

  // Deferring: the base that the callbacks run from, or null.
  event_base* base = nullptr;
  bool scheduled = false;
  loop::Deferred work;

 private:
  struct Links {
    static evbuffer_cb_entry*& next(evbuffer_cb_entry& entry) { return entry.next; }
    static evbuffer_cb_entry**& prev(evbuffer_cb_entry& entry) { return entry.prev; }
  };
  // While callbacks run; ends also with an exception of theirs.
  struct Calling {
    explicit Calling(Listeners& owner) : listeners(owner) { ++listeners.calls_; }
    ~Calling() {
      if (--listeners.calls_ == 0 && listeners.any_dead_) {
        listeners.sweep();
      }
    }
    Calling(const Calling&) = delete;
    Calling& operator=(const Calling&) = delete;
    Listeners& listeners;
  };
  void sweep();

  IntrusiveList<evbuffer_cb_entry, Links> entries_;
  // Entries that are removed while callbacks run stay in the list until the last of these returns.
  int calls_ = 0;
  bool any_dead_ = false;
  std::size_t added_ = 0;
  std::size_t removed_ = 0;
};

}  // namespace relevent::buffer
