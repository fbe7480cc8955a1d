#pragma once

#include <event2/buffer.h>

#include <cstdarg>
#include <cstddef>

#include "base/result.h"
#include "buffer/chain.h"

namespace relevent::buffer {

// A place in the content. At its end `chain` is null.
struct Position {
  Chain* chain = nullptr;
  std::size_t offset = 0;  // in the chain
  std::size_t pos = 0;     // from the front
};

// The end of a line: where it begins, and how many bytes it has; 0 if there is none.
struct LineEnd {
  Position position;
  std::size_t length = 0;
};

// Room for one read: in the last chain, and in the next one.
struct ReadRoom {
  iovec pieces[2];
  int count = 0;
  std::size_t total = 0;
  // How much of it is in the last chain. It must not be asked again after the read: another thread
  // may have let go of that chain's bytes meanwhile, and so made room in it.
  std::size_t in_last = 0;
  // Where `next` comes from: it is in the content already, or made for this read, or lent.
  enum class Source : unsigned char { kContent, kFresh, kLent };
  Chain* next = nullptr;
  Source source = Source::kContent;

  // Up to `limit` in all.
  void add(Chain& chain, std::size_t limit) {
    const std::size_t there = chain.tail_room();
    const std::size_t size = there < limit - total ? there : limit - total;
    if (size > 0) {
      pieces[count++] = {chain.end(), size};
      total += size;
    }
  }
};

// What one system call may send: some pieces of memory, or a part of a file.
struct Outgoing {
  static constexpr int kMaxPieces = 128;
  iovec pieces[kMaxPieces];
  int count = 0;
  std::size_t total = 0;
  Chain* file = nullptr;
};

// The bytes of one evbuffer: a list of chains. Those with bytes come first; behind them may stand
// spare ones, with room that was reserved or a reference to nothing whose clean-up is still due.
//
// Owns: its chains.
// Lock: none of its own; the evbuffer's is held.
// Fails: what returns bool gives false, and pullup() null, with the content as it was: memory ran
// out, it would become longer than kMaxLength, or a file could not be read.
// Callbacks: only the clean-up functions of references and file segments, after the chain in
// question was taken out. Changes are reported by the evbuffer.
class Content {
 public:
  Content() = default;
  ~Content() { clear(); }
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;

  std::size_t size() const { return length_; }
  bool empty() const { return length_ == 0; }
  bool fits(std::size_t count) const { return count <= kMaxLength - length_; }
  std::size_t contiguous() const { return length_ == 0 ? 0 : first_->length; }

  // append.cpp
  [[nodiscard]] bool append(const void* data, std::size_t size) {
    // Not for 0 bytes, which may come as a null pointer.
    if (RELEVENT_LIKELY(last_ != nullptr && size - 1 < last_->tail_room() && fits(size))) {
      unsigned char* const to = last_->end();
      last_->length += size;
      length_ += size;
      __builtin_memcpy(to, data, size);
      return true;
    }
    return append_slowly(data, size);
  }
  [[nodiscard]] bool prepend(const void* data, std::size_t size) {
    if (RELEVENT_LIKELY(length_ > 0 && size - 1 < first_->front_room() && fits(size))) {
      first_->begin -= size;
      first_->length += size;
      length_ += size;
      __builtin_memcpy(first_->begin, data, size);
      return true;
    }
    return prepend_slowly(data, size);
  }
  // As vsnprintf at the end. Fails: -1, also for a format that vsnprintf refuses.
  [[nodiscard]] int append_formatted(const char* text, std::va_list arguments);

  // reference.cpp
  [[nodiscard]] bool append_reference(const Chain::Reference& reference, std::size_t skip);
  // `send`: leave the bytes in the file for the kernel to send.
  [[nodiscard]] bool append_file(FileSegment& segment, ev_off_t offset, std::size_t length,
                                 bool send);
  // Adds the bytes of `source`, which both contents share then. Fails: also if some of them are
  // shared already or from a file.
  [[nodiscard]] bool append_shared(Content& source);

  // drain.cpp
  void clear() {
    Chain* const all = first_;
    first_ = nullptr;
    last_ = nullptr;
    length_ = 0;
    if (all != nullptr) {
      Chain::release_list(all);
    }
  }
  void drain(std::size_t count) {
    if (count >= length_) {
      clear();
    } else if (count < first_->length) {
      first_->drop_front(count);
      length_ -= count;
    } else {
      drain_chains(count);
    }
  }
  // The number of bytes copied; fewer than `count` if there are not as many. Fails: -1.
  [[nodiscard]] ev_ssize_t copy_out(Position from, void* out, std::size_t count);
  int peek(Position from, ev_ssize_t length, bool from_start, iovec* pieces, int count);

  // move.cpp
  [[nodiscard]] bool append_all(Content& source) {
    if (!fits(source.length_)) {
      return false;
    }
    if (source.length_ > 0) {
      link_back(source.first_, source.last_, source.length_);
      source.first_ = nullptr;
      source.last_ = nullptr;
      source.length_ = 0;
    }
    return true;
  }
  [[nodiscard]] bool prepend_all(Content& source);
  // `count` is less than the source has, and not 0.
  [[nodiscard]] bool append_front(Content& source, std::size_t count);

  // reserve.cpp
  // Room for `size` bytes in one piece: in the last chain, or in a spare one. Fails: null.
  [[nodiscard]] Chain* make_room(std::size_t size);
  // The same in at most two pieces: how many. Fails: -1.
  [[nodiscard]] int reserve(std::size_t size, iovec* pieces);
  // Fails: if these pieces are not (parts of) the room there is.
  [[nodiscard]] bool commit(const iovec* pieces, int count);

  // pullup.cpp
  [[nodiscard]] unsigned char* pullup(std::size_t size);

  // position.cpp
  Position start() const { return {length_ == 0 ? nullptr : first_, 0, 0}; }
  // The place `count` bytes further; only if it exists.
  Position advance(Position from, std::size_t count) const;

  // search.cpp: false if there is no match before `limit`.
  [[nodiscard]] bool find(const char* what, std::size_t size, Position from, std::size_t limit,
                          Position& found) const;
  // eol.cpp
  LineEnd find_eol(Position from, evbuffer_eol_style style) const;

  // io_read.cpp, io_write.cpp
  // Room for up to `limit` bytes, as far as there is some in the content and in `lent`; without
  // that, for all of them. finish_read() has to follow.
  [[nodiscard]] bool prepare_read(std::size_t limit, Chain* lent, ReadRoom& room);
  // Makes what was read part of the content, and gives back what was allocated in vain.
  void finish_read(const ReadRoom& room, std::size_t count);
  // What to send next, of the first `limit` bytes.
  void prepare_write(std::size_t limit, Outgoing& outgoing);
  Result<std::size_t> write(int fd, std::size_t limit);

 private:
  void link_read(const ReadRoom& room, std::size_t count);
  bool append_slowly(const void* data, std::size_t size);
  bool prepend_slowly(const void* data, std::size_t size);
  void drain_chains(std::size_t count);
  // The first chain behind the bytes.
  Chain* spare() const { return length_ == 0 ? first_ : last_->next; }
  void drop_spares();
  // Puts a chain behind the bytes, in place of the spare ones; counts its bytes if it has any.
  void link_back(Chain* chain) { link_back(chain, chain, chain->length); }
  void link_back(Chain* first, Chain* last, std::size_t size) {
    if (first_ != nullptr && spare() != nullptr) {
      drop_spares();
    }
    length_ += size;
    if (first_ == nullptr) {
      first_ = first;
      last_ = last;
    } else {
      last_->next = first;
      if (size > 0) {
        last_ = last;
      }
    }
  }
  Chain* make_next(std::size_t room) const;
  bool realign_for(std::size_t size);
  bool send_file(int fd, const Outgoing& outgoing, Result<std::size_t>& result);

  Chain* first_ = nullptr;
  Chain* last_ = nullptr;  // the last chain with bytes; without bytes, the first chain
  std::size_t length_ = 0;
};

}  // namespace relevent::buffer
