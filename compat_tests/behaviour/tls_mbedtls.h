// Mbed TLS for the cases.
#pragma once

#include <event2/bufferevent_ssl.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

#include "tls_tools.h"

namespace event_cases {

// The settings of both roles.
struct MbedTlsSettings {
  explicit MbedTlsSettings(const TlsSettings& settings);
  ~MbedTlsSettings();
  MbedTlsSettings(const MbedTlsSettings&) = delete;
  MbedTlsSettings& operator=(const MbedTlsSettings&) = delete;

  mbedtls_ssl_config client;
  mbedtls_ssl_config server;
  mbedtls_x509_crt certificate;
  mbedtls_pk_context key;
};

// The functions of libevent_mbedtls, which is loaded when they are first needed: the program itself
// has to start on the reference, which has no such library.
struct MbedTlsCalls {
  decltype(&bufferevent_mbedtls_socket_new) socket_new;
  decltype(&bufferevent_mbedtls_filter_new) filter_new;
  decltype(&bufferevent_mbedtls_get_ssl) get_ssl;
  decltype(&bufferevent_mbedtls_renegotiate) renegotiate;
  decltype(&bufferevent_get_mbedtls_error) get_error;
  decltype(&bufferevent_mbedtls_get_allow_dirty_shutdown) get_dirty;
  decltype(&bufferevent_mbedtls_set_allow_dirty_shutdown) set_dirty;
  decltype(&bufferevent_mbedtls_dyncontext_new) object_new;
  decltype(&bufferevent_mbedtls_dyncontext_free) object_free;
};
const MbedTlsCalls& mbedtls_calls();

}  // namespace event_cases
