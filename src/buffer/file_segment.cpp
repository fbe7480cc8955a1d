#include "buffer/file_segment.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "log/log.h"
#include "os/own_fd.h"

namespace relevent::buffer {
namespace {

std::size_t page_size() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

// Bytes of a mapping behind the last page of its file raise SIGBUS.
bool pages_exist(int fd, ev_off_t end) {
  struct stat status;
  if (::fstat(fd, &status) != 0) {
    return false;
  }
  if (!S_ISREG(status.st_mode)) {
    return true;
  }
  const auto page = static_cast<ev_off_t>(page_size());
  return status.st_size > 0 && end - 1 <= (status.st_size - 1) / page * page + page - 1;
}

}  // namespace

evbuffer_file_segment* FileSegment::create(int fd, ev_off_t offset, ev_off_t length,
                                           unsigned flags) {
  mem::Owned<evbuffer_file_segment> segment(
      mem::create<evbuffer_file_segment>(fd, offset, flags & ~unsigned{EVBUF_FS_CLOSE_ON_FREE}));
  if (!segment || !segment->init(length)) {
    return nullptr;
  }
  segment->flags_ = flags;
  return segment.release();
}

bool FileSegment::init(ev_off_t length) {
  if (offset_ < 0 || length < -1) {
    return false;
  }
  if (length == -1) {
    struct stat status;
    if (::fstat(fd_, &status) != 0 || status.st_size < offset_) {
      return false;
    }
    length = status.st_size - offset_;
  }
  ev_off_t end = 0;
  if (__builtin_add_overflow(offset_, length, &end)) {
    return false;
  }
  length_ = length;
  if ((flags_ & EVBUF_FS_DISABLE_LOCKING) == 0 && !lock_.init(sync::Lock::Kind::kRecursive)) {
    return false;
  }
  return can_send() || contents() != nullptr;
}

void FileSegment::close() RELEVENT_NO_THREAD_SAFETY_ANALYSIS {
  if (mapping_ != nullptr) {
    ::munmap(mapping_, mapping_size_);
    mapping_ = nullptr;
  } else {
    mem::release(const_cast<unsigned char*>(contents_));
  }
  contents_ = nullptr;
  if ((flags_ & EVBUF_FS_CLOSE_ON_FREE) != 0) {
    const os::OwnFd closed(std::exchange(fd_, -1));
  }
}

void FileSegment::release() {
  if (users_.fetch_sub(1, std::memory_order_acq_rel) != 1) {
    return;
  }
  auto* const segment = static_cast<evbuffer_file_segment*>(this);
  close();
  // Compat: last of all ("evbuffer_file_segment_new: the clean-up comes once, ...").
  if (cleanup_ != nullptr) {
    cleanup_(segment, static_cast<int>(flags_), cleanup_argument_);
  }
  mem::destroy(segment);
}

const unsigned char* FileSegment::contents() {
  const sync::LockGuard guard(lock_);
  if (contents_ == nullptr && ((flags_ & EVBUF_FS_DISABLE_MMAP) != 0 || !map()) && !read()) {
    const int error = errno;
    log::warn_errno(error, "evbuffer: cannot map or read %lld bytes of file descriptor %d",
                    static_cast<long long>(length_), fd_);
    errno = error;
  }
  return contents_;
}

bool FileSegment::map() {
  const auto skip = static_cast<std::size_t>(offset_) % page_size();
  const std::size_t size = static_cast<std::size_t>(length_) + skip;
  if (!pages_exist(fd_, offset_ + length_)) {
    return false;
  }
  void* const mapping =
      ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd_, offset_ - static_cast<ev_off_t>(skip));
  if (mapping == MAP_FAILED) {
    return false;
  }
  mapping_ = mapping;
  mapping_size_ = size;
  contents_ = static_cast<unsigned char*>(mapping) + skip;
  return true;
}

bool FileSegment::read() {
  const auto size = static_cast<std::size_t>(length_);
  if (size == 0) {
    errno = EINVAL;
    return false;
  }
  std::unique_ptr<unsigned char, mem::Release> copy(
      static_cast<unsigned char*>(mem::allocate(size)));
  if (!copy) {
    return false;
  }
  for (std::size_t done = 0; done < size;) {
    const ssize_t count =
        ::pread(fd_, copy.get() + done, size - done, offset_ + static_cast<ev_off_t>(done));
    if (count <= 0) {
      if (count < 0 && errno == EINTR) {
        continue;
      }
      errno = count == 0 ? EINVAL : errno;
      return false;
    }
    done += static_cast<std::size_t>(count);
  }
  contents_ = copy.release();
  return true;
}

}  // namespace relevent::buffer
