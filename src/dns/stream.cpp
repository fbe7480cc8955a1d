#include "dns/stream.h"

#include <unistd.h>

#include <cerrno>

#include "surface/memory.h"

namespace relevent::dns {
namespace {

constexpr std::size_t kLengthSize = 2;
constexpr int kReadSize = 16 * 1024;
// Who asks on without reading the answers is left.
constexpr std::size_t kMaxUnread = 1024 * 1024;

}  // namespace

Stream* Stream::create(event_base* base, int fd, Shared& owner, const Handler& handler,
                       const timeval& idle_time) {
  Owned<Stream> stream(relevent::create<Stream>(owner, handler));
  if (!stream || (stream->input_ = evbuffer_new()) == nullptr ||
      (stream->output_ = evbuffer_new()) == nullptr) {
    return nullptr;
  }
  event_assign(&stream->readable_, base, fd, EV_READ | EV_PERSIST, on_readable, stream.get());
  event_assign(&stream->writable_, base, fd, EV_WRITE, on_writable, stream.get());
  stream->idle_time_ = idle_time;
  if (event_add(&stream->readable_, &idle_time) != 0) {
    return nullptr;
  }
  stream->fd_ = fd;
  owner.add_user_locked();
  return stream.release();
}

Stream::~Stream() {
  if (input_ != nullptr) {
    evbuffer_free(input_);
  }
  if (output_ != nullptr) {
    evbuffer_free(output_);
  }
}

void Stream::retire() {
  retired_ = true;
  events_in_use_ = 2;
  const int descriptor = fd_;  // the loop's thread may free this object at once
  event_finalize(0, &readable_, on_finalized);
  event_finalize(0, &writable_, on_finalized);
  ::close(descriptor);
}

// Both finalizers run in the loop's thread, or in that which frees the event_base.
void Stream::on_finalized(event* ev, void* argument) {
  event_debug_unassign(ev);
  auto* const stream = static_cast<Stream*>(argument);
  if (--stream->events_in_use_ == 0) {
    Shared& owner = stream->owner_;
    destroy(stream);
    owner.drop_user();
  }
}

void Stream::set_idle_time(const timeval& idle_time) {
  idle_time_ = idle_time;
  event_add(&readable_, &idle_time_);
}

bool Stream::send(Bytes message) {
  const std::uint8_t length[kLengthSize] = {static_cast<std::uint8_t>(message.size() >> 8),
                                            static_cast<std::uint8_t>(message.size())};
  const std::size_t before = evbuffer_get_length(output_);
  if (evbuffer_expand(output_, kLengthSize + message.size()) != 0 ||
      evbuffer_add(output_, length, sizeof length) != 0 ||
      evbuffer_add(output_, message.data(), message.size()) != 0) {
    return false;
  }
  // It leaves from the loop, also because the connection may not be made yet.
  if (before != 0 || event_add(&writable_, nullptr) == 0) {
    return true;
  }
  evbuffer_drain(output_, evbuffer_get_length(output_));
  return false;
}

void Stream::on_writable(evutil_socket_t, short, void* argument) {
  auto& stream = *static_cast<Stream*>(argument);
  const SurfaceLockGuard guard(stream.owner_.lock());
  if (stream.retired_) {
    return;
  }
  const bool goes_on = stream.write_some() && (evbuffer_get_length(stream.output_) == 0 ||
                                               event_add(&stream.writable_, nullptr) == 0);
  if (!goes_on) {
    stream.handler_.on_end(stream.handler_.context);
  }
}

bool Stream::write_some() {
  const int written = evbuffer_write(output_, fd_);
  return written > 0 || (written < 0 && (errno == EAGAIN || errno == EINTR));
}

void Stream::on_readable(evutil_socket_t, short what, void* argument) {
  auto& stream = *static_cast<Stream*>(argument);
  const SurfaceLockGuard guard(stream.owner_.lock());
  if (stream.retired_) {
    return;
  }
  const Handler& handler = stream.handler_;
  if ((what & EV_TIMEOUT) != 0) {
    if (handler.is_idle == nullptr || handler.is_idle(handler.context)) {
      handler.on_end(handler.context);
    }
    return;
  }
  if (evbuffer_get_length(stream.output_) > kMaxUnread) {
    handler.on_end(handler.context);
    return;
  }
  const int received = evbuffer_read(stream.input_, stream.fd_, kReadSize);
  if (received > 0) {
    stream.take_messages();
  } else if (received == 0 || (errno != EAGAIN && errno != EINTR)) {
    handler.on_end(handler.context);
  }
}

void Stream::take_messages() {
  std::uint8_t length[kLengthSize];
  while (!retired_ && evbuffer_copyout(input_, length, sizeof length) ==
                          static_cast<ev_ssize_t>(sizeof length)) {
    const std::size_t size = static_cast<std::size_t>(length[0] << 8 | length[1]);
    if (evbuffer_get_length(input_) < kLengthSize + size) {
      return;
    }
    const unsigned char* const bytes =
        evbuffer_pullup(input_, static_cast<ev_ssize_t>(kLengthSize + size));
    if (bytes == nullptr) {
      handler_.on_end(handler_.context);
      return;
    }
    // A handler that retires this stream leaves its memory alone until the callback has ended.
    handler_.on_message(handler_.context, {bytes + kLengthSize, size});
    evbuffer_drain(input_, kLengthSize + size);
  }
}

}  // namespace relevent::dns
