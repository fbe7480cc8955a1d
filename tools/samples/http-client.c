/*
 * An HTTP client: prints what is behind a URL.
 *
 *   http-client URL
 *
 * The body goes to standard output as it arrives, the status to standard error. The exit status is
 * 0 for a reply of 200 to 299.
 */
#include "common.h"

#include <event2/buffer.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/http.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS 30

static int status; /* of the reply; 0 as long as there is none */

static void on_piece(struct evhttp_request *request, void *arg) {
  struct evbuffer *body = evhttp_request_get_input_buffer(request);
  char piece[4096];
  int length;
  (void)arg;
  while ((length = evbuffer_remove(body, piece, sizeof piece)) > 0) {
    fwrite(piece, 1, (size_t)length, stdout);
  }
}

static void on_error(enum evhttp_request_error error, void *arg) {
  static const char *const texts[] = {"timeout",   "connection closed", "not an HTTP reply",
                                      "I/O error", "cancelled",         "too long"};
  (void)arg;
  fprintf(stderr, "http-client: %s\n", texts[error]);
}

static void on_done(struct evhttp_request *request, void *arg) {
  /* Without a request, or a status, there has been no reply. */
  if (request != NULL && evhttp_request_get_response_code(request) != 0) {
    status = evhttp_request_get_response_code(request);
    fprintf(stderr, "%d %s\n", status, evhttp_request_get_response_code_line(request));
  } else {
    fprintf(stderr, "http-client: no reply\n");
  }
  event_base_loopexit(arg, NULL);
}

/* Adds the Host field, which the library leaves to the program. */
static int add_host(struct evhttp_request *request, const struct evhttp_uri *uri) {
  char host[300];
  int port = evhttp_uri_get_port(uri);
  int length =
      snprintf(host, sizeof host, port == -1 ? "%s" : "%s:%d", evhttp_uri_get_host(uri), port);
  if (length < 0 || (size_t)length >= sizeof host) {
    return -1;
  }
  return evhttp_add_header(evhttp_request_get_output_headers(request), "Host", host);
}

/* The path and query of a URI. NULL if there is no memory; else to be freed. */
static char *target_of(const struct evhttp_uri *uri) {
  const char *path = evhttp_uri_get_path(uri);
  const char *query = evhttp_uri_get_query(uri);
  size_t room = strlen(path) + (query != NULL ? strlen(query) : 0) + 3;
  char *target = malloc(room);
  if (target != NULL) {
    snprintf(target, room, "%s%s%s", *path != '\0' ? path : "/", query != NULL ? "?" : "",
             query != NULL ? query : "");
  }
  return target;
}

static int get(struct evhttp_connection *connection, const struct evhttp_uri *uri,
               struct event_base *base) {
  struct evhttp_request *request = evhttp_request_new(on_done, base);
  char *target = target_of(uri);
  int result = -1;
  if (request == NULL || target == NULL) {
    die("evhttp_request_new");
  }
  evhttp_request_set_chunked_cb(request, on_piece);
  evhttp_request_set_error_cb(request, on_error);
  if (add_host(request, uri) == 0) {
    /* The connection owns the request from here on, and has freed it if this fails. */
    result = evhttp_make_request(connection, request, EVHTTP_REQ_GET, target);
  } else {
    evhttp_request_free(request);
  }
  free(target);
  return result;
}

int main(int argc, char **argv) {
  struct event_base *base;
  struct evdns_base *dns;
  struct evhttp_connection *connection;
  struct evhttp_uri *uri;
  int port;
  if (argc != 2) {
    fprintf(stderr, "usage: http-client URL\n");
    return EXIT_FAILURE;
  }
  uri = evhttp_uri_parse(argv[1]);
  if (uri == NULL || evhttp_uri_get_scheme(uri) == NULL ||
      evutil_ascii_strcasecmp(evhttp_uri_get_scheme(uri), "http") != 0 ||
      evhttp_uri_get_host(uri) == NULL || *evhttp_uri_get_host(uri) == '\0') {
    fprintf(stderr, "http-client: a URL like http://host:port/path is needed\n");
    return EXIT_FAILURE;
  }
  port = evhttp_uri_get_port(uri) == -1 ? 80 : evhttp_uri_get_port(uri);
  base = event_base_new();
  /* Does not keep the loop going when nothing is asked. */
  dns = base != NULL ? evdns_base_new(base, EVDNS_BASE_INITIALIZE_NAMESERVERS |
                                                EVDNS_BASE_DISABLE_WHEN_INACTIVE)
                     : NULL;
  connection = dns != NULL ? evhttp_connection_base_new(base, dns, evhttp_uri_get_host(uri),
                                                        (ev_uint16_t)port)
                           : NULL;
  if (connection == NULL) {
    die("evhttp_connection_base_new");
  }
  evhttp_connection_set_timeout(connection, SECONDS);
  if (get(connection, uri, base) != 0) {
    die("evhttp_make_request");
  }
  event_base_dispatch(base);
  evhttp_connection_free(connection);
  evdns_base_free(dns, 0);
  event_base_free(base);
  evhttp_uri_free(uri);
  return fflush(stdout) == 0 && status >= 200 && status < 300 ? EXIT_SUCCESS : EXIT_FAILURE;
}
