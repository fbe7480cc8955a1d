// The other end of a resolver or of a DNS server, on plain sockets.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>

#include "process.h"

namespace bench {

// A UDP socket on the loopback address, and the DNS messages that are in flight on it: all that
// have come are taken by one system call, and so many sent by another, so that the other end is not
// what is measured.
class DnsSocket {
 public:
  static constexpr unsigned kMost = 64;

  DnsSocket();
  ~DnsSocket();
  DnsSocket(const DnsSocket&) = delete;
  DnsSocket& operator=(const DnsSocket&) = delete;

  int fd() const { return fd_; }
  const sockaddr_in& address() const { return address_; }
  // Gives the descriptor away.
  int release();

  // Waits for queries and answers them, and says how many there were: each name has the same IPv4
  // and the same IPv6 address.
  unsigned answer();
  // Sends so many queries, each with an id of its own.
  void ask(const sockaddr_in& server, unsigned count);
  // Waits for answers and says how many there are; 0 if none comes for a second.
  unsigned take_answers();

 private:
  unsigned receive();
  void send(unsigned count);

  int fd_;
  sockaddr_in address_{};
  std::uint16_t next_id_ = 0;
  std::array<std::array<std::uint8_t, 512>, kMost> bytes_{};
  std::array<sockaddr_in, kMost> other_ends_{};
  std::array<iovec, kMost> vectors_{};
  std::array<mmsghdr, kMost> messages_{};
};

// A process that answers queries.
class DnsServerPeer {
 public:
  DnsServerPeer();
  const sockaddr_in& address() const { return socket_.address(); }

 private:
  DnsSocket socket_;
  Process process_;
};

// A process that has so many queries in flight without end.
class DnsClientPeer {
 public:
  DnsClientPeer(const sockaddr_in& server, unsigned in_flight);

 private:
  Process process_;
};

}  // namespace bench
