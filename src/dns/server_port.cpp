#include "dns/server_port.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "dns/log.h"

namespace relevent::dns {
namespace {

// How many batches of datagrams, or requests by TCP, are taken before other events have their turn.
constexpr int kBatchesAtOnce = 4;

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
  if (!port || !port->init_lock()) {
    return nullptr;
  }
  port->inbox_.reset(relevent::create<Inbox>());
  if (!port->inbox_ || event_add(&port->readable_, nullptr) != 0) {
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
    listener = std::exchange(listener_, nullptr);  // first: it is not to be told of clients that go
    end_clients();
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
  for (int i = 0; i < kBatchesAtOnce; ++i) {
    if (!(port.inbox_ ? port.answer_datagrams() : port.answer_arrived())) {
      return;
    }
  }
}

// Calls back for each request of a batch. Returns whether there may be more.
bool ServerPort::answer_datagrams() {
  if (!receive()) {
    return false;
  }
  for (std::size_t i = 0; i < inbox_->count(); ++i) {
    if (ServerRequest* const request = take_datagram(i); request != nullptr) {
      callback_(request, user_data_);
    }
  }
  const SurfaceLockGuard guard(lock());
  return !closed_ && inbox_->full();
}

bool ServerPort::receive() {
  const SurfaceLockGuard guard(lock());
  return !closed_ && inbox_->receive(fd_) > 0;
}

// The request that a datagram is; null if it is none, or if no more are wanted.
ServerRequest* ServerPort::take_datagram(std::size_t index) {
  const SurfaceLockGuard guard(lock());
  ServerRequest* const request = closed_ ? nullptr : make_request(inbox_->message(index));
  if (request != nullptr) {
    request->address = inbox_->sender(index);
  }
  return request;
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
  Sent sent = Sent::kFailed;
  {
    const SurfaceLockGuard guard(lock());
    sent = send(request);
    if (sent == Sent::kYes) {
      forget(request);
    }
  }
  if (sent == Sent::kYes) {
    drop_user();
  }
  return sent == Sent::kFailed ? -1 : sent == Sent::kLater ? 1 : 0;
}

// For later: it is in the list.
ServerPort::Sent ServerPort::send(ServerRequest& request) {
  if (request.client != nullptr) {
    Stream* const stream = request.client->stream;
    const Bytes reply = {reinterpret_cast<const std::uint8_t*>(request.reply.get()),
                         request.reply_size};
    // If there is none, nobody is left to hear of it.
    return stream == nullptr || stream->send(reply) ? Sent::kYes : Sent::kFailed;
  }
  const bool others_wait = !unsent_.empty();
  if (!others_wait && send_datagram(request)) {
    return Sent::kYes;
  }
  if (!others_wait && !is_socket_busy(errno)) {
    log_warning("Error %d while sending a reply", errno);
    return Sent::kFailed;
  }
  if (closed_) {
    return Sent::kYes;  // lost, as it could be on its way
  }
  if (!others_wait && event_add(&writable_, nullptr) != 0) {
    return Sent::kFailed;
  }
  unsent_.push_back(request);
  return Sent::kLater;
}

bool ServerPort::send_datagram(const ServerRequest& request) const {
  return ::sendto(fd_, request.reply.get(), request.reply_size, MSG_NOSIGNAL, request.address.get(),
                  request.address.length) >= 0;
}

void ServerPort::on_writable(evutil_socket_t, short, void* argument) {
  auto& port = *static_cast<ServerPort*>(argument);
  const SurfaceLockGuard guard(port.lock());
  if (!port.closed_) {
    port.send_waiting();
  }
}

// Replies that cannot be sent at all are lost, as they could be on their way.
void ServerPort::send_waiting() {
  while (ServerRequest* const request = unsent_.front()) {
    if (!send_datagram(*request)) {
      if (is_socket_busy(errno) && event_add(&writable_, nullptr) == 0) {
        return;
      }
      log_warning("Error %d while sending a reply", errno);
    }
    unsent_.remove(*request);
    forget(*request);
    drop_user();  // never the last: the events are in use
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
