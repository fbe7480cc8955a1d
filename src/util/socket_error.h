// What an errno of a socket call means for the caller.
#pragma once

#include <cerrno>

namespace relevent::util {

// A read or write that may be tried again once the socket is ready.
constexpr bool is_retriable_io_error(int error) {
  return error == EINTR || error == EAGAIN || error == EWOULDBLOCK;
}

// A connect() that goes on in the background.
constexpr bool is_connect_in_progress(int error) { return error == EINTR || error == EINPROGRESS; }

// A connect() that the other side refused.
constexpr bool is_connect_refused(int error) { return error == ECONNREFUSED; }

// An accept() that found nothing, or a connection that had gone away.
constexpr bool is_retriable_accept_error(int error) {
  return error == EINTR || error == EAGAIN || error == EWOULDBLOCK || error == ECONNABORTED;
}

}  // namespace relevent::util
