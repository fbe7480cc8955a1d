#include "rpc/pool.h"

#include <event2/http_compat.h>

#include "rpc/client_call.h"

namespace relevent::rpc {

void Pool::free() {
  freed_ = true;
  for (auto* const calls : {&waiting_, &started_}) {
    while (ClientCall* const call = calls->front()) {
      call->drop();
    }
  }
  hooks.clear();
  while (PoolConnection* const connection = connections_.pop_front()) {
    evhttp_connection_free(connection->http);
    destroy(connection);
  }
  release();
}

bool Pool::add(evhttp_connection* http) {
  auto* const connection = create<PoolConnection>();
  if (connection == nullptr) {
    return false;
  }
  connection->http = http;
  if (base_ != nullptr && evhttp_connection_get_base(http) == nullptr) {
    evhttp_connection_set_base(http, base_);
  }
  if (timeout_ > 0) {
    evhttp_connection_set_timeout(http, timeout_);
  }
  connections_.push_back(*connection);
  send_waiting();
  return true;
}

void Pool::remove(const evhttp_connection* http) {
  for (PoolConnection* connection = connections_.front(); connection != nullptr;
       connection = connections_.next(*connection)) {
    if (connection->http == http) {
      connections_.remove(*connection);
      for (ClientCall* call = started_.front(); call != nullptr; call = started_.next(*call)) {
        call->lose(*connection);
      }
      destroy(connection);
      return;
    }
  }
}

void Pool::set_timeout(int seconds) {
  timeout_ = seconds;
  for (PoolConnection* connection = connections_.front(); connection != nullptr;
       connection = connections_.next(*connection)) {
    evhttp_connection_set_timeout(connection->http, seconds);
  }
}

void Pool::add(ClientCall& call) {
  waiting_.push_back(call);
  send_waiting();
}

void Pool::remove(ClientCall& call) { (call.started ? started_ : waiting_).remove(call); }

PoolConnection* Pool::idle_connection() const {
  for (PoolConnection* connection = connections_.front(); connection != nullptr;
       connection = connections_.next(*connection)) {
    if (connection->calls == 0) {
      return connection;
    }
  }
  return nullptr;
}

void Pool::send_waiting() {
  // A call that fails at once comes back here when its callback has run.
  if (sending_ || freed_) {
    return;
  }
  const Hold<Pool> keep(*this);
  sending_ = true;
  while (!freed_ && !waiting_.empty()) {
    PoolConnection* const connection = idle_connection();
    if (connection == nullptr) {
      break;
    }
    ClientCall& call = *waiting_.pop_front();
    started_.push_back(call);
    call.started = true;
    call.start(*connection);
  }
  sending_ = false;
}

}  // namespace relevent::rpc
