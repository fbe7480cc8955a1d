// Base64 (RFC 4648, section 4), as much of it as the handshake of WebSocket needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace relevent::ws {

constexpr std::size_t base64_length(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

// Writes base64_length(bytes.size()) characters to `out`, without a NUL.
void encode_base64(std::span<const std::uint8_t> bytes, char* out);

// Whether the text is the encoding of that many bytes.
bool is_base64_of(std::string_view text, std::size_t bytes);

}  // namespace relevent::ws
