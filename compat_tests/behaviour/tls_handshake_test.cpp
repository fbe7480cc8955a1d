// The handshake: how it begins, ends and fails, and what comes after it in the protocol.
#include "tls_tools.h"

using namespace event_cases;

TEST_CASE("tls: a handshake ends with one event on each side") {
  const Way way = GENERATE(from_range(all_versions()));
  TlsScene scene(way);
  // In TLS 1.3 the client is ready first, before that the server.
  const bool client_first = way.version == TLS1_3_VERSION;
  CHECK(scene.calls() == (client_first ? "c:connected s:connected" : "s:connected c:connected"));
  CHECK(scene.calls().empty());
  if (way.is_openssl()) {
    CHECK(SSL_version(scene.client_ssl()) == way.version);
  }
}

TEST_CASE("tls: the handshake needs no reading enabled") {
  const Way way = GENERATE(from_range(all_ways()));
  if (way.carrier == Carrier::kFilterOverPair) {
    INTENDED_DIFFERENCE("over a pair the reference waits until reading is enabled");
  }
  TlsScene scene({.way = way, .enabled = 0});
  CHECK(scene.shake_hands());
}

TEST_CASE("tls: what is written before the handshake follows it") {
  TlsScene scene(GENERATE(from_range(all_ways())));
  write_text(scene.client, "early");
  CHECK(scene.shake_hands());
  CHECK(run_until(scene.base, [&] { return input_length(scene.server) == 5; }));
  CHECK(take_input(scene.server) == "early");
}

TEST_CASE("tls: a certificate that is refused is an error on both sides, with its reasons") {
  const Way way = GENERATE(from_range(all_versions()));
  TlsScene scene(way);
  way.client->expect_host(scene.client.get(), "elsewhere.example");
  const std::string calls = scene.calls();
  CHECK(scene.client_calls->events.front() == (BEV_EVENT_READING | BEV_EVENT_ERROR));
  CHECK(scene.server_calls->events == std::vector<short>{BEV_EVENT_READING | BEV_EVENT_ERROR});
  CHECK(scene.server_errors() ==
        (way.server == &openssl() ? "sslv3 alert bad certificate; 1" : "-0x7780"));
  if (way.over_socket() || on_relevent()) {
    // Over another bufferevent the reference reports it twice.
    CHECK(calls == "c:reading|error s:reading|error");
    CHECK(scene.client_errors() ==
          (way.client == &openssl() ? "certificate verify failed; 1" : "-0x2700"));
  }
  CHECK(scene.client_errors().find("?") == std::string::npos);
  scene.journal.clear();
  write_text(scene.client, "x");
  CHECK(scene.calls().empty());
}

namespace {

// One end over a socket; the case plays the other, which speaks no TLS.
struct LonelyScene {
  explicit LonelyScene(bool is_server)
      : bev(library.over_socket(base.get(), sockets.first, library.make(settings, is_server),
                                is_server ? BUFFEREVENT_SSL_ACCEPTING : BUFFEREVENT_SSL_CONNECTING,
                                BEV_OPT_CLOSE_ON_FREE)) {
    sockets.first = -1;
    journal.watch(bev);
    bufferevent_enable(bev.get(), EV_READ | EV_WRITE);
  }

  const TlsLibrary& library = *GENERATE(from_range(libraries()));
  const TlsSettings settings;
  const Base base = make_base();
  Journal journal;
  SocketPair sockets;
  const Bufferevent bev;
};

}  // namespace

TEST_CASE("tls: what is no TLS is an error") {
  const bool is_server = GENERATE(false, true);
  LonelyScene scene(is_server);
  write_text(scene.sockets.second, "GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n");
  settle(scene.base);
  CHECK(scene.journal.text() == "reading|error");
  CHECK(scene.library.take_errors(scene.bev.get()) == (&scene.library == &openssl()
                                                           ? "http request; 1"
                                                       : is_server ? "-0x7900"
                                                                   : "-0x7200"));
  scene.sockets.close_second();
  settle(scene.base);
  CHECK(scene.journal.text() == "reading|error");
}

TEST_CASE("tls: an end within the handshake is an error in any case") {
  LonelyScene scene(true);
  bufferevent_openssl_set_allow_dirty_shutdown(scene.bev.get(), GENERATE(0, 1));
  write_text(scene.sockets.second, "\x16\x03");
  scene.sockets.close_second();
  settle(scene.base);
  CHECK(scene.journal.text() == "reading|error");
  CHECK(scene.library.take_errors(scene.bev.get()) ==
        (&scene.library == &openssl() ? "unexpected eof while reading; 1" : "-0x7280"));
}

TEST_CASE("tls: a server of TLS 1.2 asks for a new handshake") {
  Way way = GENERATE(from_range(all_ways()));
  if (!way.over_socket()) {
    INTENDED_DIFFERENCE("over another bufferevent the reference waits for ever");
  }
  NEEDS(way.client == way.server, "OpenSSL's and Mbed TLS's defaults for it do not fit");
  way.version = TLS1_2_VERSION;
  TlsScene scene(way);
  REQUIRE(scene.shake_hands());
  CHECK(way.server->renegotiate(scene.server.get()) >= 0);
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

TEST_CASE("tls: data that is written during a new handshake comes through") {
  INTENDED_DIFFERENCE("the reference does not bring all of it");
  Way way = GENERATE(from_range(all_ways()));
  NEEDS(way.is_openssl(), "Mbed TLS 2.28 fails if data crosses the server's request");
  way.version = TLS1_2_VERSION;
  const bool reading = GENERATE(true, false);
  TlsScene scene(
      {.way = way, .enabled = static_cast<short>(reading ? EV_READ | EV_WRITE : EV_WRITE)});
  REQUIRE(scene.shake_hands());
  const std::string much(60'000, 'm');
  for (int round = 1; round <= 3; ++round) {
    CHECK(way.server->renegotiate(scene.server.get()) >= 0);
    write_text(scene.client, much);
    write_text(scene.server, much);
    event_base_loop(scene.base.get(), EVLOOP_NONBLOCK);
    write_text(scene.client, much);
    write_text(scene.server, much);
    if (!reading) {
      scene.settle();
      CHECK(input_length(scene.client) + input_length(scene.server) == 0);
      bufferevent_enable(scene.client.get(), EV_READ);
      bufferevent_enable(scene.server.get(), EV_READ);
    }
    const size_t wanted = static_cast<size_t>(round) * 120'000;
    CHECK(run_until(scene.base, [&] {
      return input_length(scene.client) == wanted && input_length(scene.server) == wanted;
    }));
    if (!reading) {
      return;
    }
  }
  CHECK(scene.client_calls->events.empty());
}

TEST_CASE("tls: TLS 1.3 refuses a new handshake and goes on") {
  INTENDED_DIFFERENCE("the reference loses the connection over it");
  Way way = GENERATE(from_range(all_ways()));
  NEEDS(way.has_tls13(), "Mbed TLS 2.28 has no TLS 1.3");
  way.version = TLS1_3_VERSION;
  TlsScene scene(way);
  REQUIRE(scene.shake_hands());
  CHECK(bufferevent_ssl_renegotiate(scene.client.get()) == -1);
  write_text(scene.client, "x");
  scene.calls();
  CHECK(take_input(scene.server) == "x");
}

TEST_CASE("tls: keys are changed under way") {
  Way way = GENERATE(from_range(all_ways()));
  NEEDS(way.has_tls13(), "Mbed TLS 2.28 has no TLS 1.3");
  way.version = TLS1_3_VERSION;
  TlsScene scene(way);
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

// By OpenSSL; tls_mbedtls_test.cpp has it for Mbed TLS.
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
