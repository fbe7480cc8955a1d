// Descriptors of TLS bufferevents over sockets: connecting, setting, replacing.
#include "tls_tools.h"

using namespace event_cases;

namespace {

// A client without a descriptor, and a server for whatever connects.
struct ConnectScene {
  ConnectScene() : client(make(-1, settings.client().release(), BUFFEREVENT_SSL_CONNECTING)) {
    client_calls = &journal.watch(client, "c");
    bufferevent_enable(client.get(), EV_READ | EV_WRITE);
  }
  Bufferevent make(int fd, SSL* ssl, bufferevent_ssl_state state) {
    return Bufferevent(
        bufferevent_openssl_socket_new(base.get(), fd, ssl, state, BEV_OPT_CLOSE_ON_FREE));
  }
  void serve(int fd) {
    evutil_make_socket_nonblocking(fd);
    server = make(fd, settings.server().release(), BUFFEREVENT_SSL_ACCEPTING);
    journal.watch(server, "s");
    bufferevent_enable(server.get(), EV_READ | EV_WRITE);
  }
  std::string calls() {
    settle(base);
    std::string text = journal.text();
    journal.clear();
    return text;
  }

  TlsSettings settings;
  Base base = make_base();
  Journal journal;
  Bufferevent client;
  Bufferevent server;
  Journal::Subject* client_calls = nullptr;
};

}  // namespace

TEST_CASE("tls: connecting is told when the handshake is done") {
  ConnectScene scene;
  const Listener listener;
  write_text(scene.client, "early");
  const bool by_name = GENERATE(false, true);
  if (by_name) {
    CHECK(bufferevent_socket_connect_hostname(scene.client.get(), nullptr, AF_INET, "127.0.0.1",
                                              ntohs(listener.address.sin_port)) == 0);
  } else {
    CHECK(bufferevent_socket_connect(scene.client.get(), listener.sa(), sizeof listener.address) ==
          0);
  }
  CHECK(bufferevent_getfd(scene.client.get()) >= 0);
  scene.serve(accept(listener.fd, nullptr, nullptr));
  settle(scene.base);
  CHECK(scene.client_calls->events == std::vector<short>{BEV_EVENT_CONNECTED});
  CHECK(take_input(scene.server) == "early");
}

TEST_CASE("tls: a connection that fails is told once and without a handshake") {
  ConnectScene scene;
  sockaddr_in nobody;
  {
    const Listener listener;
    nobody = listener.address;
  }
  CHECK(bufferevent_socket_connect(scene.client.get(), reinterpret_cast<sockaddr*>(&nobody),
                                   sizeof nobody) == 0);
  CHECK(scene.calls() == "c:reading|error");
  CHECK(scene.client_calls->error == ECONNREFUSED);
  CHECK(take_errors(scene.client) == "5");
  CHECK(scene.calls().empty());
}

TEST_CASE("tls: a descriptor that comes later starts the handshake") {
  ConnectScene scene;
  SocketPair sockets;
  write_text(scene.client, "early");
  CHECK(scene.calls().empty());
  CHECK(output_length(scene.client) == 5);
  CHECK(bufferevent_setfd(scene.client.get(), sockets.first) == 0);
  scene.serve(sockets.second);
  settle(scene.base);
  CHECK(scene.client_calls->events == std::vector<short>{BEV_EVENT_CONNECTED});
  CHECK(take_input(scene.server) == "early");
  sockets.first = sockets.second = -1;
}

TEST_CASE("tls: another descriptor is another connection") {
  ConnectScene scene;
  SocketPair first;
  SocketPair second;
  bufferevent_setfd(scene.client.get(), first.first);
  scene.serve(first.second);
  REQUIRE(scene.calls() == "c:connected s:connected");
  const Bufferevent old_server = std::move(scene.server);
  if (GENERATE(false, true)) {
    CHECK(bufferevent_setfd(scene.client.get(), -1) == 0);
    CHECK(bufferevent_getfd(scene.client.get()) == -1);
    CHECK(SSL_get_fd(bufferevent_openssl_get_ssl(scene.client.get())) == -1);
    write_text(scene.client, "kept");
    CHECK(scene.calls().empty());
  } else {
    write_text(scene.client, "kept");
  }
  bufferevent_setfd(scene.client.get(), second.first);
  scene.serve(second.second);
  settle(scene.base);
  CHECK(scene.client_calls->events.size() == 2);
  CHECK(scene.client_calls->events.back() == BEV_EVENT_CONNECTED);
  CHECK(take_input(scene.server) == "kept");
  first.second = second.first = second.second = -1;
}

TEST_CASE("tls: an object that is open already needs no handshake") {
  TlsSettings settings;
  const Base base = make_base();
  SocketPair sockets;
  const Ssl client = settings.client();
  const Ssl server = settings.server();
  SSL_set_fd(client.get(), sockets.first);
  SSL_set_fd(server.get(), sockets.second);
  SSL_set_connect_state(client.get());
  SSL_set_accept_state(server.get());
  for (int i = 0; i < 4; ++i) {
    SSL_do_handshake(client.get());
    SSL_do_handshake(server.get());
  }
  REQUIRE(SSL_is_init_finished(server.get()) == 1);
  const Bufferevent bev(bufferevent_openssl_socket_new(base.get(), sockets.first, client.get(),
                                                       BUFFEREVENT_SSL_OPEN, 0));
  Journal journal;
  journal.watch(bev);
  bufferevent_enable(bev.get(), EV_READ | EV_WRITE);
  write_text(bev, "to the server");
  settle(base);
  char text[32] = {};
  CHECK(SSL_read(server.get(), text, sizeof text) == 13);
  CHECK(SSL_write(server.get(), "to the client", 13) == 13);
  settle(base);
  CHECK(take_input(bev) == "to the client");
  CHECK(journal.text() == "write read");
}

TEST_CASE("tls: an object with memory of its own works when it is asked to") {
  INTENDED_DIFFERENCE("the reference takes descriptor 0 for that of the memory");
  TlsSettings settings;
  const Base base = make_base();
  const Ssl peer = settings.server();
  Ssl ssl = settings.client();
  BIO* inner;
  BIO* outer;
  REQUIRE(BIO_new_bio_pair(&inner, 0, &outer, 0) == 1);
  SSL_set_bio(ssl.get(), inner, inner);
  SSL_set_bio(peer.get(), outer, outer);
  SSL_set_accept_state(peer.get());
  const Bufferevent bev(
      bufferevent_openssl_socket_new(base.get(), -1, ssl.get(), BUFFEREVENT_SSL_CONNECTING, 0));
  REQUIRE(bev);
  CHECK(SSL_get_rbio(ssl.get()) == inner);
  Journal journal;
  journal.watch(bev);
  bufferevent_enable(bev.get(), EV_READ | EV_WRITE);
  write_text(bev, "hello");
  for (int i = 0; i < 4; ++i) {
    settle(base);
    SSL_do_handshake(peer.get());
    bufferevent_flush(bev.get(), EV_READ | EV_WRITE, BEV_NORMAL);
  }
  settle(base);
  char text[16] = {};
  CHECK(SSL_read(peer.get(), text, sizeof text) == 5);
  SSL_write(peer.get(), "there", 5);
  bufferevent_flush(bev.get(), EV_READ | EV_WRITE, BEV_NORMAL);
  settle(base);
  CHECK(take_input(bev) == "there");
  CHECK(journal.text().find("error") == std::string::npos);
}
