#include "tag/item.h"

#include <algorithm>

namespace relevent::tag {

namespace {

std::size_t encode_header(std::uint32_t tag, std::uint32_t length, std::uint8_t* out) {
  const std::size_t tag_size = encode_tag(tag, out);
  return tag_size + encode_number(length, out + tag_size);
}

}  // namespace

Item::Item(evbuffer* source) : source_(source) {
  const ev_ssize_t size = evbuffer_copyout(source, bytes_, sizeof(bytes_));
  if (size < 0) {
    return;
  }
  size_ = static_cast<std::size_t>(size);
  const std::span<const std::uint8_t> bytes(bytes_, size_);
  tag_ = decode_tag(bytes);
  if (tag_) {
    length_ = decode_int(bytes.subspan(tag_->size));
  }
  if (length_ && length_->value > INT_MAX) {
    length_.reset();
  }
}

bool Item::is_complete() const {
  return has_header() && evbuffer_get_length(source_) - header_size() >= length();
}

std::span<const std::uint8_t> Item::payload_front() const {
  const std::span<const std::uint8_t> rest(bytes_ + header_size(), size_ - header_size());
  return rest.first(std::min(rest.size(), length()));
}

bool Item::copy_payload(void* out) const {
  evbuffer_ptr begin;
  return evbuffer_ptr_set(source_, &begin, header_size(), EVBUFFER_PTR_SET) == 0 &&
         evbuffer_copyout_from(source_, &begin, out, length()) == static_cast<ev_ssize_t>(length());
}

bool Item::append_payload_to(evbuffer* destination) const {
  if (length() == 0) {
    return true;
  }
  evbuffer_iovec room;
  if (evbuffer_reserve_space(destination, static_cast<ev_ssize_t>(length()), &room, 1) < 0 ||
      !copy_payload(room.iov_base)) {
    return false;
  }
  room.iov_len = length();
  return evbuffer_commit_space(destination, &room, 1) == 0;
}

bool Item::drop_header() const { return evbuffer_drain(source_, header_size()) == 0; }

bool Item::drop() const { return evbuffer_drain(source_, header_size() + length()) == 0; }

bool append_item(evbuffer* destination, std::uint32_t tag, const void* payload,
                 std::uint32_t length) {
  std::uint8_t header[kMaxTagSize + kMaxIntSize];
  const std::size_t header_size = encode_header(tag, length, header);
  evbuffer_iovec pieces[] = {{header, header_size}, {const_cast<void*>(payload), length}};
  return evbuffer_add_iovec(destination, pieces, length == 0 ? 1 : 2) == header_size + length;
}

bool append_header(evbuffer* destination, std::uint32_t tag, std::uint32_t length) {
  std::uint8_t header[kMaxTagSize + kMaxIntSize];
  return evbuffer_add(destination, header, encode_header(tag, length, header)) == 0;
}

}  // namespace relevent::tag
