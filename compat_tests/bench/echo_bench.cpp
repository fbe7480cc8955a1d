// A server that echoes messages on many connections at once.
#include "echo_server.h"
#include "groups.h"
#include "objects.h"
#include "peer.h"

namespace bench {
namespace {

void echo(Meter& meter, std::size_t connections) {
  const Peer peer(Peer::bounce, connections);
  const Base base = make_base();
  std::vector<BufferEvent> ends;
  for (const int fd : peer.sockets()) {
    ends.push_back(make_bufferevent(base, fd, 0));
  }
  EchoServer server(base, std::move(ends));
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
