#include "buffer/listeners.h"

#include <utility>

#include "mem/create.h"

namespace relevent::buffer {

evbuffer_cb_entry* Listeners::add(evbuffer_cb_func function, void* argument) {
  auto* const entry = mem::create<evbuffer_cb_entry>();
  if (entry != nullptr) {
    entry->function = function;
    entry->argument = argument;
    entry->enabled = true;
    entries_.push_front(*entry);
  }
  return entry;
}

bool Listeners::replace_all(evbuffer_cb function, void* argument) {
  auto* const entry = function == nullptr ? nullptr : mem::create<evbuffer_cb_entry>();
  if (function != nullptr && entry == nullptr) {
    return false;
  }
  remove_all();
  if (entry != nullptr) {
    entry->old_function = function;
    entry->old_form = true;
    entry->argument = argument;
    entry->enabled = true;
    entries_.push_front(*entry);
  }
  return true;
}

bool Listeners::remove(evbuffer_cb_func function, void* argument) {
  for (evbuffer_cb_entry* entry = entries_.front(); entry != nullptr; entry = entry->next) {
    if (entry->function == function && entry->argument == argument && !entry->dead) {
      remove(*entry);
      return true;
    }
  }
  return false;
}

void Listeners::remove(evbuffer_cb_entry& entry) {
  if (calls_ > 0) {
    entry.dead = true;
    any_dead_ = true;
    return;
  }
  entries_.remove(entry);
  mem::destroy(&entry);
}

void Listeners::remove_all() {
  entries_.for_each([this](evbuffer_cb_entry& entry) { remove(entry); });
}

void Listeners::sweep() {
  any_dead_ = false;
  entries_.for_each([this](evbuffer_cb_entry& entry) {
    if (entry.dead) {
      remove(entry);
    }
  });
}

void Listeners::call(evbuffer* buffer, std::size_t length, const bool& stop) {
  const std::size_t added = std::exchange(added_, 0);
  const std::size_t removed = std::exchange(removed_, 0);
  if (added == 0 && removed == 0) {
    return;
  }
  const evbuffer_cb_info info{length + removed - added, added, removed};
  const Calling calling(*this);
  for (evbuffer_cb_entry* entry = entries_.front(); entry != nullptr && !stop;
       entry = entry->next) {
    if (!entry->enabled || entry->dead) {
      continue;
    }
    if (entry->old_form) {
      entry->old_function(buffer, info.orig_size, length, entry->argument);
    } else {
      entry->function(buffer, &info, entry->argument);
    }
  }
}

}  // namespace relevent::buffer
