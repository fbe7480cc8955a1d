// Connections of evhttp that ask a server, which is by hand and another process, one request after
// the other.
#include <utility>

#include "groups.h"
#include "http_raw.h"
#include "http_server.h"

namespace bench {
namespace {

using HttpConnection = std::unique_ptr<evhttp_connection, FreeWith<evhttp_connection_free>>;

class HttpClients {
 public:
  HttpClients(const Base& base, const sockaddr_in& server, std::size_t count)
      : base_(base.get()), clients_(count) {
    for (Client& client : clients_) {
      client.owner = this;
      client.connection.reset(
          evhttp_connection_base_new(base_, nullptr, "127.0.0.1", ntohs(server.sin_port)));
      require(client.connection != nullptr, "evhttp_connection_base_new failed");
    }
  }

  void ask(std::int64_t requests) {
    left_ = requests;
    if (!std::exchange(started_, true)) {
      for (Client& client : clients_) {
        client.ask();
      }
    }
    require(event_base_dispatch(base_) == 0 && left_ <= 0, "the loop ended early");
  }

 private:
  struct Client {
    HttpClients* owner;
    HttpConnection connection;

    void ask() {
      evhttp_request* const request = evhttp_request_new(on_reply, this);
      require(request != nullptr, "evhttp_request_new failed");
      evhttp_add_header(evhttp_request_get_output_headers(request), "Host", "127.0.0.1");
      require(evhttp_make_request(connection.get(), request, EVHTTP_REQ_GET, "/hello") == 0,
              "evhttp_make_request failed");
    }
  };

  static void on_reply(evhttp_request* request, void* argument) {
    require(request != nullptr && evhttp_request_get_response_code(request) == HTTP_OK,
            "a request failed");
    auto* const client = static_cast<Client*>(argument);
    if (--client->owner->left_ <= 0) {
      event_base_loopbreak(client->owner->base_);
    }
    client->ask();
  }

  event_base* const base_;
  std::vector<Client> clients_;
  std::int64_t left_ = 0;
  bool started_ = false;
};

// The server's process.
class RawServerProcess {
 public:
  const sockaddr_in& address() const { return listener_.address(); }

 private:
  const Listener listener_;
  const Process process_{[this] { RawHttpServer(listener_.fd(), kHelloReply).serve(INT64_MAX); }};
};

void client(Meter& meter, std::size_t connections) {
  const RawServerProcess server;
  const Base base = make_base();
  HttpClients clients(base, server.address(), connections);
  meter.measure([&](std::int64_t requests) { clients.ask(requests); });
}

void client_raw(Meter& meter, std::size_t connections) {
  const RawServerProcess server;
  RawHttpClients clients(server.address(), connections, kHelloRequest);
  meter.measure([&](std::int64_t requests) { clients.ask(requests); });
}

}  // namespace

void add_http_client_benchmarks(Table& table) {
  for (const std::size_t connections : {1U, 100U}) {
    table.push_back({"http client " + std::to_string(connections), "one request",
                     [connections](Meter& meter) { client(meter, connections); },
                     [connections](Meter& meter) { client_raw(meter, connections); }, false,
                     Kind::kWithPeer});
  }
}

}  // namespace bench
