// What the cases on RPC share: a server of one RPC and a pool of connections to it in one loop.
#pragma once

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event_compat.h>
#include <event2/http.h>
#include <event2/rpc.h>
#include <event2/rpc_struct.h>
#include <sys/socket.h>

#include <cstring>
#include <functional>
#include <string>

#include "messages.gen.h"
#include "support.h"

EVRPC_HEADER(Add, Numbers, Sum)

namespace rpc_cases {

using AddCall = EVRPC_STRUCT(Add);

inline int port_of(evutil_socket_t fd) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  REQUIRE(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return ntohs(address.sin_port);
}

// A call, its messages, and what became of it.
struct Caller {
  explicit Caller(ev_uint32_t a = 40, ev_uint32_t b = 2) {
    CHECK(EVTAG_ASSIGN(request.get(), a, a) == 0);
    CHECK(EVTAG_ASSIGN(request.get(), b, b) == 0);
  }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  int send(evrpc_pool* pool) {
    return EVRPC_MAKE_REQUEST(Add, pool, request.get(), reply.get(), done, this);
  }
  static void done(evrpc_status* status, Numbers* in, Sum* out, void* argument) {
    auto* const self = static_cast<Caller*>(argument);
    CHECK(in == self->request.get());
    CHECK(out == self->reply.get());
    ++self->calls;
    self->error = status->error;
    self->code = status->http_req ? evhttp_request_get_response_code(status->http_req) : -1;
    self->sum = 0;
    EVTAG_GET(out, sum, &self->sum);
    if (self->then) {
      self->then(status);
    }
  }

  std::unique_ptr<Numbers, FreeWith<Numbers_free>> request{Numbers_new()};
  std::unique_ptr<Sum, FreeWith<Sum_free>> reply{Sum_new()};
  std::function<void(evrpc_status*)> then;
  int calls = 0;
  int error = -1;
  int code = 0;
  ev_uint32_t sum = 0;
};

// What a server does with a call.
inline void answer(AddCall* call) {
  ev_uint32_t a = 0;
  ev_uint32_t b = 0;
  CHECK(EVTAG_GET(call->request, a, &a) == 0);
  CHECK(EVTAG_GET(call->request, b, &b) == 0);
  CHECK(EVTAG_ASSIGN(call->reply, sum, a + b) == 0);
  EVRPC_REQUEST_DONE(call);
}

class World {
 public:
  explicit World(int connections = 1) {
    evhttp_bound_socket* const socket = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
    REQUIRE(socket != nullptr);
    port = port_of(evhttp_bound_socket_get_fd(socket));
    CHECK(EVRPC_REGISTER(server, Add, Numbers, Sum, received, this) == 0);
    for (int i = 0; i < connections; ++i) {
      evrpc_pool_add_connection(pool, connect());
    }
  }
  ~World() {
    free_pool();
    free_server();
    evhttp_free(http);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // For early ends.
  void free_pool() {
    if (pool != nullptr) {
      evrpc_pool_free(pool);
      pool = nullptr;
    }
  }
  void free_server() {
    if (server != nullptr) {
      evrpc_free(server);
      server = nullptr;
    }
  }

  // A connection for a pool, which gives it its base.
  evhttp_connection* connect() const { return connect_to(port); }
  static evhttp_connection* connect_to(int to) {
    evhttp_connection* const connection =
        evhttp_connection_base_new(nullptr, nullptr, "127.0.0.1", static_cast<ev_uint16_t>(to));
    REQUIRE(connection != nullptr);
    return connection;
  }

  // Runs the loop until the condition holds; false if that takes too long.
  bool run_until(const std::function<bool()>& condition) const {
    const Event tick(event_new(
        base.get(), -1, EV_PERSIST, [](evutil_socket_t, short, void*) {}, nullptr));
    const timeval interval = ms(20);
    event_add(tick.get(), &interval);
    for (const auto end = now_ms() + 8000; !condition();) {
      if (now_ms() > end) {
        return false;
      }
      event_base_loop(base.get(), EVLOOP_ONCE);
    }
    return true;
  }
  bool run_until_done(const Caller& caller) const {
    return run_until([&] { return caller.calls > 0; });
  }
  // Lets everything happen that can happen without a timer.
  void settle() const {
    const auto end = now_ms() + 100;
    CHECK(run_until([&] { return now_ms() > end; }));
  }

  // The current base, which the reference needs for connections that have none yet.
  Base base{event_init()};
  evhttp* http = evhttp_new(base.get());
  evrpc_base* server = evrpc_init(http);
  evrpc_pool* pool = evrpc_pool_new(base.get());
  int port = 0;

  int received_calls = 0;
  std::function<void(AddCall*)> on_call = answer;

 private:
  static void received(AddCall* call, void* argument) {
    auto* const world = static_cast<World*>(argument);
    ++world->received_calls;
    // What it does may change it.
    const auto on_call = world->on_call;
    on_call(call);
  }
};

}  // namespace rpc_cases
