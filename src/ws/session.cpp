#include "ws/session.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <sys/socket.h>

namespace relevent::ws {

namespace {

// For how long a peer may take to answer a close frame, or to take what is sent to it at the end.
constexpr int kEndingSeconds = 10;
// With so much waiting to be sent, pings are not answered.
constexpr std::size_t kPingBacklog = 64 << 10;

}  // namespace

void Session::attach(bufferevent& bufev) {
  bufev_ = &bufev;
  event_assign(&timer_, bufferevent_get_base(&bufev), -1, 0, on_timer, this);
  bufferevent_set_timeouts(&bufev, nullptr, nullptr);
  bufferevent_setwatermark(&bufev, EV_READ | EV_WRITE, 0, 0);
  bufferevent_setcb(&bufev, on_read, on_written, on_event, this);
}

void Session::on_read(bufferevent*, void* session) {
  auto& self = *static_cast<Session*>(session);
  const Hold hold(self);
  self.read();
}

void Session::on_written(bufferevent*, void* session) {
  auto& self = *static_cast<Session*>(session);
  const Hold hold(self);
  self.output_is_written();
}

void Session::on_event(bufferevent*, short what, void* session) {
  auto& self = *static_cast<Session*>(session);
  const Hold hold(self);
  if ((what & BEV_EVENT_CONNECTED) != 0 && self.state_ != State::kConnecting) {
    return;  // such as TLS that was negotiated anew
  }
  const bool connected = (what & BEV_EVENT_CONNECTED) != 0 &&
                         self.handshake_->write_request(*bufferevent_get_output(self.bufev_)) &&
                         bufferevent_enable(self.bufev_, EV_READ | EV_WRITE) == 0;
  if (!connected) {
    self.end();
  }
}

void Session::on_timer(evutil_socket_t, short what, void* session) {
  auto& self = *static_cast<Session*>(session);
  const Hold hold(self);
  const Lock lock(self);
  if ((what & EV_TIMEOUT) != 0) {
    self.end();
  } else {
    self.read();
  }
}

void Session::on_connection_closed(evhttp_connection*, void* session) {
  auto& self = *static_cast<Session*>(session);
  self.connection_ = nullptr;
  self.end();
}

void Session::read() {
  if (state_ == State::kConnecting && !read_handshake()) {
    return;
  }
  evbuffer* const input = bufferevent_get_input(bufev_);
  // In this order: the input goes with the session.
  while (!ended_ && evbuffer_get_length(input) > 0) {
    if (state_ == State::kFlushing || state_ == State::kDiscarding) {
      evbuffer_drain(input, evbuffer_get_length(input));
      return;
    }
    evbuffer_iovec piece;
    evbuffer_peek(input, -1, nullptr, &piece, 1);
    std::span bytes(static_cast<const std::uint8_t*>(piece.iov_base), piece.iov_len);
    const Reader::Event event = reader_.next(bytes);
    evbuffer_drain(input, piece.iov_len - bytes.size());
    handle_event(event);
  }
}

void Session::handle_event(Reader::Event event) {
  const std::span<const std::uint8_t> payload = reader_.payload();
  switch (event) {
    case Reader::Event::kNeedMore:
      break;
    case Reader::Event::kMessage:
      if (state_ == State::kOpen) {
        on_message_(handle(), static_cast<int>(reader_.type()), payload.data(), payload.size(),
                    message_argument_);
      }
      break;
    case Reader::Event::kPing:
      answer_ping();
      break;
    case Reader::Event::kPong:
      if (on_pong_ != nullptr) {
        on_pong_(handle(), payload.data(), payload.size(), pong_argument_);
      }
      break;
    case Reader::Event::kClose:
      peer_closes();
      break;
    case Reader::Event::kError:
      say_close(reader_.close_code(), State::kDiscarding);
      break;
  }
}

// A peer that pings without reading must not fill the memory.
void Session::answer_ping() {
  const bool answers =
      state_ == State::kOpen && evbuffer_get_length(bufferevent_get_output(bufev_)) < kPingBacklog;
  if (answers && !send_frame(Opcode::kPong, reader_.payload(), true)) {
    give_up();
  }
}

void Session::peer_closes() {
  const std::uint16_t code = reader_.close_code();
  close_code_ = code == kCloseNone ? std::uint16_t{RELEVENT_WS_NO_REASON} : code;
  say_close(code, State::kFlushing);
}

// Sends a close frame unless that is done, and goes on to an ending state.
void Session::say_close(std::uint16_t code, State next) {
  const bool said = state_ == State::kClosing;
  state_ = next;
  const std::uint8_t body[2] = {static_cast<std::uint8_t>(code >> 8),
                                static_cast<std::uint8_t>(code)};
  const std::size_t length = is_close_code(code) ? sizeof body : 0;
  if (!said && !send_frame(Opcode::kClose, {body, length}, true)) {
    give_up();
    return;
  }
  const timeval stalled = {kEndingSeconds, 0};
  bufferevent_set_timeouts(bufev_, nullptr, &stalled);
  output_is_written();
}

void Session::output_is_written() {
  if (ended_ || evbuffer_get_length(bufferevent_get_output(bufev_)) > 0) {
    return;
  }
  if (state_ == State::kFlushing) {
    end();
  } else if (state_ == State::kClosing) {
    set_deadline(kEndingSeconds);
  } else if (state_ == State::kDiscarding) {
    shutdown(bufferevent_getfd(bufev_), SHUT_WR);
    set_deadline(kEndingSeconds);
  }
}

void Session::set_deadline(int seconds) {
  const timeval time = {seconds, 0};
  if (event_add(&timer_, &time) != 0) {
    give_up();
  }
}

// For want of memory. The session's user may be in the middle of using it, so it ends from the
// loop.
void Session::give_up() {
  state_ = State::kDiscarding;
  event_active(&timer_, EV_TIMEOUT, 0);
}

void Session::close(std::uint16_t code) {
  const Lock lock(*this);
  if (state_ == State::kOpen) {
    say_close(code, State::kClosing);
  } else if (state_ == State::kConnecting) {
    give_up();
  }
}

void Session::end() {
  if (ended_) {
    return;
  }
  const Hold hold(*this);
  ended_ = true;
  state_ = State::kDiscarding;  // the close callback sends nothing more, nor sets a deadline
  event_del(&timer_);
  bufferevent_setcb(bufev_, nullptr, nullptr, nullptr, nullptr);
  if (on_close_ != nullptr) {
    on_close_(handle(), close_argument_);
  }
  if (connection_ != nullptr) {
    evhttp_connection_set_closecb(connection_, nullptr, nullptr);
    evhttp_connection_free(connection_);
  } else if (owns_bufev_) {
    bufferevent_free(bufev_);
  }
}

}  // namespace relevent::ws
