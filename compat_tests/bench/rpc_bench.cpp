// Calls of an RPC over loopback, client and server in one loop.
#include <event2/event_compat.h>
#include <event2/http.h>
#include <event2/rpc.h>
#include <event2/rpc_struct.h>
#include <netinet/in.h>

#include "groups.h"
#include "messages.gen.h"
#include "objects.h"

EVRPC_HEADER(Add, Numbers, Sum)
EVRPC_GENERATE(Add, Numbers, Sum)

namespace bench {
namespace {

void answer(EVRPC_STRUCT(Add) * call, void*) {
  ev_uint32_t a = 0;
  ev_uint32_t b = 0;
  EVTAG_GET(call->request, a, &a);
  EVTAG_GET(call->request, b, &b);
  EVTAG_ASSIGN(call->reply, sum, a + b);
  EVRPC_REQUEST_DONE(call);
}

class Calls {
 public:
  explicit Calls(int connections) : connections_(connections) {
    evhttp_bound_socket* const socket = evhttp_bind_socket_with_handle(http_, "127.0.0.1", 0);
    require(socket != nullptr, "the server has no socket");
    sockaddr_in address{};
    socklen_t size = sizeof(address);
    getsockname(evhttp_bound_socket_get_fd(socket), reinterpret_cast<sockaddr*>(&address), &size);
    require(EVRPC_REGISTER(server_, Add, Numbers, Sum, answer, nullptr) == 0, "not registered");
    for (int i = 0; i < connections; ++i) {
      evrpc_pool_add_connection(pool_, evhttp_connection_base_new(nullptr, nullptr, "127.0.0.1",
                                                                  ntohs(address.sin_port)));
    }
  }
  ~Calls() {
    evrpc_pool_free(pool_);
    evrpc_free(server_);
    evhttp_free(http_);
  }
  Calls(const Calls&) = delete;
  Calls& operator=(const Calls&) = delete;

  // So many calls, one on each connection at a time.
  void make(std::int64_t count) {
    to_send_ = to_finish_ = count;
    for (int i = 0; i < connections_; ++i) {
      send();
    }
    require(event_base_dispatch(base_.get()) >= 0, "event_base_dispatch failed");
    require(to_finish_ == 0, "calls were lost");
  }

 private:
  void send() {
    if (to_send_ == 0) {
      return;
    }
    --to_send_;
    Numbers* const request = Numbers_new();
    EVTAG_ASSIGN(request, a, 40);
    EVTAG_ASSIGN(request, b, 2);
    require(EVRPC_MAKE_REQUEST(Add, pool_, request, Sum_new(), done, this) == 0, "not sent");
  }
  static void done(evrpc_status* status, Numbers* request, Sum* reply, void* argument) {
    auto* const self = static_cast<Calls*>(argument);
    require(status->error == EVRPC_STATUS_ERR_NONE, "a call failed");
    Numbers_free(request);
    Sum_free(reply);
    if (--self->to_finish_ == 0) {
      event_base_loopbreak(self->base_.get());
    }
    self->send();
  }

  int connections_;
  // The current base, which the reference needs for connections that have none yet.
  Base base_{event_init()};
  evhttp* http_ = evhttp_new(base_.get());
  evrpc_base* server_ = evrpc_init(http_);
  evrpc_pool* pool_ = evrpc_pool_new(base_.get());
  std::int64_t to_send_ = 0;
  std::int64_t to_finish_ = 0;
};

void add(Table& table, const char* name, int connections) {
  table.push_back({name,
                   "one call and its reply",
                   [connections](Meter& meter) {
                     Calls calls(connections);
                     meter.measure([&](std::int64_t count) { calls.make(count); });
                   },
                   {}});
}

}  // namespace

void add_rpc_benchmarks(Table& table) {
  add(table, "rpc 1 connection", 1);
  add(table, "rpc 16 connections", 16);
}

}  // namespace bench
