#include <sys/socket.h>

#include <utility>

#include "ws/session.h"

namespace relevent::ws {

namespace {

// For connecting and the handshake together.
constexpr int kConnectSeconds = 45;

}  // namespace

evws_connection* Session::connect(bufferevent& bufev, evdns_base* resolver,
                                  Owned<ClientHandshake> handshake, ws_on_msg_cb on_message,
                                  void* argument) {
  auto* const session = create<evws_connection>(Role::kClient, on_message, argument);
  if (session == nullptr) {
    return nullptr;
  }
  const Hold hold(*session);
  session->attach(bufev);
  session->state_ = State::kConnecting;
  session->handshake_ = std::move(handshake);
  const ClientHandshake& target = *session->handshake_;
  if (bufferevent_socket_connect_hostname(&bufev, resolver, AF_UNSPEC, target.host(),
                                          target.port()) != 0) {
    session->end();
  }
  // It may have ended by a callback as well.
  if (session->ended_) {
    return nullptr;
  }
  session->owns_bufev_ = true;
  session->set_deadline(kConnectSeconds);
  return session;
}

// True once the session is open.
bool Session::read_handshake() {
  const ClientHandshake::Result result = handshake_->read_reply(*bufferevent_get_input(bufev_));
  if (result == ClientHandshake::Result::kMore) {
    return false;
  }
  if (result == ClientHandshake::Result::kRefused) {
    end();
    return false;
  }
  event_del(&timer_);
  state_ = State::kOpen;
  const Owned<ClientHandshake> handshake = std::move(handshake_);
  if (on_open_ != nullptr) {
    on_open_(handle(), &handshake->reply(), open_argument_);
  }
  return !ended_;
}

}  // namespace relevent::ws
