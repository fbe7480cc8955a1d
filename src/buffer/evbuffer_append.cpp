// What adds bytes to an evbuffer.
#include "buffer/access.h"
#include "buffer/evbuffer.h"

namespace relevent::buffer {

bool Evbuffer::add(const void* data, std::size_t size) {
  if (RELEVENT_LIKELY(alone())) {
    lock_.assert_held();  // there is none
    return !end_frozen_ && content_.append(data, size);
  }
  return add_guarded(data, size);
}

bool Evbuffer::add_guarded(const void* data, std::size_t size) {
  const Access access(*this);
  if (end_frozen_ || !content_.append(data, size)) {
    return false;
  }
  notify_locked(size, 0);
  return true;
}

bool Evbuffer::prepend(const void* data, std::size_t size) {
  if (RELEVENT_LIKELY(alone())) {
    lock_.assert_held();  // there is none
    return (!front_frozen_ || size == 0) && content_.prepend(data, size);
  }
  return prepend_guarded(data, size);
}

bool Evbuffer::prepend_guarded(const void* data, std::size_t size) {
  const Access access(*this);
  if (size == 0) {
    return true;
  }
  if (front_frozen_ || !content_.prepend(data, size)) {
    return false;
  }
  notify_locked(size, 0);
  return true;
}

std::size_t Evbuffer::add_pieces(const iovec* pieces, int count) {
  const Access access(*this);
  std::size_t total = 0;
  for (int i = 0; i < count; ++i) {
    if (__builtin_add_overflow(total, pieces[i].iov_len, &total)) {
      return 0;
    }
  }
  if (end_frozen_ || total == 0 || content_.make_room(total) == nullptr) {
    return 0;
  }
  std::size_t added = 0;
  for (int i = 0; i < count; ++i) {
    const std::size_t size = pieces[i].iov_len;
    if (end_frozen_ || !content_.append(pieces[i].iov_base, size)) {
      break;
    }
    added += size;
    notify_locked(size, 0);
  }
  return added;
}

int Evbuffer::add_formatted(const char* format, std::va_list arguments) {
  const Access access(*this);
  const int added = end_frozen_ ? -1 : content_.append_formatted(format, arguments);
  if (added > 0) {
    notify_locked(static_cast<std::size_t>(added), 0);
  }
  return added;
}

bool Evbuffer::add_reference(const Chain::Reference& reference, std::size_t skip) {
  const Access access(*this);
  if (end_frozen_ || !content_.append_reference(reference, skip)) {
    return false;
  }
  notify_locked(reference.size - skip, 0);
  return true;
}

bool Evbuffer::add_file_segment_locked(FileSegment& segment, ev_off_t offset, ev_off_t length) {
  if (end_frozen_ || offset < 0 || offset > segment.length() ||
      length > segment.length() - offset) {
    return false;
  }
  const auto size = static_cast<std::size_t>(length < 0 ? segment.length() - offset : length);
  if (!content_.append_file(segment, offset, size, drains_to_fd_ && segment.can_send())) {
    return false;
  }
  notify_locked(size, 0);
  return true;
}

bool Evbuffer::add_file_segment(FileSegment& segment, ev_off_t offset, ev_off_t length) {
  const Access access(*this);
  return add_file_segment_locked(segment, offset, length);
}

bool Evbuffer::add_file(int fd, ev_off_t offset, ev_off_t length) {
  FileSegment* const segment = FileSegment::create(fd, offset, length, EVBUF_FS_CLOSE_ON_FREE);
  if (segment == nullptr) {
    return false;
  }
  const Access access(*this);
  const bool added = add_file_segment_locked(*segment, 0, -1);
  // Compat: only a frozen end closes the descriptor ("evbuffer_add_file: who closes the file").
  if (!added && !end_frozen_) {
    segment->keep_open();
  }
  segment->release();
  return added;
}

bool Evbuffer::expand(std::size_t size) {
  const Access access(*this);
  return content_.make_room(size) != nullptr;
}

int Evbuffer::reserve(ev_ssize_t size, iovec* pieces, int count) {
  const Access access(*this);
  if (end_frozen_ || count < 1 || size < 0) {
    return -1;
  }
  const auto wanted = static_cast<std::size_t>(size);
  if (count > 1) {
    // Compat: nothing wanted, nothing shown ("evbuffer_reserve_space: no bytes").
    return wanted == 0 ? 0 : content_.reserve(wanted, pieces);
  }
  Chain* const chain = content_.make_room(wanted == 0 ? 1 : wanted);
  if (chain == nullptr) {
    return -1;
  }
  pieces[0] = {chain->end(), chain->tail_room()};
  return 1;
}

bool Evbuffer::commit(const iovec* pieces, int count) {
  const Access access(*this);
  const std::size_t before = content_.size();
  if (end_frozen_ || !content_.commit(pieces, count)) {
    return false;
  }
  notify_locked(content_.size() - before, 0);
  return true;
}

}  // namespace relevent::buffer
