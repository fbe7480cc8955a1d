#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "surface/memory.h"
#include "ws/frame.h"
#include "ws/utf8.h"

namespace relevent::ws {

// Which end of the connection we are. A client's frames are masked, a server's are not.
enum class Role : std::uint8_t { kServer, kClient };

// Turns the bytes of the peer into messages: takes frames apart, unmasks them, puts fragments
// together, and checks all that RFC 6455 demands of them. The bytes may come in pieces of any size.
//
// Owns: the message that is being received, whose memory grows as its bytes come.
// Fails: as a violation of the protocol, with code 1011.
class Reader {
 public:
  enum class Event {
    kNeedMore,  // all input is consumed
    kMessage,   // a complete message: type() and payload()
    kPing,      // payload()
    kPong,      // payload()
    kClose,     // close_code() and payload(), the reason
    kError      // the peer broke the protocol: close_code() says how; nothing more is consumed
  };

  static constexpr std::size_t kDefaultMaxMessage = 16 << 20;

  explicit Reader(Role role) : role_(role) {}

  // For messages that begin from now on.
  void set_max_message(std::size_t bytes) { max_message_ = bytes; }

  // Consumes input up to the end of what it reports.
  Event next(std::span<const std::uint8_t>& input);

  // Of what next() reported last, until it is called again.
  std::span<const std::uint8_t> payload() const { return payload_; }
  Opcode type() const { return message_type_; }
  std::uint16_t close_code() const { return close_code_; }

 private:
  bool gather_header(std::span<const std::uint8_t>& input);
  bool begin_frame();
  bool take_payload(std::span<const std::uint8_t>& input);
  Event finish_frame();
  Event finish_control();
  Event finish_close();
  Event finish_data();
  bool fail(std::uint16_t code);
  void forget_message();

  const Role role_;
  std::size_t max_message_ = kDefaultMaxMessage;

  std::uint8_t header_bytes_[FrameHeader::kMaxSize];
  std::size_t header_filled_ = 0;
  bool in_payload_ = false;
  FrameHeader header_;
  std::uint64_t payload_read_ = 0;

  GrowArray<std::uint8_t> message_;
  bool message_open_ = false;  // fragments are missing
  Opcode message_type_ = Opcode::kText;
  Utf8Check utf8_;
  std::uint8_t control_[kMaxControl];

  std::span<const std::uint8_t> payload_;
  std::uint16_t close_code_ = kCloseNone;
  bool failed_ = false;
};

}  // namespace relevent::ws
