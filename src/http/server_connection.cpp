#include "http/server_connection.h"

#include <event2/event.h>

#include <utility>

#include "http/server.h"
#include "http/text.h"
#include "http/uri.h"

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

// --- Reading a request ---

void ServerConnection::receive() {
  const Watch watch(*this);
  for (;;) {
    if (request_ == nullptr && (evbuffer_get_length(&input()) == 0 || !begin_request())) {
      break;
    }
    switch (receiver_.advance(input(), *request_)) {
      case Receiver::Step::kMore:
        if (input_ended_) {
          end(End::kLost);
        }
        return;
      case Receiver::Step::kHead:
        if (!head_is_there()) {
          return;
        }
        break;
      case Receiver::Step::kChunk:
        call_chunk_callback(*request_);
        if (watch.gone() || state_ != State::kReading) {
          return;
        }
        break;
      case Receiver::Step::kEnd:
        handle_request();
        return;
      case Receiver::Step::kBad:
        refuse(receiver_.status());
        return;
    }
  }
  if (!watch.gone() && input_ended_) {
    end(End::kLost);
  }
}

// Fails: false, without memory.
bool ServerConnection::take_request() {
  request_ = server_->take_request();
  if (request_ == nullptr) {
    return false;
  }
  request_->evcon = handle();
  request_->kind = EVHTTP_REQUEST;
  request_->flags = EVHTTP_REQ_OWN_CONNECTION;
  request_->set_peer(address(), port());
  return true;
}

void ServerConnection::turn_away() {
  if (take_request()) {
    refuse(HTTP_SERVUNAVAIL);
  } else {
    end(End::kLost);
  }
}

// False: the connection has ended, or has to.
bool ServerConnection::begin_request() {
  if (!take_request()) {
    input_ended_ = true;
    return false;
  }
  Server::Settings& settings = server_->settings();
  if (settings.new_request == nullptr) {
    return true;
  }
  const Watch watch(*this);
  const bool wanted = settings.new_request(request_, settings.new_request_argument) == 0;
  if (!wanted && !watch.gone()) {
    end(End::kLost);
  }
  return wanted && !watch.gone();
}

// False: reading does not go on.
bool ServerConnection::head_is_there() {
  if (!parse_target()) {
    refuse(HTTP_BADREQUEST);
    return false;
  }
  if (!is_allowed(request_->type)) {
    refuse(HTTP_NOTIMPLEMENTED);
    return false;
  }
  if (request_->header_cb != nullptr) {
    const Watch watch(*this);
    const RequestCall call(*request_);
    const int result = request_->header_cb(request_, request_->cb_arg);
    if (watch.gone() || state_ != State::kReading) {
      return false;
    }
    if (result < 0) {
      end(End::kLost);
      return false;
    }
  }
  const FieldFacts& facts = receiver_.facts();
  const bool has_body = facts.framing.kind != Framing::Kind::kNone;
  const bool is_empty = facts.framing.kind == Framing::Kind::kLength && facts.framing.length == 0;
  const bool modern = request_->major == 1 && request_->minor >= 1;
  if (has_body && !is_empty && modern && facts.expect != FieldFacts::Expect::kNothing &&
      !answer_expectation()) {
    return false;
  }
  receiver_.begin_body(*request_, has_body);
  return true;
}

bool ServerConnection::answer_expectation() {
  const FieldFacts& facts = receiver_.facts();
  if (facts.expect == FieldFacts::Expect::kOther) {
    refuse(HTTP_EXPECTATIONFAILED);
    return false;
  }
  if (facts.framing.kind == Framing::Kind::kLength &&
      static_cast<std::uint64_t>(facts.framing.length) > terms().body) {
    refuse(HTTP_ENTITYTOOLARGE);
    return false;
  }
  // Whoever sends the body at once does not wait for this.
  if (evbuffer_get_length(&input()) == 0) {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    evbuffer_add(&output(), kContinue.data(), kContinue.size());
  }
  return true;
}

// Splits the target. A request to a host that is not ours is one to a proxy.
bool ServerConnection::parse_target() {
  if (request_->type == EVHTTP_REQ_CONNECT) {
    return parse_authority();
  }
  Owned<evhttp_uri> parts(relevent::create<evhttp_uri>());
  if (!parts || !parts->parse(request_->uri, UriRules(EVHTTP_URI_NONCONFORMANT))) {
    return false;
  }
  request_->uri_elems = parts.release();
  const char* const scheme = request_->uri_elems->scheme();
  const char* const host = request_->uri_elems->host();
  if (scheme != nullptr && host != nullptr &&
      (equal_ignore_case(scheme, "http") || equal_ignore_case(scheme, "https")) &&
      !server_->knows_host(host)) {
    request_->flags |= EVHTTP_PROXY_REQUEST;
  }
  return true;
}

// The target of CONNECT is what a URI has behind "//". Compat: host and port may be missing.
bool ServerConnection::parse_authority() {
  const std::string_view target = request_->uri;
  const OwnedString text(static_cast<char*>(relevent_allocate(target.size() + 3)));
  Owned<evhttp_uri> parts(relevent::create<evhttp_uri>());
  if (!text || !parts) {
    return false;
  }
  char* out = text.get();
  *out++ = '/';
  *out++ = '/';
  append_string(out, target);
  if (!parts->parse(text.get(), UriRules()) || parts->path()[0] != '\0' ||
      parts->query() != nullptr || parts->fragment() != nullptr) {
    return false;
  }
  request_->uri_elems = parts.release();
  return true;
}

void ServerConnection::handle_request() {
  state_ = State::kBusy;
  server_->dispatch(*request_);
}

// Whoever teaches the server a method of its own wants it.
bool ServerConnection::is_allowed(evhttp_cmd_type method) const {
  const auto type = static_cast<ev_uint32_t>(method);
  return type > EVHTTP_REQ_MAX || (type & server_->settings().methods) != 0;
}

void ServerConnection::refuse(int status) {
  state_ = State::kBusy;
  send_error(*request_, status, nullptr);
}

// --- The end of a reply ---

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
