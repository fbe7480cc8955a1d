#include "rpc/server_call.h"

#include <event2/buffer.h>

namespace relevent::rpc {

namespace {

void refuse(evhttp_request* http) { evhttp_send_error(http, HTTP_SERVUNAVAIL, nullptr); }

}  // namespace

void ServerCall::receive(evhttp_request* http, void* registration) {
  evbuffer* const message = evhttp_request_get_input_buffer(http);
  if (evhttp_request_get_command(http) != EVHTTP_REQ_POST || evbuffer_get_length(message) == 0) {
    refuse(http);
    return;
  }
  auto* const call = create<ServerCall>(*static_cast<Registration*>(registration), http);
  if (call == nullptr) {
    refuse(http);
    return;
  }
  call->run_hooks(EVRPC_INPUT, message, &ServerCall::dispatch);
}

ServerCall::ServerCall(Registration& registration, evhttp_request* http)
    : registration_(registration) {
  rpc = &registration.rpc();
  http_req = http;
  paused_.call = &context;
  paused_.resume = resume;
  registration_.hold();
  registration_.server().hold();
}

ServerCall::~ServerCall() {
  if (request != nullptr) {
    rpc->request_free(request);
  }
  if (reply != nullptr) {
    rpc->reply_free(reply);
  }
  if (rpc_data != nullptr) {
    evbuffer_free(rpc_data);
  }
  registration_.server().release();
  registration_.release();
}

void ServerCall::run_hooks(EVRPC_HOOK_TYPE type, evbuffer* message, Step step) {
  HookSite& hooks = registration_.server().hooks;
  switch (hooks.run(type, context, evhttp_request_get_connection(http_req), http_req, message)) {
    case EVRPC_CONTINUE:
      (this->*step)();
      break;
    case EVRPC_PAUSE:
      if (registration_.server().freed()) {  // by the hook: nobody can resume it
        fail();
        break;
      }
      step_ = step;
      hooks.pause(paused_);
      break;
    case EVRPC_TERMINATE:
      fail();
      break;
  }
}

void ServerCall::resume(Context& context, bool go_on) {
  // The context is the first member of the struct, so both have the same address.
  auto& call = of(reinterpret_cast<evrpc_req_generic&>(context));
  if (go_on) {
    (call.*call.step_)();
  } else {
    call.fail();
  }
}

void ServerCall::dispatch() {
  request = rpc->request_new(rpc->request_new_arg);
  if (request == nullptr ||
      rpc->request_unmarshal(request, evhttp_request_get_input_buffer(http_req)) == -1) {
    fail();
    return;
  }
  reply = rpc->reply_new(rpc->reply_new_arg);
  if (reply == nullptr) {
    fail();
    return;
  }
  rpc->cb(this, rpc->cb_arg);
}

void ServerCall::finish() {
  if (rpc->reply_complete(reply) == -1) {
    fail();
    return;
  }
  rpc_data = evbuffer_new();
  if (rpc_data == nullptr) {
    fail();
    return;
  }
  rpc->reply_marshal(rpc_data, reply);
  run_hooks(EVRPC_OUTPUT, rpc_data, &ServerCall::send);
}

void ServerCall::send() {
  evkeyvalq* const fields = evhttp_request_get_output_headers(http_req);
  if (evhttp_find_header(fields, "Content-Type") == nullptr) {
    evhttp_add_header(fields, "Content-Type", "application/octet-stream");
  }
  evhttp_send_reply(http_req, HTTP_OK, "OK", rpc_data);
  destroy(this);
}

void ServerCall::fail() {
  refuse(http_req);
  destroy(this);
}

}  // namespace relevent::rpc
