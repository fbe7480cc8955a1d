#include "loop/debug_map.h"

#include <fcntl.h>

#include <cinttypes>
#include <cstdint>

#include "log/log.h"
#include "loop/event_access.h"
#include "mem/grow_array.h"
#include "sync/global_mutex.h"

namespace relevent::loop {
namespace {

// A hash table with open addressing. Slots of forgotten events are reused when the table is
// rehashed. It lives as long as the process; clear() gives its memory back.
class EventTable {
 public:
  struct Slot {
    const event* ev;  // null: never used; the table itself: forgotten
    bool pending;
  };

  Slot* find(const event& ev) {
    for (std::size_t i = start(ev); capacity_ != 0; i = (i + 1) & (capacity_ - 1)) {
      if (slots_[i].ev == &ev) {
        return &slots_[i];
      }
      if (slots_[i].ev == nullptr) {
        break;
      }
    }
    return nullptr;
  }

  // The slot of the event, made if there is none; null without memory.
  Slot* insert(const event& ev) {
    if (Slot* const known = find(ev); known != nullptr) {
      return known;
    }
    if (used_ >= capacity_ - capacity_ / 4 && !rehash()) {
      return nullptr;
    }
    ++used_;
    ++live_;
    return place(ev, false);
  }

  void erase(Slot& slot) {
    slot.ev = forgotten();
    --live_;
  }

  void clear() {
    mem::release(slots_);
    slots_ = nullptr;
    capacity_ = used_ = live_ = 0;
  }

 private:
  const event* forgotten() const {
    return static_cast<const event*>(static_cast<const void*>(this));
  }

  std::size_t start(const event& ev) const {
    const auto address = reinterpret_cast<std::uintptr_t>(&ev);
    return ((address >> 4) * 0x9e3779b97f4a7c15ULL >> 20) & (capacity_ - 1);
  }

  Slot* place(const event& ev, bool pending) {
    std::size_t i = start(ev);
    while (slots_[i].ev != nullptr) {
      i = (i + 1) & (capacity_ - 1);
    }
    slots_[i] = {&ev, pending};
    return &slots_[i];
  }

  [[nodiscard]] bool rehash() {
    std::size_t capacity = 64;
    while (capacity < live_ * 2 + 2) {
      capacity *= 2;
    }
    Slot* const old = slots_;
    const std::size_t old_capacity = capacity_;
    auto* const fresh = static_cast<Slot*>(mem::allocate_zeroed(capacity, sizeof(Slot)));
    if (fresh == nullptr) {
      return false;
    }
    slots_ = fresh;
    capacity_ = capacity;
    used_ = live_;
    for (std::size_t i = 0; i < old_capacity; ++i) {
      if (old[i].ev != nullptr && old[i].ev != forgotten()) {
        place(*old[i].ev, old[i].pending);
      }
    }
    mem::release(old);
    return true;
  }

  Slot* slots_ = nullptr;
  std::size_t capacity_ = 0;  // 0, or a power of two
  std::size_t used_ = 0;      // slots that are not null
  std::size_t live_ = 0;
};

constinit sync::GlobalMutex g_mutex;
constinit std::atomic<bool> g_too_late = false;

constinit EventTable g_table;  // guarded by g_mutex

[[noreturn]] void report(const event& ev, const char* function, const char* mistake) {
  log::fatal(log::kAbortCode,
             "%s called on %s event 0x%" PRIxPTR " (events: 0x%x, fd: %d, flags: 0x%x)", function,
             mistake, reinterpret_cast<std::uintptr_t>(&ev), ev.ev_events, ev.ev_fd, flags(ev));
}

}  // namespace

constinit std::atomic<bool> g_debug_mode = false;

void enable_debug_mode() {
  if (g_debug_mode) {
    log::fatal(1, "%s was called twice!", "event_enable_debug_mode");
  }
  if (g_too_late) {
    log::fatal(1, "%s must be called *before* creating any events or event_bases",
               "event_enable_debug_mode");
  }
  g_debug_mode = true;
}

void disable_debug_mode() {
  const sync::GlobalGuard guard(g_mutex);
  g_debug_mode = false;
  g_table.clear();
}

void debug_note_first_use() {
  if (!g_too_late.load(std::memory_order_relaxed)) {
    g_too_late.store(true, std::memory_order_relaxed);
  }
}

void debug_note_setup_slow(const event& ev) {
  bool noted = false;
  {
    const sync::GlobalGuard guard(g_mutex);
    if (EventTable::Slot* const slot = g_table.insert(ev); slot != nullptr) {
      slot->pending = false;
      noted = true;
    }
  }
  if (!noted) {
    log::fatal(1, "out of memory in debug mode");
  }
}

void debug_note_teardown_slow(const event& ev) {
  const sync::GlobalGuard guard(g_mutex);
  if (EventTable::Slot* const slot = g_table.find(ev); slot != nullptr) {
    g_table.erase(*slot);
  }
}

void debug_note_pending_slow(const event& ev, bool pending) {
  const sync::GlobalGuard guard(g_mutex);
  if (EventTable::Slot* const slot = g_table.find(ev); slot != nullptr) {
    slot->pending = pending;
  }
}

void debug_check_setup_slow(const event& ev, const char* function, const char* mistake) {
  bool known = false;
  {
    const sync::GlobalGuard guard(g_mutex);
    known = g_table.find(ev) != nullptr;
  }
  if (!known && !has(ev, EVLIST_INTERNAL)) {
    report(ev, function, mistake);
  }
}

void debug_check_not_added_slow(const event& ev, const char* function) {
  bool pending = false;
  {
    const sync::GlobalGuard guard(g_mutex);
    const EventTable::Slot* const slot = g_table.find(ev);
    pending = slot != nullptr && slot->pending;
  }
  if (pending) {
    report(ev, function, "an already added");
  }
}

void debug_check_nonblocking_slow(int fd) {
  if (fd < 0) {
    return;
  }
  const int status = ::fcntl(fd, F_GETFL);
  if (status >= 0 && !(status & O_NONBLOCK)) {
    log::fatal(log::kAbortCode, "event_assign: descriptor %d blocks; set O_NONBLOCK first", fd);
  }
}

}  // namespace relevent::loop
