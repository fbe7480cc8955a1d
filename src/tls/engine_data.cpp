// The way of the data through a TLS bufferevent.
#include <algorithm>
#include <cstring>
#include <utility>

#include "tls/engine.h"

namespace relevent::tls {
namespace {

constexpr std::size_t kRecord = 16384;  // the most plaintext that a record holds
// How much encrypted output may wait in the carrier: a few full records for each system call.
constexpr std::size_t kBacklog = 8 * kRecord;
constexpr int kPieces = 16;

}  // namespace

// --- From the carrier to the input buffer ---

// Goes on as long as the user's callback makes room.
void Engine::read() {
  // Asking once more would cost it a buffer.
  if (drained_ && !renegotiating_ && has_read_all()) {
    return;
  }
  const std::uint32_t connection = connection_;
  while (state_ == State::kOpen && !read_over_) {
    wire().ended = carrier_ended_ && (flags_ & BUFFEREVENT_SSL_DIRTY_SHUTDOWN) == 0;
    std::size_t count = 0;
    const Outcome outcome = fill_input(count);
    drained_ = outcome == Outcome::kWantsInput;
    relevent_external_moved(bev_, EV_READ, std::exchange(wire().moved, 0));
    if (count != 0) {
      bufferevent_trigger(bev_, EV_READ, callback_options_);
    }
    after_negotiation();
    if (connection != connection_) {
      return;
    }
    if (outcome == Outcome::kWantsInput) {
      if (carrier_ended_) {
        end_reading(BEV_EVENT_EOF);  // of a stream that may end like this
      }
      return;
    }
    if (outcome == Outcome::kWantsOutput) {
      retry_later();
      return;
    }
    if (outcome == Outcome::kClosed) {
      end_reading(BEV_EVENT_EOF);
    } else if (outcome == Outcome::kFailed) {
      state_ = State::kOver;
      end_reading(BEV_EVENT_ERROR);
    } else if (count == 0) {
      return;
    }
  }
}

// Compat: a connection that is cut below is not said to be cut in reading (tls_end_test.cpp).
void Engine::end_reading(short what) {
  read_over_ = true;
  write_wants_input_ = renegotiating_ = false;
  update_carrier_input();
  const bool cut_below = carrier_ended_ && !wire().is_socket;
  report(cut_below ? what : static_cast<short>(what | BEV_EVENT_READING), 0);
}

// kDone: there is no room for more.
Outcome Engine::fill_input(std::size_t& count) {
  std::size_t room = relevent_external_read_room(bev_);
  Outcome outcome = Outcome::kDone;
  while (room != 0 && outcome == Outcome::kDone) {
    if (count != 0 && has_read_all()) {
      return Outcome::kWantsInput;
    }
    std::size_t taken = 0;
    outcome = read_record(room, taken);
    count += taken;
    room -= taken;
  }
  return outcome;
}

// Whether the TLS object need not be asked to know that it has nothing more.
bool Engine::has_read_all() {
  return !carrier_ended_ && !session_.is_self_carried() && !session_.has_pending() &&
         evbuffer_get_length(bufferevent_get_input(wire().carrier)) == 0;
}

// At most one; kWantsOutput also if there is no memory for it. The plaintext is never longer than
// what it comes in, so there is room at once for all that has come.
Outcome Engine::read_record(std::size_t room, std::size_t& count) {
  evbuffer* const arrived = bufferevent_get_input(wire().carrier);
  const std::size_t expected =
      session_.is_self_carried() ? kRecord : session_.pending() + evbuffer_get_length(arrived);
  const std::size_t size = std::min(room, std::max<std::size_t>(expected, 1));
  evbuffer* const target = input();
  evbuffer_iovec space;
  evbuffer_unfreeze(target, 0);
  Outcome outcome = Outcome::kWantsOutput;
  if (evbuffer_reserve_space(target, static_cast<ev_ssize_t>(size), &space, 1) == 1) {
    outcome = work([&] { return session_.read(space.iov_base, size, count); });
    space.iov_len = count;
    evbuffer_commit_space(target, &space, 1);
  }
  evbuffer_freeze(target, 0);
  return outcome;
}

// For a handshake that goes on while nobody reads.
void Engine::digest() {
  if (state_ != State::kOpen || read_over_ || (!renegotiating_ && !write_wants_input_) ||
      relevent_external_read_room(bev_) != 0) {
    return;
  }
  wire().ended = carrier_ended_;
  const std::uint32_t connection = connection_;
  const Outcome outcome = work([this] { return session_.digest(); });
  drained_ = false;
  after_negotiation();
  if (outcome == Outcome::kFailed && connection == connection_) {
    state_ = State::kOver;
    end_reading(BEV_EVENT_ERROR);
  }
}

void Engine::after_negotiation() {
  if (renegotiating_ && !session_.is_renegotiating()) {
    renegotiating_ = false;
    update_carrier_input();
    report(BEV_EVENT_CONNECTED, 0);
  }
}

// --- From the output buffer to the carrier ---

std::size_t Engine::carrier_backlog() {
  return evbuffer_get_length(bufferevent_get_output(wire().carrier));
}

// Drops what was encrypted from the output: over a socket, when that has taken it.
void Engine::release_written() {
  if (sealed_ != 0 && (!wire().is_socket || carrier_backlog() == 0)) {
    evbuffer_unfreeze(output(), 1);
    evbuffer_drain(output(), std::exchange(sealed_, 0));
    evbuffer_freeze(output(), 1);
  }
}

void Engine::write() {
  release_written();
  while (state_ == State::kOpen && !write_over_ && sealed_ == 0 && carrier_backlog() < kBacklog &&
         evbuffer_get_length(output()) != 0 && write_batch()) {
    release_written();
  }
}

// Encrypts what a carrier takes at a time. False: it cannot go on.
bool Engine::write_batch() {
  Outcome outcome = Outcome::kDone;
  std::size_t room = std::min(relevent_external_write_room(bev_), kBacklog);
  while (outcome == Outcome::kDone && room != 0 && sealed_ < evbuffer_get_length(output())) {
    std::size_t count = 0;
    outcome = write_piece(room, count);
    sealed_ += count;
    room -= std::min(room, count);
  }
  relevent_external_moved(bev_, EV_WRITE, std::exchange(wire().moved, 0));
  written_ = written_ || sealed_ != 0;
  drained_ = drained_ && outcome == Outcome::kDone;  // else it may have read, too
  if (outcome == Outcome::kWantsInput && !write_wants_input_) {
    write_wants_input_ = true;
    update_carrier_input();
  } else if (outcome == Outcome::kDone && write_wants_input_) {
    write_wants_input_ = false;
    update_carrier_input();
  } else if (outcome == Outcome::kWantsOutput) {
    retry_later();
  } else if (outcome == Outcome::kFailed || outcome == Outcome::kClosed) {
    write_over_ = true;
    report(BEV_EVENT_ERROR | BEV_EVENT_WRITING, 0);
  }
  return outcome == Outcome::kDone && sealed_ != 0;
}

// A record of the next piece of memory in the output, or of several if the user wants that.
Outcome Engine::write_piece(std::size_t room, std::size_t& count) {
  const std::size_t most = std::min(kRecord, std::max(room, retry_size_));
  evbuffer_ptr place;
  evbuffer_ptr_set(output(), &place, sealed_, EVBUFFER_PTR_SET);
  evbuffer_iovec pieces[kPieces];
  const int found = evbuffer_peek(output(), static_cast<ev_ssize_t>(most), &place, pieces, kPieces);
  if (found < 1) {
    return Outcome::kFailed;  // a file that cannot be read any more
  }
  const void* data = pieces[0].iov_base;
  std::size_t size = std::min(most, pieces[0].iov_len);
  unsigned char joined[kRecord];
  if ((flags_ & BUFFEREVENT_SSL_BATCH_WRITE) != 0 && found > 1) {
    size = 0;
    for (int i = 0; i < std::min(found, kPieces) && size < most; ++i) {
      const std::size_t part = std::min(pieces[i].iov_len, most - size);
      std::memcpy(joined + size, pieces[i].iov_base, part);
      size += part;
    }
    data = joined;
  }
  const Outcome outcome = work([&] { return session_.write(data, size, count); });
  retry_size_ = outcome == Outcome::kWantsOutput ? size : 0;
  return outcome;
}

}  // namespace relevent::tls
