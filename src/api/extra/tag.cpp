// event2/tag.h, and what tag/undeclared.h has.
#include <event2/buffer.h>
#include <event2/tag.h>

#include <climits>
#include <cstring>

#include "base/attributes.h"
#include "surface/memory.h"
#include "tag/codec.h"
#include "tag/item.h"
#include "tag/undeclared.h"

using namespace relevent;

namespace {

// Takes a number alone from the front. Returns its size in bytes, or -1.
template <class Number, auto Decode, std::size_t MaxSize>
int take_number(evbuffer* source, Number* out) {
  std::uint8_t bytes[MaxSize];
  const ev_ssize_t size = evbuffer_copyout(source, bytes, sizeof(bytes));
  if (size < 0) {
    return -1;
  }
  const auto number = Decode({bytes, static_cast<std::size_t>(size)});
  if (!number || evbuffer_drain(source, number->size) != 0) {
    return -1;
  }
  if (out != nullptr) {
    *out = number->value;
  }
  return static_cast<int>(number->size);
}

// Takes an item whose payload begins with a number. Returns the number's size in bytes, or -1.
template <class Number, auto Decode>
int take_number_item(evbuffer* source, std::uint32_t tag, Number* out) {
  const tag::Item item(source);
  if (!item.has_tag(tag) || !item.is_complete()) {
    return -1;
  }
  const auto number = Decode(item.payload_front());
  if (!number || !item.drop()) {
    return -1;
  }
  *out = number->value;
  return static_cast<int>(number->size);
}

void append_number(evbuffer* destination, std::uint64_t number) {
  std::uint8_t bytes[tag::kMaxInt64Size];
  evbuffer_add(destination, bytes, tag::encode_number(number, bytes));
}

void append_number_item(evbuffer* destination, std::uint32_t tag, std::uint64_t number) {
  std::uint8_t bytes[tag::kMaxInt64Size];
  const std::size_t size = tag::encode_number(number, bytes);
  tag::append_item(destination, tag, bytes, static_cast<std::uint32_t>(size));
}

void tell_tag(const tag::Item& item, ev_uint32_t* out) {
  if (out != nullptr && item.tag() != nullptr) {
    *out = *item.tag();
  }
}

}  // namespace

extern "C" {

RELEVENT_API void evtag_init(void) {}

// ---- Adding ------------------------------------------------------------------------------------

RELEVENT_API void evtag_marshal(evbuffer* evbuf, ev_uint32_t tag, const void* data,
                                ev_uint32_t len) {
  tag::append_item(evbuf, tag, data, len);
}

RELEVENT_API void evtag_marshal_buffer(evbuffer* evbuf, ev_uint32_t tag, evbuffer* data) {
  const std::size_t length = evbuffer_get_length(data);
  // A longer one has no header that fits it. Moving takes no memory, so no header stays alone.
  if (length <= UINT32_MAX && tag::append_header(evbuf, tag, static_cast<std::uint32_t>(length))) {
    evbuffer_add_buffer(evbuf, data);
  }
}

RELEVENT_API void evtag_encode_int(evbuffer* evbuf, ev_uint32_t number) {
  append_number(evbuf, number);
}

RELEVENT_API void evtag_encode_int64(evbuffer* evbuf, ev_uint64_t number) {
  append_number(evbuf, number);
}

RELEVENT_API int evtag_encode_tag(evbuffer* evbuf, ev_uint32_t tag) {
  std::uint8_t bytes[tag::kMaxTagSize];
  const std::size_t size = tag::encode_tag(tag, bytes);
  return evbuffer_add(evbuf, bytes, size) == 0 ? static_cast<int>(size) : -1;
}

RELEVENT_API void evtag_marshal_int(evbuffer* evbuf, ev_uint32_t tag, ev_uint32_t integer) {
  append_number_item(evbuf, tag, integer);
}

RELEVENT_API void evtag_marshal_int64(evbuffer* evbuf, ev_uint32_t tag, ev_uint64_t integer) {
  append_number_item(evbuf, tag, integer);
}

RELEVENT_API void evtag_marshal_string(evbuffer* buf, ev_uint32_t tag, const char* string) {
  const std::size_t length = std::strlen(string);
  if (length <= UINT32_MAX) {
    tag::append_item(buf, tag, string, static_cast<std::uint32_t>(length));
  }
}

RELEVENT_API void evtag_marshal_timeval(evbuffer* evbuf, ev_uint32_t tag, timeval* tv) {
  std::uint8_t bytes[2 * tag::kMaxIntSize];
  std::size_t size = tag::encode_number(static_cast<std::uint32_t>(tv->tv_sec), bytes);
  size += tag::encode_number(static_cast<std::uint32_t>(tv->tv_usec), bytes + size);
  tag::append_item(evbuf, tag, bytes, static_cast<std::uint32_t>(size));
}

// ---- Looking -----------------------------------------------------------------------------------

RELEVENT_API int evtag_peek(evbuffer* evbuf, ev_uint32_t* ptag) {
  const tag::Item item(evbuf);
  tell_tag(item, ptag);
  return item.tag() != nullptr ? static_cast<int>(item.tag_size()) : -1;
}

RELEVENT_API int evtag_peek_length(evbuffer* evbuf, ev_uint32_t* plength) {
  const tag::Item item(evbuf);
  if (!item.has_header()) {
    return -1;
  }
  *plength = static_cast<std::uint32_t>(item.header_size() + item.length());
  return 0;
}

RELEVENT_API int evtag_payload_length(evbuffer* evbuf, ev_uint32_t* plength) {
  const tag::Item item(evbuf);
  if (!item.has_header()) {
    return -1;
  }
  *plength = static_cast<std::uint32_t>(item.length());
  return 0;
}

// ---- Taking ------------------------------------------------------------------------------------

RELEVENT_API int evtag_decode_tag(ev_uint32_t* ptag, evbuffer* evbuf) {
  return take_number<ev_uint32_t, tag::decode_tag, tag::kMaxTagSize>(evbuf, ptag);
}

RELEVENT_API int evtag_decode_int(ev_uint32_t* pnumber, evbuffer* evbuf) {
  return take_number<ev_uint32_t, tag::decode_int, tag::kMaxIntSize>(evbuf, pnumber) < 0 ? -1 : 0;
}

RELEVENT_API int evtag_decode_int64(ev_uint64_t* pnumber, evbuffer* evbuf) {
  const int size = take_number<ev_uint64_t, tag::decode_int64, tag::kMaxInt64Size>(evbuf, pnumber);
  return size < 0 ? -1 : 0;
}

RELEVENT_API int evtag_unmarshal_header(evbuffer* evbuf, ev_uint32_t* ptag) {
  const tag::Item item(evbuf);
  tell_tag(item, ptag);
  return item.is_complete() && item.drop_header() ? static_cast<int>(item.length()) : -1;
}

RELEVENT_API int evtag_consume(evbuffer* evbuf) {
  const tag::Item item(evbuf);
  return item.is_complete() && item.drop() ? 0 : -1;
}

RELEVENT_API int evtag_unmarshal(evbuffer* src, ev_uint32_t* ptag, evbuffer* dst) {
  const tag::Item item(src);
  tell_tag(item, ptag);
  if (!item.is_complete() || !item.append_payload_to(dst) || !item.drop()) {
    return -1;
  }
  return static_cast<int>(item.length());
}

RELEVENT_API int evtag_unmarshal_int(evbuffer* evbuf, ev_uint32_t need_tag, ev_uint32_t* pinteger) {
  return take_number_item<ev_uint32_t, tag::decode_int>(evbuf, need_tag, pinteger);
}

RELEVENT_API int evtag_unmarshal_int64(evbuffer* evbuf, ev_uint32_t need_tag,
                                       ev_uint64_t* pinteger) {
  return take_number_item<ev_uint64_t, tag::decode_int64>(evbuf, need_tag, pinteger);
}

RELEVENT_API int evtag_unmarshal_fixed(evbuffer* src, ev_uint32_t need_tag, void* data,
                                       size_t len) {
  const tag::Item item(src);
  if (!item.has_tag(need_tag) || !item.is_complete() || item.length() != len ||
      !item.copy_payload(data) || !item.drop()) {
    return -1;
  }
  return 0;
}

RELEVENT_API int evtag_unmarshal_string(evbuffer* evbuf, ev_uint32_t need_tag, char** pstring) {
  const tag::Item item(evbuf);
  if (!item.has_tag(need_tag) || !item.is_complete()) {
    return -1;
  }
  OwnedString string(static_cast<char*>(relevent_allocate(item.length() + 1)));
  if (string == nullptr || !item.copy_payload(string.get()) || !item.drop()) {
    return -1;
  }
  string.get()[item.length()] = '\0';
  *pstring = string.release();
  return 0;
}

RELEVENT_API int evtag_unmarshal_timeval(evbuffer* evbuf, ev_uint32_t need_tag, timeval* ptv) {
  const tag::Item item(evbuf);
  if (!item.has_tag(need_tag) || !item.is_complete()) {
    return -1;
  }
  const auto payload = item.payload_front();
  const auto seconds = tag::decode_int(payload);
  if (!seconds) {
    return -1;
  }
  const auto microseconds = tag::decode_int(payload.subspan(seconds->size));
  if (!microseconds || !item.drop()) {
    return -1;
  }
  ptv->tv_sec = seconds->value;
  ptv->tv_usec = microseconds->value;
  return 0;
}

}  // extern "C"
