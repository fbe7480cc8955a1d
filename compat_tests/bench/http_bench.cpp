// A server that says hello to `wrk`, one that sends large bodies, and what the handling of a
// request takes without the network.
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <string>

#include "groups.h"
#include "http_raw.h"
#include "http_server.h"
#include "wrk.h"

namespace bench {
namespace {

constexpr std::size_t kBody = std::size_t{1} << 20;
constexpr std::size_t kDownloads = 4;

void hello(Meter& meter, std::size_t connections) {
  Listener listener;
  const std::string port = listener.port();
  const Base base = make_base();
  HttpServer server(base, listener, HttpServer::hello);
  const Process load = wrk("http", port, connections);
  meter.measure([&](std::int64_t requests) { server.serve(requests); });
}

void hello_raw(Meter& meter, std::size_t connections) {
  const Listener listener;
  RawHttpServer server(listener.fd(), kHelloReply);
  const Process load = wrk("http", listener.port(), connections);
  meter.measure([&](std::int64_t requests) { server.serve(requests); });
}

// Clients that forget what they read, and so are never what the server waits for.
void large_bodies(Meter& meter, const HttpServer::Body& body) {
  Listener listener;
  const Base base = make_base();
  HttpServer server(base, listener, body);
  const Process load([&] {
    RawHttpClients clients(listener.address(), kDownloads, kHelloRequest);
    clients.ask(INT64_MAX);
  });
  meter.measure([&](std::int64_t requests) { server.serve(requests); });
}

void bodies_by_reference(Meter& meter) {
  const std::string content(kBody, 'b');
  large_bodies(meter, [&](evbuffer* body) {
    evbuffer_add_reference(body, content.data(), content.size(), nullptr, nullptr);
  });
}

void bodies_from_file(Meter& meter) {
  const std::unique_ptr<std::FILE, FreeWith<std::fclose>> file(std::tmpfile());
  const std::string content(kBody, 'b');
  require(file != nullptr &&
              std::fwrite(content.data(), 1, content.size(), file.get()) == content.size() &&
              std::fflush(file.get()) == 0,
          "there is no room for a file");
  large_bodies(meter, [&](evbuffer* body) {
    evbuffer_add_file(body, dup(fileno(file.get())), 0, static_cast<ev_off_t>(kBody));
  });
}

// In one process: sends a batch of requests in one piece, and turns the loop until all are
// answered.
void in_one_process(Meter& meter, const std::string& request, std::size_t batch) {
  Listener listener;
  const Base base = make_base();
  const int client = connect_to(listener.address());
  HttpServer server(base, listener, HttpServer::hello);
  std::string requests;
  for (std::size_t i = 0; i < batch; ++i) {
    requests += request;
  }
  std::array<char, 65536> replies;
  const auto exchange = [&] {
    send_all(client, requests);
    std::size_t received = 0;
    while (received < batch * kHelloReply.size()) {
      const ssize_t size = recv(client, replies.data(), replies.size(), MSG_DONTWAIT);
      if (size > 0) {
        received += static_cast<std::size_t>(size);
      } else {
        event_base_loop(base.get(), EVLOOP_ONCE);
      }
    }
  };
  exchange();
  meter.measure_batches(
      static_cast<std::int64_t>(batch), [] {}, exchange);
  close(client);
}

std::string request_with_headers(int count) {
  std::string request = kHelloRequest;
  request.erase(request.size() - 2);
  for (int i = 0; i < count; ++i) {
    request += "X-Header-Number-" + std::to_string(i) + ": a value of usual length, " +
               std::to_string(i * i) + "\r\n";
  }
  return request + "\r\n";
}

}  // namespace

void add_http_benchmarks(Table& table) {
  for (const std::size_t connections : {1U, 100U, 1000U}) {
    table.push_back({"http " + std::to_string(connections), "one request of wrk",
                     [connections](Meter& meter) { hello(meter, connections); },
                     [connections](Meter& meter) { hello_raw(meter, connections); },
                     connections >= 1000, Kind::kWithPeer, "wrk"});
  }
  table.push_back({"http body by reference", "a reply of 1 MiB", bodies_by_reference, nullptr, true,
                   Kind::kWithPeer});
  table.push_back({"http body from file", "a reply of 1 MiB", bodies_from_file, nullptr, true,
                   Kind::kWithPeer});
  table.push_back({"http request", "a request and its reply, both ends in one process",
                   [](Meter& meter) { in_one_process(meter, kHelloRequest, 1); }, nullptr});
  table.push_back({"http pipelined", "one of 16 requests in one piece",
                   [](Meter& meter) { in_one_process(meter, kHelloRequest, 16); }, nullptr});
  table.push_back({"http pipelined, 20 headers", "one of 16 requests in one piece",
                   [](Meter& meter) { in_one_process(meter, request_with_headers(20), 16); },
                   nullptr});
}

}  // namespace bench
