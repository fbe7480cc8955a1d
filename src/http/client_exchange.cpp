// A client's request, from sending it to its last callback.
#include <event2/event.h>

#include <utility>

#include "http/client_connection.h"
#include "http/client_request.h"
#include "http/text.h"

namespace relevent::http {

namespace {

// Bodies up to this leave at once; the reply is not waited for before a longer one has left.
constexpr std::size_t kSmallBody = 65536;

}  // namespace

// --- What the bufferevent reports ---

void ClientConnection::on_read(bufferevent*, void* argument) {
  ClientConnection& connection = *static_cast<ClientConnection*>(argument);
  if (connection.state_ == State::kBusy) {
    connection.receive();
  } else {
    connection.close_idle();
  }
}

void ClientConnection::on_written(bufferevent* bufev, void* argument) {
  ClientConnection& connection = *static_cast<ClientConnection*>(argument);
  if (connection.state_ == State::kBusy && (bufferevent_get_enabled(bufev) & EV_READ) == 0) {
    bufferevent_enable(bufev, EV_READ);
  }
}

void ClientConnection::on_event(bufferevent*, short what, void* argument) {
  ClientConnection& connection = *static_cast<ClientConnection*>(argument);
  if (connection.state_ == State::kConnecting) {
    if ((what & BEV_EVENT_CONNECTED) != 0) {
      connection.connected();
    } else {
      connection.connecting_failed(what);
    }
  } else if (connection.is_open() && (what & BEV_EVENT_CONNECTED) == 0) {
    connection.broke(what);
  }
}

void ClientConnection::broke(short what) {
  if (state_ == State::kIdle) {
    close_idle();
  } else if ((what & BEV_EVENT_TIMEOUT) != 0) {
    fail(EVREQ_HTTP_TIMEOUT);
  } else if ((what & BEV_EVENT_EOF) != 0 && receiver_.end_of_input()) {
    finish(true);
  } else if ((what & BEV_EVENT_WRITING) != 0 && !write_failed_ &&
             (flags_ & EVHTTP_CON_READ_ON_WRITE_ERROR) != 0) {
    // What the server has sent before it closed is still to be read.
    write_failed_ = true;
    bufferevent_enable(bufev_, EV_READ);
  } else {
    fail(EVREQ_HTTP_EOF);
  }
}

// --- A request and its reply ---

void ClientConnection::dispatch() {
  Request& request = Request::of(*requests_.front());
  state_ = State::kBusy;
  write_failed_ = false;
  receiver_.reset();
  request.kind = EVHTTP_RESPONSE;
  if (evbuffer_get_length(request.output_buffer) > kSmallBody) {
    bufferevent_disable(bufev_, EV_READ);
  }
  if (!write_request(output(), request, terms().ext_method)) {
    fail(EVREQ_HTTP_BUFFER_ERROR);
  }
}

void ClientConnection::receive() {
  const Watch watch(*this);
  Request& request = Request::of(*requests_.front());
  for (;;) {
    switch (receiver_.advance(input(), request)) {
      case Receiver::Step::kMore:
        return;
      case Receiver::Step::kHead:
        if (!head_is_there(request)) {
          return;
        }
        break;
      case Receiver::Step::kChunk: {
        const RequestCall call(request);
        call_chunk_callback(request);
        if (watch.gone() || !goes_on(request)) {
          return;
        }
        break;
      }
      case Receiver::Step::kEnd:
        finish(false);
        return;
      case Receiver::Step::kBad:
        fail(receiver_.status() == HTTP_SERVUNAVAIL ? EVREQ_HTTP_BUFFER_ERROR
             : receiver_.is_body_bad()              ? EVREQ_HTTP_DATA_TOO_LONG
                                                    : EVREQ_HTTP_INVALID_HEADER);
        return;
    }
  }
}

// Whether the request is still in progress after one of its callbacks, which may have cancelled or
// (which comes to the same) freed it.
bool ClientConnection::goes_on(const Request& request) {
  if (state_ != State::kBusy || requests_.front() != &request) {
    return false;
  }
  if ((request.flags & EVHTTP_REQ_NEEDS_FREE) != 0) {
    fail(EVREQ_HTTP_REQUEST_CANCEL);
    return false;
  }
  return true;
}

// False: reading does not go on.
bool ClientConnection::head_is_there(Request& request) {
  if (request.header_cb != nullptr) {
    const Watch watch(*this);
    const RequestCall call(request);
    const int result = request.header_cb(&request, request.cb_arg);
    if (watch.gone() || !goes_on(request)) {
      return false;
    }
    if (result < 0) {
      fail(EVREQ_HTTP_EOF);
      return false;
    }
  }
  constexpr int kSwitching = 101;
  if (request.response_code / 100 == 1 && request.response_code != kSwitching) {
    request.reset_input();
    receiver_.reset();
    return true;
  }
  receiver_.begin_body(request, request.wants_body() && !request.is_tunnel());
  return true;
}

bool ClientConnection::must_close(const Request& request) {
  const FieldFacts& facts = receiver_.facts();
  const char* const asked = find_value(*request.output_headers, "Connection");
  if (facts.close || write_failed_ || (asked != nullptr && equal_ignore_case(asked, "close")) ||
      (request.minor < 1 && !facts.keep_alive)) {
    return true;
  }
  // What nobody has asked for, unless it is another protocol from here on.
  return evbuffer_get_length(&input()) > 0 && request.response_code != 101 && !request.is_tunnel();
}

// --- Its end ---

Request& ClientConnection::take_first() {
  Request& request = Request::of(*requests_.pop_front());
  request.evcon = nullptr;
  return request;
}

// The reply is complete; or the end of input completes it.
void ClientConnection::finish(bool at_end_of_input) {
  const Watch watch(*this);
  Request& request = take_first();
  // Compat: the close callback runs before the request's, unless the end of input completes the
  // reply (http_client_test.cpp).
  if (!at_end_of_input) {
    const bool closes = must_close(request);
    state_ = State::kIdle;
    if (closes) {
      close();
    }
  }
  {
    const RequestCall call(request);
    if (request.cb != nullptr) {
      request.cb(&request, request.cb_arg);
    }
    request.release();
  }
  if (!watch.gone() && at_end_of_input && is_open()) {
    close();
  }
  if (!watch.gone()) {
    go_on();
  }
}

// Gives the first request up, and the connection that it was on.
void ClientConnection::fail(evhttp_request_error error) {
  const Watch watch(*this);
  fail_first(error);
  if (!watch.gone()) {
    go_on();
  }
}

void ClientConnection::fail_first(evhttp_request_error error) {
  Request& request = take_first();
  close();  // may be the end of the connection, of which nothing is needed any more
  const RequestCall call(request);
  if (request.error_cb != nullptr) {
    request.error_cb(error, request.cb_arg);
  }
  if (request.cb != nullptr && error != EVREQ_HTTP_REQUEST_CANCEL) {
    request.cb(nullptr, request.cb_arg);
  }
  request.release();
}

// Connecting for the first request has failed at once. A request that is made now waits for
// go_on(), so that whoever asks again each time does not nest calls.
void ClientConnection::fail_start() {
  const Watch watch(*this);
  failing_start_ = true;
  fail_first(EVREQ_HTTP_EOF);
  if (!watch.gone()) {
    failing_start_ = false;
  }
}

}  // namespace relevent::http
