/*
 * A chat over WebSocket: what one writes is shown to all. Needs relevent or libevent 2.2.
 *
 *   ws-chat PORT PAGE
 *
 * Serves the file PAGE, chat.html, at http://127.0.0.1:PORT/; the page talks to /chat.
 */
#include "common.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/ws.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct guest {
  struct evws_connection *ws;
  unsigned number;
  struct guest *next;
};

static struct guest *guests;
static unsigned guests_so_far;

static void tell_all(unsigned number, const char *text, size_t length) {
  struct guest *guest;
  size_t room = length + 32;
  char *line = malloc(room);
  if (line == NULL) {
    return;
  }
  snprintf(line, room, "Guest %u: %.*s", number, (int)length, text);
  for (guest = guests; guest != NULL; guest = guest->next) {
    evws_send_text(guest->ws, line);
  }
  free(line);
}

static void on_message(struct evws_connection *ws, int type, const unsigned char *data,
                       size_t length, void *arg) {
  const struct guest *guest = arg;
  (void)ws;
  if (type == WS_TEXT_FRAME) {
    tell_all(guest->number, (const char *)data, length);
  }
}

static void on_close(struct evws_connection *ws, void *arg) {
  struct guest *guest = arg;
  struct guest **link = &guests;
  unsigned number = guest->number;
  (void)ws;
  while (*link != guest) {
    link = &(*link)->next;
  }
  *link = guest->next;
  free(guest);
  tell_all(number, "has left", strlen("has left"));
}

static void on_chat(struct evhttp_request *request, void *arg) {
  struct guest *guest = calloc(1, sizeof *guest);
  (void)arg;
  if (guest == NULL) {
    evhttp_send_error(request, HTTP_INTERNAL, NULL);
    return;
  }
  guest->ws = evws_new_session(request, on_message, guest, 0);
  if (guest->ws == NULL) { /* not a handshake; that has been answered */
    free(guest);
    return;
  }
  guest->number = ++guests_so_far;
  guest->next = guests;
  guests = guest;
  evws_connection_set_closecb(guest->ws, on_close, guest);
  tell_all(guest->number, "has come", strlen("has come"));
}

static void on_page(struct evhttp_request *request, void *arg) {
  const char *page = arg;
  struct evbuffer *body = evbuffer_new();
  struct stat status;
  int fd = open(page, O_RDONLY);
  if (body == NULL || fd < 0 || fstat(fd, &status) != 0 ||
      evbuffer_add_file(body, fd, 0, status.st_size) != 0) { /* which closes the file */
    if (fd >= 0) {
      close(fd);
    }
    evhttp_send_error(request, HTTP_INTERNAL, NULL);
  } else {
    evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
                      "text/html; charset=utf-8");
    evhttp_send_reply(request, HTTP_OK, NULL, body);
  }
  if (body != NULL) {
    evbuffer_free(body);
  }
}

int main(int argc, char **argv) {
  struct event_base *base;
  struct evhttp *http;
  struct evhttp_bound_socket *bound;
  if (argc != 3) {
    fprintf(stderr, "usage: ws-chat PORT PAGE\n");
    return EXIT_FAILURE;
  }
  signal(SIGPIPE, SIG_IGN);
  base = event_base_new();
  http = base != NULL ? evhttp_new(base) : NULL;
  if (http == NULL || evhttp_set_cb(http, "/", on_page, argv[2]) != 0 ||
      evhttp_set_cb(http, "/chat", on_chat, NULL) != 0) {
    die("evhttp_new");
  }
  bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", (ev_uint16_t)number(argv[1], 65535));
  if (bound == NULL) {
    die("evhttp_bind_socket");
  }
  print_address(evhttp_bound_socket_get_fd(bound));
  run_until_stopped(base);
  evhttp_free(http); /* and with it the sessions */
  event_base_free(base);
  return EXIT_SUCCESS;
}
