#include "dns/query.h"

#include <event2/util.h>

#include "base/ascii.h"

namespace relevent::dns {

bool Query::build(const char* name, std::uint16_t record_type, std::size_t edns_size) {
  const bool edns = edns_size > kUdpSize;
  Writer writer(bytes);
  writer.u16(0);
  writer.u16(kFlagRecursionDesired);
  writer.u16(1);
  writer.u16(0);
  writer.u16(0);
  writer.u16(edns ? 1 : 0);
  if (!write_name(writer, name)) {
    return false;
  }
  writer.u16(record_type);
  writer.u16(kClassInternet);
  type = record_type;
  question_size = static_cast<std::uint16_t>(writer.size() - kHeaderSize);
  if (edns) {
    writer.u8(0);
    writer.u16(kTypeOpt);
    writer.u16(static_cast<unsigned>(edns_size));
    writer.u32(0);
    writer.u16(0);
  }
  size = static_cast<std::uint16_t>(writer.size());
  return writer.ok();
}

void Query::set_id(std::uint16_t id) {
  bytes[0] = static_cast<std::uint8_t>(id >> 8);
  bytes[1] = static_cast<std::uint8_t>(id);
}

// No byte that says a label's length is as large as a letter, so the name need not be taken apart.
void Query::randomize_case() {
  std::uint8_t random[(kMaxNameOnWire + 7) / 8];
  const std::size_t length = question_size - kQuestionTail;
  evutil_secure_rng_get_bytes(random, (length + 7) / 8);
  for (std::size_t i = 0; i < length; ++i) {
    auto& byte = bytes[kHeaderSize + i];
    const char letter = static_cast<char>(byte);
    const bool upper = (random[i / 8] >> i % 8 & 1) != 0;
    byte = static_cast<std::uint8_t>(upper ? to_upper(letter) : to_lower(letter));
  }
}

void Query::lower_case() {
  for (std::size_t i = 0; i < question_size - kQuestionTail; ++i) {
    auto& byte = bytes[kHeaderSize + i];
    byte = static_cast<std::uint8_t>(to_lower(static_cast<char>(byte)));
  }
}

void Query::drop_edns() {
  bytes[kAdditionalCount] = 0;
  size = static_cast<std::uint16_t>(kHeaderSize + question_size);
}

}  // namespace relevent::dns
