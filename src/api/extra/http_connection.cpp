// event2/http.h: connections, of a server or a client
#include <event2/http.h>

#include "base/attributes.h"
#include "http/connection.h"

extern "C" {

RELEVENT_API void evhttp_connection_free(evhttp_connection* evcon) { evcon->free(); }

RELEVENT_API bufferevent* evhttp_connection_get_bufferevent(evhttp_connection* evcon) {
  return evcon->bufev();
}

RELEVENT_API evhttp* evhttp_connection_get_server(evhttp_connection* evcon) {
  return evcon->server();
}

RELEVENT_API event_base* evhttp_connection_get_base(evhttp_connection* evcon) {
  return evcon->base();
}

RELEVENT_API void evhttp_connection_get_peer(evhttp_connection* evcon, char** address,
                                             ev_uint16_t* port) {
  *address = const_cast<char*>(evcon->address());
  *port = evcon->port();
}

RELEVENT_API void evhttp_connection_set_closecb(evhttp_connection* evcon,
                                                void (*cb)(evhttp_connection*, void*),
                                                void* argument) {
  evcon->set_close_callback(cb, argument);
}

RELEVENT_API void evhttp_connection_set_max_headers_size(evhttp_connection* evcon,
                                                         ev_ssize_t size) {
  evcon->terms().head = size < 0 ? relevent::http::Terms::kNone : static_cast<std::size_t>(size);
}

RELEVENT_API void evhttp_connection_set_max_body_size(evhttp_connection* evcon, ev_ssize_t size) {
  evcon->terms().body = size < 0 ? relevent::http::Terms::kNone : static_cast<std::size_t>(size);
}

}  // extern "C"
