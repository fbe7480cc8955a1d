// Debug mode: which addresses are events, and which of them are pending, so that misuse is reported
// with the event and the mistake named instead of corrupting lists.
#pragma once

#include <event2/event.h>

#include <atomic>

#include "base/attributes.h"

namespace relevent::loop {

// Knows every event that was assigned since debug mode was enabled.
// Lock: its own. Fails: without memory the process ends through the fatal callback.
// Callbacks: the fatal callback runs with the loop's lock held.
extern constinit std::atomic<bool> g_debug_mode;
inline bool debug_mode() { return g_debug_mode.load(std::memory_order_relaxed); }

// C API: event_enable_debug_mode, event_disable_debug_mode.
void enable_debug_mode();
void disable_debug_mode();
// From now on it is too late to enable debug mode.
void debug_note_first_use();

void debug_note_setup_slow(const event& ev);
void debug_note_teardown_slow(const event& ev);
void debug_note_pending_slow(const event& ev, bool pending);
void debug_check_setup_slow(const event& ev, const char* function, const char* mistake);
void debug_check_not_added_slow(const event& ev, const char* function);
void debug_check_nonblocking_slow(int fd);

inline void debug_note_setup(const event& ev) {
  if (RELEVENT_UNLIKELY(debug_mode())) debug_note_setup_slow(ev);
}
inline void debug_note_teardown(const event& ev) {
  if (RELEVENT_UNLIKELY(debug_mode())) debug_note_teardown_slow(ev);
}
inline void debug_note_add(const event& ev) {
  if (RELEVENT_UNLIKELY(debug_mode())) debug_note_pending_slow(ev, true);
}
inline void debug_note_del(const event& ev) {
  if (RELEVENT_UNLIKELY(debug_mode())) debug_note_pending_slow(ev, false);
}
// The event must have been assigned.
inline void debug_check_setup(const event& ev, const char* function,
                              const char* mistake = "a non-initialized") {
  if (RELEVENT_UNLIKELY(debug_mode())) debug_check_setup_slow(ev, function, mistake);
}
// The event must not be pending: its memory is about to be used anew.
inline void debug_check_not_added(const event& ev, const char* function) {
  if (RELEVENT_UNLIKELY(debug_mode())) debug_check_not_added_slow(ev, function);
}
inline void debug_check_nonblocking(int fd) {
  if (RELEVENT_UNLIKELY(debug_mode())) debug_check_nonblocking_slow(fd);
}

}  // namespace relevent::loop
