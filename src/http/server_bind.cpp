// Where a server listens, and what it makes of those who come.
#include <event2/event.h>
#include <event2/listener.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cerrno>
#include <charconv>

#include "http/server.h"
#include "surface/log.h"

namespace relevent::http {

namespace {

constexpr int kBacklog = 128;
constexpr unsigned kListenerFlags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC;

// The addresses to listen on; null address: any of IPv4. Null: there is none, or no memory.
evutil_addrinfo* resolve(const char* address, ev_uint16_t port) {
  char service[8] = {};
  std::to_chars(service, service + sizeof service - 1, port);
  evutil_addrinfo hints{};
  hints.ai_family = address == nullptr ? AF_INET : AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = EVUTIL_AI_PASSIVE | EVUTIL_AI_ADDRCONFIG;
  evutil_addrinfo* addresses = nullptr;
  const int error = evutil_getaddrinfo(address, service, &hints, &addresses);
  if (error != 0) {
    event_warnx("http: cannot resolve \"%s\": %s", address != nullptr ? address : "*",
                evutil_gai_strerror(error));
    return nullptr;
  }
  return addresses;
}

ev_uint16_t port_of(const sockaddr& address) {
  switch (address.sa_family) {
    case AF_INET:
      return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
    case AF_INET6:
      return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
    default:
      return 0;
  }
}

}  // namespace

evhttp_bound_socket* Server::bind(const char* address, ev_uint16_t port) {
  evutil_addrinfo* const addresses = resolve(address, port);
  if (addresses == nullptr) {
    return nullptr;
  }
  evconnlistener* listener = nullptr;
  for (const evutil_addrinfo* one = addresses; one != nullptr && listener == nullptr;
       one = one->ai_next) {
    listener = evconnlistener_new_bind(base_, nullptr, nullptr, kListenerFlags | LEV_OPT_REUSEABLE,
                                       kBacklog, one->ai_addr, static_cast<int>(one->ai_addrlen));
  }
  const int error = errno;
  evutil_freeaddrinfo(addresses);
  if (listener == nullptr) {
    errno = error;
    return nullptr;
  }
  evhttp_bound_socket* const socket = add_listener(listener);
  if (socket == nullptr) {
    evconnlistener_free(listener);
  }
  return socket;
}

evhttp_bound_socket* Server::accept_socket(evutil_socket_t fd) {
  evconnlistener* const listener =
      evconnlistener_new(base_, nullptr, nullptr, kListenerFlags, 0, fd);
  if (listener == nullptr) {
    return nullptr;
  }
  return add_listener(listener);
}

evhttp_bound_socket* Server::add_listener(evconnlistener* listener) {
  evhttp_bound_socket* const socket = create<evhttp_bound_socket>();
  if (socket == nullptr) {
    return nullptr;
  }
  socket->server = static_cast<evhttp*>(this);
  socket->listener = listener;
  sockets_.push_back(*socket);
  evconnlistener_set_cb(listener, on_accept, socket);
  return socket;
}

void Server::remove(evhttp_bound_socket& socket) {
  sockets_.remove(socket);
  evconnlistener_free(socket.listener);
  destroy(&socket);
}

void Server::for_each_socket(evhttp_bound_socket_foreach_fn* function, void* argument) {
  sockets_.for_each([=](evhttp_bound_socket& socket) { function(&socket, argument); });
}

void Server::on_accept(evconnlistener*, int fd, sockaddr* address, int length, void* argument) {
  auto& socket = *static_cast<evhttp_bound_socket*>(argument);
  socket.server->accept(socket, fd, address, static_cast<socklen_t>(length));
}

// With its descriptor. Null: no memory; the descriptor is still the caller's.
bufferevent* Server::make_bufev(const evhttp_bound_socket& socket, int fd) {
  bufferevent* bufev = nullptr;
  if (socket.make_bufev != nullptr) {
    bufev = socket.make_bufev(base_, socket.make_bufev_argument);
  }
  if (bufev == nullptr && settings_.make_bufev != nullptr) {
    bufev = settings_.make_bufev(base_, settings_.make_bufev_argument);
  }
  if (bufev == nullptr) {
    return bufferevent_socket_new(base_, fd, BEV_OPT_CLOSE_ON_FREE);
  }
  if (bufferevent_setfd(bufev, fd) != 0) {
    bufferevent_free(bufev);
    return nullptr;
  }
  return bufev;
}

void Server::accept(evhttp_bound_socket& socket, int fd, const sockaddr* address,
                    socklen_t length) {
  bufferevent* const bufev = make_bufev(socket, fd);
  if (bufev == nullptr) {
    evutil_closesocket(fd);
    return;
  }
  // Compat: whatever the family, the peer's address is what getnameinfo() makes of it.
  char host[NI_MAXHOST] = "";
  if (::getnameinfo(address, length, host, sizeof host, nullptr, 0, NI_NUMERICHOST) != 0) {
    host[0] = '\0';
  }
  ServerConnection* const connection =
      ServerConnection::create(static_cast<evhttp&>(*this), bufev, host, port_of(*address));
  if (connection == nullptr) {
    Connection::close_and_free(bufev);
  } else if (is_full()) {
    connection->turn_away();
  }
}

}  // namespace relevent::http
