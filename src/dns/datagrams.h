// UDP datagrams, several of which come with one system call.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>

#include "dns/address.h"
#include "dns/wire.h"

namespace relevent::dns {

// Datagrams that came together, and who sent them.
class Inbox {
 public:
  static constexpr std::size_t kMost = 16;
  static constexpr std::size_t kRoom = 65536;
  // Takes what has come and returns how many there are. What is longer than `longest` is cut.
  std::size_t receive(int fd, std::size_t longest = kRoom / kMost);

  std::size_t count() const { return count_; }
  // Whether more may have come.
  bool full() const { return count_ == kRoom / room_for_each_; }
  Bytes message(std::size_t index) const {
    return {bytes_ + index * room_for_each_, messages_[index].msg_len};
  }
  const Address& sender(std::size_t index) const { return senders_[index]; }

 private:
  std::size_t count_ = 0;
  std::size_t room_for_each_ = kRoom / kMost;
  Address senders_[kMost];
  mmsghdr messages_[kMost];
  std::uint8_t bytes_[kRoom];
};

// Whether errno says that the socket may take a datagram, or have one, later.
bool is_socket_busy(int error);

}  // namespace relevent::dns
