// What takes bytes from the front of an evbuffer, or looks at them there.
#include <algorithm>
#include <climits>

#include "buffer/access.h"
#include "buffer/evbuffer.h"
#include "mem/hooks.h"

namespace relevent::buffer {

void Evbuffer::drain_locked(std::size_t count) {
  count = std::min(count, content_.size());
  content_.drain(count);
  notify_locked(0, count);
}

bool Evbuffer::drain(std::size_t count) {
  if (RELEVENT_LIKELY(alone())) {
    lock_.assert_held();  // there is none
    if (content_.empty()) {
      return true;  // reserved room stays
    }
    if (!front_frozen_) {
      content_.drain(count);
    }
    return !front_frozen_;
  }
  const Access access(*this);
  if (content_.empty()) {
    return true;
  }
  if (front_frozen_) {
    return false;
  }
  drain_locked(count);
  return true;
}

ev_ssize_t Evbuffer::copy_out_locked(Position from, void* out, std::size_t count) {
  count = std::min(count, content_.size() - from.pos);
  if (count == 0) {
    return 0;
  }
  return front_frozen_ ? -1 : content_.copy_out(from, out, count);
}

ev_ssize_t Evbuffer::remove(void* out, std::size_t count) {
  const Access access(*this);
  // What the C function can return.
  const ev_ssize_t copied =
      copy_out_locked(content_.start(), out, std::min<std::size_t>(count, INT_MAX));
  if (copied > 0) {
    drain_locked(static_cast<std::size_t>(copied));
  }
  return copied;
}

ev_ssize_t Evbuffer::copy_out(const evbuffer_ptr* from, void* out, std::size_t count) {
  const Access access(*this);
  Position position;
  if (!resolve_locked(from, position) || (from != nullptr && count > kMaxLength - position.pos)) {
    return -1;
  }
  return copy_out_locked(position, out, count);
}

char* Evbuffer::read_line(std::size_t* length, evbuffer_eol_style style) {
  const Access access(*this);
  if (length != nullptr) {
    *length = 0;
  }
  if (front_frozen_) {
    return nullptr;
  }
  const LineEnd end = content_.find_eol(content_.start(), style);
  if (end.length == 0) {
    return nullptr;
  }
  const std::size_t size = end.position.pos;
  auto* const line = static_cast<char*>(mem::allocate(size + 1));
  if (line == nullptr) {
    return nullptr;
  }
  if (content_.copy_out(content_.start(), line, size) < 0) {
    mem::release(line);
    return nullptr;
  }
  line[size] = '\0';
  if (length != nullptr) {
    *length = size;
  }
  if (!heard_) {
    content_.drain(size + end.length);
    return line;
  }
  // Compat: two steps, each with its callbacks ("evbuffer_readln: callbacks").
  drain_locked(size);
  drain_locked(end.length);
  return line;
}

unsigned char* Evbuffer::pullup(ev_ssize_t size) {
  const Access access(*this);
  return content_.pullup(size < 0 ? content_.size() : static_cast<std::size_t>(size));
}

}  // namespace relevent::buffer
