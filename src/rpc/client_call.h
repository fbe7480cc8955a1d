#pragma once

#include <event2/event_struct.h>

#include "rpc/pool.h"

// The context that hooks get comes first, as in evrpc_req_generic.
struct evrpc_request_wrapper {
  relevent::rpc::Context context;
};

namespace relevent::rpc {

// What a call does with its messages.
struct MessageFunctions {
  void (*marshal_request)(evbuffer*, void*);
  void (*clear_reply)(void*);
  int (*unmarshal_reply)(void*, evbuffer*);
};

// A call that a client makes, from its preparation to its callback.
// Owns: the HTTP request, except while a connection has it. The messages are the program's.
// Callbacks: hooks, the messages' functions and the call's own, which is the last; the pool may be
// freed in any of them.
// C API: evrpc_make_request*, evrpc_send_request_generic, evrpc_request_set_*
class ClientCall final : public ::evrpc_request_wrapper, public Counted<ClientCall> {
 public:
  using Callback = void (*)(evrpc_status*, void* request, void* reply, void* argument);

  static ClientCall& of(evrpc_request_wrapper& call) { return static_cast<ClientCall&>(call); }

  // The path is that of the RPC.
  ClientCall(OwnedString path, void* request, void* reply, const MessageFunctions& functions);
  ~ClientCall();
  ClientCall(const ClientCall&) = delete;
  ClientCall& operator=(const ClientCall&) = delete;

  Pool* pool() const { return pool_; }
  void set_pool(Pool* pool) { pool_ = pool; }
  void set_callback(Callback callback, void* argument) {
    callback_ = callback;
    argument_ = argument;
  }

  // For the pool. Marshals the request and sends it.
  void start(PoolConnection& connection);
  // Ends without the callback.
  void drop();
  // The connection is not the pool's any more.
  void lose(const PoolConnection& connection);

  // Links of the pool's list, and which one it is.
  ClientCall* next = nullptr;
  ClientCall** prev = nullptr;
  bool started = false;

 private:
  using Step = void (ClientCall::*)();

  // Shows a message to the hooks. Goes on with a step, now or when the call is resumed, or ends
  // with an error.
  void run_hooks(EVRPC_HOOK_TYPE type, evbuffer* message, Step step, int error);
  static void resume(Context& context, bool go_on);
  static void on_reply(evhttp_request* http, void* call);
  static void on_timeout(evutil_socket_t, short, void* call);

  bool start_timer();
  void send();
  void read_reply();
  // The connection is done with the HTTP request.
  void leave_connection();
  // Leaves the pool: nothing finds the call any more.
  void leave();
  // Tells the program.
  void end(int error);

  // Where the HTTP request is: here, with its connection, or in its connection's callback.
  enum class Place { kHere, kSent, kReplying };

  OwnedString path_;
  void* request_;
  void* reply_;
  MessageFunctions functions_;
  Callback callback_ = nullptr;
  void* argument_ = nullptr;

  Pool* pool_ = nullptr;
  PoolConnection* connection_ = nullptr;
  evhttp_request* http_ = nullptr;
  Place place_ = Place::kHere;
  bool replied_ = false;
  bool over_ = false;
  event timer_{};

  Paused paused_;
  Step step_ = nullptr;
  int error_ = 0;
};

}  // namespace relevent::rpc
