#pragma once

#include <event2/buffer.h>

#include <string_view>

namespace relevent::http {

// Takes lines out of a buffer without copying them. Made for one round of parsing; what it has
// handed out leaves the buffer when it dies, or when the memory at the buffer's head is used up.
//
// Fails: kNoMemory if a line lies in several pieces of memory that cannot be joined.
class LineReader {
 public:
  enum class Result { kLine, kIncomplete, kNoMemory };

  // `searched`: how many bytes at the head are known to hold no line feed. It outlives the reader,
  // so that a line that comes byte by byte is not searched again and again.
  LineReader(evbuffer& source, std::size_t& searched);
  ~LineReader() { drain(); }
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  // The next line, without LF or CRLF at its end. It is valid until the next call.
  Result next();
  std::string_view line() const { return line_; }
  // Whether the line ended in LF alone.
  bool is_bare() const { return bare_; }
  // The bytes that wait for their line feed.
  std::size_t rest() const;

 private:
  void drain();
  void look();
  Result next_across_pieces();
  void take(const char* end);

  evbuffer& source_;
  std::size_t& searched_;
  std::string_view head_;     // what is left of the first piece of memory
  std::size_t consumed_ = 0;  // of that piece
  std::string_view line_;
  bool bare_ = false;
};

}  // namespace relevent::http
