// What the cases about TCP share: listeners of 127.0.0.1, and DNS messages behind their length.
#pragma once

#include <event2/listener.h>

#include <memory>

#include "dns_tools.h"

namespace dns_cases {

using Listener = std::unique_ptr<evconnlistener, FreeWith<evconnlistener_free>>;

inline Bytes framed(const Bytes& message) {
  Bytes out;
  put16(out, static_cast<unsigned>(message.size()));
  return out + message;
}

// Port 0: the system chooses.
inline sockaddr_in loopback() {
  sockaddr_in in = {};
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return in;
}
// Null if the port is taken.
inline Listener listen_at(const Base& base, const sockaddr_in& address, evconnlistener_cb callback,
                          void* arg) {
  return Listener(
      evconnlistener_new_bind(base.get(), callback, arg, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE,
                              -1, reinterpret_cast<const sockaddr*>(&address), sizeof address));
}
inline sockaddr_in address_of(const Listener& listener) {
  sockaddr_in in = {};
  socklen_t length = sizeof in;
  getsockname(evconnlistener_get_fd(listener.get()), reinterpret_cast<sockaddr*>(&in), &length);
  return in;
}

}  // namespace dns_cases
