#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace relevent::ws {

using Sha1Digest = std::array<std::uint8_t, 20>;

// SHA-1 (FIPS 180-4) of a short text. The handshake of WebSocket needs it as a checksum; it
// protects nothing.
Sha1Digest sha1(std::span<const char> text);

}  // namespace relevent::ws
