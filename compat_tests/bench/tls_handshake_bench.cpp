// Connections to a TLS server that are made, carry a byte each way, and are closed again.
#include <event2/listener.h>

#include "groups.h"
#include "tls_server.h"

namespace bench {
namespace {

using ConnectionListener = std::unique_ptr<evconnlistener, FreeWith<evconnlistener_free>>;

class HandshakeServer {
 public:
  HandshakeServer(const Base& base, Listener& listener)
      : base_(base),
        listener_(evconnlistener_new(base.get(), on_connection, this, LEV_OPT_CLOSE_ON_FREE, -1,
                                     listener.release())) {
    require(listener_ != nullptr, "evconnlistener_new failed");
  }

  void serve(std::int64_t connections) {
    left_ = connections;
    require(event_base_dispatch(base_.get()) == 0 && left_ <= 0, "the loop ended early");
  }

 private:
  static void on_connection(evconnlistener*, int fd, sockaddr*, int, void* argument) {
    auto* const self = static_cast<HandshakeServer*>(argument);
    bufferevent* const bufev = make_tls_bufferevent(self->base_, self->context_, fd).release();
    bufferevent_setcb(bufev, on_read, nullptr, on_event, self);
    bufferevent_enable(bufev, EV_READ);
  }

  static void on_read(bufferevent* bufev, void*) {
    bufferevent_read_buffer(bufev, bufferevent_get_output(bufev));
  }

  static void on_event(bufferevent* bufev, short what, void* argument) {
    if (what == BEV_EVENT_CONNECTED) {
      return;
    }
    bufferevent_free(bufev);
    auto* const self = static_cast<HandshakeServer*>(argument);
    if (--self->left_ <= 0) {
      event_base_loopbreak(self->base_.get());
    }
  }

  const Base& base_;
  const SslContext context_ = tls_server_context();
  const ConnectionListener listener_;
  std::int64_t left_ = 0;
};

[[noreturn]] void connect_for_ever(const sockaddr_in& address, bool resumes) {
  const SslContext context = tls_client_context();
  SSL_SESSION* session = nullptr;
  for (;;) {
    const int fd = connect_to(address);
    const Ssl ssl = tls_connect(context, fd, session);
    char byte = 'x';
    // What comes before the answer is what the next connection can resume.
    require(SSL_write(ssl.get(), &byte, 1) == 1 && SSL_read(ssl.get(), &byte, 1) == 1,
            "the connection ended");
    require((SSL_session_reused(ssl.get()) == 1) == (session != nullptr), "it was not resumed");
    if (resumes) {
      SSL_SESSION_free(session);
      session = SSL_get1_session(ssl.get());
    }
    SSL_shutdown(ssl.get());
    close(fd);
  }
}

void handshakes(Meter& meter, bool resumed) {
  Listener listener;
  const sockaddr_in address = listener.address();
  const Base base = make_base();
  HandshakeServer server(base, listener);
  const Process load([&] { connect_for_ever(address, resumed); });
  meter.measure([&](std::int64_t connections) { server.serve(connections); });
}

}  // namespace

void add_tls_handshake_benchmarks(Table& table) {
  table.push_back({"tls handshake", "a connection and a byte each way",
                   [](Meter& meter) { handshakes(meter, false); }, nullptr, false,
                   Kind::kWithPeer});
  table.push_back({"tls handshake, resumed", "a connection and a byte each way",
                   [](Meter& meter) { handshakes(meter, true); }, nullptr, false, Kind::kWithPeer});
}

}  // namespace bench
