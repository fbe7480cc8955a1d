#include "dns/cache.h"

#include <algorithm>

namespace relevent::dns {

// One name, with its addresses without ports.
struct Cache::Entry {
  OwnedString name;
  OwnedString canonical_name;
  GrowArray<Address> addresses;
  Duration until = 0;
  Entry* next = nullptr;
};

void Cache::write(const char* name, const evutil_addrinfo* addresses, Duration until) {
  if (Entry* const old = find_entry(name); old != nullptr) {
    remove(*old);
  }
  Owned<Entry> entry(create<Entry>());
  if (!entry) {
    return;
  }
  entry->name.reset(duplicate_string(name));
  entry->until = until;
  bool whole = entry->name != nullptr;
  for (const evutil_addrinfo* info = addresses; whole && info != nullptr; info = info->ai_next) {
    Address address;
    if (info->ai_canonname != nullptr && !entry->canonical_name) {
      entry->canonical_name.reset(duplicate_string(info->ai_canonname));
      whole = entry->canonical_name != nullptr;
    }
    if (!whole || !copy_address(info->ai_addr, static_cast<int>(info->ai_addrlen), address)) {
      continue;
    }
    address = address.with_port(0);
    // The list has an address once for each kind of socket.
    if (std::find(entry->addresses.begin(), entry->addresses.end(), address) ==
        entry->addresses.end()) {
      whole = entry->addresses.push_back(address);
    }
  }
  if (!whole) {
    return;
  }
  if (count_ == kMaxEntries) {
    Entry* oldest = first_;
    while (oldest->next != nullptr) {
      oldest = oldest->next;
    }
    remove(*oldest);
  }
  entry->next = first_;
  first_ = entry.release();
  ++count_;
}

int Cache::find(const char* name, const Wanted& wanted, Duration time, AddressList& list) {
  Entry* const entry = find_entry(name);
  if (entry != nullptr && entry->until <= time) {
    remove(*entry);
    return -1;
  }
  const bool wants_name = (wanted.flags & EVUTIL_AI_CANONNAME) != 0;
  if (entry == nullptr || (wants_name && !entry->canonical_name)) {
    return -1;
  }
  for (const Address& address : entry->addresses) {
    if (wanted.takes(address.family()) && !list.append(address, wanted)) {
      return EVUTIL_EAI_MEMORY;
    }
  }
  if (list.empty()) {
    return EVUTIL_EAI_ADDRFAMILY;
  }
  return wants_name && !list.set_canonical_name(entry->canonical_name.get()) ? EVUTIL_EAI_MEMORY
                                                                             : 0;
}

void Cache::clear() {
  while (first_ != nullptr) {
    remove(*first_);
  }
}

Cache::Entry* Cache::find_entry(const char* name) const {
  Entry* entry = first_;
  while (entry != nullptr && evutil_ascii_strcasecmp(entry->name.get(), name) != 0) {
    entry = entry->next;
  }
  return entry;
}

void Cache::remove(Entry& entry) {
  Entry** link = &first_;
  while (*link != &entry) {
    link = &(*link)->next;
  }
  *link = entry.next;
  --count_;
  destroy(&entry);
}

}  // namespace relevent::dns
