#include "http/client_connection.h"

#include <event2/event.h>
#include <event2/util.h>

#include <cstring>
#include <utility>

#include "http/client_request.h"
#include "http/current_base.h"

namespace relevent::http {

namespace {

constexpr timeval kConnectTimeout = {45, 0};
constexpr timeval kTimeout = {50, 0};
constexpr timeval kFirstPause = {2, 0};

timeval time_or(const timeval* time, timeval otherwise) {
  return time != nullptr && evutil_timerisset(time) ? *time : otherwise;
}

}  // namespace

ClientConnection* ClientConnection::create(event_base* base, evdns_base* dns, bufferevent* bufev,
                                           const char* address, ev_uint16_t port) {
  Owned<ClientConnection> connection(relevent::create<ClientConnection>());
  if (!connection) {
    return nullptr;
  }
  connection->address_.reset(duplicate_string(address));
  connection->base_ = base;
  connection->dns_ = dns;
  connection->port_ = port;
  connection->connect_timeout_ = kConnectTimeout;
  connection->read_timeout_ = connection->write_timeout_ = kTimeout;
  connection->first_pause_ = kFirstPause;
  if (!connection->address_ || (bufev == nullptr && base != nullptr && !connection->make_bufev())) {
    return nullptr;
  }
  if (bufev != nullptr) {
    connection->bufev_ = bufev;
  }
  return connection.release();
}

ClientConnection* ClientConnection::create_unix(event_base* base, bufferevent* bufev,
                                                const char* path) {
  if (std::strlen(path) >= sizeof(sockaddr_un::sun_path)) {
    return nullptr;
  }
  ClientConnection* const connection = create(base, nullptr, bufev, path, 0);
  if (connection != nullptr) {
    connection->is_unix_ = true;
  }
  return connection;
}

bool ClientConnection::make_bufev() {
  bufev_ = bufferevent_socket_new(base_, -1, BEV_OPT_CLOSE_ON_FREE);
  return bufev_ != nullptr;
}

ClientConnection::~ClientConnection() {
  if (event_initialized(&pause_timer_)) {
    event_del(&pause_timer_);
  }
  requests_.splice_back(failed_);
  while (evhttp_request* const request = requests_.pop_front()) {
    request->evcon = nullptr;
    Request::of(*request).release();
  }
}

void ClientConnection::end() {
  if (std::exchange(ending_, true)) {
    return;
  }
  if (is_open()) {
    call_close_callback();
  }
  destroy(this);
}

// --- Settings ---

bool ClientConnection::set_base(event_base* base) {
  base_ = base;
  return bufev_ != nullptr ? bufferevent_base_set(base, bufev_) == 0
                           : base != nullptr && make_bufev();
}

bool ClientConnection::set_local_address(const char* address) {
  OwnedString copy(address != nullptr ? duplicate_string(address) : nullptr);
  if (address != nullptr && !copy) {
    return false;
  }
  local_address_ = std::move(copy);
  return true;
}

void ClientConnection::set_connect_timeout(const timeval* time) {
  connect_timeout_ = time_or(time, kConnectTimeout);
  apply_timeouts();
}

void ClientConnection::set_read_timeout(const timeval* time) {
  read_timeout_ = time_or(time, kTimeout);
  apply_timeouts();
}

void ClientConnection::set_write_timeout(const timeval* time) {
  write_timeout_ = time_or(time, kTimeout);
  apply_timeouts();
}

void ClientConnection::apply_timeouts() {
  if (is_open()) {
    bufferevent_set_timeouts(bufev_, &read_timeout_, &write_timeout_);
  } else if (state_ == State::kConnecting) {
    bufferevent_set_timeouts(bufev_, &connect_timeout_, &connect_timeout_);
  }
}

// --- Requests, and what there is to do for them ---

int ClientConnection::make_request(Request& request, evhttp_cmd_type type, const char* target) {
  if (base_ == nullptr) {
    set_base(current_base());
  }
  if (ending_ || bufev_ == nullptr ||
      !prepare_request(request, type, target, terms().ext_method, receiver_.mode())) {
    request.release();
    return -1;
  }
  request.evcon = handle();
  requests_.push_back(request);
  if (state_ == State::kIdle) {
    dispatch();
    return 0;
  }
  if (state_ != State::kClosed || failing_start_ || connect() != Attempt::kFailed) {
    return 0;
  }
  // That a name could not be resolved is reported by the callbacks.
  if (bad_start_) {
    const Watch watch(*this);
    fail_start();
    if (!watch.gone()) {
      go_on();
    }
    return 0;
  }
  requests_.remove(request);
  request.evcon = nullptr;
  request.release();
  return -1;
}

void ClientConnection::cancel(Request& request) {
  if (requests_.front() == &request && !ending_) {
    fail(EVREQ_HTTP_REQUEST_CANCEL);
    return;
  }
  // Compat: nobody hears of one that waits (http_client_test.cpp).
  bool fails = false;
  failed_.for_each([&](const evhttp_request& other) { fails = fails || &other == &request; });
  (fails ? failed_ : requests_).remove(request);
  request.evcon = nullptr;
  request.release();
}

// What is next: connecting, the next request, or the end.
void ClientConnection::go_on() {
  if (failing_start_) {
    return;  // the one that called fail_start() goes on
  }
  const Watch watch(*this);
  while (state_ == State::kClosed && !requests_.empty()) {
    if (connect() != Attempt::kFailed) {
      return;
    }
    fail_start();
    if (watch.gone()) {
      return;
    }
    // Nor does he keep the loop to himself.
    if (state_ == State::kClosed && !requests_.empty() && pause({})) {
      return;
    }
  }
  if (state_ == State::kIdle && !requests_.empty()) {
    dispatch();
  } else if (state_ == State::kClosed && free_on_completion_) {
    end();
  }
}

// Whatever there is of a connection ends. The close callback hears of one that was made.
void ClientConnection::close() {
  const bool was_open = is_open();
  if (state_ == State::kPausing) {
    event_del(&pause_timer_);
  }
  state_ = State::kClosed;
  bufferevent_setcb(bufev_, nullptr, nullptr, nullptr, nullptr);
  bufferevent_replacefd(bufev_, -1);
  evbuffer_drain(&input(), evbuffer_get_length(&input()));
  evbuffer_unfreeze(&output(), 1);
  evbuffer_drain(&output(), evbuffer_get_length(&output()));
  evbuffer_freeze(&output(), 1);
  if (was_open) {
    call_close_callback();
  }
}

// Nobody has asked for what came, or the server has left.
void ClientConnection::close_idle() {
  const Watch watch(*this);
  close();
  if (!watch.gone()) {
    go_on();
  }
}

}  // namespace relevent::http
