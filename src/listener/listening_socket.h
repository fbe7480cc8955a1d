// Makes the socket of evconnlistener_new_bind.
#pragma once

#include <sys/socket.h>

#include "base/result.h"
#include "os/own_fd.h"

namespace relevent::listener {

// A nonblocking stream socket that is bound to the address, but does not listen yet. `flags` are
// LEV_OPT_*: those about the socket count.
// Fails: the errno of the first call that fails; EINVAL for flags that contradict each other.
Result<os::OwnFd> bind_socket(const sockaddr& address, socklen_t length, unsigned flags);

}  // namespace relevent::listener
