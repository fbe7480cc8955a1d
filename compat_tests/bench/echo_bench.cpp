// A server that echoes messages on many connections at once.
#include <event2/bufferevent.h>

#include "groups.h"
#include "objects.h"
#include "peer.h"

namespace bench {
namespace {

class EchoServer {
 public:
  EchoServer(const Base& base, const Peer& peer) : base_(base.get()) {
    for (const int fd : peer.sockets()) {
      connections_.push_back(make_bufferevent(base, fd, 0));
      bufferevent_setcb(connections_.back().get(), on_read, nullptr, nullptr, this);
      require(bufferevent_enable(connections_.back().get(), EV_READ) == 0,
              "bufferevent_enable failed");
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
  std::vector<BufferEvent> connections_;
  std::int64_t left_ = 0;
};

void echo(Meter& meter, std::size_t connections) {
  const Peer peer(Peer::bounce, connections);
  const Base base = make_base();
  EchoServer server(base, peer);
  meter.measure([&](std::int64_t messages) { server.echo(messages); });
}

void echo_raw(Meter& meter, std::size_t connections) {
  const Peer peer(Peer::bounce, connections);
  const RawEpoll epoll;
  for (const int fd : peer.sockets()) {
    epoll.control(EPOLL_CTL_ADD, fd, EPOLLIN, static_cast<std::uint64_t>(fd));
  }
  std::vector<epoll_event> ready(1024);
  std::vector<char> bytes(4096);
  meter.measure([&](std::int64_t messages) {
    auto left = messages * static_cast<std::int64_t>(Peer::kMessage);
    while (left > 0) {
      const int count = epoll.wait(ready, -1);
      for (int i = 0; i < count; ++i) {
        const int fd = static_cast<int>(ready[static_cast<std::size_t>(i)].data.u64);
        const ssize_t size = read(fd, bytes.data(), bytes.size());
        require(size > 0 && write(fd, bytes.data(), static_cast<std::size_t>(size)) == size,
                "a message was lost");
        left -= size;
      }
    }
  });
}

}  // namespace

void add_echo_benchmarks(Table& table) {
  for (const std::size_t connections : {1U, 100U, 1000U, 8000U}) {
    table.push_back({"echo " + std::to_string(connections), "one message of 64 bytes",
                     [connections](Meter& meter) { echo(meter, connections); },
                     [connections](Meter& meter) { echo_raw(meter, connections); },
                     connections >= 1000, Kind::kWithPeer});
  }
}

}  // namespace bench
