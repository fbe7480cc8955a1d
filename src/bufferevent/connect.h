// Connecting a bufferevent that has a descriptor, or is given one.
#pragma once

#include <sys/socket.h>

#include "bufferevent/core.h"

namespace relevent::bev {

// Starts to connect; the event callback hears of the end. Without an address a connect() of the
// user's is under way already. A socket is made if there is none.
// Lock: the bufferevent's is held.
// Fails: -1, with errno. C API: bufferevent_socket_connect.
int connect(Core& core, const sockaddr* address, socklen_t length);

}  // namespace relevent::bev
