#include "http/server_connection.h"

#include <event2/event.h>

#include <utility>

#include "http/server.h"

namespace relevent::http {

ServerConnection* ServerConnection::create(evhttp& server, bufferevent* bufev, const char* address,
                                           ev_uint16_t port) {
  Server::Settings& settings = server.settings();
  Owned<ServerConnection> connection(relevent::create<ServerConnection>(server, settings.terms));
  OwnedString copy(duplicate_string(address));
  if (!connection || !copy) {
    return nullptr;
  }
  connection->address_ = std::move(copy);
  connection->port_ = port;
  connection->base_ = bufferevent_get_base(bufev);
  if (bufferevent_set_timeouts(bufev, &settings.read_timeout, &settings.write_timeout) != 0) {
    return nullptr;
  }
  bufferevent_setcb(bufev, on_read, nullptr, on_event, connection.get());
  if (bufferevent_enable(bufev, EV_READ) != 0) {
    bufferevent_setcb(bufev, nullptr, nullptr, nullptr, nullptr);
    return nullptr;
  }
  connection->bufev_ = bufev;
  server.connection_begins(*connection);
  return connection.release();
}

void ServerConnection::end(End how) {
  if (!std::exchange(ending_, true)) {
    const Watch watch(*this);
    call_close_callback();
    if (watch.gone()) {
      return;  // it has freed the server
    }
  } else if (how != End::kWithServer) {
    return;  // the close callback must not, but may try
  }
  if (request_ != nullptr) {
    give_up_request(how);
  }
  server_->connection_ends(*this);
  destroy(this);
}

void ServerConnection::give_up_request(End how) {
  Request& request = *std::exchange(request_, nullptr);
  request.evcon = nullptr;
  const bool with_program =
      (state_ == State::kBusy || state_ == State::kReplying) && request.userdone == 0;
  if (how != End::kLost || !with_program) {
    request.release();
  }
}

// --- What the bufferevent reports ---

void ServerConnection::on_read(bufferevent* bufev, void* argument) {
  ServerConnection& connection = *static_cast<ServerConnection*>(argument);
  if (connection.state_ == State::kReading) {
    connection.receive();
  } else {
    connection.read_stopped_ = true;
    bufferevent_disable(bufev, EV_READ);
  }
}

void ServerConnection::on_event(bufferevent* bufev, short what, void* argument) {
  ServerConnection& connection = *static_cast<ServerConnection*>(argument);
  if ((what & BEV_EVENT_CONNECTED) != 0) {
    return;  // the end of a TLS handshake
  }
  if ((what & BEV_EVENT_READING) == 0 || connection.state_ == State::kReading) {
    if ((what & BEV_EVENT_EOF) != 0) {
      connection.input_ended();
    } else {
      connection.end(End::kLost);
    }
    return;
  }
  if ((what & BEV_EVENT_TIMEOUT) != 0) {
    // The time that the program takes does not count. Whoever streams wants to hear of the end.
    connection.read_stopped_ = connection.state_ != State::kReplying;
    if (!connection.read_stopped_) {
      bufferevent_enable(bufev, EV_READ);
    }
    return;
  }
  connection.input_ended_ = true;
  if (connection.state_ == State::kReplying) {
    connection.end(End::kLost);  // nobody waits for what is still to come
  }
}

void ServerConnection::input_ended() {
  input_ended_ = true;
  receive();
}

void ServerConnection::on_written(bufferevent*, void* argument) {
  ServerConnection& connection = *static_cast<ServerConnection*>(argument);
  if (connection.state_ == State::kFinishing) {
    // The program may have set a low watermark, or have deferred this since before the reply.
    if (evbuffer_get_length(&connection.output()) == 0) {
      connection.reply_is_written();
    }
  } else if (auto* const callback = std::exchange(connection.chunk_written_, nullptr);
             callback != nullptr) {
    callback(connection.handle(), connection.chunk_written_argument_);
  }
}

void ServerConnection::reply_is_written() {
  Request& request = *request_;
  if (request.on_complete_cb != nullptr) {
    const Watch watch(*this);
    request.on_complete_cb(&request, request.on_complete_cb_arg);
    if (watch.gone()) {
      return;
    }
  }
  request_ = nullptr;
  request.evcon = nullptr;
  // Compat: also if the program owns it (http_server_life_test.cpp).
  server_->give_back(request);
  if (closes_) {
    end(End::kLost);
    return;
  }
  state_ = State::kReading;
  receiver_.reset();
  if (std::exchange(read_stopped_, false)) {
    bufferevent_enable(bufev_, EV_READ);
  }
  receive();
}

}  // namespace relevent::http
