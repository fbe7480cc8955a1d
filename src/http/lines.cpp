#include "http/lines.h"

#include <cstring>

#include "http/text.h"

namespace relevent::http {

LineReader::LineReader(evbuffer& source, std::size_t& searched)
    : source_(source), searched_(searched) {
  look();
}

void LineReader::look() {
  evbuffer_iovec first;
  if (evbuffer_peek(&source_, -1, nullptr, &first, 1) > 0) {
    head_ = {static_cast<const char*>(first.iov_base), first.iov_len};
  } else {
    head_ = {};
  }
}

void LineReader::drain() {
  if (consumed_ > 0) {
    evbuffer_drain(&source_, consumed_);
    consumed_ = 0;
  }
}

std::size_t LineReader::rest() const { return evbuffer_get_length(&source_) - consumed_; }

LineReader::Result LineReader::next() {
  if (searched_ < head_.size()) {
    const void* const end = std::memchr(head_.data() + searched_, '\n', head_.size() - searched_);
    if (end != nullptr) {
      take(static_cast<const char*>(end));
      return Result::kLine;
    }
    searched_ = head_.size();
  }
  return rest() > head_.size() ? next_across_pieces() : Result::kIncomplete;
}

LineReader::Result LineReader::next_across_pieces() {
  drain();
  evbuffer_ptr from;
  evbuffer_ptr_set(&source_, &from, searched_, EVBUFFER_PTR_SET);
  const evbuffer_ptr end = evbuffer_search(&source_, "\n", 1, &from);
  if (end.pos < 0) {
    searched_ = evbuffer_get_length(&source_);
    look();
    return Result::kIncomplete;
  }
  const bool joined = evbuffer_pullup(&source_, end.pos + 1) != nullptr;
  look();
  if (!joined) {
    return Result::kNoMemory;
  }
  take(head_.data() + end.pos);
  return Result::kLine;
}

void LineReader::take(const char* end) {
  const auto length = static_cast<std::size_t>(end - head_.data());
  bare_ = length == 0 || end[-1] != '\r';
  line_ = head(head_, bare_ ? length : length - 1);
  head_.remove_prefix(length + 1);
  consumed_ += length + 1;
  searched_ = 0;
}

}  // namespace relevent::http
