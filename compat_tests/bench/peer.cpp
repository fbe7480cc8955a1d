#include "peer.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>

#include "objects.h"

namespace bench {
namespace {

// We take the last core, the peer the first one, if these are two.
void stay_on(bool first) {
  cpu_set_t all;
  CPU_ZERO(&all);
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    CPU_SET(core, &all);
  }
  require(
      sched_setaffinity(0, sizeof all, &all) == 0 && sched_getaffinity(0, sizeof all, &all) == 0,
      "the cores are unknown");
  int chosen = -1;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &all) && (chosen < 0 || !first)) {
      chosen = core;
    }
  }
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(chosen, &one);
  require(sched_setaffinity(0, sizeof one, &one) == 0, "sched_setaffinity failed");
}

void make_nonblocking(int fd) {
  require(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0, "fcntl failed");
}

int listen_somewhere(sockaddr_in& address) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  require(fd >= 0 && bind(fd, name, size) == 0 && listen(fd, SOMAXCONN) == 0 &&
              getsockname(fd, name, &size) == 0,
          "cannot listen on the loopback address");
  return fd;
}

void send_at_once(int fd) {
  const int on = 1;
  require(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0, "setsockopt failed");
}

[[noreturn]] void bounce(const std::vector<int>& sockets) {
  const RawEpoll epoll;
  std::vector<char> bytes(4096, 'm');
  for (const int fd : sockets) {
    make_nonblocking(fd);
    epoll.control(EPOLL_CTL_ADD, fd, EPOLLIN, static_cast<std::uint64_t>(fd));
    require(write(fd, bytes.data(), Peer::kMessage) > 0, "a message was lost");
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

[[noreturn]] void transfer(int fd, bool sending) {
  std::vector<char> block(Peer::kBlock, 'b');
  while ((sending ? write(fd, block.data(), block.size()) : read(fd, block.data(), block.size())) >
         0) {
  }
  std::_Exit(0);
}

[[noreturn]] void work_as_peer(Peer::Work work, const sockaddr_in& address, std::size_t connections,
                               pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    std::_Exit(0);
  }
  stay_on(true);
  std::vector<int> sockets;
  for (std::size_t i = 0; i < connections; ++i) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    require(
        fd >= 0 && connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
        "the peer cannot connect");
    send_at_once(fd);
    sockets.push_back(fd);
  }
  if (work == Peer::Work::kBounce) {
    bounce(sockets);
  }
  transfer(sockets[0], work == Peer::Work::kSend);
}

}  // namespace

Peer::Peer(Work work, std::size_t connections) {
  sockaddr_in address{};
  const int listener = listen_somewhere(address);
  const pid_t self = getpid();
  process_ = fork();
  require(process_ >= 0, "fork failed");
  if (process_ == 0) {
    work_as_peer(work, address, connections, self);
  }
  stay_on(false);
  for (std::size_t i = 0; i < connections; ++i) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    require(fd >= 0, "accept failed: too few descriptors?");
    send_at_once(fd);
    sockets_.push_back(fd);
  }
  close(listener);
}

Peer::~Peer() {
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  for (const int fd : sockets_) {
    close(fd);
  }
}

}  // namespace bench
