/*
 * Sends a line over TLS and prints the line that comes back; its counterpart is tls-server.
 *
 *   tls-client NAME PORT AUTHORITIES LINE
 *
 * The certificate of the server has to be for NAME and to be signed by one of those in the file
 * AUTHORITIES (PEM; the certificate itself will do).
 */
#include "common.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define SECONDS 30

static int status = EXIT_FAILURE;

static void on_read(struct bufferevent *bev, void *arg) {
  char *line = evbuffer_readln(bufferevent_get_input(bev), NULL, EVBUFFER_EOL_CRLF);
  if (line != NULL) {
    printf("%s\n", line);
    free(line);
    status = EXIT_SUCCESS;
    /* Tells the server that this is the end, rather than an attacker who cut the connection. */
    SSL_shutdown(bufferevent_openssl_get_ssl(bev));
    event_base_loopexit(arg, NULL);
  }
}

static void print_reason(struct bufferevent *bev, short what) {
  long verified = SSL_get_verify_result(bufferevent_openssl_get_ssl(bev));
  unsigned long error;
  if (verified != X509_V_OK) {
    fprintf(stderr, "tls-client: %s\n", X509_verify_cert_error_string(verified));
  }
  /* The last is no code of OpenSSL's error queue, but what SSL_get_error() said. */
  while ((error = bufferevent_get_openssl_error(bev)) > SSL_ERROR_SYSCALL) {
    char text[256];
    ERR_error_string_n(error, text, sizeof text);
    fprintf(stderr, "tls-client: %s\n", text);
  }
  fprintf(stderr, "tls-client: %s\n",
          (what & BEV_EVENT_TIMEOUT) != 0 ? "timeout" : "the connection has ended");
}

static void on_event(struct bufferevent *bev, short what, void *arg) {
  if ((what & BEV_EVENT_CONNECTED) == 0) {
    print_reason(bev, what);
    event_base_loopexit(arg, NULL);
  }
}

/* A client that checks who it talks to. */
static SSL *new_client(SSL_CTX *context, const char *name, const char *authorities) {
  SSL *ssl;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  if (SSL_CTX_load_verify_locations(context, authorities, NULL) != 1 ||
      (ssl = SSL_new(context)) == NULL) {
    return NULL;
  }
  if (SSL_set_tlsext_host_name(ssl, name) != 1 || SSL_set1_host(ssl, name) != 1) {
    SSL_free(ssl);
    return NULL;
  }
  return ssl;
}

int main(int argc, char **argv) {
  const struct timeval patience = {SECONDS, 0};
  struct event_base *base;
  struct bufferevent *bev;
  SSL_CTX *context;
  SSL *ssl;
  if (argc != 5) {
    fprintf(stderr, "usage: tls-client NAME PORT AUTHORITIES LINE\n");
    return EXIT_FAILURE;
  }
  signal(SIGPIPE, SIG_IGN);
  context = SSL_CTX_new(TLS_client_method());
  ssl = context != NULL ? new_client(context, argv[1], argv[3]) : NULL;
  if (ssl == NULL) {
    ERR_print_errors_fp(stderr);
    return EXIT_FAILURE;
  }
  base = event_base_new();
  bev = base != NULL ? bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_CONNECTING,
                                                      BEV_OPT_CLOSE_ON_FREE)
                     : NULL;
  if (bev == NULL) {
    die("bufferevent_openssl_socket_new");
  }
  bufferevent_setcb(bev, on_read, NULL, on_event, base);
  bufferevent_set_timeouts(bev, &patience, &patience);
  bufferevent_enable(bev, EV_READ);
  evbuffer_add_printf(bufferevent_get_output(bev), "%s\n", argv[4]); /* sent after the handshake */
  /* Without an evdns_base the system's resolver is asked, and waited for. Only the first address is
     tried; it shall be one of IPv4, which is what tls-server listens on. */
  if (bufferevent_socket_connect_hostname(bev, NULL, AF_INET, argv[1],
                                          (int)number(argv[2], 65535)) != 0) {
    die("connect");
  }
  event_base_dispatch(base);
  bufferevent_free(bev); /* and the SSL object */
  event_base_free(base);
  SSL_CTX_free(context);
  return status;
}
