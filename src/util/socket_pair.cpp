#include "util/socket_pair.h"

#include <sys/socket.h>

#include <cerrno>

namespace relevent::util {

Result<void> make_socket_pair(int domain, int type, int protocol, int* fds) {
  if (::socketpair(domain, type, protocol, fds) != 0) {
    return Result<void>::failure(errno);
  }
  return {};
}

}  // namespace relevent::util
