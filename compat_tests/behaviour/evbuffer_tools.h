// What the cases on evbuffers share.
#pragma once

#include <event2/buffer.h>
extern "C" {
#include <event2/buffer_compat.h>  // 2.1.12 forgot the language there
}
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <algorithm>
#include "support.h"

namespace buffer_cases {

using Buffer = std::unique_ptr<evbuffer, FreeWith<evbuffer_free>>;

inline Buffer make_buffer() { return Buffer(evbuffer_new()); }

inline int add(const Buffer& buffer, std::string_view text) {
  return evbuffer_add(buffer.get(), text.data(), text.size());
}

inline size_t length(const Buffer& buffer) { return evbuffer_get_length(buffer.get()); }

// The content, which stays where it is.
inline std::string content(const Buffer& buffer) {
  std::string text(length(buffer), '?');
  CHECK(evbuffer_copyout(buffer.get(), text.data(), text.size()) ==
        static_cast<ev_ssize_t>(text.size()));
  return text;
}

// One segment for each text, which must outlive the buffer.
inline Buffer in_segments(std::initializer_list<std::string_view> texts) {
  Buffer buffer = make_buffer();
  for (const std::string_view text : texts) {
    REQUIRE(evbuffer_add_reference(buffer.get(), text.data(), text.size(), nullptr, nullptr) == 0);
  }
  return buffer;
}

inline evbuffer_ptr at(const Buffer& buffer, size_t pos) {
  evbuffer_ptr place;
  REQUIRE(evbuffer_ptr_set(buffer.get(), &place, pos, EVBUFFER_PTR_SET) == 0);
  return place;
}

// The lengths of the segments as peeking shows them, without empty ones.
inline std::vector<size_t> segments(const Buffer& buffer) {
  std::vector<evbuffer_iovec> pieces(1000);
  const int count = evbuffer_peek(buffer.get(), -1, nullptr, pieces.data(), 1000);
  std::vector<size_t> sizes;
  for (int i = 0; i < count; ++i) {
    if (pieces[static_cast<size_t>(i)].iov_len > 0) {
      sizes.push_back(pieces[static_cast<size_t>(i)].iov_len);
    }
  }
  return sizes;
}

inline evbuffer_iovec piece(const char* text) {
  return {const_cast<char*>(text), std::strlen(text)};
}

// A text of this size without a short period.
inline std::string pattern(size_t size, unsigned seed = 1) {
  std::string text(size, '\0');
  std::uint32_t state = seed * 2654435761u + 1;
  for (char& byte : text) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<char>('a' + (state >> 24) % 26);
  }
  return text;
}

// Counts the calls of a clean-up function, and checks what it is given.
struct Cleanup {
  static void call(const void* data, size_t size, void* arg) {
    auto* self = static_cast<Cleanup*>(arg);
    ++self->calls;
    self->data = data;
    self->size = size;
  }
  int calls = 0;
  const void* data = nullptr;
  size_t size = 0;
};

inline int add_reference(const Buffer& buffer, std::string_view text, Cleanup& cleanup) {
  return evbuffer_add_reference(buffer.get(), text.data(), text.size(), Cleanup::call, &cleanup);
}

// Writes down what a buffer's callbacks are told: "name:orig+added-removed=length".
class Listener {
 public:
  explicit Listener(std::string name = "") : name_(std::move(name)) {}
  evbuffer_cb_entry* listen(const Buffer& buffer) {
    return evbuffer_add_cb(buffer.get(), call, this);
  }
  static void call(evbuffer* buffer, const evbuffer_cb_info* info, void* arg) {
    auto* self = static_cast<Listener*>(arg);
    heard.push_back((self->name_.empty() ? "" : self->name_ + ":") +
                    std::to_string(info->orig_size) + "+" + std::to_string(info->n_added) + "-" +
                    std::to_string(info->n_deleted) + "=" +
                    std::to_string(evbuffer_get_length(buffer)));
  }
  static std::vector<std::string> take() {
    std::vector<std::string> all;
    all.swap(heard);
    return all;
  }

 private:
  static inline std::vector<std::string> heard;
  std::string name_;
};

using Heard = std::vector<std::string>;

// A file that has no name any more. Its descriptor is closed unless somebody else did.
class TempFile {
 public:
  explicit TempFile(std::string_view text) {
    char name[] = "/tmp/evbuffer_test_XXXXXX";
    fd_ = mkstemp(name);
    REQUIRE(fd_ >= 0);
    unlink(name);
    REQUIRE(write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  ~TempFile() {
    if (owned_) {
      close(fd_);
    }
  }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;

  int fd() const { return fd_; }
  bool is_open() const { return fcntl(fd_, F_GETFD) != -1; }
  // Somebody else closes it.
  int give() {
    owned_ = false;
    return fd_;
  }
  void take_back() { owned_ = true; }

 private:
  int fd_ = -1;
  bool owned_ = true;
};

// Everything that can be read from a non-blocking descriptor now.
inline std::string read_all(int fd) {
  std::string text;
  char bytes[65536];
  for (ssize_t count; (count = read(fd, bytes, sizeof bytes)) > 0;) {
    text.append(bytes, static_cast<size_t>(count));
  }
  return text;
}

}  // namespace buffer_cases

// Additions of 2.2; weak, so that the program starts on a library without them.
extern "C" {
[[gnu::weak]] int evbuffer_set_max_read(struct evbuffer*, size_t);
[[gnu::weak]] size_t evbuffer_get_max_read(struct evbuffer*);
[[gnu::weak]] int evbuffer_add_reference_with_offset(struct evbuffer*, const void*, size_t, size_t,
                                                     evbuffer_ref_cleanup_cb, void*);
}
