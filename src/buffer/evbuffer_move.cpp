// What moves bytes from one evbuffer to another.
#include <algorithm>

#include "buffer/evbuffer.h"

namespace relevent::buffer {

bool Evbuffer::add_all_of_locked(Evbuffer& source) {
  const std::size_t count = source.content_.size();
  if (count == 0) {
    return true;
  }
  if (end_frozen_ || source.front_frozen_ || !content_.append_all(source.content_)) {
    return false;
  }
  source.notify_locked(0, count);
  notify_locked(count, 0);
  return true;
}

bool Evbuffer::add_all_of(Evbuffer& source) {
  if (&source == this) {
    return true;
  }
  const PairAccess access(*this, source);
  return add_all_of_locked(source);
}

bool Evbuffer::prepend_all_of(Evbuffer& source) {
  if (&source == this) {
    return true;
  }
  const PairAccess access(*this, source);
  const std::size_t count = source.content_.size();
  if (count == 0) {
    return true;
  }
  if (front_frozen_ || source.front_frozen_ || !content_.prepend_all(source.content_)) {
    return false;
  }
  source.notify_locked(0, count);
  notify_locked(count, 0);
  return true;
}

bool Evbuffer::share_all_of(Evbuffer& source) {
  if (&source == this) {
    return length() == 0;
  }
  const PairAccess access(*this, source);
  const std::size_t count = source.content_.size();
  if (count == 0) {
    return true;
  }
  if (end_frozen_ || !content_.append_shared(source.content_)) {
    return false;
  }
  notify_locked(count, 0);
  return true;
}

ev_ssize_t Evbuffer::take_from(Evbuffer& source, std::size_t count) {
  if (&source == this || count == 0) {
    return 0;
  }
  const PairAccess access(*this, source);
  if (end_frozen_ || source.front_frozen_) {
    return -1;
  }
  const std::size_t there = source.content_.size();
  count = std::min(count, there);
  if (count == there) {
    return add_all_of_locked(source) ? static_cast<ev_ssize_t>(count) : -1;
  }
  if (!content_.append_front(source.content_, count)) {
    return -1;
  }
  notify_locked(count, 0);
  source.notify_locked(0, count);
  return static_cast<ev_ssize_t>(count);
}

}  // namespace relevent::buffer
