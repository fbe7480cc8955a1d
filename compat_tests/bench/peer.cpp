#include "peer.h"

#include <poll.h>

#include "objects.h"

namespace bench {

void Peer::bounce(const std::vector<int>& sockets) {
  const RawEpoll epoll;
  std::vector<char> bytes(4096, 'm');
  for (const int fd : sockets) {
    make_nonblocking(fd);
    epoll.control(EPOLL_CTL_ADD, fd, EPOLLIN, static_cast<std::uint64_t>(fd));
    require(write(fd, bytes.data(), kMessage) > 0, "a message was lost");
  }
  std::vector<epoll_event> ready(1024);
  for (;;) {
    const int count = epoll.wait(ready, -1);
    for (int i = 0; i < count; ++i) {
      const int fd = static_cast<int>(ready[static_cast<std::size_t>(i)].data.u64);
      const ssize_t size = read(fd, bytes.data(), bytes.size());
      if (size == 0) {
        std::_Exit(0);
      }
      require(size < 0 || write(fd, bytes.data(), static_cast<std::size_t>(size)) == size,
              "a message was lost");
    }
  }
}

void Peer::send(const std::vector<int>& sockets) {
  const std::vector<char> block(kBlock, 'b');
  while (write(sockets[0], block.data(), block.size()) > 0) {
  }
}

void Peer::receive(const std::vector<int>& sockets) {
  std::vector<char> block(kBlock);
  while (read(sockets[0], block.data(), block.size()) > 0) {
  }
}

Peer::Peer(const Work& work, std::size_t connections) {
  const Listener listener;
  process_.emplace([&] {
    std::vector<int> sockets;
    for (std::size_t i = 0; i < connections; ++i) {
      sockets.push_back(connect_to(listener.address()));
    }
    work(sockets);
  });
  while (sockets_.size() < connections) {
    const int fd = accept_one(listener.fd());
    if (fd >= 0) {
      sockets_.push_back(fd);
      continue;
    }
    pollfd waiting{listener.fd(), POLLIN, 0};
    poll(&waiting, 1, -1);
  }
}

Peer::~Peer() {
  process_.reset();
  for (const int fd : sockets_) {
    close(fd);
  }
}

}  // namespace bench
