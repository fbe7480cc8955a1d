#pragma once

#include "http/connection.h"

namespace relevent::http {

// A connection that a server has accepted. It reads one request, has it answered, and goes on with
// the next one when the reply has left.
//
// Reading goes on while a request is answered, since to stop and restart it costs two system calls;
// only if the client sends more meanwhile it is stopped.
//
// Owns: the request that is read or answered, unless the program does.
// Fails: without memory, the connection ends.
// Callbacks: all of a server's, from the loop. They may free the connection.
// C API: evhttp_connection_*, evhttp_send_*.
class ServerConnection final : public ::evhttp_connection {
 public:
  enum class End {
    kLost,       // who is about to answer learns when it does so
    kFreed,      // by the program: the request goes, too
    kWithServer  // the same, even while the close callback runs
  };

  // Takes over the bufferevent.
  // Fails: null; the bufferevent still belongs to the caller.
  static ServerConnection* create(evhttp& server, bufferevent* bufev, const char* address,
                                  ev_uint16_t port);
  explicit ServerConnection(evhttp& server, const Terms& terms)
      : ::evhttp_connection(&server, terms) {}
  void end(End how);
  // Says that the server has too many connections.
  void turn_away();

  // --- Replying (server_reply.cpp). The request is this connection's ---
  void send_reply(Request& request, int code, const char* reason, evbuffer* body);
  void start_reply(Request& request, int code, const char* reason);
  void send_chunk(Request& request, evbuffer* data, void (*callback)(evhttp_connection*, void*),
                  void* argument);
  void end_reply(Request& request);
  void send_error(Request& request, int code, const char* reason);
  // The page for a path that nobody answers.
  void send_not_found(Request& request);

  struct Links {
    static ServerConnection*& next(ServerConnection& connection) { return connection.next_; }
    static ServerConnection**& prev(ServerConnection& connection) { return connection.prev_; }
  };

 private:
  enum class State {
    kReading,   // a request, or waiting for one
    kBusy,      // the program has the request
    kReplying,  // and has begun to answer
    kFinishing  // the reply is complete, but not written
  };

  static void on_read(bufferevent* bufev, void* connection);
  static void on_written(bufferevent* bufev, void* connection);
  static void on_event(bufferevent* bufev, short what, void* connection);
  void input_ended();
  void reply_is_written();
  void give_up_request(End how);

  // server_receive.cpp
  void receive();
  bool begin_request();
  bool take_request();
  bool head_is_there();
  bool parse_target();
  bool parse_authority();
  bool is_allowed(evhttp_cmd_type method) const;
  bool answer_expectation();
  void handle_request();
  void refuse(int status);

  // server_reply.cpp
  struct Head;
  bool write_head(Request& request, int code, const char* reason, Head& head);
  bool write_body(Request& request, evbuffer* data);
  void finish_reply(Request& request);
  bool fill_error_page(Request& request, evbuffer& page, int code, const char* reason);
  void send_page(Request& request, int code, const char* reason, evbuffer& page);

  State state_ = State::kReading;
  bool read_stopped_ = false;
  bool input_ended_ = false;
  bool closes_ = false;  // after this reply
  bool ending_ = false;  // the close callback runs
  Request* request_ = nullptr;
  void (*chunk_written_)(evhttp_connection*, void*) = nullptr;
  void* chunk_written_argument_ = nullptr;
  ServerConnection* next_ = nullptr;
  ServerConnection** prev_ = nullptr;
};

}  // namespace relevent::http
