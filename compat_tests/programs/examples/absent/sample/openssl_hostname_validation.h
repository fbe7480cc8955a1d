/* https-client.c includes it from libevent's source tree; this is what it takes from it. */
#ifndef OPENSSL_HOSTNAME_VALIDATION_H
#define OPENSSL_HOSTNAME_VALIDATION_H

#include <openssl/x509.h>

typedef enum {
  MatchFound,
  MatchNotFound,
  NoSANPresent,
  MalformedCertificate,
  Error
} HostnameValidationResult;

HostnameValidationResult validate_hostname(const char *hostname, const X509 *server_cert);

#endif
