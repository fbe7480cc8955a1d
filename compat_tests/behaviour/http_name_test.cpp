// Clients that connect to a host by its name, which evdns resolves.
#include "dns_tools.h"
#include "http_tools.h"

using namespace http_test;

namespace {

using dns_cases::Bytes;
using dns_cases::Query;

std::vector<Bytes> loopback_address() { return {dns_cases::a("127.0.0.1")}; }

// A nameserver, a web server, and a client that has only the name of the latter.
class NamedScene {
 public:
  explicit NamedScene(dns_cases::Server::Script script)
      : names(base, std::move(script)),
        http(evhttp_new(base.get())),
        resolver(dns_cases::make_resolver(base, {&names})) {
    evhttp_set_gencb(
        http.get(), [](evhttp_request* request, void*) { reply(request, 200, "OK", "hi"); },
        nullptr);
    evhttp_bound_socket* const socket = evhttp_bind_socket_with_handle(http.get(), "127.0.0.1", 0);
    REQUIRE(socket != nullptr);
    const int port = port_of(evhttp_bound_socket_get_fd(socket));
    client.reset(evhttp_connection_base_new(base.get(), resolver.get(), "web.test",
                                            static_cast<ev_uint16_t>(port)));
    REQUIRE(client);
    evhttp_connection_set_family(client.get(), AF_INET);
  }

  evhttp_request* make() {
    evhttp_request* const request = evhttp_request_new(done, this);
    evhttp_request_set_error_cb(request, failed);
    CHECK(evhttp_make_request(client.get(), request, EVHTTP_REQ_GET, "/") == 0);
    return request;
  }
  // What has happened, once this much has.
  string wait(std::size_t count) {
    CHECK(run_until(base.get(), [this, count] { return log.size() >= count; }));
    string text;
    for (const string& line : std::exchange(log, {})) {
      text += line + ";";
    }
    return text;
  }
  bool asked(std::size_t count) {
    return run_until(base.get(), [this, count] { return names.queries.size() >= count; });
  }

  Base base = make_base();
  dns_cases::Server names;
  std::unique_ptr<evhttp, FreeWith<evhttp_free>> http;
  dns_cases::OwnResolver resolver;
  std::unique_ptr<evhttp_connection, FreeWith<evhttp_connection_free>> client;
  std::vector<string> log;

 private:
  static void done(evhttp_request* request, void* self) {
    static_cast<NamedScene*>(self)->log.push_back(
        request == nullptr ? "null"
                           : std::to_string(evhttp_request_get_response_code(request)) + " " +
                                 text_of(evhttp_request_get_input_buffer(request)));
  }
  static void failed(evhttp_request_error error, void* self) {
    static_cast<NamedScene*>(self)->log.push_back("error " + std::to_string(error));
  }
};

}  // namespace

TEST_CASE("evhttp_connection_base_new: a name is looked up for each connection") {
  NamedScene scene(dns_cases::always(loopback_address()));
  scene.make();
  scene.make();
  CHECK(scene.wait(2) == "200 hi;200 hi;");
  scene.make();
  CHECK(scene.wait(1) == "200 hi;");
  CHECK(scene.names.names() == std::vector<string>{"web.test"});
}

TEST_CASE("evhttp_connection_base_new: each request fails for a name that does not exist") {
  NamedScene scene(dns_cases::refuse(3));
  scene.make();
  scene.make();
  CHECK(scene.wait(4) == "error 1;null;error 1;null;");
  CHECK(scene.names.queries.size() == 2);
}

TEST_CASE("evhttp_connection_set_retries: a name that does not exist is not looked up again") {
  NamedScene scene(dns_cases::refuse(3));
  evhttp_connection_set_retries(scene.client.get(), 3);
  scene.make();
  CHECK(scene.wait(2) == "error 1;null;");
  CHECK(scene.names.queries.size() == 1);
}

TEST_CASE("evhttp_connection_free: while its name is looked up") {
  NamedScene scene(dns_cases::mute());
  scene.make();
  CHECK(scene.asked(1));
  scene.client.reset();
  scene.names.send_last(scene.names.queries.back().answer(loopback_address()));
  dns_cases::spin(scene.base);
  CHECK(scene.log.empty());
}

TEST_CASE("evhttp_cancel_request: while its name is looked up") {
  INTENDED_DIFFERENCE("the reference goes on with both look-ups and uses freed memory");
  NamedScene scene(dns_cases::mute());
  evhttp_request* const first = scene.make();
  CHECK(scene.asked(1));
  evhttp_cancel_request(first);
  CHECK(scene.wait(1) == "error 4;");
  SECTION("the answer is for nobody") {
    scene.names.send_last(scene.names.queries.back().answer(loopback_address()));
    dns_cases::spin(scene.base);
    CHECK(bufferevent_getfd(evhttp_connection_get_bufferevent(scene.client.get())) == -1);
  }
  SECTION("the next request looks it up anew") {
    scene.make();
    CHECK(scene.asked(2));
    scene.names.send_last(scene.names.queries.back().answer(loopback_address()));
    CHECK(scene.wait(1) == "200 hi;");
  }
}

TEST_CASE("evhttp_make_request: again and again where connecting fails at once") {
  INTENDED_DIFFERENCE("the reference nests a call for each request");
  struct Tries {
    const Base base = make_base();
    // No name is that long, so nobody has to be asked.
    evhttp_connection* connection =
        evhttp_connection_base_new(base.get(), nullptr, string(300, 'a').c_str(), 80);
    int left = 1000;
    int depth = 0;
    int deepest = 0;

    void make() {
      deepest = std::max(deepest, ++depth);
      evhttp_request* const request = evhttp_request_new(
          [](evhttp_request*, void* self) {
            if (--static_cast<Tries*>(self)->left > 0) {
              static_cast<Tries*>(self)->make();
            }
          },
          this);
      CHECK(evhttp_make_request(connection, request, EVHTTP_REQ_GET, "/") == 0);
      --depth;
    }
  } tries;
  tries.make();
  CHECK(tries.left > 0);  // the loop has a say in it
  CHECK(run_until(tries.base.get(), [&] { return tries.left == 0; }));
  CHECK(tries.deepest <= 2);
  evhttp_connection_free(tries.connection);
}
