#pragma once

#include <event2/util.h>
#include <netinet/in.h>

#include "dns/address.h"

namespace relevent::dns {

// What a caller of getaddrinfo wants.
struct Wanted {
  int family;  // AF_UNSPEC, AF_INET or AF_INET6
  int socktype;
  int protocol;
  int flags;
  std::uint16_t port;

  bool takes(int address_family) const { return family == AF_UNSPEC || family == address_family; }
};

// Results of getaddrinfo, for evutil_freeaddrinfo.
// Owns: the list until take().
// Fails: append() and set_canonical_name() return false without memory.
class AddressList {
 public:
  AddressList() = default;
  ~AddressList();
  AddressList(const AddressList&) = delete;
  AddressList& operator=(const AddressList&) = delete;

  bool empty() const { return first_ == nullptr; }
  const evutil_addrinfo* front() const { return first_; }
  evutil_addrinfo* take();
  // Takes a list over; this one is empty.
  void adopt(evutil_addrinfo* list) { first_ = list; }

  // One result for each kind of socket that is wanted.
  [[nodiscard]] bool append(const Address& address, const Wanted& wanted);
  // The same for an address of 4 or 16 bytes.
  [[nodiscard]] bool append(int family, const void* bytes, const Wanted& wanted);
  // Moves all of the other list to the end of this one.
  void append(AddressList& other);
  [[nodiscard]] bool set_canonical_name(const char* name);

 private:
  [[nodiscard]] bool append_one(const Address& address, const Wanted& wanted, int socktype,
                                int protocol);

  evutil_addrinfo* first_ = nullptr;
};

}  // namespace relevent::dns
