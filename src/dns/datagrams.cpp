#include "dns/datagrams.h"

#include <algorithm>
#include <cerrno>

namespace relevent::dns {
namespace {

// A sandbox may know nothing but the calls for one datagram.
bool is_denied(int error) { return error == ENOSYS || error == EPERM; }

int receive_messages(int fd, mmsghdr* messages, std::size_t most) {
  const int count = ::recvmmsg(fd, messages, static_cast<unsigned>(most), MSG_DONTWAIT, nullptr);
  if (count >= 0 || !is_denied(errno)) {
    return count;
  }
  const ssize_t size = ::recvmsg(fd, &messages->msg_hdr, MSG_DONTWAIT);
  messages->msg_len = size > 0 ? static_cast<unsigned>(size) : 0;
  return size >= 0 ? 1 : -1;
}

}  // namespace

std::size_t Inbox::receive(int fd, std::size_t longest) {
  room_for_each_ = std::max(longest, kRoom / kMost);
  const std::size_t most = kRoom / room_for_each_;
  iovec vectors[kMost];
  for (std::size_t i = 0; i < most; ++i) {
    vectors[i] = {bytes_ + i * room_for_each_, room_for_each_};
    messages_[i].msg_hdr = {};
    messages_[i].msg_hdr.msg_name = &senders_[i].storage;
    messages_[i].msg_hdr.msg_namelen = sizeof senders_[i].storage;
    messages_[i].msg_hdr.msg_iov = &vectors[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
  }
  const int received = receive_messages(fd, messages_, most);
  count_ = received > 0 ? static_cast<std::size_t>(received) : 0;
  for (std::size_t i = 0; i < count_; ++i) {
    senders_[i].length = messages_[i].msg_hdr.msg_namelen;
  }
  return count_;
}

bool is_socket_busy(int error) { return error == EAGAIN || error == EINTR || error == ENOBUFS; }

}  // namespace relevent::dns
