#include "dns_peer.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "bench.h"

namespace bench {
namespace {

constexpr std::array<std::uint8_t, 34> kQuery = {
    0, 0,   1,   0,   0,   1,   0,   0,   0, 0,   0,   0,   4, 'h', 'o', 's', 't',
    7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'c', 'o', 'm', 0, 0,   1,   0,   1};

// A record that points at the question's name and lives for five minutes.
constexpr std::array<std::uint8_t, 16> kV4 = {0xc0, 12,   0, 1, 0,   1, 0, 0,
                                              1,    0x2c, 0, 4, 192, 0, 2, 1};
constexpr std::array<std::uint8_t, 28> kV6 = {0xc0, 12, 0,    28, 0,    1,    0, 0, 1, 0x2c,
                                              0,    16, 0x20, 1,  0x0d, 0xb8, 0, 0, 0, 0,
                                              0,    0,  0,    0,  0,    0,    0, 1};

// Where the type of the only question stands.
std::size_t question_type(const std::array<std::uint8_t, 512>& query) {
  std::size_t at = 12;
  while (query[at] != 0 && at < 256) {
    at += query[at] + 1U;
  }
  return at + 1;
}

// Makes the answer of the query that is there; its size.
std::size_t answer_in_place(std::array<std::uint8_t, 512>& bytes) {
  const std::size_t type = question_type(bytes);
  const std::size_t end = type + 4;
  bytes[2] = 0x81;
  bytes[3] = 0x80;
  bytes[7] = 1;
  if (bytes[type + 1] == 1) {
    std::copy(kV4.begin(), kV4.end(), &bytes[end]);
    return end + kV4.size();
  }
  std::copy(kV6.begin(), kV6.end(), &bytes[end]);
  return end + kV6.size();
}

}  // namespace

DnsSocket::DnsSocket() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  address_.sin_family = AF_INET;
  address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address_;
  auto* const name = reinterpret_cast<sockaddr*>(&address_);
  const timeval second{1, 0};
  require(fd_ >= 0 && bind(fd_, name, size) == 0 && getsockname(fd_, name, &size) == 0 &&
              setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second) == 0,
          "no UDP socket on the loopback address");
  for (unsigned i = 0; i < kMost; ++i) {
    messages_[i].msg_hdr.msg_iov = &vectors_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
    messages_[i].msg_hdr.msg_name = &other_ends_[i];
    messages_[i].msg_hdr.msg_namelen = sizeof other_ends_[i];
    vectors_[i].iov_base = bytes_[i].data();
  }
}

DnsSocket::~DnsSocket() {
  if (fd_ >= 0) {
    close(fd_);
  }
}

int DnsSocket::release() {
  const int fd = fd_;
  fd_ = -1;
  return fd;
}

unsigned DnsSocket::receive() {
  for (iovec& vector : vectors_) {
    vector.iov_len = bytes_[0].size();
  }
  const int count = recvmmsg(fd_, messages_.data(), kMost, MSG_WAITFORONE, nullptr);
  require(count > 0 || errno == EAGAIN || errno == EINTR, "recvmmsg failed");
  return static_cast<unsigned>(std::max(count, 0));
}

void DnsSocket::send(unsigned count) {
  for (unsigned sent = 0; sent < count;) {
    const int more = sendmmsg(fd_, &messages_[sent], count - sent, 0);
    require(more > 0, "sendmmsg failed");
    sent += static_cast<unsigned>(more);
  }
}

unsigned DnsSocket::answer() {
  const unsigned count = receive();
  for (unsigned i = 0; i < count; ++i) {
    vectors_[i].iov_len = answer_in_place(bytes_[i]);
  }
  send(count);
  return count;
}

void DnsSocket::ask(const sockaddr_in& server, unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    std::copy(kQuery.begin(), kQuery.end(), bytes_[i].begin());
    std::memcpy(bytes_[i].data(), &++next_id_, sizeof next_id_);
    vectors_[i].iov_len = kQuery.size();
    other_ends_[i] = server;
  }
  send(count);
}

unsigned DnsSocket::take_answers() {
  const unsigned count = receive();
  for (unsigned i = 0; i < count; ++i) {
    require(messages_[i].msg_len > kQuery.size(), "an answer has no record");
  }
  return count;
}

DnsServerPeer::DnsServerPeer()
    : process_([this] {
        for (;;) {
          socket_.answer();
        }
      }) {}

DnsClientPeer::DnsClientPeer(const sockaddr_in& server, unsigned in_flight)
    : process_([server, in_flight] {
        DnsSocket socket;
        for (unsigned due = in_flight;;) {
          socket.ask(server, due);
          const unsigned answered = socket.take_answers();
          due = answered != 0 ? answered : in_flight;  // none for a second: they are lost
        }
      }) {}

}  // namespace bench
