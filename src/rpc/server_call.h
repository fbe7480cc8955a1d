#pragma once

#include <cstddef>

#include "rpc/server.h"

// The part of a call that programs see: EVRPC_HEADER in event2/rpc.h declares the same for each
// RPC.
struct evrpc_req_generic {
  relevent::rpc::Context context;
  void* request = nullptr;
  void* reply = nullptr;
  evrpc* rpc = nullptr;
  evhttp_request* http_req = nullptr;
  evbuffer* rpc_data = nullptr;
};
static_assert(offsetof(evrpc_req_generic, rpc_data) == 5 * sizeof(void*));

namespace relevent::rpc {

// A call that a server has received. It ends itself: with a reply, or with status 503.
// Owns: both messages and the marshalled reply, and references to server and registration.
// Callbacks: hooks, the RPC's function and those of its messages; the call may end in the RPC's
// function, and the server and the RPC in any of them.
// C API: evrpc_request_done, evrpc_get_request, evrpc_get_reply
class ServerCall final : public ::evrpc_req_generic {
 public:
  // The HTTP server's callback.
  static void receive(evhttp_request* http, void* registration);
  static ServerCall& of(evrpc_req_generic& call) { return static_cast<ServerCall&>(call); }

  ServerCall(Registration& registration, evhttp_request* http);
  ~ServerCall();
  ServerCall(const ServerCall&) = delete;
  ServerCall& operator=(const ServerCall&) = delete;

  // Sends the reply, which the program has filled in.
  void finish();

 private:
  using Step = void (ServerCall::*)();

  // Shows a message to the hooks; goes on with a step now, or when the call is resumed.
  void run_hooks(EVRPC_HOOK_TYPE type, evbuffer* message, Step step);
  static void resume(Context& context, bool go_on);

  void dispatch();
  void send();
  void fail();

  Registration& registration_;
  Paused paused_;
  Step step_ = nullptr;
};

}  // namespace relevent::rpc
