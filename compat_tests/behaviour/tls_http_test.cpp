// evhttp over TLS: the server gets its bufferevents from evhttp_set_bevcb, the client's is handed
// to its connection.
#include "http_tools.h"
#include "tls_tools.h"

using namespace http_test;

namespace {

using event_cases::TlsSettings;

// A server and a client of it; what becomes of requests is written down.
class TlsWeb {
 public:
  TlsWeb() : web([this](evhttp_request* request) { answer(request); }) {
    evhttp_set_allowed_methods(web.http(), EVHTTP_REQ_GET | EVHTTP_REQ_POST);
    evhttp_set_bevcb(web.http(), accept, this);
    connect(web.port());
  }
  static bufferevent* accept(event_base* base, void* self) {
    auto& scene = *static_cast<TlsWeb*>(self);
    ++scene.connections;
    return bufferevent_openssl_socket_new(base, -1, scene.settings.server().release(),
                                          BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
  }
  void connect(int port) {
    bufferevent* const bev =
        bufferevent_openssl_socket_new(web.base(), -1, settings.client().release(),
                                       BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
    REQUIRE(bev != nullptr);
    client.reset(evhttp_connection_base_bufferevent_new(web.base(), nullptr, bev, "127.0.0.1",
                                                        static_cast<ev_uint16_t>(port)));
    REQUIRE(client);
  }

  void make(const char* target, const string& body = "") {
    evhttp_request* const request = evhttp_request_new(done, this);
    evhttp_request_set_error_cb(request, failed);
    evbuffer_add(evhttp_request_get_output_buffer(request), body.data(), body.size());
    CHECK(evhttp_make_request(client.get(), request,
                              body.empty() ? EVHTTP_REQ_GET : EVHTTP_REQ_POST, target) == 0);
  }
  // What has happened, once this much has.
  std::vector<string> wait(std::size_t count) {
    CHECK(run_until(web.base(), [this, count] { return log.size() >= count; }));
    return std::exchange(log, {});
  }

  TlsSettings settings;
  Web web;
  int connections = 0;
  std::vector<string> log;
  std::unique_ptr<evhttp_connection, FreeWith<evhttp_connection_free>> client;

 private:
  void answer(evhttp_request* request) {
    const string target = evhttp_request_get_uri(request);
    if (target == "/chunks") {
      evhttp_send_reply_start(request, 200, "OK");
      chunk(request, "one ");
      chunk(request, "two");
      evhttp_send_reply_end(request);
      return;
    }
    if (target == "/end") {
      evhttp_add_header(evhttp_request_get_output_headers(request), "Connection", "close");
    }
    reply(request, 200, "OK", target + text_of(evhttp_request_get_input_buffer(request)));
  }
  static void done(evhttp_request* request, void* self) {
    static_cast<TlsWeb*>(self)->log.push_back(
        request == nullptr ? "null" : text_of(evhttp_request_get_input_buffer(request)));
  }
  static void failed(evhttp_request_error error, void* self) {
    static_cast<TlsWeb*>(self)->log.push_back("error " + std::to_string(error));
  }
};

}  // namespace

TEST_CASE("evhttp_set_bevcb: requests over TLS share a connection") {
  TlsWeb scene;
  scene.make("/a");
  scene.make("/chunks");
  CHECK(scene.wait(2) == std::vector<string>{"/a", "one two"});
  scene.make("/b");
  CHECK(scene.wait(1) == std::vector<string>{"/b"});
  CHECK(scene.connections == 1);
  CHECK(SSL_is_init_finished(bufferevent_openssl_get_ssl(
            evhttp_connection_get_bufferevent(scene.client.get()))) == 1);
}

TEST_CASE("evhttp_set_bevcb: large bodies both ways over TLS") {
  TlsWeb scene;
  const string body(3 << 20, 'b');
  scene.make("/", body);
  CHECK(scene.wait(1) == std::vector<string>{"/" + body});
}

TEST_CASE("evhttp_set_bevcb: a server over TLS closes when it has said so") {
  TlsWeb scene;
  scene.make("/end");
  CHECK(scene.wait(1) == std::vector<string>{"/end"});
  CHECK(bufferevent_getfd(evhttp_connection_get_bufferevent(scene.client.get())) == -1);
  scene.web.free_server();
  CHECK(event_base_loop(scene.web.base(), EVLOOP_NONBLOCK) == 1);  // nothing is waited for
}

TEST_CASE("evhttp_set_bevcb: a client without TLS is turned away and others are served") {
  TlsWeb scene;
  Peer peer(scene.web.base(), scene.web.port());
  peer.send("GET / HTTP/1.1\r\n\r\n");
  CHECK(peer.receive_all().find("HTTP/") == string::npos);
  scene.make("/a");
  CHECK(scene.wait(1) == std::vector<string>{"/a"});
}

TEST_CASE("evhttp_connection_base_bufferevent_new: a server without TLS fails each request") {
  TlsWeb scene;
  evhttp_set_bevcb(scene.web.http(), nullptr, nullptr);
  scene.make("/a");
  scene.make("/b");
  CHECK(scene.wait(4) == std::vector<string>{"error 1", "null", "error 1", "null"});
  evhttp_set_bevcb(scene.web.http(), TlsWeb::accept, &scene);
  scene.make("/c");
  CHECK(scene.wait(1) == std::vector<string>{"/c"});
}

TEST_CASE("evhttp_connection_set_retries: over TLS a server that is silent is tried again") {
  TlsWeb scene;
  // The connections wait in the backlog of a server that is not run.
  const event_cases::Listener silent;
  scene.connect(ntohs(silent.address.sin_port));
  const timeval time = ms(60);
  evhttp_connection_set_timeout_tv(scene.client.get(), &time);
  evhttp_connection_set_initial_retry_tv(scene.client.get(), &time);
  evhttp_connection_set_retries(scene.client.get(), 1);
  const std::int64_t begin = now_ms();
  scene.make("/a");
  scene.make("/b");
  CHECK(scene.wait(2) == std::vector<string>{"", ""});
  CHECK(now_ms() - begin >= 170);
}

TEST_CASE("evhttp_connection_set_retries: over TLS a server that is not there is tried again") {
  TlsWeb scene;
  const int port = scene.web.port();
  scene.connect(1);  // nobody listens there
  const timeval time = ms(20);
  evhttp_connection_set_initial_retry_tv(scene.client.get(), &time);
  evhttp_connection_set_retries(scene.client.get(), 2);
  const std::int64_t begin = now_ms();
  scene.make("/a");
  scene.make("/b");
  CHECK(scene.wait(2) == std::vector<string>{"", ""});
  CHECK(now_ms() - begin >= 55);
  scene.connect(port);
  scene.make("/c");
  CHECK(scene.wait(1) == std::vector<string>{"/c"});
}
