// What is Mbed TLS's own. All else of it is in the other files, beside OpenSSL.
#include <event2/event-config.h>
#ifdef EVENT__HAVE_MBEDTLS
#include <mbedtls/ssl_cache.h>

#include "tls_mbedtls.h"
#include "tracked_memory.h"

using namespace event_cases;

namespace {

// Two queues, in place of a network.
struct Queues {
  std::string to_client;
  std::string to_server;
};
int append(std::string& queue, const unsigned char* block, size_t size) {
  queue.append(reinterpret_cast<const char*>(block), size);
  return static_cast<int>(size);
}
int remove(std::string& queue, unsigned char* block, size_t size) {
  const size_t count = queue.copy(reinterpret_cast<char*>(block), size);
  queue.erase(0, count);
  return count != 0 ? static_cast<int>(count) : MBEDTLS_ERR_SSL_WANT_READ;
}
int send_as_client(void* queues, const unsigned char* block, size_t size) {
  return append(static_cast<Queues*>(queues)->to_server, block, size);
}
int receive_as_client(void* queues, unsigned char* block, size_t size) {
  return remove(static_cast<Queues*>(queues)->to_client, block, size);
}
int send_as_server(void* queues, const unsigned char* block, size_t size) {
  return append(static_cast<Queues*>(queues)->to_client, block, size);
}
int receive_as_server(void* queues, unsigned char* block, size_t size) {
  return remove(static_cast<Queues*>(queues)->to_server, block, size);
}

mbedtls_ssl_context* context_of(const TlsObject& object) {
  return static_cast<mbedtls_ssl_context*>(object.get());
}

}  // namespace

TEST_CASE("tls: Mbed TLS makes TLS bufferevents too") {
  INTENDED_DIFFERENCE("libevent_mbedtls came with libevent 2.2");
  TlsScene scene(Way{mbedtls(), mbedtls(), Carrier::kSocket});
  REQUIRE(scene.shake_hands());
  const MbedTlsCalls& calls = mbedtls_calls();
  CHECK(calls.get_dirty(scene.client.get()) == 0);
  calls.set_dirty(scene.client.get(), 2);
  CHECK(calls.get_dirty(scene.client.get()) == 1);
  calls.set_dirty(scene.client.get(), 0);
  CHECK(calls.get_dirty(scene.client.get()) == 0);
}

TEST_CASE("tls: a bufferevent of one library is none of the other's") {
  INTENDED_DIFFERENCE("libevent_mbedtls came with libevent 2.2");
  const TlsScene scene(Way{mbedtls(), &openssl(), Carrier::kSocket});
  CHECK(bufferevent_openssl_get_ssl(scene.client.get()) == nullptr);
  CHECK(bufferevent_get_openssl_error(scene.client.get()) == 0);
  CHECK(mbedtls_calls().get_ssl(scene.server.get()) == nullptr);
  CHECK(mbedtls_calls().get_error(scene.server.get()) == 0);
  CHECK(bufferevent_openssl_get_allow_dirty_shutdown(scene.client.get()) == 0);
}

TEST_CASE("tls: Mbed TLS has the role in its settings") {
  INTENDED_DIFFERENCE("libevent_mbedtls came with libevent 2.2");
  const TlsSettings settings;
  const Base base = make_base();
  SocketPair sockets;
  const TlsObject client(*mbedtls(), settings, false);
  CHECK(mbedtls()->over_socket(base.get(), sockets.first, client.get(), BUFFEREVENT_SSL_ACCEPTING,
                               0) == nullptr);
  client.set_descriptor(sockets.first);
  CHECK(mbedtls()->over_socket(base.get(), sockets.second, client.get(), BUFFEREVENT_SSL_CONNECTING,
                               0) == nullptr);
  CHECK(is_open(sockets.second));
}

TEST_CASE("tls: Mbed TLS with transport of its own works when it is asked to") {
  INTENDED_DIFFERENCE("libevent_mbedtls came with libevent 2.2");
  const TlsSettings settings;
  const Base base = make_base();
  Queues queues;
  const TlsObject client(*mbedtls(), settings, false);
  const TlsObject server(*mbedtls(), settings, true);
  mbedtls_ssl_set_bio(context_of(client), &queues, send_as_client, receive_as_client, nullptr);
  mbedtls_ssl_set_bio(context_of(server), &queues, send_as_server, receive_as_server, nullptr);
  const Bufferevent bev(
      mbedtls()->over_socket(base.get(), -1, client.get(), BUFFEREVENT_SSL_CONNECTING, 0));
  REQUIRE(bev);
  Journal journal;
  journal.watch(bev);
  bufferevent_enable(bev.get(), EV_READ | EV_WRITE);
  write_text(bev, "hello");
  for (int i = 0; i < 4; ++i) {
    settle(base);
    server.shake_hands();
    bufferevent_flush(bev.get(), EV_READ | EV_WRITE, BEV_NORMAL);
  }
  settle(base);
  CHECK(server.read() == "hello");
  CHECK(server.write("there"));
  bufferevent_flush(bev.get(), EV_READ | EV_WRITE, BEV_NORMAL);
  settle(base);
  CHECK(take_input(bev) == "there");
  CHECK(journal.text().find("error") == std::string::npos);
}

TEST_CASE("tls: Mbed TLS refuses a new handshake that its settings forbid and goes on") {
  INTENDED_DIFFERENCE("libevent_mbedtls came with libevent 2.2");
  TlsScene scene(Way{mbedtls(), mbedtls(), Carrier::kSocket});
  mbedtls_ssl_conf_renegotiation(&scene.settings.mbedtls().client,
                                 MBEDTLS_SSL_RENEGOTIATION_DISABLED);
  REQUIRE(scene.shake_hands());
  CHECK(mbedtls_calls().renegotiate(scene.client.get()) == -1);
  write_text(scene.client, "x");
  scene.settle();
  CHECK(take_input(scene.server) == "x");
}

TEST_CASE("tls: Mbed TLS takes a session up again") {
  INTENDED_DIFFERENCE("libevent_mbedtls came with libevent 2.2");
  mbedtls_ssl_cache_context cache;
  mbedtls_ssl_cache_init(&cache);
  mbedtls_ssl_session session;
  mbedtls_ssl_session_init(&session);
  {
    const TlsSettings settings;
    mbedtls_ssl_conf_session_cache(&settings.mbedtls().server, &cache, mbedtls_ssl_cache_get,
                                   mbedtls_ssl_cache_set);
    const Base base = make_base();
    std::string ids[2];
    for (std::string& id : ids) {
      SocketPair sockets;
      const TlsObject client_object(*mbedtls(), settings, false);
      const TlsObject server_object(*mbedtls(), settings, true);
      if (session.id_len != 0) {
        REQUIRE(mbedtls_ssl_set_session(context_of(client_object), &session) == 0);
      }
      const Bufferevent client(mbedtls()->over_socket(
          base.get(), sockets.first, client_object.get(), BUFFEREVENT_SSL_CONNECTING, 0));
      const Bufferevent server(mbedtls()->over_socket(
          base.get(), sockets.second, server_object.get(), BUFFEREVENT_SSL_ACCEPTING, 0));
      bufferevent_enable(client.get(), EV_READ);
      bufferevent_enable(server.get(), EV_READ);
      write_text(server, "after the handshake");
      CHECK(run_until(base, [&] { return input_length(client) != 0; }));
      REQUIRE(mbedtls_ssl_get_session(context_of(client_object), &session) == 0);
      id.assign(session.id, session.id + session.id_len);
    }
    CHECK((!ids[0].empty() && ids[0] == ids[1]));
  }
  mbedtls_ssl_session_free(&session);
  mbedtls_ssl_cache_free(&cache);
}

TEST_CASE("tls: Mbed TLS's object is made whole or not at all") {
  INTENDED_DIFFERENCE("libevent_mbedtls came with libevent 2.2");
  const TrackedMemory memory;
  const TlsSettings settings;
  const size_t before = TrackedMemory::live();
  TrackedMemory::fail_after(0);
  CHECK(mbedtls_calls().object_new(&settings.mbedtls().client) == nullptr);
  TrackedMemory::never_fail();
  mbedtls_dyncontext* const object = mbedtls_calls().object_new(&settings.mbedtls().client);
  REQUIRE(object != nullptr);
  CHECK(TrackedMemory::live() == before + 1);
  mbedtls_calls().object_free(object);
  mbedtls_calls().object_free(nullptr);
  CHECK(TrackedMemory::live() == before);
}
#endif
