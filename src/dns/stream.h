#pragma once

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/event_struct.h>

#include "dns/shared.h"
#include "dns/wire.h"

namespace relevent::dns {

// DNS messages over a TCP connection, each behind its length (RFC 1035, section 4.2.2; RFC 7766).
// Owns: the descriptor, and what waits to be written.
// Lock: the owner's; all but the event callbacks need it.
// Callbacks: the handler's functions run with the lock held; they may retire the stream.
// Fails: create() and send() without memory; then create() leaves the descriptor with the caller.
class Stream {
 public:
  struct Handler {
    void* context;
    void (*on_message)(void* context, Bytes message);
    // The connection is closed or broken, or was idle for too long. The handler retires the stream.
    void (*on_end)(void* context);
    // Whether a connection that is silent for the idle time is to go. Null: always.
    bool (*is_idle)(void* context);
  };

  Stream(Shared& owner, const Handler& handler) : owner_(owner), handler_(handler) {}
  ~Stream();
  static Stream* create(event_base* base, int fd, Shared& owner, const Handler& handler,
                        const timeval& idle_time);
  // Closes. The memory goes when no callback of it can run any more.
  void retire();

  [[nodiscard]] bool send(Bytes message);
  bool has_sent_all() const { return evbuffer_get_length(output_) == 0; }
  // Tells how long it may be silent.
  void set_idle_time(const timeval& idle_time);

 private:
  static void on_readable(evutil_socket_t fd, short what, void* argument);
  static void on_writable(evutil_socket_t fd, short what, void* argument);
  static void on_finalized(event* ev, void* argument);
  void take_messages();
  bool write_some();

  Shared& owner_;
  Handler handler_;
  timeval idle_time_ = {};
  int fd_ = -1;
  bool retired_ = false;
  int events_in_use_ = 0;
  evbuffer* input_ = nullptr;
  evbuffer* output_ = nullptr;
  event readable_;
  event writable_;
};

}  // namespace relevent::dns
