#pragma once

#include <event2/event_struct.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "http/connection.h"

struct evdns_base;

namespace relevent::http {

// A client's connection: makes requests one after the other, and connects whenever one is due and
// there is no connection.
//
// Owns: its requests, from make_request() until their last callback has returned.
// Fails: as the C functions say; a request in progress fails with its error callback.
// Callbacks: those of requests, and the close callback; mostly from the loop. They may free the
// connection. What it does for a request is over before the request's last callback runs, so that
// this one may make another.
// C API: evhttp_connection_*, evhttp_make_request, evhttp_cancel_request.
class ClientConnection final : public ::evhttp_connection {
 public:
  // Takes `bufev` over; null: makes one. Fails: null.
  static ClientConnection* create(event_base* base, evdns_base* dns, bufferevent* bufev,
                                  const char* address, ev_uint16_t port);
  static ClientConnection* create_unix(event_base* base, bufferevent* bufev, const char* path);
  ClientConnection() : ::evhttp_connection(nullptr, Terms()) {}
  ~ClientConnection();
  void end();

  // The request is taken over in any case. Fails: -1.
  int make_request(Request& request, evhttp_cmd_type type, const char* target);
  void cancel(Request& request);

  // For one that was made without. Null does not count. False: no memory.
  bool set_base(event_base* base);
  void set_family(int family) { family_ = family; }
  void add_flags(int flags) { flags_ |= flags; }
  void free_on_completion() { free_on_completion_ = true; }
  bool set_local_address(const char* address);
  void set_local_port(ev_uint16_t port) { local_port_ = port; }
  void set_retries(int most) { most_retries_ = most; }
  void set_first_pause(const timeval& pause) { first_pause_ = pause; }
  // Null or zero: as at the start.
  void set_connect_timeout(const timeval* time);
  void set_read_timeout(const timeval* time);
  void set_write_timeout(const timeval* time);
  const sockaddr* peer_address() const { return reinterpret_cast<const sockaddr*>(&peer_); }

 private:
  enum class State {
    kClosed,
    kPausing,     // before connecting is tried again
    kConnecting,  // requests wait
    kIdle,        // there is a connection, and no request
    kBusy         // the first request has been sent
  };
  bool is_open() const { return state_ == State::kIdle || state_ == State::kBusy; }

  // client_connect.cpp
  enum class Attempt { kUnderWay, kFailed, kGone };
  Attempt connect();
  bool start_connecting();
  bool bind_local();
  void connected();
  void connecting_failed(short what);
  void fail_all();
  bool pause(const timeval& time);
  static void on_pause_over(int fd, short what, void* connection);

  // client_exchange.cpp
  static void on_read(bufferevent* bufev, void* connection);
  static void on_written(bufferevent* bufev, void* connection);
  static void on_event(bufferevent* bufev, short what, void* connection);
  void broke(short what);
  void dispatch();
  void receive();
  bool goes_on(const Request& request);
  bool head_is_there(Request& request);
  bool must_close(const Request& request);
  void finish(bool at_end_of_input);
  void fail(evhttp_request_error error);
  void fail_first(evhttp_request_error error);
  void fail_start();
  Request& take_first();

  // client_connection.cpp
  bool make_bufev();
  void apply_timeouts();
  void close();
  void close_idle();
  void go_on();

  State state_ = State::kClosed;
  bool ending_ = false;
  bool starting_ = false;       // start_connecting() is on the stack
  bool bad_start_ = false;      // and the attempt has failed meanwhile
  bool failing_start_ = false;  // fail_start() is on the stack
  bool write_failed_ = false;
  bool free_on_completion_ = false;
  bool is_unix_ = false;
  int flags_ = 0;
  int family_ = AF_UNSPEC;
  int most_retries_ = 0;
  int retries_ = 0;
  ev_uint16_t local_port_ = 0;
  OwnedString local_address_;
  evdns_base* dns_ = nullptr;
  timeval connect_timeout_;
  timeval read_timeout_;
  timeval write_timeout_;
  timeval first_pause_;
  event pause_timer_{};
  sockaddr_storage peer_{};
  socklen_t peer_length_ = 0;
  RequestQueue requests_;
  RequestQueue failed_;  // fail_all() has not come to these yet
};

}  // namespace relevent::http
