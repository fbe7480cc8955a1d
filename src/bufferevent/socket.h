#pragma once

#include "bufferevent/core.h"

namespace relevent::bev {

// A bufferevent over a stream socket.
//
// Input is read when the socket is ready, with one readv() per event. Output is gathered and
// written once at the end of the loop's iteration; only what the socket did not take waits for it
// to become writable.
// Owns: the descriptor, with BEV_OPT_CLOSE_ON_FREE.
// C API: bufferevent_socket_new.
class Socket final : public Core {
 public:
  static constexpr const char* kType = "socket";

  static ::bufferevent* create(event_base& base, int fd, int options);
  Socket() : Core(flush_output) {}
  ~Socket();

  int start(short events);
  int stop(short events);
  int refresh_timeouts();
  void output_added() { queue_flush(); }
  void input_resumed() {}
  int flush(short, bufferevent_flush_mode) { return 0; }
  bool set_fd(int fd);
  int fd() const { return ev_read.ev_fd; }
  ::bufferevent* underlying() const { return nullptr; }
  void detach() {}

 private:
  static void on_readable(int fd, short what, void* socket);
  static void on_writable(int fd, short what, void* socket);
  static void flush_output(loop::FlushItem& item);

  bool assign(int fd);
  void remove(event& ev);
  // socket_read.cpp
  void read();
  void fail_read(short what, int error);
  // socket_write.cpp
  // One write of up to so many bytes.
  Result<std::size_t> send(std::size_t budget);
  bool arm_write();
  void disarm_write();
  void queue_flush();
  void write_once();
  void write_now();
  void report_flush();
  void fail_write(short what, int error);
  // What came of a connection attempt. False: nothing yet, or nothing left to do.
  bool finish_connecting();

  // How the last flush failed, for the write event to report: BEV_EVENT_ or 0, and errno.
  short flush_failure_ = 0;
  int flush_error_ = 0;
};

}  // namespace relevent::bev
