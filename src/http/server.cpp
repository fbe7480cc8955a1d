#include "http/server.h"

#include <event2/listener.h>

namespace relevent::http {

namespace {

// Enough for a server whose replies are ready at once; more come and go with the load.
constexpr int kMostSpare = 16;

}  // namespace

Server::~Server() {
  if (parent_ != nullptr) {
    remove_virtual_host(*this);
  }
  sockets_.for_each([this](evhttp_bound_socket& socket) { remove(socket); });
  // One by one: a close callback may free other connections.
  while (ServerConnection* const connection = connections_.front()) {
    connection->end(ServerConnection::End::kWithServer);
  }
  while (evhttp_request* const request = spare_.pop_front()) {
    destroy(&Request::of(*request));
  }
  callbacks_.for_each([](PathCallback& callback) { destroy(&callback); });
  aliases_.for_each([](Alias& alias) { destroy(&alias); });
  hosts_.for_each([](Server& host) { destroy(static_cast<evhttp*>(&host)); });
}

Request* Server::take_request() {
  if (evhttp_request* const request = spare_.pop_front(); request != nullptr) {
    --spare_count_;
    return &Request::of(*request);
  }
  return Request::create(nullptr, nullptr);
}

void Server::give_back(Request& request) {
  // One that is in use further up the stack cannot be anybody else's.
  if (spare_count_ >= kMostSpare || (request.flags & EVHTTP_REQ_DEFER_FREE) != 0) {
    request.free();
    return;
  }
  request.recycle();
  spare_.push_front(request);
  ++spare_count_;
}

}  // namespace relevent::http
