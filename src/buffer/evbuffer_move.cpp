// What moves bytes from one evbuffer to another.
#include "buffer/access.h"
#include "buffer/evbuffer.h"

namespace relevent::buffer {

inline bool Evbuffer::take_all_locked(Evbuffer& source) {
  const std::size_t count = source.content_.size();
  if (!content_.append_all(source.content_)) {
    return false;
  }
  source.notify_locked(0, count);
  notify_locked(count, 0);
  return true;
}

inline bool Evbuffer::add_all_of_locked(Evbuffer& source) {
  return source.content_.empty() ||
         (!end_frozen_ && !source.front_frozen_ && take_all_locked(source));
}

bool Evbuffer::add_all_of(Evbuffer& source) {
  if (&source == this) {
    return true;
  }
  if (RELEVENT_LIKELY(!guarded_ && !source.guarded_)) {
    lock_.assert_held();  // there is none
    source.lock_.assert_held();
    return add_all_of_locked(source);
  }
  return add_all_of_guarded(source);
}

bool Evbuffer::add_all_of_guarded(Evbuffer& source) {
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
  return take_from_locked(source, count);
}

ev_ssize_t Evbuffer::take_from_locked(Evbuffer& source, std::size_t count) {
  const std::size_t there = source.content_.size();
  if (count >= there) {
    return take_all_locked(source) ? static_cast<ev_ssize_t>(there) : -1;
  }
  if (!content_.append_front(source.content_, count)) {
    return -1;
  }
  notify_locked(count, 0);
  source.notify_locked(0, count);
  return static_cast<ev_ssize_t>(count);
}

}  // namespace relevent::buffer
