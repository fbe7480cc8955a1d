// Connections that send back whatever comes.
#pragma once

#include <utility>

#include "objects.h"
#include "peer.h"

namespace bench {

class EchoServer {
 public:
  EchoServer(const Base& base, std::vector<BufferEvent> connections)
      : base_(base.get()), connections_(std::move(connections)) {
    for (const BufferEvent& connection : connections_) {
      bufferevent_setcb(connection.get(), on_read, nullptr, nullptr, this);
      require(bufferevent_enable(connection.get(), EV_READ) == 0, "bufferevent_enable failed");
    }
  }

  void echo(std::int64_t messages) {
    left_ = messages * static_cast<std::int64_t>(Peer::kMessage);
    require(event_base_dispatch(base_) == 0 && left_ <= 0, "the loop ended early");
  }

 private:
  static void on_read(bufferevent* connection, void* argument) {
    auto* const self = static_cast<EchoServer*>(argument);
    evbuffer* const input = bufferevent_get_input(connection);
    self->left_ -= static_cast<std::int64_t>(evbuffer_get_length(input));
    evbuffer_add_buffer(bufferevent_get_output(connection), input);
    if (self->left_ <= 0) {
      event_base_loopbreak(self->base_);
    }
  }

  event_base* const base_;
  const std::vector<BufferEvent> connections_;
  std::int64_t left_ = 0;
};

}  // namespace bench
