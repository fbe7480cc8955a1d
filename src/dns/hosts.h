#pragma once

#include "dns/address.h"
#include "surface/memory.h"

namespace relevent::dns {

// Addresses by host name, from files in the format of hosts(5).
// Lock: the resolver's. Fails: load() and load_text() keep what they had read when memory ran out.
// C API: evdns_base_load_hosts, evdns_base_clear_host_addresses.
class Hosts {
 public:
  // Adds a file's entries; for null, and if it cannot be read, those of `localhost` alone.
  // 0, or -1 if the file cannot be read.
  int load(const char* path);
  // The text has a NUL behind it, and is cut to pieces.
  [[nodiscard]] bool load_text(char* text);
  void clear();

  // Calls function(address) for each address of the name, until it returns false.
  template <class Function>
  void find(const char* name, Function function) const {
    for (const Entry& entry : entries_) {
      if (is_name(entry, name) && !function(entry.address)) {
        return;
      }
    }
  }

 private:
  struct Entry {
    Address address;
    std::size_t name;  // its offset in names_
  };

  bool is_name(const Entry& entry, const char* name) const;
  [[nodiscard]] bool add_line(char* line);
  [[nodiscard]] bool add(const Address& address, const char* name);

  GrowArray<Entry> entries_;
  GrowArray<char> names_;
};

}  // namespace relevent::dns
