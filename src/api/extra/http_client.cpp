// event2/http.h: the client
#include <event2/bufferevent_struct.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_compat.h>

#include "base/attributes.h"
#include "http/client_connection.h"
#include "http/current_base.h"
#include "http/server.h"

using relevent::http::ClientConnection;
using relevent::http::Request;

namespace {

// Settings that the connections of servers do not have leave those alone.
template <class Use>
void if_client(evhttp_connection& connection, Use use) {
  if (ClientConnection* const client = connection.as_client(); client != nullptr) {
    use(*client);
  }
}

// For time limits, which the connections of servers have, too. `set` is the client's way.
template <class Set>
void set_timeouts(evhttp_connection& connection, const timeval* time, short directions, Set set) {
  if (ClientConnection* const client = connection.as_client(); client != nullptr) {
    set(*client);
    return;
  }
  bufferevent* const bufev = connection.bufev();
  const timeval read = bufev->timeout_read;
  const timeval write = bufev->timeout_write;
  bufferevent_set_timeouts(bufev, (directions & EV_READ) != 0 ? time : &read,
                           (directions & EV_WRITE) != 0 ? time : &write);
}

}  // namespace

extern "C" {

RELEVENT_API evhttp_connection* evhttp_connection_base_bufferevent_new(
    event_base* base, evdns_base* dns, bufferevent* bev, const char* address, ev_uint16_t port) {
  return ClientConnection::create(base, dns, bev, address, port);
}

RELEVENT_API evhttp_connection* evhttp_connection_base_new(event_base* base, evdns_base* dns,
                                                           const char* address, ev_uint16_t port) {
  return ClientConnection::create(base, dns, nullptr, address, port);
}

RELEVENT_API evhttp_connection* evhttp_connection_base_bufferevent_unix_new(event_base* base,
                                                                            bufferevent* bev,
                                                                            const char* path) {
  return ClientConnection::create_unix(base, bev, path);
}

RELEVENT_API evhttp_connection* evhttp_connection_new(const char* address, ev_uint16_t port) {
  return ClientConnection::create(nullptr, nullptr, nullptr, address, port);
}

RELEVENT_API void evhttp_connection_set_base(evhttp_connection* evcon, event_base* base) {
  if_client(*evcon, [&](ClientConnection& client) { client.set_base(base); });
}

RELEVENT_API void evhttp_connection_free_on_completion(evhttp_connection* evcon) {
  if_client(*evcon, [](ClientConnection& client) { client.free_on_completion(); });
}

// --- Settings ---

RELEVENT_API void evhttp_connection_set_family(evhttp_connection* evcon, int family) {
  if_client(*evcon, [&](ClientConnection& client) { client.set_family(family); });
}

RELEVENT_API int evhttp_connection_set_flags(evhttp_connection* evcon, int flags) {
  if ((flags & ~(EVHTTP_CON_REUSE_CONNECTED_ADDR | EVHTTP_CON_READ_ON_WRITE_ERROR)) != 0) {
    return 1;
  }
  if_client(*evcon, [&](ClientConnection& client) { client.add_flags(flags); });
  return 0;
}

RELEVENT_API void evhttp_connection_set_ext_method_cmp(evhttp_connection* evcon,
                                                       evhttp_ext_method_cb callback) {
  evcon->terms().ext_method = callback;
}

RELEVENT_API void evhttp_connection_set_local_address(evhttp_connection* evcon,
                                                      const char* address) {
  if_client(*evcon, [&](ClientConnection& client) { client.set_local_address(address); });
}

RELEVENT_API void evhttp_connection_set_local_port(evhttp_connection* evcon, ev_uint16_t port) {
  if_client(*evcon, [&](ClientConnection& client) { client.set_local_port(port); });
}

RELEVENT_API void evhttp_connection_set_timeout_tv(evhttp_connection* evcon, const timeval* tv) {
  set_timeouts(*evcon, tv, EV_READ | EV_WRITE, [tv](ClientConnection& client) {
    client.set_connect_timeout(tv);
    client.set_read_timeout(tv);
    client.set_write_timeout(tv);
  });
}

RELEVENT_API void evhttp_connection_set_timeout(evhttp_connection* evcon, int seconds) {
  const timeval tv = {seconds > 0 ? seconds : 0, 0};
  evhttp_connection_set_timeout_tv(evcon, &tv);
}

RELEVENT_API void evhttp_connection_set_connect_timeout_tv(evhttp_connection* evcon,
                                                           const timeval* tv) {
  if_client(*evcon, [&](ClientConnection& client) { client.set_connect_timeout(tv); });
}

RELEVENT_API void evhttp_connection_set_read_timeout_tv(evhttp_connection* evcon,
                                                        const timeval* tv) {
  set_timeouts(*evcon, tv, EV_READ,
               [tv](ClientConnection& client) { client.set_read_timeout(tv); });
}

RELEVENT_API void evhttp_connection_set_write_timeout_tv(evhttp_connection* evcon,
                                                         const timeval* tv) {
  set_timeouts(*evcon, tv, EV_WRITE,
               [tv](ClientConnection& client) { client.set_write_timeout(tv); });
}

RELEVENT_API void evhttp_connection_set_initial_retry_tv(evhttp_connection* evcon,
                                                         const timeval* tv) {
  const timeval usual = {2, 0};
  if_client(*evcon,
            [&](ClientConnection& client) { client.set_first_pause(tv != nullptr ? *tv : usual); });
}

RELEVENT_API void evhttp_connection_set_retries(evhttp_connection* evcon, int most) {
  if_client(*evcon, [&](ClientConnection& client) { client.set_retries(most); });
}

RELEVENT_API const sockaddr* evhttp_connection_get_addr(evhttp_connection* evcon) {
  const ClientConnection* const client = evcon->as_client();
  return client != nullptr ? client->peer_address() : nullptr;
}

// --- Requests ---

RELEVENT_API int evhttp_make_request(evhttp_connection* evcon, evhttp_request* req,
                                     evhttp_cmd_type type, const char* uri) {
  ClientConnection* const client = evcon->as_client();
  if (client == nullptr) {
    Request::of(*req).release();
    return -1;
  }
  return client->make_request(Request::of(*req), type, uri);
}

RELEVENT_API void evhttp_cancel_request(evhttp_request* req) {
  if (req->evcon == nullptr) {
    Request::of(*req).release();
  } else if (ClientConnection* const client = req->evcon->as_client(); client != nullptr) {
    client->cancel(Request::of(*req));
  } else {
    req->evcon->free();
  }
}

// --- On the current base ---

RELEVENT_API evhttp* evhttp_start(const char* address, ev_uint16_t port) {
  relevent::Owned<evhttp> http(relevent::create<evhttp>(relevent::http::current_base()));
  return http && http->bind(address, port) != nullptr ? http.release() : nullptr;
}

}  // extern "C"
