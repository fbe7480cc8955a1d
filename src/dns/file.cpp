#include "dns/file.h"

#include <event2/dns.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace relevent::dns {
namespace {

// More than any file of hosts has; what is larger is no such file.
constexpr off_t kMaxFile = 64 * 1024 * 1024;
constexpr const char* kBlanks = " \t";

int read_descriptor(int fd, GrowArray<char>& content) {
  struct stat status = {};
  if (::fstat(fd, &status) != 0 || S_ISDIR(status.st_mode)) {
    return EVDNS_ERROR_FAILED_TO_STAT_FILE;
  }
  if (status.st_size > kMaxFile) {
    return EVDNS_ERROR_FILE_TOO_LARGE;
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (!content.resize(size + 1)) {
    return EVDNS_ERROR_OUT_OF_MEMORY;
  }
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t count = ::read(fd, content.data() + filled, size - filled);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return EVDNS_ERROR_SHORT_READ_FROM_FILE;
    }
    if (count == 0) {  // it has become shorter
      break;
    }
    filled += static_cast<std::size_t>(count);
  }
  content[filled] = '\0';
  return EVDNS_ERROR_NONE;
}

}  // namespace

int read_file(const char* path, GrowArray<char>& content) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return EVDNS_ERROR_FAILED_TO_OPEN_FILE;
  }
  const int error = read_descriptor(fd, content);
  ::close(fd);
  return error;
}

char* next_line(char*& text) {
  if (*text == '\0') {
    return nullptr;
  }
  char* const line = text;
  text += std::strcspn(text, "\n");
  if (*text != '\0') {
    *text++ = '\0';
  }
  return line;
}

char* next_word(char*& line) {
  line += std::strspn(line, kBlanks);
  if (*line == '\0') {
    return nullptr;
  }
  char* const word = line;
  line += std::strcspn(line, kBlanks);
  if (*line != '\0') {
    *line++ = '\0';
  }
  return word;
}

}  // namespace relevent::dns
