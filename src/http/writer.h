#pragma once

#include <event2/buffer.h>

#include <charconv>
#include <cstring>
#include <string_view>

namespace relevent::http {

// Writes text to the end of a buffer, in one piece of memory.
// Fails: begin() gives false if there is no memory.
class Writer {
 public:
  // `room`: at least as much as will be put.
  [[nodiscard]] bool begin(evbuffer& buffer, std::size_t room) {
    buffer_ = &buffer;
    if (evbuffer_reserve_space(&buffer, static_cast<ev_ssize_t>(room), &space_, 1) != 1) {
      return false;
    }
    out_ = static_cast<char*>(space_.iov_base);
    return true;
  }

  void put(std::string_view text) {
    std::memcpy(out_, text.data(), text.size());
    out_ += text.size();
  }
  void put(char c) { *out_++ = c; }
  // At most kLongestNumber characters.
  void put_number(std::uint64_t number, int radix = 10) {
    out_ = std::to_chars(out_, out_ + kLongestNumber, number, radix).ptr;
  }
  // A part of a line that must not end the line.
  void put_line_part(std::string_view text) {
    for (const char c : text) {
      put(c == '\r' || c == '\n' ? ' ' : c);
    }
  }
  void put_field(std::string_view name, std::string_view value) {
    put(name);
    put(": ");
    put(value);
    put("\r\n");
  }
  static constexpr std::size_t field_size(std::string_view name, std::string_view value) {
    return name.size() + value.size() + 4;
  }

  // Adds what was put to the buffer.
  void end() {
    space_.iov_len = static_cast<std::size_t>(out_ - static_cast<char*>(space_.iov_base));
    evbuffer_commit_space(buffer_, &space_, 1);
  }

  static constexpr std::size_t kLongestNumber = 20;

 private:
  evbuffer* buffer_ = nullptr;
  evbuffer_iovec space_{};
  char* out_ = nullptr;
};

}  // namespace relevent::http
