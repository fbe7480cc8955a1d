#include "dns/nameserver.h"

#include <unistd.h>

#include <cerrno>

#include "dns/log.h"
#include "dns/resolver.h"
#include "surface/memory.h"

namespace relevent::dns {
namespace {

constexpr int kErrorSocket = 2;
constexpr int kErrorMemory = -1;
// How many batches of datagrams are taken before other events have their turn.
constexpr int kBatchesAtOnce = 4;

void set_buffer_sizes(int fd, const Options& options) {
  if (options.receive_buffer != 0 &&
      ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &options.receive_buffer,
                   sizeof options.receive_buffer) != 0) {
    log_warning("Couldn't set SO_RCVBUF to %d", options.receive_buffer);
  }
  if (options.send_buffer != 0 && ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &options.send_buffer,
                                               sizeof options.send_buffer) != 0) {
    log_warning("Couldn't set SO_SNDBUF to %d", options.send_buffer);
  }
}

}  // namespace

Nameserver* Nameserver::create(Resolver& resolver, const Address& address, int& error) {
  error = kErrorMemory;
  Owned<Nameserver> server(relevent::create<Nameserver>(resolver));
  if (!server) {
    return nullptr;
  }
  const auto fd = open_socket(address.family(), SOCK_DGRAM, resolver.local_address(address));
  if (!fd) {
    error = kErrorSocket;
    return nullptr;
  }
  set_buffer_sizes(*fd, resolver.options());
  event_assign(&server->readable, resolver.base(), *fd, EV_READ | EV_PERSIST, on_readable,
               server.get());
  server->address = address;
  server->fd = *fd;
  resolver.add_user_locked();
  return server.release();
}

void Nameserver::retire() {
  retired = true;
  close_stream();
  const int descriptor = fd;  // the loop's thread may free this object at once
  event_finalize(0, &readable, on_finalized);
  ::close(descriptor);
}

void Nameserver::on_finalized(event* ev, void* argument) {
  event_debug_unassign(ev);
  auto* const server = static_cast<Nameserver*>(argument);
  Resolver& resolver = server->resolver;
  destroy(server);
  resolver.drop_user();
}

bool Nameserver::listen(bool on) {
  // Its callback may wait for the lock in another thread.
  const int result = on ? event_add(&readable, nullptr) : event_del_noblock(&readable);
  return result == 0;
}

void Nameserver::on_readable(evutil_socket_t, short, void* argument) {
  auto& server = *static_cast<Nameserver*>(argument);
  const SurfaceLockGuard guard(server.resolver.lock());
  if (!server.retired) {
    server.receive();
  }
}

void Nameserver::receive() {
  Inbox& inbox = resolver.inbox();
  const auto longest = static_cast<std::size_t>(resolver.options().edns_size);
  bool more = true;
  for (int i = 0; i < kBatchesAtOnce && more && !retired; ++i) {
    inbox.receive(fd, longest);
    more = inbox.full();
    for (std::size_t at = 0; at < inbox.count() && !retired; ++at) {
      const Address& sender = inbox.sender(at);
      if (sender == address) {
        resolver.take_message(*this, inbox.message(at), false);
      } else {
        log_warning("Address mismatch on received DNS packet. Apparent source was %s",
                    sender.text().text);
      }
    }
  }
}

Nameserver::Sent Nameserver::send_udp(Bytes message) const {
  const ssize_t sent =
      ::sendto(fd, message.data(), message.size(), MSG_NOSIGNAL, address.get(), address.length);
  if (sent >= 0) {
    return Sent::kYes;
  }
  return is_socket_busy(errno) ? Sent::kLater : Sent::kFailed;
}

Nameserver::Sent Nameserver::send_tcp(Bytes message) {
  return (stream != nullptr || open_stream()) && stream->send(message) ? Sent::kYes : Sent::kFailed;
}

bool Nameserver::open_stream() {
  // The port that queries are bound to may have a connection already.
  Address local;
  const Address* const bound = resolver.local_address(address);
  if (bound != nullptr) {
    local = bound->with_port(0);
  }
  const auto socket =
      open_socket(address.family(), SOCK_STREAM, bound != nullptr ? &local : nullptr);
  if (!socket) {
    return false;
  }
  const Stream::Handler handler = {this,
                                   [](void* context, Bytes message) {
                                     auto& server = *static_cast<Nameserver*>(context);
                                     server.resolver.take_message(server, message, true);
                                   },
                                   [](void* context) {
                                     auto& server = *static_cast<Nameserver*>(context);
                                     server.close_stream();
                                     server.resolver.retry_tcp(server);
                                   },
                                   [](void* context) {
                                     const auto& server = *static_cast<Nameserver*>(context);
                                     return !server.resolver.uses_tcp(server);
                                   }};
  const bool connecting =
      ::connect(*socket, address.get(), address.length) == 0 || errno == EINPROGRESS;
  stream = connecting ? Stream::create(resolver.base(), *socket, resolver, handler,
                                       to_timeval(resolver.options().tcp_idle_timeout))
                      : nullptr;
  if (stream == nullptr) {
    ::close(*socket);
  }
  return stream != nullptr;
}

void Nameserver::close_stream() {
  if (stream != nullptr) {
    stream->retire();
    stream = nullptr;
  }
}

}  // namespace relevent::dns
