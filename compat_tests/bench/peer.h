// A process of its own at the other end of TCP connections, so that what it does is not measured.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <vector>

namespace bench {

// Forks the process, on another core if there is one, and ends it. It uses system calls alone, by
// hand-written epoll.
//
// Owns: our ends of the connections, which are non-blocking.
class Peer {
 public:
  enum class Work {
    kBounce,  // sends a message on each connection, and whatever comes back again
    kSend,    // sends without end
    kReceive  // reads and forgets
  };
  static constexpr std::size_t kMessage = 64;
  static constexpr std::size_t kBlock = 65536;

  Peer(Work work, std::size_t connections);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  const std::vector<int>& sockets() const { return sockets_; }

 private:
  std::vector<int> sockets_;
  pid_t process_ = -1;
};

}  // namespace bench
