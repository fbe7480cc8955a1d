// A process of its own at the other end of connections that are there from the start.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "process.h"

namespace bench {

// Owns: our ends of the connections, which are non-blocking.
class Peer {
 public:
  // Gets the peer's ends, which are blocking.
  using Work = std::function<void(const std::vector<int>&)>;

  static constexpr std::size_t kMessage = 64;
  static constexpr std::size_t kBlock = 65536;

  // Sends a message on each connection, and whatever comes back again.
  [[noreturn]] static void bounce(const std::vector<int>& sockets);
  // Sends without end.
  static void send(const std::vector<int>& sockets);
  // Reads and forgets.
  static void receive(const std::vector<int>& sockets);

  Peer(const Work& work, std::size_t connections);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  const std::vector<int>& sockets() const { return sockets_; }

 private:
  std::vector<int> sockets_;
  std::optional<Process> process_;
};

}  // namespace bench
