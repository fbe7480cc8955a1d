#include <event2/buffer.h>

#include <cstring>

#include "ws/session.h"

namespace relevent::ws {

bool Session::send_frame(Opcode opcode, std::span<const std::uint8_t> payload, bool final) {
  FrameHeader header;
  header.opcode = opcode;
  header.final = final;
  header.masked = role_ == Role::kClient;
  header.length = payload.size();
  if (header.masked) {
    evutil_secure_rng_get_bytes(header.key.bytes, sizeof header.key.bytes);
  }
  evbuffer* const output = bufferevent_get_output(bufev_);
  evbuffer_iovec space;
  const std::size_t room = FrameHeader::kMaxSize + payload.size();
  if (evbuffer_reserve_space(output, static_cast<ev_ssize_t>(room), &space, 1) != 1) {
    return false;
  }
  auto* const bytes = static_cast<std::uint8_t*>(space.iov_base);
  const std::size_t size = write_header(header, bytes);
  if (!payload.empty()) {
    std::memcpy(bytes + size, payload.data(), payload.size());
  }
  if (header.masked) {
    apply_mask({bytes + size, payload.size()}, header.key, 0);
  }
  space.iov_len = size + payload.size();
  return evbuffer_commit_space(output, &space, 1) == 0;
}

bool Session::send(Opcode type, std::span<const std::uint8_t> payload) {
  const Lock lock(*this);
  return !fragment_open_ && send_part(type, payload, true);
}

bool Session::send_part(Opcode type, std::span<const std::uint8_t> payload, bool final) {
  const Lock lock(*this);
  if (state_ != State::kOpen) {
    return false;
  }
  if (!send_frame(fragment_open_ ? Opcode::kContinuation : type, payload, final)) {
    give_up();
    return false;
  }
  fragment_open_ = !final;
  return true;
}

bool Session::ping(std::span<const std::uint8_t> payload) {
  const Lock lock(*this);
  return state_ == State::kOpen && payload.size() <= kMaxControl &&
         send_frame(Opcode::kPing, payload, true);
}

}  // namespace relevent::ws
