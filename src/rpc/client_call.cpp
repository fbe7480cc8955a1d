#include "rpc/client_call.h"

#include <event2/event.h>
#include <event2/rpc_struct.h>

namespace relevent::rpc {

ClientCall::ClientCall(OwnedString path, void* request, void* reply,
                       const MessageFunctions& functions)
    : path_(std::move(path)), request_(request), reply_(reply), functions_(functions) {
  paused_.call = &context;
  paused_.resume = resume;
}

ClientCall::~ClientCall() {
  if (event_initialized(&timer_)) {
    event_debug_unassign(&timer_);
  }
  if (http_ != nullptr && place_ == Place::kHere) {
    evhttp_request_free(http_);
  }
}

void ClientCall::start(PoolConnection& connection) {
  const Hold<ClientCall> keep(*this);
  connection_ = &connection;
  http_ = evhttp_request_new(on_reply, this);
  if (http_ == nullptr) {
    end(EVRPC_STATUS_ERR_UNSTARTED);
    return;
  }
  evbuffer* const message = evhttp_request_get_output_buffer(http_);
  functions_.marshal_request(message, request_);
  run_hooks(EVRPC_OUTPUT, message, &ClientCall::send, EVRPC_STATUS_ERR_UNSTARTED);
}

void ClientCall::run_hooks(EVRPC_HOOK_TYPE type, evbuffer* message, Step step, int error) {
  const Hold<Pool> keep(*pool_);
  evhttp_connection* const connection = connection_ != nullptr ? connection_->http : nullptr;
  const EVRPC_HOOK_RESULT result = pool_->hooks.run(type, context, connection, http_, message);
  if (over_) {
    return;
  }
  switch (result) {
    case EVRPC_CONTINUE:
      (this->*step)();
      break;
    case EVRPC_PAUSE:
      if (place_ == Place::kReplying) {
        evhttp_request_own(http_);
        place_ = Place::kHere;
      }
      step_ = step;
      error_ = error;
      pool_->hooks.pause(paused_);
      break;
    case EVRPC_TERMINATE:
      end(error);
      break;
  }
}

void ClientCall::resume(Context& context, bool go_on) {
  // The context is the first member of the struct, so both have the same address.
  auto& call = of(reinterpret_cast<evrpc_request_wrapper&>(context));
  const Hold<ClientCall> keep(call);
  if (go_on) {
    (call.*call.step_)();
  } else {
    call.end(call.error_);
  }
}

bool ClientCall::start_timer() {
  const int seconds = pool_->timeout();
  if (seconds <= 0) {
    return true;
  }
  event_base* const base = evhttp_connection_get_base(connection_->http);
  const timeval limit{seconds, 0};
  return event_assign(&timer_, base, -1, 0, on_timeout, this) == 0 &&
         event_add(&timer_, &limit) == 0;
}

void ClientCall::send() {
  if (connection_ == nullptr || !start_timer()) {
    end(EVRPC_STATUS_ERR_UNSTARTED);
    return;
  }
  ++connection_->calls;
  place_ = Place::kSent;
  const int result = evhttp_make_request(connection_->http, http_, EVHTTP_REQ_POST, path_.get());
  // Where it fails the HTTP request is gone, and its callback may have been called.
  if (result == -1 && !over_) {
    leave_connection();
    http_ = nullptr;
    end(EVRPC_STATUS_ERR_UNSTARTED);
  }
}

void ClientCall::on_reply(evhttp_request* http, void* argument) {
  auto& call = *static_cast<ClientCall*>(argument);
  const Hold<ClientCall> keep(call);
  call.leave_connection();
  call.http_ = http;
  call.place_ = Place::kReplying;
  call.replied_ = http != nullptr;
  if (http == nullptr) {
    call.end(EVRPC_STATUS_ERR_TIMEOUT);
  } else {
    call.run_hooks(EVRPC_INPUT, evhttp_request_get_input_buffer(http), &ClientCall::read_reply,
                   EVRPC_STATUS_ERR_HOOKABORTED);
  }
}

void ClientCall::on_timeout(evutil_socket_t, short, void* argument) {
  auto& call = *static_cast<ClientCall*>(argument);
  const Hold<ClientCall> keep(call);
  evhttp_request* const http = call.http_;
  call.http_ = nullptr;
  call.leave_connection();
  evhttp_cancel_request(http);
  call.end(EVRPC_STATUS_ERR_TIMEOUT);
}

void ClientCall::read_reply() {
  if (functions_.unmarshal_reply(reply_, evhttp_request_get_input_buffer(http_)) == -1) {
    end(EVRPC_STATUS_ERR_BADPAYLOAD);
  } else {
    end(EVRPC_STATUS_ERR_NONE);
  }
}

void ClientCall::leave_connection() {
  if (event_initialized(&timer_)) {
    event_del(&timer_);
  }
  if (connection_ != nullptr && place_ == Place::kSent) {
    --connection_->calls;
  }
  place_ = Place::kHere;
}

void ClientCall::lose(const PoolConnection& connection) {
  if (connection_ == &connection) {
    connection_ = nullptr;
  }
}

void ClientCall::leave() {
  over_ = true;
  if (paused_.prev != nullptr) {
    pool_->hooks.forget(paused_);
  }
  pool_->remove(*this);
}

void ClientCall::drop() {
  if (place_ == Place::kSent) {
    evhttp_request* const http = http_;
    http_ = nullptr;
    leave_connection();
    evhttp_cancel_request(http);
  }
  leave();
  release();
}

void ClientCall::end(int error) {
  if (over_) {
    return;
  }
  Pool& pool = *pool_;
  const Hold<Pool> keep(pool);
  leave();
  if (error != EVRPC_STATUS_ERR_NONE && error != EVRPC_STATUS_ERR_UNSTARTED) {
    functions_.clear_reply(reply_);
  }
  evrpc_status status{error, replied_ ? http_ : nullptr};
  callback_(&status, request_, reply_, argument_);
  release();
  pool.send_waiting();
}

}  // namespace relevent::rpc
