// Domain names on the wire and as text (RFC 1035, sections 3.1 and 4.1.4).
#pragma once

#include "dns/wire.h"

namespace relevent::dns {

inline constexpr std::size_t kMaxLabel = 63;
inline constexpr std::size_t kMaxNameOnWire = 255;

// A name as text: its labels with dots between them, and a NUL behind. The root is empty.
struct NameText {
  char text[kMaxNameOnWire + 1];
  std::size_t length;
};

// Reads the name at the reader's offset and moves behind it. Compression pointers may only lead
// backwards, each further than the one before, so reading ends.
// Fails: false for a name that runs past the message, is longer than 255 bytes, has a NUL in a
// label (its text would end there), or points forward or at itself.
[[nodiscard]] bool read_name(Reader& reader, NameText& name);

// Where names have been written in a message, so that later ones can point there.
// The texts it is given must outlive it.
class NameTable {
 public:
  // The offset of a name with exactly this text, or 0.
  std::size_t find(const char* text) const;
  void add(const char* text, std::size_t offset);
  // Drops what was written at this offset or behind it.
  void forget_from(std::size_t offset);

 private:
  // When it is full, later names are written in full.
  static constexpr std::size_t kEntries = 128;
  struct Entry {
    const char* text;
    std::size_t offset;
  };
  Entry entries_[kEntries];
  std::size_t count_ = 0;
};

// Writes a name from its text, with or without a dot at the end; "" and "." are the root. With a
// table, its end may become a pointer. Fails: false for an empty label or one of over 63 bytes, a
// name of over 255, or no room.
[[nodiscard]] bool write_name(Writer& writer, const char* text, NameTable* table = nullptr);

}  // namespace relevent::dns
