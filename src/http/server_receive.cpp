// How a server's connection reads a request, and what it refuses by itself.
#include "http/server.h"
#include "http/server_connection.h"
#include "http/text.h"
#include "http/uri.h"

namespace relevent::http {

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

// Whoever teaches the server a method of its own wants it.
bool ServerConnection::is_allowed(evhttp_cmd_type method) const {
  const auto type = static_cast<ev_uint32_t>(method);
  return type > EVHTTP_REQ_MAX || (type & server_->settings().methods) != 0;
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

void ServerConnection::handle_request() {
  state_ = State::kBusy;
  server_->dispatch(*request_);
}

void ServerConnection::refuse(int status) {
  state_ = State::kBusy;
  send_error(*request_, status, nullptr);
}

}  // namespace relevent::http
