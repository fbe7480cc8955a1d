#pragma once

#include <event2/buffer.h>

#include <climits>

#include "tag/codec.h"

namespace relevent::tag {

// The item at the front of a buffer. It is looked at first and taken at the end, if all is well, so
// that whoever fails leaves the buffer as it was.
// Lock: the caller holds the buffer's, if other threads use it.
// C API: evtag_unmarshal*, evtag_peek*, evtag_payload_length, evtag_consume
class Item {
 public:
  // Copies and parses the first bytes.
  explicit Item(evbuffer* source);

  // Null while the tag is malformed or incomplete.
  const std::uint32_t* tag() const { return tag_ ? &tag_->value : nullptr; }
  std::size_t tag_size() const { return tag_->size; }
  bool has_tag(std::uint32_t tag) const { return tag_ && tag_->value == tag; }

  // Whether tag and length are there, and the length is one that an int can tell.
  bool has_header() const { return length_.has_value(); }
  std::size_t header_size() const { return tag_->size + length_->size; }
  std::size_t length() const { return length_->value; }

  // Whether the payload is there as well. What follows is for such items.
  bool is_complete() const;
  // The payload or the first bytes of it: enough for two integers of 32 bits, or one of 64.
  std::span<const std::uint8_t> payload_front() const;
  // Copies the payload to `out`.
  [[nodiscard]] bool copy_payload(void* out) const;
  // Adds the payload to another buffer, all of it or nothing.
  [[nodiscard]] bool append_payload_to(evbuffer* destination) const;

  // Removes the header, or all of the item, from the buffer.
  [[nodiscard]] bool drop_header() const;
  [[nodiscard]] bool drop() const;

 private:
  static constexpr std::size_t kMaxPayloadFront = 2 * kMaxIntSize;
  static_assert(kMaxPayloadFront >= kMaxInt64Size);

  evbuffer* source_;
  std::uint8_t bytes_[kMaxTagSize + kMaxIntSize + kMaxPayloadFront];
  std::size_t size_ = 0;
  std::optional<Decoded<std::uint32_t>> tag_;
  std::optional<Decoded<std::uint32_t>> length_;
};

// Adds an item. Fails: false, and nothing is added.
bool append_item(evbuffer* destination, std::uint32_t tag, const void* payload,
                 std::uint32_t length);
// Adds tag and length alone, for a payload to follow.
bool append_header(evbuffer* destination, std::uint32_t tag, std::uint32_t length);

}  // namespace relevent::tag
