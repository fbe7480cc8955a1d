// What can be set and asked of a TLS bufferevent, and what making one refuses.
#include "tls_tools.h"

using namespace event_cases;

namespace {

bufferevent* make_on(const Base& base, int fd, SSL* ssl, int state, int options = 0) {
  return bufferevent_openssl_socket_new(base.get(), fd, ssl,
                                        static_cast<bufferevent_ssl_state>(state), options);
}

}  // namespace

TEST_CASE("tls: a new bufferevent says what it works on") {
  const TlsScene scene(GENERATE(from_range(kCarriers)));
  CHECK(bufferevent_getfd(scene.client.get()) == scene.client_fd);
  CHECK(bufferevent_get_underlying(scene.client.get()) == scene.client_below);
  CHECK(bufferevent_get_base(scene.client.get()) == scene.base.get());
  CHECK(SSL_get_fd(scene.client_ssl()) == (scene.client_below ? -1 : scene.client_fd));
  CHECK(bufferevent_get_enabled(scene.client.get()) == (EV_READ | EV_WRITE));
  CHECK(bufferevent_priority_set(scene.client.get(), 0) == 0);
  CHECK(bufferevent_base_set(scene.base.get(), scene.client.get()) == -1);
  CHECK(bufferevent_flush(scene.client.get(), EV_READ | EV_WRITE, BEV_FINISHED) == 0);
}

TEST_CASE("tls: only writing is enabled at first") {
  const TlsScene scene({.carrier = GENERATE(from_range(kCarriers)), .enabled = 0});
  CHECK(bufferevent_get_enabled(scene.client.get()) == EV_WRITE);
}

TEST_CASE("tls: another bufferevent has no TLS object") {
  const Base base = make_base();
  SocketPair sockets;
  const Bufferevent bev = make_bufferevent(base, sockets.first);
  CHECK(bufferevent_openssl_get_ssl(bev.get()) == nullptr);
  CHECK(bufferevent_openssl_get_allow_dirty_shutdown(bev.get()) == -1);
  CHECK(bufferevent_ssl_renegotiate(bev.get()) == -1);
  INTENDED_DIFFERENCE("the reference crashes");
  bufferevent_openssl_set_allow_dirty_shutdown(bev.get(), 1);
  CHECK(bufferevent_get_openssl_error(bev.get()) == 0);
}

TEST_CASE("tls: making one refuses what makes no sense") {
  INTENDED_DIFFERENCE("the reference crashes over what is left of it");
  const TlsSettings settings;
  const Base base = make_base();
  SocketPair sockets;
  const Ssl ssl = settings.client();
  const LogCapture log;
  CHECK(make_on(base, sockets.first, ssl.get(), 3) == nullptr);
  CHECK(bufferevent_openssl_filter_new(base.get(), nullptr, ssl.get(), BUFFEREVENT_SSL_OPEN, 0) ==
        nullptr);
  CHECK(make_on(base, sockets.first, ssl.get(), BUFFEREVENT_SSL_OPEN, BEV_OPT_UNLOCK_CALLBACKS) ==
        nullptr);
}

TEST_CASE(
    "tls: a failure frees the object that it was to take over but leaves the descriptor open") {
  const TlsSettings settings;
  const Base base = make_base();
  SocketPair sockets;
  const Ssl ssl = settings.client();
  SSL_set_fd(ssl.get(), sockets.first);
  SSL_up_ref(ssl.get());  // which the failure takes
  CHECK(make_on(base, sockets.second, ssl.get(), BUFFEREVENT_SSL_CONNECTING,
                BEV_OPT_CLOSE_ON_FREE) == nullptr);
  CHECK(SSL_get_fd(ssl.get()) == sockets.first);
  CHECK(is_open(sockets.second));
}

TEST_CASE("tls: the descriptor of the TLS object is used") {
  const TlsSettings settings;
  const Base base = make_base();
  SocketPair sockets;
  const int given = GENERATE(0, -1);
  Ssl ssl = settings.client();
  SSL_set_fd(ssl.get(), sockets.first);
  const Bufferevent bev(
      make_on(base, given == 0 ? sockets.first : -1, ssl.get(), BUFFEREVENT_SSL_CONNECTING, 0));
  REQUIRE(bev);
  CHECK(bufferevent_getfd(bev.get()) == sockets.first);
  CHECK(SSL_get_fd(ssl.get()) == sockets.first);
}

TEST_CASE("tls: the TLS object outlives the bufferevent unless it was to be freed") {
  const TlsSettings settings;
  const Base base = make_base();
  SocketPair sockets;
  const Ssl ssl = settings.client();
  bufferevent* const bev = make_on(base, sockets.first, ssl.get(), BUFFEREVENT_SSL_CONNECTING);
  REQUIRE(bev != nullptr);
  CHECK(bufferevent_openssl_get_ssl(bev) == ssl.get());
  bufferevent_free(bev);
  settle(base);
  CHECK(is_open(sockets.first));
  CHECK(SSL_get_fd(ssl.get()) == sockets.first);
}

TEST_CASE("tls: closing on free takes the descriptor and the object") {
  TlsScene scene(GENERATE(Carrier::kSocket, Carrier::kFilterOverSocket));
  REQUIRE(scene.shake_hands());
  // Its application data is freed with it.
  static int freed;
  freed = 0;
  const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr,
                                         [](void*, void* data, CRYPTO_EX_DATA*, int, long, void*) {
                                           freed += data != nullptr ? 1 : 0;
                                         });
  SSL_set_ex_data(scene.client_ssl(), index, &freed);
  scene.client.reset();
  scene.settle();
  CHECK(freed == 1);
  CHECK_FALSE(is_open(scene.client_fd));
}

TEST_CASE("tls: flags are set and cleared apart from each other") {
  TlsScene scene;
  bufferevent* const bev = scene.client.get();
  CHECK(bufferevent_openssl_get_allow_dirty_shutdown(bev) == 0);
  bufferevent_openssl_set_allow_dirty_shutdown(bev, 2);
  CHECK(bufferevent_openssl_get_allow_dirty_shutdown(bev) == 1);
  bufferevent_openssl_set_allow_dirty_shutdown(bev, 0);
  CHECK(bufferevent_openssl_get_allow_dirty_shutdown(bev) == 0);
}
