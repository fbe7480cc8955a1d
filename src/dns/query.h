// The query that a resolver sends.
#pragma once

#include "dns/name.h"

namespace relevent::dns {

// A message with one question, ready to be sent but for its id.
struct Query {
  static constexpr std::size_t kQuestionTail = 4;  // type and class
  static constexpr std::size_t kOptRecord = 11;
  static constexpr std::size_t kAdditionalCount = 11;  // its low byte in the header

  std::uint8_t bytes[kHeaderSize + kMaxNameOnWire + kQuestionTail + kOptRecord];
  std::uint16_t size;
  std::uint16_t question_size;
  std::uint16_t type;

  // `edns_size` is what EDNS (RFC 6891) offers; up to 512 there is none.
  // Fails: false if the name is malformed.
  [[nodiscard]] bool build(const char* name, std::uint16_t record_type, std::size_t edns_size);

  void set_id(std::uint16_t id);
  // Gives each letter of the name a random case (draft-vixie-dnsext-dns0x20).
  void randomize_case();
  void lower_case();
  bool has_edns() const { return bytes[kAdditionalCount] != 0; }
  void drop_edns();

  Bytes message() const { return {bytes, size}; }
  Bytes question() const { return {bytes + kHeaderSize, question_size}; }
};

}  // namespace relevent::dns
