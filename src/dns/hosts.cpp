#include "dns/hosts.h"

#include <event2/dns.h>

#include "dns/file.h"

namespace relevent::dns {

int Hosts::load(const char* path) {
  GrowArray<char> content;
  const int error = path != nullptr ? read_file(path, content) : EVDNS_ERROR_NONE;
  if (path == nullptr || error != EVDNS_ERROR_NONE) {
    char localhost[] = "127.0.0.1 localhost\n::1 localhost";
    if (!load_text(localhost)) {
      return -1;
    }
    return error == EVDNS_ERROR_NONE ? 0 : -1;
  }
  return load_text(content.data()) ? 0 : -1;
}

bool Hosts::load_text(char* text) {
  while (char* const line = next_line(text)) {
    if (!add_line(line)) {
      return false;
    }
  }
  return true;
}

void Hosts::clear() {
  entries_.clear();
  names_.clear();
}

bool Hosts::add_line(char* line) {
  line[std::strcspn(line, "#\r")] = '\0';
  const char* const number = next_word(line);
  Address address;
  if (number == nullptr || !parse_address(number, 0, address) ||
      !(address == address.with_port(0))) {
    return true;  // malformed lines are skipped
  }
  while (const char* const name = next_word(line)) {
    if (!add(address, name)) {
      return false;
    }
  }
  return true;
}

bool Hosts::add(const Address& address, const char* name) {
  const std::size_t offset = names_.size();
  const std::size_t size = std::strlen(name) + 1;
  if (!names_.resize(offset + size)) {
    return false;
  }
  std::memcpy(names_.data() + offset, name, size);
  return entries_.push_back({address, offset});
}

bool Hosts::is_name(const Entry& entry, const char* name) const {
  return evutil_ascii_strcasecmp(names_.data() + entry.name, name) == 0;
}

}  // namespace relevent::dns
