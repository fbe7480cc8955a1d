// Frames of WebSocket: RFC 6455, section 5.2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace relevent::ws {

enum class Opcode : std::uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10,
};

constexpr bool is_control(Opcode opcode) { return static_cast<std::uint8_t>(opcode) >= 8; }

// The longest payload of a control frame.
constexpr std::size_t kMaxControl = 125;

// The four bytes that a client's payload is combined with.
struct MaskKey {
  std::uint8_t bytes[4] = {};
};

struct FrameHeader {
  static constexpr std::size_t kMaxSize = 14;

  Opcode opcode = Opcode::kContinuation;
  bool final = true;
  bool masked = false;
  std::uint64_t length = 0;
  MaskKey key;
};

// How long the header is that begins with these bytes; at least 2. The first two tell.
std::size_t header_size(std::span<const std::uint8_t> bytes);

// Reads a whole header. False if it is malformed: reserved bits or opcodes, a length that is not in
// its shortest form, a control frame that is long or fragmented.
[[nodiscard]] bool read_header(std::span<const std::uint8_t> bytes, FrameHeader& header);

// Writes a header, at most kMaxSize bytes, and returns its size.
std::size_t write_header(const FrameHeader& header, std::uint8_t* out);

// Masks or unmasks bytes that begin `offset` bytes into the payload.
void apply_mask(std::span<std::uint8_t> bytes, MaskKey key, std::uint64_t offset);

// Close codes: section 7.4. 0 stands for a close frame without one.
constexpr std::uint16_t kCloseNone = 0;
constexpr std::uint16_t kCloseNormal = 1000;
constexpr std::uint16_t kCloseProtocolError = 1002;
constexpr std::uint16_t kCloseAbnormal = 1006;  // never sent: there was no close frame
constexpr std::uint16_t kCloseInvalidText = 1007;
constexpr std::uint16_t kCloseTooBig = 1009;
constexpr std::uint16_t kCloseInternalError = 1011;

// Whether a code may stand in a close frame.
bool is_close_code(std::uint16_t code);

}  // namespace relevent::ws
