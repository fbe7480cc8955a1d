// event2/bufferevent_ssl.h: the functions for Mbed TLS.
#include <event2/bufferevent_ssl.h>

#include "tls/making.h"
#include "tls/mbedtls/mbedtls_session.h"

using namespace relevent;
using tls::MbedTlsSession;

extern "C" {

bufferevent* bufferevent_mbedtls_filter_new(event_base* base, bufferevent* underlying,
                                            mbedtls_dyncontext* ssl, bufferevent_ssl_state state,
                                            int options) {
  return tls::make_over_bufferevent<MbedTlsSession>(base, underlying, ssl, {state, options});
}

bufferevent* bufferevent_mbedtls_socket_new(event_base* base, evutil_socket_t fd,
                                            mbedtls_dyncontext* ssl, bufferevent_ssl_state state,
                                            int options) {
  return tls::make_over_socket<MbedTlsSession>(base, fd, ssl, {state, options});
}

int bufferevent_mbedtls_get_allow_dirty_shutdown(bufferevent* bev) {
  return tls::allows_dirty_shutdown(bev);
}

void bufferevent_mbedtls_set_allow_dirty_shutdown(bufferevent* bev, int allow_dirty_shutdown) {
  tls::allow_dirty_shutdown(bev, allow_dirty_shutdown != 0);
}

mbedtls_ssl_context* bufferevent_mbedtls_get_ssl(bufferevent* bev) {
  return tls::object_of<MbedTlsSession>(bev);
}

int bufferevent_mbedtls_renegotiate(bufferevent* bev) { return tls::renegotiate(bev); }

unsigned long bufferevent_get_mbedtls_error(bufferevent* bev) {
  return tls::take_error<MbedTlsSession>(bev);
}

mbedtls_dyncontext* bufferevent_mbedtls_dyncontext_new(mbedtls_ssl_config* conf) {
  return MbedTlsSession::new_object(conf);
}

void bufferevent_mbedtls_dyncontext_free(mbedtls_dyncontext* ctx) {
  MbedTlsSession::free_object(ctx);
}

}  // extern "C"
