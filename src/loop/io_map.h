#pragma once

#include <cstdint>

#include "backend/backend.h"
#include "loop/event_access.h"
#include "mem/grow_array.h"

namespace relevent::loop {

// The events on each descriptor, and what the kernel has been told of them.
//
// The first event on a descriptor is told at once, so that event_add can report what is wrong with
// it. All else waits for flush(), right before polling, and costs nothing if it ends where it
// began. One exception: when the last event of a kind went, the descriptor may have been closed and
// its number given to another file, so the next event of that kind makes a system call in any case.
// And edge-triggered descriptors are told of every change, since that arms the edge anew.
//
// A file that was duplicated before it was closed stays in an epoll set under its old number and
// cannot be taken out any more. Its reports carry an old generation, or nobody waits for them; if
// they keep coming, the whole set is made anew.
//
// Owns: the table, not the events.
// Lock: the loop's.
// Fails: add() returns the errno and leaves everything as it was.
class IoMap {
 public:
  IoMap() = default;
  ~IoMap();
  IoMap(const IoMap&) = delete;
  IoMap& operator=(const IoMap&) = delete;

  Result<void> add(backend::Backend& backend, event& ev);
  void remove(backend::Backend& backend, event& ev);

  // Tells the kernel what has changed since the last call.
  void flush(backend::Backend& backend);
  // Tells a backend that knows nothing about all events, but for those that wait in vain. False if
  // it refused one of them.
  bool replay(backend::Backend& backend);

  // Calls function(event&, short result) for each event that waits for some of what is ready.
  template <class Function>
  void dispatch(backend::Backend& backend, Function function);
  // The same for one descriptor, whatever its generation.
  template <class Function>
  void activate(int fd, short what, Function function);
  // Calls function(event&) -> bool for every event until it returns false; false if it did.
  template <class Function>
  bool for_each(Function function) const;

 private:
  struct Entry {
    IoList events;
    std::uint32_t generation;
    std::uint16_t readers;
    std::uint16_t writers;
    std::uint16_t closers;
    backend::Interest told;  // what the kernel knows
    bool edge;
    bool listed;  // in the list of changed_
    bool again;   // to be told even if nothing is new
    bool anew;    // so, since there are added events that may be for another file
    bool lost;    // closed with events, which wait in vain until one is added
    int fd;
    Entry* next_changed;

    backend::Interest wanted() const;
    bool has_news() const;
    bool waits_for(backend::Interest what) const { return (wanted() & what & kIoBits) != 0; }
  };
  // Entries never move, since the lists point back into them.
  static constexpr std::size_t kChunkSize = 64;

  template <class Function>
  static void activate(Entry& entry, short what, Function function);

  Entry* find(int fd) const {
    const auto index = static_cast<std::size_t>(fd);
    if (fd < 0 || index / kChunkSize >= chunks_.size()) {
      return nullptr;
    }
    Entry* const chunk = chunks_[index / kChunkSize];
    return chunk != nullptr ? &chunk[index % kChunkSize] : nullptr;
  }
  Entry* find_or_create(int fd);
  void count(Entry& entry, const event& ev, int step);
  Result<void> check(const Entry& entry, const event& ev) const;
  Result<void> change(backend::Backend& backend, Entry& entry);
  Result<void> tell(backend::Backend& backend, Entry& entry);
  void mark_changed(Entry& entry);
  void note_strangers(backend::Backend& backend, bool seen);

  mem::GrowArray<Entry*> chunks_;
  Entry* changed_ = nullptr;  // a chain, so that deleting an event needs no memory
  int strange_rounds_ = 0;
  // Duplicates do live on here, so the end of a descriptor's last event is told at once.
  bool eager_ = false;
};

template <class Function>
void IoMap::dispatch(backend::Backend& backend, Function function) {
  bool strangers = false;
  for (const backend::Ready& ready : backend.collect()) {
    Entry* const entry = find(ready.fd);
    if (entry == nullptr || entry->generation != ready.generation || entry->events.empty() ||
        (RELEVENT_UNLIKELY(entry->lost) && !entry->waits_for(ready.what))) {
      strangers = true;
      continue;
    }
    activate(*entry, ready.what, function);
  }
  if (RELEVENT_UNLIKELY(strangers) || strange_rounds_ != 0) {
    note_strangers(backend, strangers);
  }
}

template <class Function>
void IoMap::activate(int fd, short what, Function function) {
  if (Entry* const entry = find(fd)) {
    activate(*entry, what, function);
  }
}

template <class Function>
void IoMap::activate(Entry& entry, short what, Function function) {
  entry.events.for_each([&](event& ev) {
    const auto result = static_cast<short>(ev.ev_events & what);
    if ((result & kIoBits) != 0) {
      function(ev, result);
    }
  });
}

template <class Function>
bool IoMap::for_each(Function function) const {
  for (const Entry* const chunk : chunks_) {
    for (std::size_t i = 0; chunk != nullptr && i < kChunkSize; ++i) {
      for (event* ev = chunk[i].events.front(); ev != nullptr;) {
        event* const following = IoList::next(*ev);
        if (!function(*ev)) {
          return false;
        }
        ev = following;
      }
    }
  }
  return true;
}

}  // namespace relevent::loop
