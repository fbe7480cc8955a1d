// What the cases about listeners share: listeners on the loopback, and clients that connect to
// them.
#pragma once

#include <arpa/inet.h>
#include <event2/listener.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "descriptors.h"
#include "event_recorder.h"
#include "support.h"

namespace event_cases {

using Listener = std::unique_ptr<evconnlistener, FreeWith<evconnlistener_free>>;

// An owner of descriptors: those that clients got, those that were accepted.
class Descriptors {
 public:
  Descriptors() = default;
  ~Descriptors() { close_all(); }
  Descriptors(const Descriptors&) = delete;
  Descriptors& operator=(const Descriptors&) = delete;

  int keep(int fd) {
    fds_.push_back(fd);
    return fd;
  }
  void close_all() {
    for (const int fd : std::exchange(fds_, {})) {
      close(fd);
    }
  }
  size_t size() const { return fds_.size(); }
  int operator[](size_t i) const { return fds_[i]; }

 private:
  std::vector<int> fds_;
};

struct Address {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  int size() const { return static_cast<int>(length); }
  int family() const { return storage.ss_family; }
  in_port_t port() const { return reinterpret_cast<const sockaddr_in&>(storage).sin_port; }
};

// An address on the loopback, with a port of the system's choice.
inline Address loopback(int family = AF_INET) {
  Address address;
  if (family == AF_INET) {
    auto& in = reinterpret_cast<sockaddr_in&>(address.storage);
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.length = sizeof in;
  } else {
    auto& in6 = reinterpret_cast<sockaddr_in6&>(address.storage);
    in6.sin6_family = AF_INET6;
    in6.sin6_addr = in6addr_loopback;
    address.length = sizeof in6;
  }
  return address;
}

inline Address address_of(int fd) {
  Address address;
  CHECK(getsockname(fd, address.get(), &address.length) == 0);
  return address;
}
inline Address address_of(const Listener& listener) {
  return address_of(evconnlistener_get_fd(listener.get()));
}

// A blocking client of that address; the connection is in the listener's queue when this returns.
inline int connect_to(Address address) {
  const int fd = socket(address.family(), SOCK_STREAM, 0);
  REQUIRE(fd >= 0);
  REQUIRE(connect(fd, address.get(), address.length) == 0);
  return fd;
}
inline int connect_to(const Listener& listener) { return connect_to(address_of(listener)); }

// Whether the other side has closed or reset the connection. Waits for it if it is about to.
inline bool is_hung_up(int fd) {
  timeval limit = ms(3000);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  char byte;
  const ssize_t n = recv(fd, &byte, 1, 0);
  return n == 0 || (n < 0 && errno == ECONNRESET);
}
// Whether the connection is there and silent.
inline bool is_quiet(int fd) {
  char byte;
  return recv(fd, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

// Takes connections and keeps them; it is the argument of its callbacks.
struct Acceptor {
  using Hook = std::function<void(evconnlistener*)>;

  Descriptors accepted;
  std::vector<Address> peers;
  std::vector<int> errors;  // errno in the error callback
  Hook on_accept;
  Hook on_error;

  int count() const { return static_cast<int>(accepted.size()); }

  static void callback(evconnlistener* listener, evutil_socket_t fd, sockaddr* address, int length,
                       void* arg) {
    auto* self = static_cast<Acceptor*>(arg);
    self->accepted.keep(fd);
    Address& peer = self->peers.emplace_back();
    std::memcpy(&peer.storage, address, static_cast<size_t>(length));
    peer.length = static_cast<socklen_t>(length);
    if (self->on_accept) {
      self->on_accept(listener);
    }
  }

  static void error_callback(evconnlistener* listener, void* arg) {
    auto* self = static_cast<Acceptor*>(arg);
    self->errors.push_back(EVUTIL_SOCKET_ERROR());
    if (self->on_error) {
      self->on_error(listener);
    }
  }

  Listener listen(const Base& base, unsigned flags = LEV_OPT_CLOSE_ON_FREE, int backlog = -1,
                  Address address = loopback()) {
    return Listener(evconnlistener_new_bind(base.get(), callback, this, flags, backlog,
                                            address.get(), address.size()));
  }
};

}  // namespace event_cases
