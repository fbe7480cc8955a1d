// What can be set and asked of a TLS bufferevent, and what making one refuses.
#include "tls_tools.h"

using namespace event_cases;

namespace {

bufferevent* make_on(const TlsLibrary& library, const Base& base, int fd, void* object, int state,
                     int options = 0) {
  return library.over_socket(base.get(), fd, object, static_cast<bufferevent_ssl_state>(state),
                             options);
}

}  // namespace

TEST_CASE("tls: a new bufferevent says what it works on") {
  const TlsScene scene(GENERATE(from_range(all_ways())));
  CHECK(bufferevent_getfd(scene.client.get()) == scene.client_fd);
  CHECK(bufferevent_get_underlying(scene.client.get()) == scene.client_below);
  CHECK(bufferevent_get_base(scene.client.get()) == scene.base.get());
  if (scene.way.client == &openssl()) {
    CHECK(SSL_get_fd(scene.client_ssl()) == (scene.client_below ? -1 : scene.client_fd));
  }
  CHECK(bufferevent_get_enabled(scene.client.get()) == (EV_READ | EV_WRITE));
  CHECK(bufferevent_priority_set(scene.client.get(), 0) == 0);
  CHECK(bufferevent_base_set(scene.base.get(), scene.client.get()) == -1);
  CHECK(bufferevent_flush(scene.client.get(), EV_READ | EV_WRITE, BEV_FINISHED) == 0);
}

TEST_CASE("tls: only writing is enabled at first") {
  const TlsScene scene({.way = GENERATE(from_range(all_ways())), .enabled = 0});
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
  const TlsLibrary& library = *GENERATE(from_range(libraries()));
  const TlsSettings settings;
  const Base base = make_base();
  SocketPair sockets;
  const TlsObject object(library, settings, false);
  const LogCapture log;
  CHECK(make_on(library, base, sockets.first, object.get(), 3) == nullptr);
  CHECK(library.over_bufferevent(base.get(), nullptr, object.get(), BUFFEREVENT_SSL_OPEN, 0) ==
        nullptr);
  CHECK(make_on(library, base, sockets.first, object.get(), BUFFEREVENT_SSL_OPEN,
                BEV_OPT_UNLOCK_CALLBACKS) == nullptr);
}

// Of OpenSSL, whose objects are counted.
TEST_CASE(
    "tls: a failure frees the object that it was to take over but leaves the descriptor open") {
  const TlsSettings settings;
  const Base base = make_base();
  SocketPair sockets;
  const Ssl ssl = settings.client();
  SSL_set_fd(ssl.get(), sockets.first);
  SSL_up_ref(ssl.get());  // which the failure takes
  CHECK(make_on(openssl(), base, sockets.second, ssl.get(), BUFFEREVENT_SSL_CONNECTING,
                BEV_OPT_CLOSE_ON_FREE) == nullptr);
  CHECK(SSL_get_fd(ssl.get()) == sockets.first);
  CHECK(is_open(sockets.second));
}

TEST_CASE("tls: the descriptor of the TLS object is used") {
  const TlsLibrary& library = *GENERATE(from_range(libraries()));
  const TlsSettings settings;
  const Base base = make_base();
  SocketPair sockets;
  const TlsObject object(library, settings, false);
  object.set_descriptor(sockets.first);
  const Bufferevent bev(make_on(library, base, GENERATE(true, false) ? sockets.first : -1,
                                object.get(), BUFFEREVENT_SSL_CONNECTING));
  REQUIRE(bev);
  CHECK(bufferevent_getfd(bev.get()) == sockets.first);
  if (&library == &openssl()) {
    CHECK(SSL_get_fd(static_cast<SSL*>(object.get())) == sockets.first);
  }
}

TEST_CASE("tls: the TLS object outlives the bufferevent unless it was to be freed") {
  const TlsObjects on(*GENERATE(from_range(libraries())));
  on.server.set_descriptor(on.sockets.second);
  bufferevent* const bev =
      make_on(on.library, on.base, on.sockets.first, on.client.get(), BUFFEREVENT_SSL_CONNECTING);
  REQUIRE(bev != nullptr);
  CHECK(on.library.object_of(bev) == on.client.get());
  on.answer_handshake();
  bufferevent_free(bev);
  settle(on.base);
  CHECK(is_open(on.sockets.first));
  // It goes on over the descriptor.
  CHECK(on.client.write("still there"));
  CHECK(on.server.read() == "still there");
}

TEST_CASE("tls: what was not read yet stays with the object that outlives the bufferevent") {
  const TlsObjects on(*GENERATE(from_range(libraries())));
  on.server.set_descriptor(on.sockets.second);
  Bufferevent bev(
      make_on(on.library, on.base, on.sockets.first, on.client.get(), BUFFEREVENT_SSL_CONNECTING));
  bufferevent_setwatermark(bev.get(), EV_READ, 0, 5);
  bufferevent_enable(bev.get(), EV_READ);
  on.answer_handshake();
  // Mbed TLS keeps one record.
  const std::vector<std::string> kept = &on.library == &openssl()
                                            ? std::vector<std::string>{"23456", "34567"}
                                            : std::vector<std::string>{"23456"};
  CHECK(on.server.write("12345"));
  for (const std::string& text : kept) {
    CHECK(on.server.write(text));
  }
  settle(on.base);
  CHECK(take_input(bev) == "12345");
  bev.reset();
  settle(on.base);
  for (const std::string& text : kept) {
    CHECK(on.client.read() == text);
  }
  CHECK(on.server.write("later"));
  CHECK(on.client.read() == "later");
}

TEST_CASE("tls: closing on free takes the descriptor and the object") {
  const Way way = GENERATE(from_range(ways_over_sockets()));
  TlsScene scene(way);
  REQUIRE(scene.shake_hands());
  // OpenSSL frees an object's application data with it.
  static int freed;
  freed = 0;
  if (way.client == &openssl()) {
    const int index = SSL_get_ex_new_index(
        0, nullptr, nullptr, nullptr, [](void*, void* data, CRYPTO_EX_DATA*, int, long, void*) {
          freed += data != nullptr ? 1 : 0;
        });
    SSL_set_ex_data(scene.client_ssl(), index, &freed);
  }
  scene.client.reset();
  scene.settle();
  CHECK(freed == (way.client == &openssl() ? 1 : 0));
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
