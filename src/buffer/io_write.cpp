// Bytes that are sent from where they are.
#include <sys/sendfile.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

#include "buffer/content.h"
#include "buffer/file_segment.h"

namespace relevent::buffer {

void Content::prepare_write(std::size_t limit, Outgoing& outgoing) {
  limit = std::min(limit, length_);
  if (limit > 0 && first_->in_file() && first_->file().segment->can_send()) {
    outgoing.file = first_;
    outgoing.total = std::min(limit, first_->length);
    return;
  }
  for (Chain* chain = first_; outgoing.total < limit && outgoing.count < Outgoing::kMaxPieces;
       chain = chain->next) {
    if (chain->in_file()) {
      break;
    }
    const std::size_t size = std::min(chain->length, limit - outgoing.total);
    outgoing.pieces[outgoing.count++] = {chain->begin, size};
    outgoing.total += size;
  }
}

// False if the kernel cannot send from this file; its bytes are in memory then.
bool Content::send_file(int fd, const Outgoing& outgoing, Result<std::size_t>& result) {
  const Chain::File& file = outgoing.file->file();
  off_t position = file.segment->file_offset() + file.offset;
  const ssize_t sent = ::sendfile(fd, file.segment->fd(), &position, outgoing.total);
  if (sent >= 0) {
    result = static_cast<std::size_t>(sent);
    return true;
  }
  const int error = errno;
  if ((error == EINVAL || error == ENOSYS) && outgoing.file->load()) {
    return false;
  }
  result = Result<std::size_t>::failure(error);
  return true;
}

Result<std::size_t> Content::write(int fd, std::size_t limit) {
  Result<std::size_t> result = std::size_t{0};
  Outgoing outgoing;
  prepare_write(limit, outgoing);
  if (outgoing.file != nullptr) {
    if (send_file(fd, outgoing, result)) {
      return result;
    }
    outgoing.file = nullptr;
    outgoing.total = 0;
    prepare_write(limit, outgoing);
  }
  const ssize_t sent = ::writev(fd, outgoing.pieces, outgoing.count);
  if (sent < 0) {
    return Result<std::size_t>::failure(errno);
  }
  return static_cast<std::size_t>(sent);
}

}  // namespace relevent::buffer
