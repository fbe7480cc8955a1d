#include "dns/server_port.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "dns/log.h"

namespace relevent::dns {
namespace {

// How many datagrams are taken before other events have their turn.
constexpr int kDatagramsAtOnce = 64;
// A datagram that is longer is cut: no request has so much to ask.
constexpr std::size_t kMaxRequest = 4096;

}  // namespace

ServerPort::ServerPort(event_base* base, int fd, evconnlistener* listener, Callback callback,
                       void* user_data)
    : Shared(destroy_port),
      base_(base),
      listener_(listener),
      callback_(callback),
      user_data_(user_data) {
  event_assign(&readable_, base, fd, fd >= 0 ? EV_READ | EV_PERSIST : 0, on_readable, this);
  event_assign(&writable_, base, fd, fd >= 0 ? EV_WRITE : 0, on_writable, this);
}

evdns_server_port* ServerPort::create_udp(event_base* base, int fd, Callback callback,
                                          void* user_data) {
  Owned<evdns_server_port> port(create<evdns_server_port>(base, fd, nullptr, callback, user_data));
  if (!port || !port->init_lock() || event_add(&port->readable_, nullptr) != 0) {
    return nullptr;
  }
  port->fd_ = fd;
  return port.release();
}

ServerPort::~ServerPort() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

void ServerPort::destroy_port(Shared* shared) {
  destroy(static_cast<evdns_server_port*>(static_cast<ServerPort*>(shared)));
}

void ServerPort::close() {
  evconnlistener* listener = nullptr;
  {
    const SurfaceLockGuard guard(lock());
    closed_ = true;
    unsent_.splice_back(arrived_);
    while (ServerRequest* const request = unsent_.pop_front()) {
      forget(*request);
      drop_user();  // never the last: the events are in use
    }
    end_clients();
    listener = std::exchange(listener_, nullptr);
    event_finalize(0, &readable_, on_finalized);
    event_finalize(0, &writable_, on_finalized);
  }
  if (listener != nullptr) {
    evconnlistener_free(listener);
  }
}

// Requests that have not been answered yet keep the socket, and the clients, until they are.
void ServerPort::on_finalized(event* ev, void* argument) {
  event_debug_unassign(ev);
  auto& port = *static_cast<ServerPort*>(argument);
  bool last = false;
  {
    const SurfaceLockGuard guard(port.lock());
    last = --port.events_in_use_ == 0;
  }
  if (last) {
    port.drop_user();
  }
}

void ServerPort::on_readable(evutil_socket_t, short, void* argument) {
  auto& port = *static_cast<ServerPort*>(argument);
  for (int i = 0; i < kDatagramsAtOnce; ++i) {
    ServerRequest* request = nullptr;
    Callback callback = nullptr;
    {
      const SurfaceLockGuard guard(port.lock());
      if (port.closed_ || port.receive(request) == Received::kNothing) {
        return;
      }
      callback = port.callback_;
    }
    if (request != nullptr) {
      callback(request, port.user_data_);
    }
  }
}

ServerPort::Received ServerPort::receive(ServerRequest*& request) {
  if (fd_ < 0) {
    request = next_arrived();
    return request != nullptr ? Received::kRequest : Received::kNothing;
  }
  std::uint8_t message[kMaxRequest];
  Address from = {};
  from.length = sizeof from.storage;
  const ssize_t size = ::recvfrom(fd_, message, sizeof message, 0,
                                  reinterpret_cast<sockaddr*>(&from.storage), &from.length);
  if (size < 0) {
    if (errno != EAGAIN && errno != EINTR) {
      log_debug("Error %d while reading a request", errno);
    }
    return Received::kNothing;
  }
  request = make_request({message, static_cast<std::size_t>(size)});
  if (request == nullptr) {
    return Received::kJunk;
  }
  request->address = from;
  return Received::kRequest;
}

ServerRequest* ServerPort::make_request(Bytes message) {
  Owned<ServerRequest> request(create<ServerRequest>(*this));
  if (!request || !request->parse(message)) {
    log_debug("Ignored a packet that is no request");
    return nullptr;
  }
  add_user_locked();
  return request.release();
}

int ServerPort::respond(ServerRequest& request, int error) {
  if (!request.reply) {
    const std::size_t most = request.client != nullptr
                                 ? kMessageSize
                                 : std::clamp(request.edns_size, kUdpSize, kMaxUdpReply);
    if (error < DNS_ERR_NONE || error > static_cast<int>(kRcodeMask) ||
        !request.build(error, most)) {
      return -1;
    }
  }
  int sent = 0;
  {
    const SurfaceLockGuard guard(lock());
    sent = send(request);
    if (sent == 0) {
      forget(request);
    }
  }
  if (sent == 0) {
    drop_user();
  }
  return sent;
}

// 0; 1 if it has to wait, in the list; -1.
int ServerPort::send(ServerRequest& request) {
  const Bytes reply = {reinterpret_cast<const std::uint8_t*>(request.reply.get()),
                       request.reply_size};
  if (request.client != nullptr) {
    Stream* const stream = request.client->stream;
    return stream == nullptr || stream->send(reply) ? 0 : -1;  // nobody is left to hear of it
  }
  if (unsent_.empty() && ::sendto(fd_, reply.data(), reply.size(), MSG_NOSIGNAL,
                                  request.address.get(), request.address.length) >= 0) {
    return 0;
  }
  if (!unsent_.empty() || errno == EAGAIN || errno == EINTR || errno == ENOBUFS) {
    if (closed_) {
      return 0;
    }
    unsent_.push_back(request);
    event_add(&writable_, nullptr);
    return 1;
  }
  log_warning("Error %d while sending a reply", errno);
  return -1;
}

void ServerPort::on_writable(evutil_socket_t, short, void* argument) {
  auto& port = *static_cast<ServerPort*>(argument);
  const SurfaceLockGuard guard(port.lock());
  if (!port.closed_) {
    port.flush();
  }
}

void ServerPort::flush() {
  while (ServerRequest* const request = unsent_.front()) {
    const ssize_t sent = ::sendto(fd_, request->reply.get(), request->reply_size, MSG_NOSIGNAL,
                                  request->address.get(), request->address.length);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOBUFS)) {
      event_add(&writable_, nullptr);
      return;
    }
    unsent_.remove(*request);
    forget(*request);
    drop_user();
  }
}

void ServerPort::drop(ServerRequest& request) {
  {
    const SurfaceLockGuard guard(lock());
    forget(request);
  }
  drop_user();
}

// Frees a request that is in no list; the use of the port that it has stays with the caller.
void ServerPort::forget(ServerRequest& request) {
  ServerClient* const client = request.client;
  destroy(&request);
  if (client != nullptr && --client->requests == 0 && client->stream == nullptr) {
    destroy(client);
  }
}

}  // namespace relevent::dns
