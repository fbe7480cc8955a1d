#include "ws/reader.h"

#include <algorithm>
#include <cstring>

namespace relevent::ws {

Reader::Event Reader::next(std::span<const std::uint8_t>& input) {
  if (!message_open_) {
    forget_message();
  }
  payload_ = {};
  while (!failed_) {
    if (!in_payload_) {
      if (!gather_header(input)) {
        return Event::kNeedMore;
      }
      if (!begin_frame()) {
        break;
      }
    }
    if (!take_payload(input)) {
      break;
    }
    if (payload_read_ < header_.length) {
      return Event::kNeedMore;
    }
    in_payload_ = false;
    const Event event = finish_frame();
    if (event != Event::kNeedMore) {
      return event;
    }
  }
  return Event::kError;
}

// True once the header is complete.
bool Reader::gather_header(std::span<const std::uint8_t>& input) {
  while (!input.empty()) {
    const std::size_t size = header_size({header_bytes_, header_filled_});
    const std::size_t count = std::min(size - header_filled_, input.size());
    std::memcpy(header_bytes_ + header_filled_, input.data(), count);
    header_filled_ += count;
    input = input.subspan(count);
    // The first two bytes may have told of more.
    if (header_filled_ == header_size({header_bytes_, header_filled_})) {
      return true;
    }
  }
  return false;
}

bool Reader::begin_frame() {
  if (!read_header({header_bytes_, header_filled_}, header_) ||
      header_.masked != (role_ == Role::kServer)) {
    return fail(kCloseProtocolError);
  }
  header_filled_ = 0;
  payload_read_ = 0;
  in_payload_ = true;
  if (is_control(header_.opcode)) {
    return true;
  }
  if ((header_.opcode == Opcode::kContinuation) != message_open_) {
    return fail(kCloseProtocolError);
  }
  if (!message_open_) {
    message_type_ = header_.opcode;
    message_open_ = true;
    utf8_.reset();
  }
  // What was received may be more than a limit that was lowered since.
  const std::size_t room = max_message_ - std::min(max_message_, message_.size());
  return header_.length <= room || fail(kCloseTooBig);
}

bool Reader::take_payload(std::span<const std::uint8_t>& input) {
  const auto count = static_cast<std::size_t>(
      std::min<std::uint64_t>(header_.length - payload_read_, input.size()));
  if (count == 0) {
    return true;
  }
  std::span<std::uint8_t> bytes;
  if (is_control(header_.opcode)) {
    bytes = {control_ + payload_read_, count};
    std::memcpy(bytes.data(), input.data(), count);
  } else {
    if (!message_.append(input.first(count))) {
      return fail(kCloseInternalError);
    }
    bytes = {message_.end() - count, count};
  }
  if (header_.masked) {
    apply_mask(bytes, header_.key, payload_read_);
  }
  payload_read_ += count;
  input = input.subspan(count);
  const bool is_text = !is_control(header_.opcode) && message_type_ == Opcode::kText;
  return !is_text || utf8_.add(bytes) || fail(kCloseInvalidText);
}

Reader::Event Reader::finish_frame() {
  return is_control(header_.opcode) ? finish_control() : finish_data();
}

Reader::Event Reader::finish_control() {
  payload_ = {control_, static_cast<std::size_t>(header_.length)};
  switch (header_.opcode) {
    case Opcode::kPing:
      return Event::kPing;
    case Opcode::kPong:
      return Event::kPong;
    default:
      return finish_close();
  }
}

Reader::Event Reader::finish_close() {
  close_code_ = kCloseNone;
  if (payload_.empty()) {
    return Event::kClose;
  }
  if (payload_.size() == 1) {
    fail(kCloseProtocolError);
    return Event::kError;
  }
  const auto code = static_cast<std::uint16_t>(payload_[0] << 8 | payload_[1]);
  payload_ = payload_.subspan(2);
  Utf8Check reason;
  if (!is_close_code(code)) {
    fail(kCloseProtocolError);
    return Event::kError;
  }
  if (!reason.add(payload_) || !reason.complete()) {
    fail(kCloseInvalidText);
    return Event::kError;
  }
  close_code_ = code;
  return Event::kClose;
}

Reader::Event Reader::finish_data() {
  if (!header_.final) {
    return Event::kNeedMore;
  }
  if (message_type_ == Opcode::kText && !utf8_.complete()) {
    fail(kCloseInvalidText);
    return Event::kError;
  }
  message_open_ = false;
  payload_ = {message_.data(), message_.size()};
  return Event::kMessage;
}

bool Reader::fail(std::uint16_t code) {
  failed_ = true;
  close_code_ = code;
  payload_ = {};
  return false;
}

// Memory of a large message is given back, not at once but by and by.
void Reader::forget_message() {
  message_.clear();
  message_.shrink();
}

}  // namespace relevent::ws
