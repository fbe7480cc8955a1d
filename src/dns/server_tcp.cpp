// The clients of a DNS server that come by TCP.
#include <unistd.h>

#include <limits>
#include <utility>

#include "dns/log.h"
#include "dns/server_port.h"

namespace relevent::dns {
namespace {

// How long the clients of a closed port have for reading their last replies.
constexpr Duration kFarewell = kSecond;

}  // namespace

evdns_server_port* ServerPort::create_tcp(event_base* base, evconnlistener* listener,
                                          Callback callback, void* user_data) {
  Owned<evdns_server_port> port(create<evdns_server_port>(base, -1, listener, callback, user_data));
  if (!port || !port->init_lock()) {
    return nullptr;
  }
  evconnlistener_set_cb(listener, on_accept, static_cast<ServerPort*>(port.get()));
  return port.release();
}

bool ServerPort::set_option(evdns_server_option option, std::size_t value) {
  const SurfaceLockGuard guard(lock());
  if (listener_ == nullptr || value > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return false;
  }
  switch (option) {
    case EVDNS_SOPT_TCP_MAX_CLIENTS:
      if (value == 0) {
        return false;
      }
      max_clients_ = static_cast<int>(value);
      // The loop's thread may be in the listener, waiting for our lock.
      limit_changed_ = true;
      event_active(&readable_, EV_READ, 1);
      return true;
    case EVDNS_SOPT_TCP_IDLE_TIMEOUT: {
      idle_time_ = static_cast<Duration>(value) * kSecond;
      const timeval idle = to_timeval(idle_time_);
      clients_.for_each([&](ServerClient& client) { client.stream->set_idle_time(idle); });
      return true;
    }
  }
  return false;
}

void ServerPort::on_accept(evconnlistener*, evutil_socket_t fd, sockaddr* address, int length,
                           void* argument) {
  auto& port = *static_cast<ServerPort*>(argument);
  evutil_make_socket_nonblocking(fd);
  Address from;
  const SurfaceLockGuard guard(port.lock());
  if (port.closed_ || !copy_address(address, length, from) || !port.accept(fd, from)) {
    ::close(fd);
  }
}

bool ServerPort::accept(int fd, const Address& address) {
  Owned<ServerClient> client(create<ServerClient>(*this));
  if (!client || client_count_ >= max_clients_) {
    return false;
  }
  const Stream::Handler handler = {client.get(), on_message, on_client_end, [](void* context) {
                                     return static_cast<ServerClient*>(context)->requests == 0;
                                   }};
  client->stream = Stream::create(base_, fd, *this, handler, to_timeval(idle_time_));
  if (client->stream == nullptr) {
    return false;
  }
  client->address = address;
  clients_.push_back(*client.release());
  ++client_count_;
  update_accepting();
  return true;
}

void ServerPort::update_accepting() {
  if (listener_ == nullptr) {
    return;
  }
  if (client_count_ < max_clients_) {
    evconnlistener_enable(listener_);
  } else {
    evconnlistener_disable(listener_);
  }
}

// The lock is held, so the user's callback has to wait for an event.
void ServerPort::on_message(void* context, Bytes message) {
  auto& client = *static_cast<ServerClient*>(context);
  ServerPort& port = client.port;
  if (port.closed_) {
    return;  // it may still be waiting for replies to what it asked before
  }
  ServerRequest* const request = port.make_request(message);
  if (request == nullptr) {
    port.end_client(client);  // what follows on the connection is no better
    return;
  }
  request->client = &client;
  request->address = client.address;
  ++client.requests;
  port.arrived_.push_back(*request);
  event_active(&port.readable_, EV_READ, 1);
}

// The event's work: what has changed is heeded, and the next request answered. Returns whether
// there was one.
bool ServerPort::answer_arrived() {
  ServerRequest* request = nullptr;
  {
    const SurfaceLockGuard guard(lock());
    if (std::exchange(limit_changed_, false)) {
      update_accepting();
    }
    request = closed_ ? nullptr : next_arrived();
  }
  if (request != nullptr) {
    callback_(request, user_data_);
  }
  return request != nullptr;
}

ServerRequest* ServerPort::next_arrived() {
  ServerRequest* const request = arrived_.pop_front();
  if (!arrived_.empty()) {
    event_active(&readable_, EV_READ, 1);  // the loop may end before all have had their turn
  }
  return request;
}

void ServerPort::on_client_end(void* context) {
  auto& client = *static_cast<ServerClient*>(context);
  client.port.end_client(client);
}

// Its requests stay valid; their replies go nowhere.
void ServerPort::end_client(ServerClient& client) {
  client.stream->retire();
  client.stream = nullptr;
  clients_.remove(client);
  --client_count_;
  update_accepting();
  if (client.requests == 0) {
    destroy(&client);
  }
}

// Those who wait for replies stay until they have them.
void ServerPort::end_clients() {
  clients_.for_each([this](ServerClient& client) {
    if (client.requests == 0 && client.stream->has_sent_all()) {
      end_client(client);
    } else {
      client.stream->set_idle_time(to_timeval(kFarewell));
    }
  });
}

}  // namespace relevent::dns
