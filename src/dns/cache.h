#pragma once

#include <event2/util.h>

#include "dns/addresses.h"
#include "dns/options.h"
#include "surface/memory.h"

namespace relevent::dns {

// Addresses of names that were looked up, for as long as they are valid.
// Owns: its entries.
// Lock: the resolver's.
// Fails: an entry that memory does not suffice for is not kept.
// C API: evdns_cache_write, evdns_cache_lookup.
class Cache {
 public:
  ~Cache() { clear(); }

  void write(const char* name, const evutil_addrinfo* addresses, Duration until);
  // Adds the addresses that are wanted. 0, or EVUTIL_EAI_ADDRFAMILY, EVUTIL_EAI_MEMORY, or -1 if
  // there is nothing.
  int find(const char* name, const Wanted& wanted, Duration time, AddressList& list);
  void clear();

 private:
  struct Entry;
  static constexpr int kMaxEntries = 1024;

  Entry* find_entry(const char* name) const;
  void remove(Entry& entry);

  Entry* first_ = nullptr;  // newest first
  int count_ = 0;
};

}  // namespace relevent::dns
