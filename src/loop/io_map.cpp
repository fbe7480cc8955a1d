#include "loop/io_map.h"

#include <cerrno>
#include <new>
#include <utility>

#include "log/log.h"

namespace relevent::loop {
namespace {

constexpr int kMaxEventsPerDirection = 0xffff;
// So many polls with reports for files that are gone mean that they will not stop: fewer
// can come from another thread's changes.
constexpr int kMaxStrangeRounds = 8;

}  // namespace

IoMap::~IoMap() {
  for (Entry* const chunk : chunks_) {
    mem::release(chunk);
  }
}

backend::Interest IoMap::Entry::wanted() const {
  backend::Interest interest = 0;
  if (readers != 0) interest |= backend::kRead;
  if (writers != 0) interest |= backend::kWrite;
  if (closers != 0) interest |= backend::kClosed;
  if (interest != 0 && edge) interest |= backend::kEdge;
  return interest;
}

// Whether there is something to tell.
bool IoMap::Entry::has_news() const {
  return lost ? anew : wanted() != told || (again && told != 0);
}

IoMap::Entry* IoMap::find_or_create(int fd) {
  Entry* const existing = find(fd);
  if (existing != nullptr) {
    return existing;
  }
  const std::size_t number = static_cast<std::size_t>(fd) / kChunkSize;
  if (number >= chunks_.size() && !chunks_.resize(number + 1)) {
    return nullptr;
  }
  auto* const chunk = static_cast<Entry*>(mem::allocate_zeroed(kChunkSize, sizeof(Entry)));
  if (chunk == nullptr) {
    return nullptr;
  }
  for (std::size_t i = 0; i < kChunkSize; ++i) {
    ::new (&chunk[i]) Entry{};
    chunk[i].fd = static_cast<int>(number * kChunkSize + i);
  }
  chunks_[number] = chunk;
  return find(fd);
}

void IoMap::count(Entry& entry, const event& ev, int step) {
  const auto add = [step](std::uint16_t& counter) {
    counter = static_cast<std::uint16_t>(counter + step);
  };
  if (ev.ev_events & EV_READ) add(entry.readers);
  if (ev.ev_events & EV_WRITE) add(entry.writers);
  if (ev.ev_events & EV_CLOSED) add(entry.closers);
}

Result<void> IoMap::check(const Entry& entry, const event& ev) const {
  if (entry.readers == kMaxEventsPerDirection || entry.writers == kMaxEventsPerDirection ||
      entry.closers == kMaxEventsPerDirection) {
    log::warn("more than %d events in one direction of descriptor %d", kMaxEventsPerDirection,
              ev.ev_fd);
    return Result<void>::failure(EOVERFLOW);
  }
  const bool edge = ev.ev_events & EV_ET;
  if (!entry.events.empty() && edge != entry.edge) {
    log::warn("descriptor %d already has %s-triggered events; a descriptor cannot have both",
              ev.ev_fd, entry.edge ? "edge" : "level");
    return Result<void>::failure(EINVAL);
  }
  return {};
}

Result<void> IoMap::change(backend::Backend& backend, Entry& entry) {
  const backend::Interest wanted = entry.wanted();
  Result<void> result = backend.set_interest(entry.fd, entry.generation, entry.told, wanted);
  if (result) {
    entry.told = wanted;
    entry.again = entry.anew = entry.lost = false;
  }
  return result;
}

// The number may belong to another file by now, which the events are for then.
Result<void> IoMap::tell(backend::Backend& backend, Entry& entry) {
  Result<void> result = change(backend, entry);
  if (!result && result.error() == ENOENT) {
    entry.told = 0;
    result = change(backend, entry);
  }
  return result;
}

Result<void> IoMap::add(backend::Backend& backend, event& ev) {
  Entry* const entry = find_or_create(ev.ev_fd);
  if (entry == nullptr) {
    return Result<void>::failure(ENOMEM);
  }
  if (Result<void> result = check(*entry, ev); !result) {
    return result;
  }
  if (!entry->events.empty()) {
    // What the kernel was told of a kind whose last event went is of the file of then.
    const bool returns = (ev.ev_events & ~entry->wanted() & entry->told & kIoBits) != 0;
    entry->anew = entry->anew || entry->edge || returns || entry->lost;
    entry->again = entry->again || entry->anew;
    count(*entry, ev, +1);
    entry->events.push_front(ev);
    mark_changed(*entry);
    return {};
  }
  entry->edge = ev.ev_events & EV_ET;
  count(*entry, ev, +1);
  ++entry->generation;
  Result<void> result = tell(backend, *entry);
  if (!result) {
    count(*entry, ev, -1);
    return result;
  }
  entry->events.push_front(ev);
  return {};
}

void IoMap::remove(backend::Backend& backend, event& ev) {
  Entry* const entry = find(ev.ev_fd);
  count(*entry, ev, -1);
  entry->events.remove(ev);
  entry->again = entry->again || entry->edge;
  if (eager_ && entry->events.empty() && tell(backend, *entry)) {
    return;
  }
  mark_changed(*entry);
}

void IoMap::mark_changed(Entry& entry) {
  if (!entry.listed && entry.has_news()) {
    entry.listed = true;
    entry.next_changed = std::exchange(changed_, &entry);
  }
}

void IoMap::flush(backend::Backend& backend) {
  while (Entry* const entry = changed_) {
    changed_ = entry->next_changed;
    entry->listed = false;
    if (!entry->has_news()) {
      continue;
    }
    // A file may be closed after an event was deleted, and before the kernel is told; the events
    // that are left are not for the next file of that number.
    const bool only_less = (entry->wanted() & ~entry->told) == 0 && !entry->anew;
    if (Result<void> result = only_less ? change(backend, *entry) : tell(backend, *entry);
        !result) {
      const bool is_closed = result.error() == EBADF || result.error() == ENOENT;
      if (!only_less || !is_closed) {
        log::warn_errno(result.error(), "%s: cannot change the events of descriptor %d",
                        backend.name(), entry->fd);
      }
      entry->lost = is_closed;
      entry->told = 0;
      entry->again = entry->anew = false;
    }
  }
}

bool IoMap::replay(backend::Backend& backend) {
  bool all = true;
  for (std::size_t number = 0; number < chunks_.size(); ++number) {
    for (std::size_t i = 0; chunks_[number] != nullptr && i < kChunkSize; ++i) {
      Entry& entry = chunks_[number][i];
      entry.told = 0;
      entry.again = false;
      if (entry.wanted() != 0 && !entry.lost) {
        all = static_cast<bool>(tell(backend, entry)) && all;
      }
    }
  }
  return all;
}

void IoMap::note_strangers(backend::Backend& backend, bool seen) {
  if (!seen) {
    --strange_rounds_;
  } else if (++strange_rounds_ == kMaxStrangeRounds) {
    strange_rounds_ = 0;
    eager_ = true;
    RELEVENT_DEBUG("%s: descriptors were closed while duplicates of them live; starting anew",
                   backend.name());
    if (!backend.reset() || !replay(backend)) {
      log::warn("%s: could not be set up anew", backend.name());
    }
  }
}

}  // namespace relevent::loop
