#pragma once

#include <event2/bufferevent.h>
#include <event2/http.h>

#include "http/receiver.h"
#include "http/request.h"
#include "surface/memory.h"

struct evhttp;

namespace relevent::http {

class ServerConnection;
class ClientConnection;

// What the connections of servers and clients share: the bufferevent, timeouts, limits, the peer.
//
// Owns: the bufferevent.
// Callbacks: user code may free the connection; who calls it looks at a Watch afterwards.
// C API: evhttp_connection_*.
class Connection {
 public:
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Null: it is of the other kind.
  ServerConnection* as_server();
  ClientConnection* as_client();

  // Calls the close callback if there was a connection, and frees everything.
  void free();

  event_base* base() const { return base_; }
  bufferevent* bufev() const { return bufev_; }
  evhttp* server() const { return server_; }
  const char* address() const { return address_.get(); }
  ev_uint16_t port() const { return port_; }
  Terms& terms() { return receiver_.terms(); }

  void set_close_callback(void (*callback)(evhttp_connection*, void*), void* argument) {
    close_callback_ = callback;
    close_argument_ = argument;
  }

  // The descriptor is the connection's, even if the program's own bufferevent would leave it open.
  static void close_and_free(bufferevent* bufev);

  // Tells a function whether user code that it called has freed the connection.
  class Watch {
   public:
    explicit Watch(Connection& connection);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    bool gone() const { return connection_ == nullptr; }

   private:
    friend class Connection;
    Connection* connection_;
    Watch* outer_;
  };

 protected:
  Connection(evhttp* server, const Terms& terms)
      : server_(server), receiver_(current_mode(), terms) {}
  ~Connection();

  evhttp_connection* handle();
  evbuffer& input() const { return *bufferevent_get_input(bufev_); }
  evbuffer& output() const { return *bufferevent_get_output(bufev_); }
  void call_close_callback();
  // Runs a request's chunk callback and forgets the chunk.
  static void call_chunk_callback(Request& request);

  event_base* base_ = nullptr;
  bufferevent* bufev_ = nullptr;
  evhttp* server_;
  OwnedString address_;
  ev_uint16_t port_ = 0;
  Receiver receiver_;

 private:
  Watch* watch_ = nullptr;
  void (*close_callback_)(evhttp_connection*, void*) = nullptr;
  void* close_argument_ = nullptr;
};

}  // namespace relevent::http

struct evhttp_connection : relevent::http::Connection {
 protected:
  using Connection::Connection;
};

namespace relevent::http {

inline evhttp_connection* Connection::handle() { return static_cast<evhttp_connection*>(this); }

}  // namespace relevent::http
