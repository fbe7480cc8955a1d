// The server's ends of TLS connections, as bufferevents.
#pragma once

#include <event2/bufferevent_ssl.h>

#include "peer.h"
#include "tls_raw.h"

namespace bench {

// A TLS bufferevent that is about to shake hands; it closes the socket at its end.
BufferEvent make_tls_bufferevent(const Base& base, const SslContext& context, int fd);

// One for each connection of the peer, all of them connected.
std::vector<BufferEvent> accept_tls(const Base& base, const SslContext& context, const Peer& peer);

}  // namespace bench
