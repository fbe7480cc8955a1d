// Descriptors of TLS bufferevents over sockets: connecting, setting, replacing.
#include "dns_tools.h"
#include "tls_tools.h"

using namespace event_cases;

namespace {

// A client without a descriptor, and a server for whatever connects.
struct ConnectScene {
  explicit ConnectScene(const TlsLibrary* used) : library(*used), client(make(-1, false)) {
    client_calls = &journal.watch(client, "c");
    bufferevent_enable(client.get(), EV_READ | EV_WRITE);
  }
  Bufferevent make(int fd, bool is_server) {
    return Bufferevent(library.over_socket(
        base.get(), fd, library.make(settings, is_server),
        is_server ? BUFFEREVENT_SSL_ACCEPTING : BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE));
  }
  void serve(int fd) {
    evutil_make_socket_nonblocking(fd);
    server = make(fd, true);
    journal.watch(server, "s");
    bufferevent_enable(server.get(), EV_READ | EV_WRITE);
  }
  std::string calls() {
    settle(base);
    std::string text = journal.text();
    journal.clear();
    return text;
  }

  const TlsLibrary& library;
  TlsSettings settings;
  Base base = make_base();
  Journal journal;
  Bufferevent client;
  Bufferevent server;
  Journal::Subject* client_calls = nullptr;
};

}  // namespace

TEST_CASE("tls: connecting is told when the handshake is done") {
  ConnectScene scene(GENERATE(from_range(libraries())));
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

TEST_CASE("tls: connecting to a name that a nameserver knows") {
  ConnectScene scene(GENERATE(from_range(libraries())));
  const Listener listener;
  dns_cases::Server nameserver(scene.base, dns_cases::always({dns_cases::a("127.0.0.1")}));
  const dns_cases::OwnResolver dns = dns_cases::make_resolver(scene.base, {&nameserver});
  scene.library.expect_host(scene.client.get(), "localhost");
  write_text(scene.client, "early");
  CHECK(bufferevent_socket_connect_hostname(scene.client.get(), dns.get(), AF_INET,
                                            "server.example",
                                            ntohs(listener.address.sin_port)) == 0);
  evutil_make_socket_nonblocking(listener.fd);
  int accepted = -1;
  CHECK(run_until(scene.base, [&] {
    accepted = accept(listener.fd, nullptr, nullptr);
    return accepted >= 0;
  }));
  scene.serve(accepted);
  CHECK(run_until(scene.base, [&] { return input_length(scene.server) == 5; }));
  CHECK(scene.client_calls->events == std::vector<short>{BEV_EVENT_CONNECTED});
  CHECK(nameserver.names() == std::vector<std::string>{"server.example"});
}

TEST_CASE("tls: connecting to a name that nobody knows starts no handshake") {
  ConnectScene scene(GENERATE(from_range(libraries())));
  dns_cases::Server nameserver(scene.base, dns_cases::refuse(DNS_ERR_NOTEXIST));
  const dns_cases::OwnResolver dns = dns_cases::make_resolver(scene.base, {&nameserver});
  CHECK(bufferevent_socket_connect_hostname(scene.client.get(), dns.get(), AF_INET,
                                            "nobody.example", 443) == 0);
  CHECK(run_until(scene.base, [&] { return !scene.client_calls->events.empty(); }));
  settle(scene.base);
  CHECK(scene.client_calls->events.size() == 1);
  CHECK((scene.client_calls->events.front() & BEV_EVENT_ERROR) != 0);
  CHECK(bufferevent_socket_get_dns_error(scene.client.get()) == EVUTIL_EAI_NONAME);
}

TEST_CASE("tls: a connection that fails is told once and without a handshake") {
  ConnectScene scene(GENERATE(from_range(libraries())));
  sockaddr_in nobody;
  {
    const Listener listener;
    nobody = listener.address;
  }
  CHECK(bufferevent_socket_connect(scene.client.get(), reinterpret_cast<sockaddr*>(&nobody),
                                   sizeof nobody) == 0);
  CHECK(scene.calls() == "c:reading|error");
  CHECK(scene.client_calls->error == ECONNREFUSED);
  CHECK(scene.library.take_errors(scene.client.get()) ==
        (&scene.library == &openssl() ? "5" : "-0x004c"));
  CHECK(scene.calls().empty());
}

TEST_CASE("tls: a descriptor that comes later starts the handshake") {
  ConnectScene scene(GENERATE(from_range(libraries())));
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
  ConnectScene scene(GENERATE(from_range(libraries())));
  SocketPair first;
  SocketPair second;
  bufferevent_setfd(scene.client.get(), first.first);
  scene.serve(first.second);
  scene.calls();
  REQUIRE(scene.client_calls->events == std::vector<short>{BEV_EVENT_CONNECTED});
  const Bufferevent old_server = std::move(scene.server);
  if (GENERATE(false, true)) {
    CHECK(bufferevent_setfd(scene.client.get(), -1) == 0);
    CHECK(bufferevent_getfd(scene.client.get()) == -1);
    if (&scene.library == &openssl()) {
      CHECK(SSL_get_fd(bufferevent_openssl_get_ssl(scene.client.get())) == -1);
    }
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

TEST_CASE("tls: without a descriptor nothing is waited for") {
  ConnectScene scene(GENERATE(from_range(libraries())));
  SocketPair sockets;
  const timeval timeout = ms(5000);
  bufferevent_set_timeouts(scene.client.get(), &timeout, &timeout);
  bufferevent_setfd(scene.client.get(), sockets.first);
  scene.serve(sockets.second);
  scene.calls();
  CHECK(scene.client_calls->events == std::vector<short>{BEV_EVENT_CONNECTED});
  bufferevent_disable(scene.client.get(), EV_READ | EV_WRITE);
  bufferevent_setfd(scene.client.get(), -1);
  scene.server.reset();
  const std::int64_t start = now_ms();
  CHECK(event_base_dispatch(scene.base.get()) == 1);
  CHECK(now_ms() - start < 4000);
  CHECK(scene.client_calls->events.size() == 1);
  sockets.second = -1;
}

// Of OpenSSL, whose object tells how far it is. The end that follows the new handshake at once is
// that of the connection which the callback has left.
TEST_CASE("tls: the callback of a new handshake may replace the descriptor") {
  INTENDED_DIFFERENCE("the reference says at once that the new handshake is done");
  const TlsSettings settings(TLS1_2_VERSION);
  const Base client_base = make_base();
  const Base server_base = make_base();
  SocketPair sockets;
  SocketPair others;
  Journal journal;
  const auto make = [&](const Base& base, int fd, bool is_server) {
    Bufferevent bev(openssl().over_socket(
        base.get(), fd, openssl().make(settings, is_server),
        is_server ? BUFFEREVENT_SSL_ACCEPTING : BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE));
    bufferevent_enable(bev.get(), EV_READ | EV_WRITE);
    return bev;
  };
  const Bufferevent client = make(client_base, std::exchange(sockets.first, -1), false);
  const Bufferevent server = make(server_base, std::exchange(sockets.second, -1), true);
  Journal::Subject& calls = journal.watch(server);
  for (int i = 0; i < 6; ++i) {
    settle(client_base);
    settle(server_base);
  }
  REQUIRE(journal.text() == "connected");
  REQUIRE(bufferevent_ssl_renegotiate(server.get()) >= 0);
  calls.on_event = [&](bufferevent* bev, short) {
    calls.on_event = nullptr;
    bufferevent_setfd(bev, std::exchange(others.first, -1));
  };
  SSL* const ssl = bufferevent_openssl_get_ssl(client.get());
  bool negotiating = false;
  for (int i = 0; i < 20 && calls.events.size() < 2; ++i) {
    event_base_loop(client_base.get(), EVLOOP_NONBLOCK);
    if (negotiating && SSL_in_init(ssl) == 0) {
      SSL_shutdown(ssl);
      event_base_loop(client_base.get(), EVLOOP_NONBLOCK);
    }
    negotiating = SSL_in_init(ssl) != 0;
    event_base_loop(server_base.get(), EVLOOP_NONBLOCK);
  }
  CHECK(SSL_get_shutdown(ssl) == SSL_SENT_SHUTDOWN);
  settle(server_base);
  CHECK(journal.text() == "connected connected");
  const Bufferevent second = make(server_base, std::exchange(others.second, -1), false);
  settle(server_base);
  CHECK(journal.text() == "connected connected connected");
}

TEST_CASE("tls: an object that is open already needs no handshake") {
  const TlsObjects on(*GENERATE(from_range(libraries())));
  on.client.set_descriptor(on.sockets.first);
  on.server.set_descriptor(on.sockets.second);
  for (int i = 0; i < 4; ++i) {
    on.client.shake_hands();
    on.server.shake_hands();
  }
  REQUIRE((on.client.shake_hands() && on.server.shake_hands()));
  const Bufferevent bev(on.library.over_socket(on.base.get(), on.sockets.first, on.client.get(),
                                               BUFFEREVENT_SSL_OPEN, 0));
  Journal journal;
  journal.watch(bev);
  bufferevent_enable(bev.get(), EV_READ | EV_WRITE);
  write_text(bev, "to the server");
  settle(on.base);
  CHECK(on.server.read() == "to the server");
  CHECK(on.server.write("to the client"));
  settle(on.base);
  CHECK(take_input(bev) == "to the client");
  CHECK(journal.text() == "write read");
}

// Of OpenSSL; tls_mbedtls_test.cpp has it for Mbed TLS.
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
