#pragma once

#include <cstdint>
#include <span>

namespace relevent::ws {

// Checks UTF-8 (RFC 3629) that comes piece by piece.
class Utf8Check {
 public:
  // False once what came so far cannot be the beginning of UTF-8.
  bool add(std::span<const std::uint8_t> bytes);
  // Whether the text may end here: not within a character.
  bool complete() const { return missing_ == 0; }
  void reset() { missing_ = 0; }

 private:
  bool begin_character(std::uint8_t byte);

  unsigned missing_ = 0;     // bytes that the character still needs
  std::uint8_t lowest_ = 0;  // the bounds of the next one of them
  std::uint8_t highest_ = 0;
};

}  // namespace relevent::ws
