#include "tls/engine.h"

#include <cerrno>
#include <utility>

namespace relevent::tls {
namespace {

constexpr short kDirections = BEV_EVENT_READING | BEV_EVENT_WRITING;
// How long to wait before memory is asked for again.
constexpr timeval kRetryDelay = {0, 10'000};

}  // namespace

Engine::Engine(const Setup& setup, Session& session)
    : session_(session),
      role_(setup.state),
      state_(setup.state == BUFFEREVENT_SSL_OPEN ? State::kOpen : State::kHandshake),
      frees_object_((setup.options & BEV_OPT_CLOSE_ON_FREE) != 0) {
  const auto on_time = [](evutil_socket_t, short, void* context) {
    Engine& engine = *static_cast<Engine*>(context);
    bufferevent_lock(engine.bev_);
    relevent_external_schedule(engine.bev_);
    bufferevent_unlock(engine.bev_);
  };
  event_assign(&retry_timer_, bufferevent_get_base(session.wire().carrier), -1, 0, on_time, this);
}

Engine::~Engine() { event_debug_unassign(&retry_timer_); }

bufferevent* Engine::create(const Setup& setup, Session& session) {
  Owned<Engine> engine(relevent::create<Engine>(setup, session));
  if (engine == nullptr) {
    return nullptr;
  }
  const Wire& wire = session.wire();
  engine->bev_ = relevent_external_new(wire.carrier, wire.is_socket ? 1 : 0, setup.options,
                                       &relevent_tls_kind, engine.get());
  if (engine->bev_ == nullptr) {
    return nullptr;
  }
  engine->update_carrier_input();
  relevent_external_schedule(engine->bev_);
  return engine.release()->bev_;
}

bool Engine::is_ready() const {
  return session_.is_self_carried() || relevent_external_ready(bev_) != 0;
}

void Engine::advance() {
  if (!is_ready()) {
    return;
  }
  if (state_ == State::kHandshake) {
    shake_hands();
  }
  if (state_ == State::kOpen) {
    write_follows_ = true;
    read();
    digest();
    write_follows_ = false;
    write();
  }
}

void Engine::shake_hands() {
  // The end of an earlier connection has disabled the carrier.
  if (!started_ && wire().is_socket &&
      bufferevent_enable(wire().carrier, EV_READ | EV_WRITE) != 0) {
    retry_later();
    return;
  }
  started_ = true;
  update_carrier_input();
  wire().ended = carrier_ended_;
  const Outcome outcome = work([this] { return session_.handshake(); });
  wire().moved = 0;  // limits are for data
  if (outcome == Outcome::kDone) {
    state_ = State::kOpen;
    update_carrier_input();
    report(BEV_EVENT_CONNECTED, 0);
  } else if (outcome == Outcome::kClosed || outcome == Outcome::kFailed) {
    state_ = State::kOver;
    update_carrier_input();
    report(BEV_EVENT_ERROR | BEV_EVENT_READING, 0);
  } else if (outcome == Outcome::kWantsOutput) {
    retry_later();
  }
}

// Without memory for the timer either: at once.
void Engine::retry_later() {
  if (event_add(&retry_timer_, &kRetryDelay) != 0) {
    relevent_external_schedule(bev_);
  }
}

// A handshake goes on, and so does a write that waits for the peer, when nobody reads. Without a
// connection there is nothing to wait for, nor to time out.
void Engine::update_carrier_input() {
  relevent_external_input input = RELEVENT_INPUT_AS_ENABLED;
  if (state_ == State::kOver || read_over_) {
    input = RELEVENT_INPUT_OVER;
  } else if (relevent_external_ready(bev_) != 0 &&
             (state_ == State::kHandshake || renegotiating_ || write_wants_input_)) {
    input = RELEVENT_INPUT_NEEDED;
  }
  relevent_external_set_input(bev_, input);
}

bool Engine::renegotiate() {
  if (state_ != State::kOpen || !is_ready() ||
      work([this] { return session_.renegotiate(); }) != Outcome::kDone) {
    return false;
  }
  renegotiating_ = true;
  update_carrier_input();
  return true;
}

void Engine::report(short what, int error) {
  errno = error;
  bufferevent_trigger_event(bev_, what, callback_options_);
}

// --- What the program does ---

void Engine::on_scheduled() {
  const Deferring deferring(*this);
  if (const short what = std::exchange(held_event_, short{0}); what != 0) {
    on_carrier_event(what, held_error_);
  }
  advance();
  if (std::exchange(held_drained_, false)) {
    on_carrier_drained();
  }
}

// Over another bufferevent the encrypted bytes are there at once: whoever frees this one may let
// the other live.
void Engine::on_output_added() {
  if (state_ == State::kOpen && !wire().is_socket && !working_) {
    const Deferring deferring(*this);
    write();
  } else if (state_ == State::kOpen && sealed_ == 0 && !write_follows_) {
    relevent_external_schedule(bev_);
  }
}

void Engine::on_flush() {
  const Deferring deferring(*this);
  drained_ = false;  // the program may know better
  advance();
}

// Compat: another descriptor is another connection, with a handshake of its own
// (tls_connect_test.cpp); but an object that came open stays so.
void Engine::on_replaced() {
  ++connection_;
  carrier_ended_ = held_drained_ = drained_ = false;
  held_event_ = 0;
  if (!session_.attach()) {
    session_.note_wire_error();
    state_ = State::kOver;
  } else if ((started_ || state_ == State::kOver) && role_ != BUFFEREVENT_SSL_OPEN) {
    start_over();
  }
  relevent_external_schedule(bev_);
}

// The object may be gone when a callback returns to whoever works here.
void Engine::on_detach() {
  ++connection_;
  state_ = State::kOver;
  renegotiating_ = false;
  // Whoever frees may hold the lock that its callback waits for.
  event_del_noblock(&retry_timer_);
  session_.detach(!frees_object_);
}

void Engine::start_over() {
  evbuffer* const stale_input = bufferevent_get_input(wire().carrier);
  evbuffer* const stale_output = bufferevent_get_output(wire().carrier);
  evbuffer_drain(stale_input, evbuffer_get_length(stale_input));
  evbuffer_unfreeze(stale_output, 1);
  evbuffer_drain(stale_output, evbuffer_get_length(stale_output));
  evbuffer_freeze(stale_output, 1);
  started_ = read_over_ = write_over_ = write_wants_input_ = renegotiating_ = written_ = false;
  sealed_ = retry_size_ = 0;
  state_ = session_.restart() ? State::kHandshake : State::kOver;
  update_carrier_input();
}

// --- What the carrier reports ---

void Engine::on_carrier_readable() {
  if (working_) {
    relevent_external_schedule(bev_);
  } else {
    advance();
  }
}

void Engine::on_carrier_drained() {
  if (working_) {
    held_drained_ = true;
    relevent_external_schedule(bev_);
    return;
  }
  if (state_ == State::kOpen) {
    write();
  }
  const bool all_left = !wire().is_socket || carrier_backlog() == 0;
  if (all_left && std::exchange(written_, false)) {
    bufferevent_trigger(bev_, EV_WRITE, callback_options_);
  }
}

void Engine::on_carrier_event(short what, int error) {
  if (working_) {
    held_event_ = static_cast<short>(held_event_ | what);
    held_error_ = error;
    relevent_external_schedule(bev_);
    return;
  }
  if ((what & BEV_EVENT_CONNECTED) != 0) {
    advance();
  }
  if ((what & BEV_EVENT_EOF) != 0 && (what & kDirections) != BEV_EVENT_WRITING) {
    carrier_ended_ = true;
    advance();
  } else if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0) {
    fail_carrier(what, error);
  } else if ((what & BEV_EVENT_TIMEOUT) != 0) {
    if (wire().is_socket) {
      bufferevent_disable(bev_, (what & BEV_EVENT_READING) != 0 ? EV_READ : EV_WRITE);
    }
    report(what, error);
  }
}

// What has come before is delivered first.
void Engine::fail_carrier(short what, int error) {
  const std::uint32_t connection = connection_;
  if (state_ == State::kOpen) {
    read();
  }
  if (state_ == State::kOver || connection != connection_) {
    return;
  }
  if (wire().is_socket && read_over_) {
    what = BEV_EVENT_EOF | BEV_EVENT_WRITING;  // Compat: the peer had said that it goes
  } else if (wire().is_socket) {
    // As if the TLS library had made the system call.
    errno = error;
    session_.note_wire_error();
    if ((what & kDirections) == 0) {
      what = static_cast<short>(what | BEV_EVENT_READING);
    }
  }
  state_ = State::kOver;
  update_carrier_input();
  report(what, error);
}

}  // namespace relevent::tls
