#pragma once

#include <event2/buffer.h>

#include <atomic>
#include <cstdint>

#include "mem/create.h"
#include "sync/lock.h"

namespace relevent::buffer {

// A part of a file that can stand in several buffers: sent by the kernel from the descriptor, or
// brought into memory (mapped, else read) the first time that someone wants to see it.
// Owns: the mapping or the copy; the descriptor with EVBUF_FS_CLOSE_ON_FREE.
// Lock: its own around loading, with the bytes never changing afterwards; references are atomic.
// Fails: create() and contents() return null, contents() with errno and a warning logged.
// Callbacks: the clean-up function, from release(), with the lock of the buffer that dropped it.
// C API: evbuffer_file_segment_*.
class FileSegment {
 public:
  // `length` -1: up to the end of the file.
  static evbuffer_file_segment* create(int fd, ev_off_t offset, ev_off_t length, unsigned flags);

  void acquire() { users_.fetch_add(1, std::memory_order_relaxed); }
  void release();
  // Once, before other threads know the segment.
  void set_cleanup(evbuffer_file_segment_cleanup_cb cleanup, void* argument) {
    cleanup_ = cleanup;
    cleanup_argument_ = argument;
  }
  // The descriptor is somebody else's again.
  void keep_open() { flags_ &= ~unsigned{EVBUF_FS_CLOSE_ON_FREE}; }

  // The segment's bytes, in memory from now on. Fails: null.
  [[nodiscard]] const unsigned char* contents();

  bool can_send() const { return (flags_ & EVBUF_FS_DISABLE_SENDFILE) == 0; }
  int fd() const { return fd_; }
  ev_off_t length() const { return length_; }
  // Where the segment begins in its file.
  ev_off_t file_offset() const { return offset_; }

  FileSegment(int fd, ev_off_t offset, unsigned flags) : fd_(fd), flags_(flags), offset_(offset) {}
  ~FileSegment() { close(); }
  FileSegment(const FileSegment&) = delete;
  FileSegment& operator=(const FileSegment&) = delete;

 private:
  bool init(ev_off_t length);
  // Gives up what the segment owns.
  void close();
  bool map() RELEVENT_REQUIRES(lock_);
  bool read() RELEVENT_REQUIRES(lock_);

  int fd_;
  unsigned flags_;
  ev_off_t offset_;
  ev_off_t length_ = 0;
  std::atomic<std::uint32_t> users_ = 1;
  evbuffer_file_segment_cleanup_cb cleanup_ = nullptr;
  void* cleanup_argument_ = nullptr;

  sync::Lock lock_;
  const unsigned char* contents_ RELEVENT_GUARDED_BY(lock_) = nullptr;
  void* mapping_ RELEVENT_GUARDED_BY(lock_) = nullptr;
  std::size_t mapping_size_ RELEVENT_GUARDED_BY(lock_) = 0;
};

}  // namespace relevent::buffer

struct evbuffer_file_segment final : relevent::buffer::FileSegment {
  using FileSegment::FileSegment;
};
