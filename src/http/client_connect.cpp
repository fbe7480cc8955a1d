// How a client connects, and tries again.
#include <event2/event.h>
#include <event2/util.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "http/client_connection.h"

namespace relevent::http {

namespace {

constexpr int kMostDoublings = 16;

timeval doubled(timeval time, int times) {
  for (int i = 0; i < times && i < kMostDoublings; ++i) {
    evutil_timeradd(&time, &time, &time);
  }
  return time;
}

}  // namespace

// --- An attempt ---

ClientConnection::Attempt ClientConnection::connect() {
  const Watch watch(*this);
  state_ = State::kConnecting;
  starting_ = true;
  bad_start_ = false;
  const bool started = start_connecting();
  if (watch.gone()) {
    return Attempt::kGone;
  }
  starting_ = false;
  if (started && !bad_start_) {
    return Attempt::kUnderWay;
  }
  state_ = State::kClosed;
  bufferevent_replacefd(bufev_, -1);
  return Attempt::kFailed;
}

bool ClientConnection::start_connecting() {
  if ((local_address_ || local_port_ != 0) && !bind_local()) {
    return false;
  }
  bufferevent_setcb(bufev_, nullptr, nullptr, on_event, this);
  // For reading, too: a TLS handshake waits for the server's part.
  if (bufferevent_set_timeouts(bufev_, &connect_timeout_, &connect_timeout_) != 0 ||
      bufferevent_enable(bufev_, EV_WRITE) != 0) {
    return false;
  }
  if (is_unix_) {
    sockaddr_un path{};
    path.sun_family = AF_UNIX;
    std::memcpy(path.sun_path, address(), std::strlen(address()));
    return bufferevent_socket_connect(bufev_, reinterpret_cast<sockaddr*>(&path), sizeof path) == 0;
  }
  if ((flags_ & EVHTTP_CON_REUSE_CONNECTED_ADDR) != 0 && peer_length_ != 0) {
    return bufferevent_socket_connect(bufev_, reinterpret_cast<sockaddr*>(&peer_),
                                      static_cast<int>(peer_length_)) == 0;
  }
  return bufferevent_socket_connect_hostname(bufev_, dns_, family_, address(), port()) == 0;
}

// Gives the bufferevent a socket that is bound to the local address.
bool ClientConnection::bind_local() {
  char service[8] = {};
  std::to_chars(service, service + sizeof service - 1, local_port_);
  evutil_addrinfo hints{};
  hints.ai_family = family_;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = EVUTIL_AI_PASSIVE | EVUTIL_AI_NUMERICHOST;
  evutil_addrinfo* found = nullptr;
  if (evutil_getaddrinfo(local_address_.get(), service, &hints, &found) != 0) {
    return false;
  }
  const int fd =
      ::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, found->ai_protocol);
  const bool bound = fd >= 0 && evutil_make_listen_socket_reuseable(fd) == 0 &&
                     ::bind(fd, found->ai_addr, found->ai_addrlen) == 0;
  evutil_freeaddrinfo(found);
  if (!bound || bufferevent_replacefd(bufev_, fd) != 0) {
    if (fd >= 0) {
      evutil_closesocket(fd);
    }
    return false;
  }
  return true;
}

void ClientConnection::connected() {
  retries_ = 0;
  peer_length_ = sizeof peer_;
  if (::getpeername(bufferevent_getfd(bufev_), reinterpret_cast<sockaddr*>(&peer_),
                    &peer_length_) != 0) {
    peer_length_ = 0;
  }
  state_ = State::kIdle;
  apply_timeouts();
  bufferevent_setcb(bufev_, on_read, on_written, on_event, this);
  bufferevent_enable(bufev_, EV_READ);
  go_on();
}

// --- And what follows if it fails ---

void ClientConnection::connecting_failed(short what) {
  const int error = EVUTIL_SOCKET_ERROR();
  if (starting_) {
    bad_start_ = true;
    return;
  }
  // Compat: a server that may come up, or answer sooner, is tried again; what else is wrong, such
  // as the name or the handshake, is wrong with the request (http_name_test.cpp,
  // tls_http_test.cpp).
  const bool refused = (what & BEV_EVENT_ERROR) != 0 && error == ECONNREFUSED &&
                       bufferevent_socket_get_dns_error(bufev_) == 0;
  if (!refused && (what & BEV_EVENT_TIMEOUT) == 0) {
    retries_ = 0;
    fail(EVREQ_HTTP_EOF);
    return;
  }
  bufferevent_replacefd(bufev_, -1);
  state_ = State::kClosed;
  const bool may_retry = most_retries_ < 0 || retries_ < most_retries_;
  if (may_retry && pause(doubled(first_pause_, retries_))) {
    ++retries_;
  } else {
    retries_ = 0;
    fail_all();
  }
}

// Goes on after that time. Fails: false, without memory.
bool ClientConnection::pause(const timeval& time) {
  event_assign(&pause_timer_, base_, -1, 0, on_pause_over, this);
  if (event_add(&pause_timer_, &time) != 0) {
    return false;
  }
  state_ = State::kPausing;
  return true;
}

void ClientConnection::on_pause_over(int, short, void* argument) {
  ClientConnection& connection = *static_cast<ClientConnection*>(argument);
  connection.state_ = State::kClosed;
  connection.go_on();
}

// The requests that are there now; their callbacks may make others, which connect anew, and cancel
// those that are left.
void ClientConnection::fail_all() {
  failed_.splice_back(requests_);
  const Watch watch(*this);
  while (evhttp_request* const next = failed_.pop_front()) {
    Request& request = Request::of(*next);
    request.evcon = nullptr;
    const RequestCall call(request);
    if (request.cb != nullptr) {
      request.cb(&request, request.cb_arg);
    }
    request.release();
    if (watch.gone()) {
      return;
    }
  }
  go_on();
}

}  // namespace relevent::http
