// event2/http.h: the server
#include <event2/http.h>
#include <event2/listener.h>

#include "base/attributes.h"
#include "http/server.h"
#include "surface/log.h"

using relevent::http::Request;
using relevent::http::ServerConnection;

namespace {

timeval time_or_none(const timeval* time) { return time != nullptr ? *time : timeval{}; }

std::size_t limit_or_none(ev_ssize_t limit) {
  return limit < 0 ? relevent::http::Terms::kNone : static_cast<std::size_t>(limit);
}

// Null: there is no connection, or it is a client's.
ServerConnection* connection_of(const evhttp_request& request) {
  if (request.evcon == nullptr) {
    return nullptr;
  }
  ServerConnection* const connection = request.evcon->as_server();
  if (connection == nullptr) {
    event_warnx("evhttp: a client's request cannot be replied to");
  }
  return connection;
}

// For a complete reply. Without a connection, the request goes, too.
ServerConnection* last_connection_of(evhttp_request& request) {
  if (request.evcon == nullptr) {
    Request::of(request).free();
    return nullptr;
  }
  return connection_of(request);
}

}  // namespace

extern "C" {

RELEVENT_API evhttp* evhttp_new(event_base* base) { return relevent::create<evhttp>(base); }

RELEVENT_API void evhttp_free(evhttp* http) { relevent::destroy(http); }

// --- Sockets ---

RELEVENT_API evhttp_bound_socket* evhttp_bind_socket_with_handle(evhttp* http, const char* address,
                                                                 ev_uint16_t port) {
  return http->bind(address, port);
}

RELEVENT_API int evhttp_bind_socket(evhttp* http, const char* address, ev_uint16_t port) {
  return http->bind(address, port) != nullptr ? 0 : -1;
}

RELEVENT_API evhttp_bound_socket* evhttp_accept_socket_with_handle(evhttp* http,
                                                                   evutil_socket_t fd) {
  return http->accept_socket(fd);
}

RELEVENT_API int evhttp_accept_socket(evhttp* http, evutil_socket_t fd) {
  return http->accept_socket(fd) != nullptr ? 0 : -1;
}

RELEVENT_API evhttp_bound_socket* evhttp_bind_listener(evhttp* http, evconnlistener* listener) {
  return http->add_listener(listener);
}

RELEVENT_API evconnlistener* evhttp_bound_socket_get_listener(evhttp_bound_socket* bound) {
  return bound->listener;
}

RELEVENT_API evutil_socket_t evhttp_bound_socket_get_fd(evhttp_bound_socket* bound) {
  return evconnlistener_get_fd(bound->listener);
}

RELEVENT_API void evhttp_bound_set_bevcb(evhttp_bound_socket* bound,
                                         bufferevent* (*cb)(event_base*, void*), void* argument) {
  bound->make_bufev = cb;
  bound->make_bufev_argument = argument;
}

RELEVENT_API void evhttp_foreach_bound_socket(evhttp* http,
                                              evhttp_bound_socket_foreach_fn* function,
                                              void* argument) {
  http->for_each_socket(function, argument);
}

RELEVENT_API void evhttp_del_accept_socket(evhttp* http, evhttp_bound_socket* bound) {
  http->remove(*bound);
}

// --- Settings ---

RELEVENT_API void evhttp_set_max_headers_size(evhttp* http, ev_ssize_t size) {
  http->settings().terms.head = limit_or_none(size);
}

RELEVENT_API void evhttp_set_max_body_size(evhttp* http, ev_ssize_t size) {
  http->settings().terms.body = limit_or_none(size);
}

RELEVENT_API void evhttp_set_max_connections(evhttp* http, int count) {
  http->settings().max_connections = count;
}

RELEVENT_API int evhttp_get_connection_count(evhttp* http) { return http->connection_count(); }

RELEVENT_API void evhttp_set_default_content_type(evhttp* http, const char* type) {
  http->settings().content_type = type;
}

RELEVENT_API void evhttp_set_allowed_methods(evhttp* http, ev_uint16_t methods) {
  http->settings().methods = methods;
}

RELEVENT_API void evhttp_set_ext_method_cmp(evhttp* http, evhttp_ext_method_cb callback) {
  http->settings().terms.ext_method = callback;
}

RELEVENT_API int evhttp_set_flags(evhttp* http, int flags) {
  if ((flags & ~EVHTTP_SERVER_LINGERING_CLOSE) != 0) {
    return 1;
  }
  http->settings().terms.lingers = flags != 0;
  return 0;
}

RELEVENT_API void evhttp_set_timeout_tv(evhttp* http, const timeval* tv) {
  http->settings().read_timeout = http->settings().write_timeout = time_or_none(tv);
}

RELEVENT_API void evhttp_set_timeout(evhttp* http, int seconds) {
  const timeval tv = {seconds > 0 ? seconds : 0, 0};
  evhttp_set_timeout_tv(http, &tv);
}

RELEVENT_API void evhttp_set_read_timeout_tv(evhttp* http, const timeval* tv) {
  http->settings().read_timeout = time_or_none(tv);
}

RELEVENT_API void evhttp_set_write_timeout_tv(evhttp* http, const timeval* tv) {
  http->settings().write_timeout = time_or_none(tv);
}

// --- Who answers what ---

RELEVENT_API int evhttp_set_cb(evhttp* http, const char* path, void (*cb)(evhttp_request*, void*),
                               void* argument) {
  return http->add_callback(path, cb, argument);
}

RELEVENT_API int evhttp_del_cb(evhttp* http, const char* path) {
  return http->remove_callback(path) ? 0 : -1;
}

RELEVENT_API void evhttp_set_gencb(evhttp* http, void (*cb)(evhttp_request*, void*),
                                   void* argument) {
  http->settings().generic = cb;
  http->settings().generic_argument = argument;
}

RELEVENT_API void evhttp_set_bevcb(evhttp* http, bufferevent* (*cb)(event_base*, void*),
                                   void* argument) {
  http->settings().make_bufev = cb;
  http->settings().make_bufev_argument = argument;
}

RELEVENT_API void evhttp_set_newreqcb(evhttp* http, int (*cb)(evhttp_request*, void*),
                                      void* argument) {
  http->settings().new_request = cb;
  http->settings().new_request_argument = argument;
}

RELEVENT_API void evhttp_set_errorcb(evhttp* http,
                                     int (*cb)(evhttp_request*, evbuffer*, int, const char*, void*),
                                     void* argument) {
  http->settings().error_page = cb;
  http->settings().error_page_argument = argument;
}

RELEVENT_API int evhttp_add_virtual_host(evhttp* http, const char* pattern, evhttp* host) {
  return http->add_virtual_host(pattern, *host) ? 0 : -1;
}

RELEVENT_API int evhttp_remove_virtual_host(evhttp*, evhttp* host) {
  return relevent::http::Server::remove_virtual_host(*host) ? 0 : -1;
}

RELEVENT_API int evhttp_add_server_alias(evhttp* http, const char* name) {
  return http->add_alias(name) ? 0 : -1;
}

RELEVENT_API int evhttp_remove_server_alias(evhttp* http, const char* name) {
  return http->remove_alias(name) ? 0 : -1;
}

// --- Replies ---

RELEVENT_API void evhttp_send_error(evhttp_request* req, int error, const char* reason) {
  if (auto* const connection = last_connection_of(*req); connection != nullptr) {
    connection->send_error(Request::of(*req), error, reason);
  }
}

RELEVENT_API void evhttp_send_reply(evhttp_request* req, int code, const char* reason,
                                    evbuffer* body) {
  if (auto* const connection = last_connection_of(*req); connection != nullptr) {
    connection->send_reply(Request::of(*req), code, reason, body);
  }
}

RELEVENT_API void evhttp_send_reply_start(evhttp_request* req, int code, const char* reason) {
  if (auto* const connection = connection_of(*req); connection != nullptr) {
    connection->start_reply(Request::of(*req), code, reason);
  }
}

RELEVENT_API void evhttp_send_reply_chunk_with_cb(evhttp_request* req, evbuffer* data,
                                                  void (*cb)(evhttp_connection*, void*),
                                                  void* argument) {
  if (auto* const connection = connection_of(*req); connection != nullptr) {
    connection->send_chunk(Request::of(*req), data, cb, argument);
  }
}

RELEVENT_API void evhttp_send_reply_chunk(evhttp_request* req, evbuffer* data) {
  evhttp_send_reply_chunk_with_cb(req, data, nullptr, nullptr);
}

RELEVENT_API void evhttp_send_reply_end(evhttp_request* req) {
  if (auto* const connection = last_connection_of(*req); connection != nullptr) {
    connection->end_reply(Request::of(*req));
  }
}

}  // extern "C"
