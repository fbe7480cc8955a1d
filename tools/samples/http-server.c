/*
 * An HTTP server.
 *
 *   http-server PORT
 *
 * GET  /hello?name=NAME   a greeting
 * POST /echo              the body that was sent
 * GET  /count             numbers, ten a second, in a chunked reply that is made as it goes
 */
#include "common.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define LAST_NUMBER 5
#define LARGEST_BODY (1024 * 1024)

static void set_plain_text(struct evhttp_request *request) {
  evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type", "text/plain");
}

static void on_hello(struct evhttp_request *request, void *arg) {
  const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(request));
  struct evbuffer *body = evbuffer_new();
  struct evkeyvalq parameters;
  const char *name = NULL;
  (void)arg;
  if (evhttp_parse_query_str(query != NULL ? query : "", &parameters) != 0 || body == NULL) {
    evhttp_send_error(request, HTTP_BADREQUEST, NULL);
  } else {
    name = evhttp_find_header(&parameters, "name");
    evbuffer_add_printf(body, "Hello, %s!\n", name != NULL ? name : "stranger");
    set_plain_text(request);
    evhttp_send_reply(request, HTTP_OK, NULL, body);
  }
  evhttp_clear_headers(&parameters);
  if (body != NULL) {
    evbuffer_free(body);
  }
}

static void on_echo(struct evhttp_request *request, void *arg) {
  (void)arg;
  if (evhttp_request_get_command(request) != EVHTTP_REQ_POST) {
    evhttp_add_header(evhttp_request_get_output_headers(request), "Allow", "POST");
    evhttp_send_error(request, HTTP_BADMETHOD, NULL);
    return;
  }
  set_plain_text(request);
  evhttp_send_reply(request, HTTP_OK, NULL, evhttp_request_get_input_buffer(request));
}

/* A reply that is under way. */
struct count {
  struct evhttp_request *request;
  struct event *timer;
  int number;
};

static void count_free(struct count *count) {
  event_free(count->timer);
  free(count);
}

/* The connection is gone before the reply was complete. */
static void on_count_closed(struct evhttp_connection *connection, void *arg) {
  struct count *count = arg;
  (void)connection;
  evhttp_send_reply_end(count->request); /* sends nothing; the request is freed */
  count_free(count);
}

static void on_count_tick(evutil_socket_t fd, short what, void *arg) {
  struct count *count = arg;
  struct evbuffer *chunk = evbuffer_new();
  (void)fd;
  (void)what;
  if (chunk != NULL) {
    evbuffer_add_printf(chunk, "%d\n", ++count->number);
    evhttp_send_reply_chunk(count->request, chunk);
    evbuffer_free(chunk);
  }
  if (count->number == LAST_NUMBER) {
    evhttp_connection_set_closecb(evhttp_request_get_connection(count->request), NULL, NULL);
    evhttp_send_reply_end(count->request);
    count_free(count);
  }
}

static void on_count(struct evhttp_request *request, void *arg) {
  struct event_base *base = arg;
  const struct timeval tenth = {0, 100000};
  struct count *count = calloc(1, sizeof *count);
  if (count == NULL ||
      (count->timer = event_new(base, -1, EV_PERSIST, on_count_tick, count)) == NULL) {
    free(count);
    evhttp_send_error(request, HTTP_INTERNAL, NULL);
    return;
  }
  count->request = request;
  evhttp_connection_set_closecb(evhttp_request_get_connection(request), on_count_closed, count);
  set_plain_text(request);
  evhttp_send_reply_start(request, HTTP_OK, NULL);
  event_add(count->timer, &tenth);
}

int main(int argc, char **argv) {
  struct event_base *base;
  struct evhttp *http;
  struct evhttp_bound_socket *bound;
  if (argc != 2) {
    fprintf(stderr, "usage: http-server PORT\n");
    return EXIT_FAILURE;
  }
  signal(SIGPIPE, SIG_IGN);
  base = event_base_new();
  http = base != NULL ? evhttp_new(base) : NULL;
  if (http == NULL) {
    die("evhttp_new");
  }
  evhttp_set_max_body_size(http, LARGEST_BODY);
  evhttp_set_flags(http, EVHTTP_SERVER_LINGERING_CLOSE); /* who sends more gets to read why not */
  evhttp_set_timeout(http, 60); /* seconds for a client that says nothing */
  if (evhttp_set_cb(http, "/hello", on_hello, NULL) != 0 ||
      evhttp_set_cb(http, "/echo", on_echo, NULL) != 0 ||
      evhttp_set_cb(http, "/count", on_count, base) != 0) {
    die("evhttp_set_cb");
  }
  bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", (ev_uint16_t)number(argv[1], 65535));
  if (bound == NULL) {
    die("evhttp_bind_socket");
  }
  print_address(evhttp_bound_socket_get_fd(bound));
  run_until_stopped(base);
  evhttp_free(http); /* and with it the connections */
  event_base_free(base);
  return EXIT_SUCCESS;
}
