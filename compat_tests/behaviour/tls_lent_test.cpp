// A TLS object and a descriptor that a program lends to a bufferevent, and takes back in a
// callback.
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

// Reads a little by one bufferevent, and the rest by another that takes its TLS object over.
struct Successor {
  static void on_first_read(bufferevent* bev, void* argument) {
    auto& self = *static_cast<Successor*>(argument);
    drain(bev, &self);
    SSL* const ssl = bufferevent_openssl_get_ssl(bev);
    const int fd = bufferevent_getfd(bev);
    bufferevent_free(bev);
    self.next.reset(bufferevent_openssl_socket_new(self.base, fd, ssl, BUFFEREVENT_SSL_OPEN, 0));
    bufferevent_setcb(self.next.get(), drain, nullptr, nullptr, &self);
    bufferevent_enable(self.next.get(), EV_READ);
  }
  static void drain(bufferevent* bev, void* argument) {
    evbuffer* const input = bufferevent_get_input(bev);
    static_cast<Successor*>(argument)->received += evbuffer_get_length(input);
    evbuffer_drain(input, evbuffer_get_length(input));
  }

  event_base* base;
  size_t received = 0;
  Bufferevent next;
};

Bufferevent make_client(const Base& base, const TlsSettings& settings, SocketPair& pair) {
  Bufferevent client(bufferevent_openssl_socket_new(
      base.get(), std::exchange(pair.second, -1), settings.client().release(),
      BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE));
  REQUIRE(client);
  bufferevent_enable(client.get(), EV_READ | EV_WRITE);
  return client;
}

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

  const Bufferevent peer = make_client(base, settings, pair);
  short seen = 0;
  bufferevent_setcb(
      peer.get(), nullptr, nullptr,
      [](bufferevent*, short what, void* place) {
        *static_cast<short*>(place) = static_cast<short>(*static_cast<short*>(place) | what);
      },
      &seen);
  settle(base);
  CHECK(lender.ssl == nullptr);
  CHECK(lender.said_goodbye == 0);  // the peer has not answered it yet
  CHECK(seen == (BEV_EVENT_CONNECTED | BEV_EVENT_READING | BEV_EVENT_EOF));
}

TEST_CASE("tls: what one bufferevent has not read is there for the next with the same TLS object") {
  const TlsSettings settings(GENERATE(TLS1_2_VERSION, 0));
  const Base base = make_base();
  SocketPair pair;
  const Ssl ssl = settings.server();
  bufferevent* const first = bufferevent_openssl_socket_new(base.get(), pair.first, ssl.get(),
                                                            BUFFEREVENT_SSL_ACCEPTING, 0);
  REQUIRE(first != nullptr);
  Successor successor{.base = base.get(), .next = nullptr};
  bufferevent_setcb(first, Successor::on_first_read, nullptr, nullptr, &successor);
  bufferevent_setwatermark(first, EV_READ, 0, 100);
  bufferevent_enable(first, EV_READ | EV_WRITE);

  const Bufferevent client = make_client(base, settings, pair);
  settle(base);
  const std::string line(1000, 'x');
  for (int i = 0; i < 20; ++i) {
    CHECK(bufferevent_write(client.get(), line.data(), line.size()) == 0);
  }
  settle(base);
  CHECK(successor.received == 20 * line.size());
}

TEST_CASE("tls: a lent TLS object may be freed before its bufferevent") {
  const TlsSettings settings;
  const Base base = make_base();
  SocketPair pair;
  Ssl ssl = settings.server();
  Bufferevent lent(bufferevent_openssl_socket_new(base.get(), pair.first, ssl.get(),
                                                  BUFFEREVENT_SSL_ACCEPTING, 0));
  REQUIRE(lent);
  bufferevent_enable(lent.get(), EV_READ | EV_WRITE);
  const Bufferevent client = make_client(base, settings, pair);
  settle(base);
  CHECK(SSL_is_init_finished(ssl.get()) == 1);
  ssl.reset();
  lent.reset();
  settle(base);
  CHECK(SSL_is_init_finished(bufferevent_openssl_get_ssl(client.get())) == 1);
}
