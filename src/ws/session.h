#pragma once

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/relevent_ws.h>
#include <event2/ws.h>

#include "surface/memory.h"
#include "ws/client_handshake.h"
#include "ws/reader.h"

struct evhttp_connection;
struct evhttp_request;

namespace relevent::ws {

// A WebSocket connection: messages over a bufferevent, from the handshake to the end.
//
// How it ends: whoever closes sends a close frame, and waits for that of the peer (kClosing). Who
// has both sends what is left and hangs up (kFlushing). A peer that broke the protocol is told so;
// what it still sends is thrown away until it hangs up (kDiscarding), since to close a socket with
// unread input would destroy the close frame on its way. Peers that do not answer or read are given
// up after a time.
//
// Owns: a client its bufferevent; a server's session the HTTP connection that it came from.
// Lock: that of the bufferevent, if it has one; with it, other threads may send and close.
// Callbacks: may close or free the session; it lives until they have returned.
// Fails: a frame that there is no memory for ends the session, from the loop.
// C API: struct evws_connection.
class Session {
 public:
  // Answers the request and takes its connection over.
  // Fails: null, and the request has been answered with an error.
  static evws_connection* accept(evhttp_request& request, ws_on_msg_cb on_message, void* argument);

  // Connects `bufev`, which it takes over, and asks for `handshake`'s resource.
  // Fails: null, and `bufev` is still the caller's.
  static evws_connection* connect(bufferevent& bufev, evdns_base* resolver,
                                  Owned<ClientHandshake> handshake, ws_on_msg_cb on_message,
                                  void* argument);

  Session(Role role, ws_on_msg_cb on_message, void* argument)
      : reader_(role), role_(role), on_message_(on_message), message_argument_(argument) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Sends a message. False if the session is not open, or one that is sent in parts lacks its end.
  bool send(Opcode type, std::span<const std::uint8_t> payload);
  // Sends a part of a message.
  bool send_part(Opcode type, std::span<const std::uint8_t> payload, bool final);
  bool ping(std::span<const std::uint8_t> payload);
  void close(std::uint16_t code);
  // At once; the close callback runs inside.
  void end();

  void set_max_message(std::size_t bytes) { reader_.set_max_message(bytes); }
  void set_close_callback(ws_on_close_cb callback, void* argument) {
    on_close_ = callback;
    close_argument_ = argument;
  }
  void set_open_callback(relevent_ws_open_cb callback, void* argument) {
    on_open_ = callback;
    open_argument_ = argument;
  }
  void set_pong_callback(relevent_ws_pong_cb callback, void* argument) {
    on_pong_ = callback;
    pong_argument_ = argument;
  }
  bufferevent* bufev() const { return bufev_; }
  // What the peer's close frame said.
  std::uint16_t close_code() const { return close_code_; }

 private:
  enum class State : std::uint8_t { kConnecting, kOpen, kClosing, kFlushing, kDiscarding };
  class Hold;
  class Lock;

  static void on_read(bufferevent* bufev, void* session);
  static void on_written(bufferevent* bufev, void* session);
  static void on_event(bufferevent* bufev, short what, void* session);
  static void on_timer(evutil_socket_t, short what, void* session);
  static void on_connection_closed(evhttp_connection* connection, void* session);

  void attach(bufferevent& bufev);
  evws_connection* handle();
  void read();
  bool read_handshake();
  void handle_event(Reader::Event event);
  void answer_ping();
  void peer_closes();
  bool send_frame(Opcode opcode, std::span<const std::uint8_t> payload, bool final);
  void say_close(std::uint16_t code, State next);
  void output_is_written();
  void set_deadline(int seconds);
  void give_up();

  Reader reader_;
  const Role role_;
  State state_ = State::kOpen;
  bool ended_ = false;
  bool owns_bufev_ = false;
  bool fragment_open_ = false;  // a message that we send lacks its end
  unsigned holds_ = 0;
  std::uint16_t close_code_ = kCloseAbnormal;
  bufferevent* bufev_ = nullptr;
  evhttp_connection* connection_ = nullptr;
  event timer_{};  // ends the session; or, activated with EV_READ, looks at the input
  Owned<ClientHandshake> handshake_;

  ws_on_msg_cb on_message_;
  void* message_argument_;
  ws_on_close_cb on_close_ = nullptr;
  void* close_argument_ = nullptr;
  relevent_ws_open_cb on_open_ = nullptr;
  void* open_argument_ = nullptr;
  relevent_ws_pong_cb on_pong_ = nullptr;
  void* pong_argument_ = nullptr;
};

}  // namespace relevent::ws

struct evws_connection final : relevent::ws::Session {
  using Session::Session;
};

namespace relevent::ws {

inline evws_connection* Session::handle() { return static_cast<evws_connection*>(this); }

// Keeps a session alive while user code may end it.
class Session::Hold {
 public:
  explicit Hold(Session& session) : session_(session) { ++session.holds_; }
  ~Hold() {
    if (--session_.holds_ == 0 && session_.ended_) {
      destroy(session_.handle());
    }
  }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  Session& session_;
};

// Holds the bufferevent's lock.
class Session::Lock {
 public:
  explicit Lock(const Session& session) : bufev_(session.bufev_) { bufferevent_lock(bufev_); }
  ~Lock() { bufferevent_unlock(bufev_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  bufferevent* bufev_;
};

}  // namespace relevent::ws
