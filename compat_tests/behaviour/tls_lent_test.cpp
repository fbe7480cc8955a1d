// A TLS object and a descriptor that a program lends to a bufferevent, and takes back in a callback.
#include <utility>

#include "tls_tools.h"

using namespace event_cases;

namespace {

// Takes all back as soon as the handshake is done: says goodbye, and closes what is its own.
struct Lender {
  static void on_event(bufferevent* bev, short what, void* argument) {
    auto& self = *static_cast<Lender*>(argument);
    if ((what & BEV_EVENT_CONNECTED) == 0) {
      return;
    }
    const int fd = bufferevent_getfd(bev);
    bufferevent_free(bev);
    self.said_goodbye = SSL_shutdown(self.ssl.get());
    self.ssl.reset();
    close(fd);
  }

  Ssl ssl;
  int said_goodbye = -1;
};

}  // namespace

TEST_CASE("tls: what was lent is the program's when bufferevent_free returns in a callback") {
  const int options = GENERATE(0, int{BEV_OPT_DEFER_CALLBACKS});
  CAPTURE(options);
  const TlsSettings settings;
  const Base base = make_base();
  SocketPair pair;
  Lender lender{.ssl = settings.server()};
  bufferevent* const lent =
      bufferevent_openssl_socket_new(base.get(), std::exchange(pair.first, -1), lender.ssl.get(),
                                     BUFFEREVENT_SSL_ACCEPTING, options);
  REQUIRE(lent != nullptr);
  bufferevent_setcb(lent, nullptr, nullptr, Lender::on_event, &lender);
  bufferevent_enable(lent, EV_READ | EV_WRITE);

  const Bufferevent peer(bufferevent_openssl_socket_new(
      base.get(), std::exchange(pair.second, -1), settings.client().release(),
      BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE));
  REQUIRE(peer);
  short seen = 0;
  bufferevent_setcb(
      peer.get(), nullptr, nullptr,
      [](bufferevent*, short what, void* place) {
        *static_cast<short*>(place) = static_cast<short>(*static_cast<short*>(place) | what);
      },
      &seen);
  bufferevent_enable(peer.get(), EV_READ | EV_WRITE);
  settle(base);
  CHECK(lender.ssl == nullptr);
  CHECK(lender.said_goodbye == 0);  // the peer has not answered it yet
  CHECK(seen == (BEV_EVENT_CONNECTED | BEV_EVENT_READING | BEV_EVENT_EOF));
}
