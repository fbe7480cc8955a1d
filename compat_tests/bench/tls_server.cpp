#include "tls_server.h"

namespace bench {

BufferEvent make_tls_bufferevent(const Base& base, const SslContext& context, int fd) {
  BufferEvent bufev(bufferevent_openssl_socket_new(
      base.get(), fd, SSL_new(context.get()), BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE));
  require(bufev != nullptr, "bufferevent_openssl_socket_new failed");
  return bufev;
}

std::vector<BufferEvent> accept_tls(const Base& base, const SslContext& context, const Peer& peer) {
  std::vector<BufferEvent> connections;
  std::size_t connected = 0;
  const auto on_event = [](bufferevent*, short what, void* argument) {
    require(what == BEV_EVENT_CONNECTED, "the handshake failed");
    ++*static_cast<std::size_t*>(argument);
  };
  for (const int fd : peer.sockets()) {
    connections.push_back(make_tls_bufferevent(base, context, dup(fd)));
    bufferevent_setcb(connections.back().get(), nullptr, nullptr, on_event, &connected);
  }
  while (connected < connections.size()) {
    require(event_base_loop(base.get(), EVLOOP_ONCE) == 0, "the loop ended early");
  }
  return connections;
}

}  // namespace bench
