// Reading and writing the bytes of a DNS message (RFC 1035, section 4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace relevent::dns {

using Bytes = std::span<const std::uint8_t>;

inline constexpr std::size_t kHeaderSize = 12;
inline constexpr std::size_t kUdpSize = 512;        // without EDNS
inline constexpr std::size_t kMessageSize = 65535;  // over TCP

// Types of records, and the class of all of them.
inline constexpr std::uint16_t kTypeA = 1;
inline constexpr std::uint16_t kTypeCname = 5;
inline constexpr std::uint16_t kTypeSoa = 6;
inline constexpr std::uint16_t kTypePtr = 12;
inline constexpr std::uint16_t kTypeAaaa = 28;
inline constexpr std::uint16_t kTypeOpt = 41;
inline constexpr std::uint16_t kClassInternet = 1;

// Bits of the header's second word.
inline constexpr std::uint16_t kFlagResponse = 0x8000;
inline constexpr std::uint16_t kFlagTruncated = 0x0200;
inline constexpr std::uint16_t kFlagRecursionDesired = 0x0100;
inline constexpr std::uint16_t kFlagCheckingDisabled = 0x0010;
inline constexpr std::uint16_t kRcodeMask = 0x000f;

// Takes integers from a message. Past the end they are 0, and ok() says so.
class Reader {
 public:
  explicit Reader(Bytes message) : message_(message) {}

  Bytes message() const { return message_; }
  bool ok() const { return ok_; }
  std::size_t offset() const { return offset_; }
  void seek(std::size_t offset) {
    ok_ = ok_ && offset <= message_.size();
    offset_ = ok_ ? offset : offset_;
  }

  std::uint16_t u16() {
    const Bytes bytes = take(2);
    return bytes.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
  }
  std::uint32_t u32() {
    const std::uint32_t high = u16();
    return high << 16 | u16();
  }
  // Empty if there are fewer.
  Bytes take(std::size_t count) {
    if (!ok_ || message_.size() - offset_ < count) {
      ok_ = false;
      return {};
    }
    const Bytes bytes = message_.subspan(offset_, count);
    offset_ += count;
    return bytes;
  }

 private:
  Bytes message_;
  std::size_t offset_ = 0;
  bool ok_ = true;
};

// Puts integers and bytes into a buffer. What does not fit is left out, and ok() says so.
class Writer {
 public:
  explicit Writer(std::span<std::uint8_t> room) : room_(room) {}

  bool ok() const { return ok_; }
  std::size_t size() const { return size_; }
  // Back to a size from before, also after a failure.
  void rewind(std::size_t size) {
    size_ = size;
    ok_ = true;
  }

  void u8(unsigned value) {
    const auto byte = static_cast<std::uint8_t>(value);
    bytes({&byte, 1});
  }
  void u16(unsigned value) {
    u8(value >> 8);
    u8(value & 0xff);
  }
  void u32(std::uint32_t value) {
    u16(value >> 16);
    u16(value & 0xffff);
  }
  void bytes(Bytes data) {
    if (!ok_ || room_.size() - size_ < data.size()) {
      ok_ = false;
      return;
    }
    if (!data.empty()) {
      std::memcpy(room_.data() + size_, data.data(), data.size());
    }
    size_ += data.size();
  }
  // Fills a place in that was written before.
  void patch_u16(std::size_t offset, std::size_t value) {
    room_[offset] = static_cast<std::uint8_t>(value >> 8);
    room_[offset + 1] = static_cast<std::uint8_t>(value);
  }

 private:
  std::span<std::uint8_t> room_;
  std::size_t size_ = 0;
  bool ok_ = true;
};

}  // namespace relevent::dns
