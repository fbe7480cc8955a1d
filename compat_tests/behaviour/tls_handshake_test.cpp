// The handshake: how it begins, ends and fails, and what comes after it in the protocol.
#include "tls_tools.h"

using namespace event_cases;

TEST_CASE("tls: a handshake ends with one event on each side") {
  const Carrier carrier = GENERATE(from_range(kCarriers));
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  TlsScene scene({.carrier = carrier, .version = version});
  INFO(carrier_name(carrier));
  // In TLS 1.3 the client is ready first, before that the server.
  CHECK(scene.calls() ==
        (version == TLS1_3_VERSION ? "c:connected s:connected" : "s:connected c:connected"));
  CHECK(scene.calls().empty());
  CHECK(SSL_version(scene.client_ssl()) == version);
}

TEST_CASE("tls: the handshake needs no reading enabled") {
  const Carrier carrier = GENERATE(from_range(kCarriers));
  if (carrier == Carrier::kFilterOverPair) {
    INTENDED_DIFFERENCE("over a pair the reference waits until reading is enabled");
  }
  TlsScene scene({.carrier = carrier, .enabled = 0});
  CHECK(scene.shake_hands());
}

TEST_CASE("tls: what is written before the handshake follows it") {
  TlsScene scene(GENERATE(from_range(kCarriers)));
  write_text(scene.client, "early");
  CHECK(scene.shake_hands());
  CHECK(run_until(scene.base, [&] { return input_length(scene.server) == 5; }));
  CHECK(take_input(scene.server) == "early");
}

TEST_CASE("tls: a certificate that is refused is an error on both sides, with its reasons") {
  const Carrier carrier = GENERATE(from_range(kCarriers));
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  TlsScene scene({.carrier = carrier, .version = version});
  SSL_set1_host(scene.client_ssl(), "elsewhere.example");
  const std::string calls = scene.calls();
  CHECK(scene.client_calls->events.front() == (BEV_EVENT_READING | BEV_EVENT_ERROR));
  CHECK(scene.server_calls->events == std::vector<short>{BEV_EVENT_READING | BEV_EVENT_ERROR});
  CHECK(take_errors(scene.server) == "sslv3 alert bad certificate; 1");
  if (carrier == Carrier::kSocket || on_relevent()) {
    // Over another bufferevent the reference reports it twice.
    CHECK(calls == "c:reading|error s:reading|error");
    CHECK(take_errors(scene.client) == "certificate verify failed; 1");
  }
  CHECK(take_errors(scene.client).find("?") == std::string::npos);
  scene.journal.clear();
  write_text(scene.client, "x");
  CHECK(scene.calls().empty());
}

TEST_CASE("tls: what is no TLS is an error") {
  const TlsSettings settings;
  const Base base = make_base();
  Journal journal;
  const bool server = GENERATE(false, true);
  SocketPair sockets;
  const Bufferevent bev(bufferevent_openssl_socket_new(
      base.get(), sockets.first, (server ? settings.server() : settings.client()).release(),
      server ? BUFFEREVENT_SSL_ACCEPTING : BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE));
  sockets.first = -1;
  journal.watch(bev);
  bufferevent_enable(bev.get(), EV_READ | EV_WRITE);
  write_text(sockets.second, "GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n");
  settle(base);
  CHECK(journal.text() == "reading|error");
  CHECK(take_errors(bev) == "http request; 1");
  sockets.close_second();
  settle(base);
  CHECK(journal.text() == "reading|error");
}

TEST_CASE("tls: an end within the handshake is an error in any case") {
  const TlsSettings settings;
  const Base base = make_base();
  Journal journal;
  const bool dirty = GENERATE(false, true);
  SocketPair sockets;
  const Bufferevent bev(
      bufferevent_openssl_socket_new(base.get(), sockets.first, settings.server().release(),
                                     BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE));
  sockets.first = -1;
  bufferevent_openssl_set_allow_dirty_shutdown(bev.get(), dirty);
  journal.watch(bev);
  bufferevent_enable(bev.get(), EV_READ | EV_WRITE);
  write_text(sockets.second, "\x16\x03");
  sockets.close_second();
  settle(base);
  CHECK(journal.text() == "reading|error");
  CHECK(take_errors(bev) == "unexpected eof while reading; 1");
}

TEST_CASE("tls: a server of TLS 1.2 asks for a new handshake") {
  const Carrier carrier = GENERATE(from_range(kCarriers));
  if (carrier != Carrier::kSocket) {
    INTENDED_DIFFERENCE("over another bufferevent the reference waits for ever");
  }
  TlsScene scene({.carrier = carrier, .version = TLS1_2_VERSION});
  REQUIRE(scene.shake_hands());
  CHECK(bufferevent_ssl_renegotiate(scene.server.get()) >= 0);
  CHECK(run_until(scene.base, [&] {
    scene.settle();
    return !scene.server_calls->events.empty();
  }));
  CHECK(scene.server_calls->events == std::vector<short>{BEV_EVENT_CONNECTED});
  write_text(scene.client, "x");
  write_text(scene.server, "y");
  CHECK(run_until(scene.base, [&] {
    return input_length(scene.client) == 1 && input_length(scene.server) == 1;
  }));
}

TEST_CASE("tls: TLS 1.3 refuses a new handshake and goes on") {
  INTENDED_DIFFERENCE("the reference loses the connection over it");
  TlsScene scene({.carrier = GENERATE(from_range(kCarriers)), .version = TLS1_3_VERSION});
  REQUIRE(scene.shake_hands());
  CHECK(bufferevent_ssl_renegotiate(scene.client.get()) == -1);
  write_text(scene.client, "x");
  scene.calls();
  CHECK(take_input(scene.server) == "x");
}

TEST_CASE("tls: keys are changed under way") {
  TlsScene scene({.carrier = GENERATE(from_range(kCarriers)), .version = TLS1_3_VERSION});
  REQUIRE(scene.shake_hands());
  for (int round = 0; round < 3; ++round) {
    CHECK(SSL_key_update(scene.client_ssl(), SSL_KEY_UPDATE_REQUESTED) == 1);
    write_text(scene.client, "x");
    write_text(scene.server, "y");
    scene.calls();
    CHECK(take_input(scene.server) == "x");
    CHECK(take_input(scene.client) == "y");
  }
}

TEST_CASE("tls: a session is taken up again") {
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  const TlsSettings settings(version);
  const Base base = make_base();
  Journal journal;
  SSL_SESSION* session = nullptr;
  for (int round = 0; round < 2; ++round) {
    SocketPair sockets;
    Ssl client_ssl = settings.client();
    if (session != nullptr) {
      SSL_set_session(client_ssl.get(), session);
      SSL_SESSION_free(session);
    }
    const Bufferevent client(bufferevent_openssl_socket_new(
        base.get(), sockets.first, client_ssl.get(), BUFFEREVENT_SSL_CONNECTING, 0));
    const Bufferevent server(
        bufferevent_openssl_socket_new(base.get(), sockets.second, settings.server().release(),
                                       BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE));
    bufferevent_enable(client.get(), EV_READ);
    bufferevent_enable(server.get(), EV_READ);
    sockets.second = -1;
    write_text(server, "the tickets come before this");
    CHECK(run_until(base, [&] { return input_length(client) != 0; }));
    CHECK(SSL_session_reused(client_ssl.get()) == round);
    session = SSL_get1_session(client_ssl.get());
    SSL_set_shutdown(client_ssl.get(), SSL_SENT_SHUTDOWN);
  }
  SSL_SESSION_free(session);
}
