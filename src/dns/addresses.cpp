#include "dns/addresses.h"

#include "surface/memory.h"

namespace relevent::dns {
namespace {

struct SocketKind {
  int socktype;
  int protocol;
};
constexpr SocketKind kSocketKinds[] = {{SOCK_STREAM, IPPROTO_TCP}, {SOCK_DGRAM, IPPROTO_UDP}};

}  // namespace

AddressList::~AddressList() {
  if (first_ != nullptr) {
    evutil_freeaddrinfo(first_);
  }
}

evutil_addrinfo* AddressList::take() { return std::exchange(first_, nullptr); }

bool AddressList::append_one(const Address& address, const Wanted& wanted, int socktype,
                             int protocol) {
  const Address with_port = address.with_port(wanted.port);
  evutil_addrinfo* const info = relevent_new_address_info(
      with_port.get(), static_cast<int>(with_port.length), socktype, protocol);
  if (info == nullptr) {
    return false;
  }
  AddressList one;
  one.first_ = info;
  append(one);
  return true;
}

bool AddressList::append(const Address& address, const Wanted& wanted) {
  bool known = false;
  for (const SocketKind& kind : kSocketKinds) {
    const bool fits = (wanted.socktype == 0 || wanted.socktype == kind.socktype) &&
                      (wanted.protocol == 0 || wanted.protocol == kind.protocol);
    if (fits && !append_one(address, wanted, kind.socktype, kind.protocol)) {
      return false;
    }
    known = known || fits;
  }
  return known || append_one(address, wanted, wanted.socktype, wanted.protocol);
}

bool AddressList::append(int family, const void* bytes, const Wanted& wanted) {
  Address address = {};
  address.storage.ss_family = static_cast<sa_family_t>(family);
  if (family == AF_INET) {
    address.length = sizeof(sockaddr_in);
    std::memcpy(&reinterpret_cast<sockaddr_in&>(address.storage).sin_addr, bytes, sizeof(in_addr));
  } else {
    address.length = sizeof(sockaddr_in6);
    std::memcpy(&reinterpret_cast<sockaddr_in6&>(address.storage).sin6_addr, bytes,
                sizeof(in6_addr));
  }
  return append(address, wanted);
}

void AddressList::append(AddressList& other) {
  evutil_addrinfo** link = &first_;
  while (*link != nullptr) {
    link = &(*link)->ai_next;
  }
  *link = other.take();
}

bool AddressList::set_canonical_name(const char* name) {
  if (first_ != nullptr) {
    first_->ai_canonname = duplicate_string(name);
  }
  return first_ == nullptr || first_->ai_canonname != nullptr;
}

}  // namespace relevent::dns
