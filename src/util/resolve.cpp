#include "util/resolve.h"

#include <event2/util.h>

#include <cstring>

#include "mem/hooks.h"

namespace relevent::util {
namespace {

// Marks our own results in ai_flags. libc's getaddrinfo refuses flags that it does not know, so
// none of its results can have it.
constexpr int kOwnResult = 0x40000000;

struct OwnResult {
  addrinfo info;
  sockaddr_storage address;
};

bool is_own(const addrinfo& info) { return (info.ai_flags & kOwnResult) != 0; }

}  // namespace

int resolve(const char* host, const char* service, const addrinfo* hints, addrinfo** result) {
  const int error = ::getaddrinfo(host, service, hints, result);
  if (error != 0) {
    *result = nullptr;
  }
  return error;
}

addrinfo* new_address_info(const sockaddr& address, socklen_t length, const addrinfo& hints) {
  if (length > sizeof(sockaddr_storage)) {
    return nullptr;
  }
  auto* const block = static_cast<OwnResult*>(mem::allocate_zeroed(1, sizeof(OwnResult)));
  if (block == nullptr) {
    return nullptr;
  }
  std::memcpy(&block->address, &address, length);
  addrinfo& info = block->info;
  info.ai_flags = hints.ai_flags | kOwnResult;
  info.ai_family = address.sa_family;
  info.ai_socktype = hints.ai_socktype;
  info.ai_protocol = hints.ai_protocol;
  info.ai_addrlen = length;
  info.ai_addr = reinterpret_cast<sockaddr*>(&block->address);
  return &info;
}

void free_address_info(addrinfo* list) {
  while (list != nullptr) {
    addrinfo* const info = list;
    list = info->ai_next;
    if (is_own(*info)) {
      mem::release(info->ai_canonname);
      mem::release(info);
    } else {
      // One at a time: what follows may be ours.
      info->ai_next = nullptr;
      ::freeaddrinfo(info);
    }
  }
}

// The texts are those of RFC 2553, section 6.4, which programs print; newer errors are libc's.
const char* resolve_error_text(int error) {
  switch (error) {
    case 0:
      return "No error";
    case EVUTIL_EAI_CANCEL:
      return "Request canceled";
    case EVUTIL_EAI_ADDRFAMILY:
      return "address family for nodename not supported";
    case EVUTIL_EAI_AGAIN:
      return "temporary failure in name resolution";
    case EVUTIL_EAI_BADFLAGS:
      return "invalid value for ai_flags";
    case EVUTIL_EAI_FAIL:
      return "non-recoverable failure in name resolution";
    case EVUTIL_EAI_FAMILY:
      return "ai_family not supported";
    case EVUTIL_EAI_MEMORY:
      return "memory allocation failure";
    case EVUTIL_EAI_NODATA:
      return "no address associated with nodename";
    case EVUTIL_EAI_NONAME:
      return "nodename nor servname provided, or not known";
    case EVUTIL_EAI_SERVICE:
      return "servname not supported for ai_socktype";
    case EVUTIL_EAI_SOCKTYPE:
      return "ai_socktype not supported";
    case EVUTIL_EAI_SYSTEM:
      return "system error";
    default:
      return ::gai_strerror(error);
  }
}

}  // namespace relevent::util
