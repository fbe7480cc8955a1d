#pragma once

#include <event2/event_struct.h>
#include <event2/listener.h>

#include "base/attributes.h"
#include "sync/lock.h"

namespace relevent::listener {

// Accepts connections on a listening socket and hands them to a callback.
//
// While an error keeps it from accepting (no descriptor is left, say), it does not wait for the
// socket, which stays readable, but for a timer, and then tries again: it is `paused`.
//
// Owns: the socket, with LEV_OPT_CLOSE_ON_FREE. It lives until free(), or until the callback that
// runs then has returned.
// Lock: lock_ guards what may change, with LEV_OPT_THREADSAFE; it comes before the base's lock. It
// is recursive, because log callbacks run under it.
// Fails: -1 or null, when memory is out or the loop refuses the descriptor.
// Callbacks: from the loop, with no lock held; they may call anything here, free() too.
// C API: listener.h.
class Listener {
 public:
  // Listens first unless `backlog` is 0; a negative one is the usual length.
  // Fails: null, with the socket left open.
  static evconnlistener* create(event_base* base, evconnlistener_cb callback, void* argument,
                                unsigned flags, int backlog, int fd);
  Listener() = default;
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  void free() RELEVENT_EXCLUDES(lock_);
  int enable() RELEVENT_EXCLUDES(lock_);
  int disable() RELEVENT_EXCLUDES(lock_);
  void set_callback(evconnlistener_cb callback, void* argument) RELEVENT_EXCLUDES(lock_);
  void set_error_callback(evconnlistener_errorcb callback) RELEVENT_EXCLUDES(lock_);
  event_base* base() const { return readable_.ev_base; }
  int fd() const { return readable_.ev_fd; }

 private:
  // Holds the lock while the loop's thread works for the listener; see accept.cpp.
  class Turn;

  evconnlistener* handle();
  int enable_locked() RELEVENT_REQUIRES(lock_);
  int disable_locked() RELEVENT_REQUIRES(lock_);

  // accept.cpp
  static void on_readable(int fd, short what, void* listener);
  static void on_retry(int fd, short what, void* listener);
  void accept_locked() RELEVENT_REQUIRES(lock_);
  bool hand_over_locked(int connection, sockaddr& address, int length) RELEVENT_REQUIRES(lock_);
  void report_locked(int error) RELEVENT_REQUIRES(lock_);
  void pause_locked(int number) RELEVENT_REQUIRES(lock_);

  event readable_{};  // waits for connections
  event retry_{};     // ends a pause
  sync::Lock lock_;
  evconnlistener_cb callback_ RELEVENT_GUARDED_BY(lock_) = nullptr;
  evconnlistener_errorcb error_callback_ RELEVENT_GUARDED_BY(lock_) = nullptr;
  void* argument_ RELEVENT_GUARDED_BY(lock_) = nullptr;
  int accept_flags_ = 0;  // of accept4()
  bool close_on_free_ = false;
  bool enabled_ RELEVENT_GUARDED_BY(lock_) = false;
  bool busy_ RELEVENT_GUARDED_BY(lock_) = false;   // a Turn is on
  bool freed_ RELEVENT_GUARDED_BY(lock_) = false;  // goes at the end of the Turn
  int failures_ RELEVENT_GUARDED_BY(lock_) = 0;    // errors since the last connection
};

}  // namespace relevent::listener

struct evconnlistener final : relevent::listener::Listener {};

namespace relevent::listener {

inline evconnlistener* Listener::handle() { return static_cast<evconnlistener*>(this); }

}  // namespace relevent::listener
