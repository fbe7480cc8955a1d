// event2/bufferevent_ssl.h: the functions for OpenSSL.
#include <event2/bufferevent_ssl.h>

#include "tls/making.h"
#include "tls/openssl/openssl_session.h"

using namespace relevent;
using tls::OpenSslSession;

extern "C" {

bufferevent* bufferevent_openssl_filter_new(event_base* base, bufferevent* underlying, SSL* ssl,
                                            bufferevent_ssl_state state, int options) {
  return tls::make_over_bufferevent<OpenSslSession>(base, underlying, ssl, {state, options});
}

bufferevent* bufferevent_openssl_socket_new(event_base* base, evutil_socket_t fd, SSL* ssl,
                                            bufferevent_ssl_state state, int options) {
  return tls::make_over_socket<OpenSslSession>(base, fd, ssl, {state, options});
}

int bufferevent_openssl_get_allow_dirty_shutdown(bufferevent* bev) {
  return tls::allows_dirty_shutdown(bev);
}

void bufferevent_openssl_set_allow_dirty_shutdown(bufferevent* bev, int allow_dirty_shutdown) {
  tls::allow_dirty_shutdown(bev, allow_dirty_shutdown != 0);
}

SSL* bufferevent_openssl_get_ssl(bufferevent* bev) { return tls::object_of<OpenSslSession>(bev); }

int bufferevent_ssl_renegotiate(bufferevent* bev) { return tls::renegotiate(bev); }

unsigned long bufferevent_get_openssl_error(bufferevent* bev) {
  return tls::take_error<OpenSslSession>(bev);
}

}  // extern "C"
