#include "buffer/format.h"

#include <charconv>
#include <climits>
#include <cstdio>
#include <cstring>
#include <type_traits>

namespace relevent::buffer {
namespace {

// Copies as much as there is room for, and counts all.
class Output {
 public:
  Output(char* begin, std::size_t room) : next_(begin), left_(room) {}

  void write(const char* text, std::size_t size) {
    const std::size_t copied = size < left_ ? size : left_;
    std::memcpy(next_, text, copied);
    next_ += copied;
    left_ -= copied;
    size_ += size;
  }

  template <class Number>
  void write_number(Number value) {
    char digits[24];
    const std::to_chars_result result = std::to_chars(digits, digits + sizeof digits, value);
    write(digits, static_cast<std::size_t>(result.ptr - digits));
  }

  std::size_t size() const { return size_; }

 private:
  char* next_;
  std::size_t left_;
  std::size_t size_ = 0;
};

// Owns a copy of an argument list, so that it can be read here and, again, by vsnprintf.
struct Arguments {
  explicit Arguments(std::va_list source) { va_copy(list, source); }
  ~Arguments() { va_end(list); }
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;
  std::va_list list;
};

template <class Signed>
void write_integer(Output& output, bool is_signed, Arguments& arguments) {
  const Signed value = va_arg(arguments.list, Signed);
  if (is_signed) {
    output.write_number(value);
  } else {
    output.write_number(static_cast<std::make_unsigned_t<Signed>>(value));
  }
}

// Writes the directive that begins behind the '%' and moves `at` behind it. False: not plain.
bool write_directive(Output& output, const char*& at, Arguments& arguments) {
  int longs = 0;
  while (*at == 'l' && longs < 2) {
    ++longs;
    ++at;
  }
  if (*at == 'z' && longs == 0) {
    static_assert(sizeof(std::size_t) == sizeof(long));
    longs = 1;
    ++at;
    if (*at != 'd' && *at != 'u') {
      return false;
    }
  }
  const char kind = *at;
  switch (kind) {
    case 'd':
    case 'i':
    case 'u':
      if (longs == 0) {
        write_integer<int>(output, kind != 'u', arguments);
      } else if (longs == 1) {
        write_integer<long>(output, kind != 'u', arguments);
      } else {
        write_integer<long long>(output, kind != 'u', arguments);
      }
      break;
    case 's': {
      const char* const text = longs == 0 ? va_arg(arguments.list, const char*) : nullptr;
      if (text == nullptr) {
        return false;
      }
      output.write(text, std::strlen(text));
      break;
    }
    case 'c': {
      if (longs != 0) {
        return false;
      }
      const char byte = static_cast<char>(va_arg(arguments.list, int));
      output.write(&byte, 1);
      break;
    }
    default:
      return false;
  }
  ++at;
  return true;
}

bool write_plain(Output& output, const char* at, Arguments& arguments) {
  while (*at != '\0') {
    const char* const percent = ::strchrnul(at, '%');
    output.write(at, static_cast<std::size_t>(percent - at));
    if (*percent == '\0') {
      return true;
    }
    at = percent + 1;
    if (*at == '%') {
      output.write(at++, 1);
    } else if (!write_directive(output, at, arguments)) {
      return false;
    }
  }
  return true;
}

}  // namespace

int format(char* out, std::size_t room, const char* format, std::va_list arguments) {
  Output output(out, room);
  Arguments copy(arguments);
  if (write_plain(output, format, copy) && output.size() <= INT_MAX) {
    if (output.size() < room) {
      out[output.size()] = '\0';
    }
    return static_cast<int>(output.size());
  }
  return std::vsnprintf(out, room, format, arguments);
}

}  // namespace relevent::buffer
