/*
 * An echo server over TLS; its counterpart is tls-client.
 *
 *   tls-server PORT CERTIFICATE KEY
 *
 * CERTIFICATE is a chain of certificates and KEY the private key, both in PEM. Make some with
 *
 *   openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30
 *       -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem
 */
#include "common.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static struct peer *peers;

/* See echo.c for how to hold back a peer that sends but does not read. */
static void on_read(struct bufferevent *bev, void *arg) {
  if (bufferevent_read_buffer(bev, bufferevent_get_output(bev)) != 0) {
    peer_free(arg);
  }
}

static void on_event(struct bufferevent *bev, short what, void *arg) {
  const struct peer *peer = arg;
  unsigned long error;
  if ((what & BEV_EVENT_CONNECTED) != 0) {
    SSL *ssl = bufferevent_openssl_get_ssl(bev);
    printf("%u: %s, %s\n", peer->number, SSL_get_version(ssl), SSL_get_cipher_name(ssl));
    fflush(stdout);
    return;
  }
  /* The last is no code of OpenSSL's error queue, but what SSL_get_error() said. */
  while ((error = bufferevent_get_openssl_error(bev)) > SSL_ERROR_SYSCALL) {
    char text[256];
    ERR_error_string_n(error, text, sizeof text);
    fprintf(stderr, "%u: %s\n", peer->number, text);
  }
  peer_free(arg);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                      int length, void *arg) {
  struct event_base *base = evconnlistener_get_base(listener);
  SSL *ssl = SSL_new(arg);
  struct bufferevent *bev = NULL;
  struct peer *peer;
  (void)address;
  (void)length;
  if (ssl != NULL) {
    /* With this option it owns the SSL object, and has freed it already if it fails. */
    bev = bufferevent_openssl_socket_new(base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING,
                                         BEV_OPT_CLOSE_ON_FREE);
  }
  peer = peer_new(&peers, fd, bev);
  if (peer != NULL) {
    bufferevent_setcb(bev, on_read, NULL, on_event, peer);
    bufferevent_enable(bev, EV_READ);
  }
}

int main(int argc, char **argv) {
  struct event_base *base;
  struct evconnlistener *listener;
  SSL_CTX *context;
  if (argc != 4) {
    fprintf(stderr, "usage: tls-server PORT CERTIFICATE KEY\n");
    return EXIT_FAILURE;
  }
  signal(SIGPIPE, SIG_IGN);
  context = SSL_CTX_new(TLS_server_method());
  if (context == NULL || SSL_CTX_use_certificate_chain_file(context, argv[2]) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, argv[3], SSL_FILETYPE_PEM) != 1) {
    ERR_print_errors_fp(stderr);
    return EXIT_FAILURE;
  }
  base = event_base_new();
  if (base == NULL) {
    die("event_base_new");
  }
  listener = listen_on(base, argv[1], on_accept, context);
  run_until_stopped(base);
  evconnlistener_free(listener);
  peers_free(&peers);
  event_base_free(base);
  SSL_CTX_free(context);
  return EXIT_SUCCESS;
}
