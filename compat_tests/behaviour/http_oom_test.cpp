// A server and a client in one loop when memory runs out: the exchange may fail, nothing else may.
#include "http_tools.h"
#include "tracked_memory.h"

using namespace http_test;
using event_cases::TrackedMemory;

namespace {

struct Exchange {
  evhttp_connection* connection;
  bool over = false;
};

void answer(evhttp_request* request, void*) {
  evbuffer* const body = evbuffer_new();
  if (body == nullptr) {
    evhttp_send_error(request, HTTP_INTERNAL, nullptr);
    return;
  }
  const char* const path = evhttp_request_get_uri(request);
  evbuffer_add(body, "hello", 5);
  if (path[1] == 's') {
    evhttp_send_reply_start(request, 200, "OK");
    evhttp_send_reply_chunk(request, body);
    evhttp_send_reply_end(request);
  } else if (path[1] == 'e') {
    evhttp_send_error(request, 500, nullptr);
  } else {
    evhttp_send_reply(request, 200, "OK", body);
  }
  evbuffer_free(body);
}

void over(evhttp_request*, void* exchange) { static_cast<Exchange*>(exchange)->over = true; }

void post(Exchange& exchange, const char* path) {
  evhttp_request* const request = evhttp_request_new(over, &exchange);
  if (request == nullptr) {
    exchange.over = true;
    return;
  }
  evhttp_add_header(evhttp_request_get_output_headers(request), "X", "1");
  evbuffer_add(evhttp_request_get_output_buffer(request), "abc", 3);
  if (evhttp_make_request(exchange.connection, request, EVHTTP_REQ_POST, path) != 0) {
    exchange.over = true;
  }
}

}  // namespace

TEST_CASE("http.h: any allocation of an exchange may fail", "[relevent]") {
  INTENDED_DIFFERENCE("the reference crashes when it runs out of memory there");
  const TrackedMemory memory;
  const Base base = make_base();
  evhttp* const http = evhttp_new(base.get());
  evhttp_set_gencb(http, answer, nullptr);
  evhttp_bound_socket* const socket = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
  REQUIRE(socket != nullptr);
  const auto port = static_cast<ev_uint16_t>(port_of(evhttp_bound_socket_get_fd(socket)));
  // A lost message shows as a timeout, not as a hang.
  const timeval limit = ms(200);
  evhttp_set_timeout_tv(http, &limit);
  for (const char* path : {"/", "/stream", "/error"}) {
    long failures = 1;
    for (long n = 0; failures > 0; ++n) {
      REQUIRE(n < 200);
      INFO(path << " " << n);
      Exchange exchange{evhttp_connection_base_new(base.get(), nullptr, "127.0.0.1", port)};
      evhttp_connection_set_timeout_tv(exchange.connection, &limit);
      TrackedMemory::fail_after(n);
      post(exchange, path);
      const bool ended = run_until(base.get(), [&] { return exchange.over; });
      failures = TrackedMemory::failures();
      TrackedMemory::never_fail();
      CHECK(ended);
      evhttp_connection_free(exchange.connection);
      for (int i = 0; i < 5; ++i) {
        event_base_loop(base.get(), EVLOOP_NONBLOCK);
      }
    }
  }
  evhttp_free(http);
  CHECK(TrackedMemory::strangers() == 0);
}

TEST_CASE("evhttp_set_bevcb: no descriptor is left open without memory", "[relevent]") {
  INTENDED_DIFFERENCE("the reference crashes when it runs out of memory there");
  const TrackedMemory memory;
  const Web web([](evhttp_request* request) { reply(request, 200, "OK", "x"); });
  const auto make = [](event_base* base, void*) { return bufferevent_socket_new(base, -1, 0); };
  evhttp_set_bevcb(web.http(), make, nullptr);
  long failures = 1;
  for (long n = 0; failures > 0; ++n) {
    REQUIRE(n < 50);
    INFO(n);
    Peer peer(web.base(), web.port());
    TrackedMemory::fail_after(n);
    event_base_loop(web.base(), EVLOOP_NONBLOCK);
    failures = TrackedMemory::failures();
    TrackedMemory::never_fail();
    peer.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    peer.receive_all();
    CHECK(peer.closed());
  }
}
