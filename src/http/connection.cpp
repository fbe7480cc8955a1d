#include "http/connection.h"

#include "http/client_connection.h"
#include "http/server_connection.h"
#include "surface/options.h"

namespace relevent::http {

Connection::Watch::Watch(Connection& connection)
    : connection_(&connection), outer_(connection.watch_) {
  connection.watch_ = this;
}

Connection::Watch::~Watch() {
  if (connection_ != nullptr) {
    connection_->watch_ = outer_;
  }
}

Connection::~Connection() {
  for (Watch* watch = watch_; watch != nullptr; watch = watch->outer_) {
    watch->connection_ = nullptr;
  }
  if (bufev_ != nullptr) {
    close_and_free(bufev_);
  }
}

void Connection::close_and_free(bufferevent* bufev) {
  const bool closes = (relevent_bufferevent_options(bufev) & BEV_OPT_CLOSE_ON_FREE) != 0;
  const evutil_socket_t fd = closes ? -1 : bufferevent_getfd(bufev);
  bufferevent_free(bufev);
  if (fd >= 0) {
    evutil_closesocket(fd);
  }
}

ServerConnection* Connection::as_server() {
  return server_ != nullptr ? static_cast<ServerConnection*>(handle()) : nullptr;
}

ClientConnection* Connection::as_client() {
  return server_ == nullptr ? static_cast<ClientConnection*>(handle()) : nullptr;
}

void Connection::free() {
  if (ServerConnection* const connection = as_server(); connection != nullptr) {
    connection->end(ServerConnection::End::kFreed);
  } else {
    as_client()->end();
  }
}

void Connection::call_close_callback() {
  if (close_callback_ != nullptr) {
    close_callback_(handle(), close_argument_);
  }
}

void Connection::call_chunk_callback(Request& request) {
  if (request.chunk_cb != nullptr) {
    const RequestCall call(request);
    request.chunk_cb(&request, request.cb_arg);
    evbuffer_drain(request.input_buffer, evbuffer_get_length(request.input_buffer));
  }
}

}  // namespace relevent::http
