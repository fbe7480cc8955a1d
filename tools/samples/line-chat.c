/*
 * A chat of lines: what one guest writes is sent to all others. Try it with nc or telnet.
 *
 *   line-chat PORT
 *
 * Shows how to take lines out of a buffer, and how to limit their length.
 */
#include "common.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include <stdio.h>
#include <stdlib.h>

/* A guest that sends more than this without a line break has to go. */
#define LONGEST_LINE 1024
/* A guest that has not read this much misses what is said. */
#define MOST_WAITING (64 * 1024)

static struct peer *peers;

static void tell_others(const struct peer *speaker, const char *text) {
  struct peer *peer;
  for (peer = peers; peer != NULL; peer = peer->next) {
    struct evbuffer *output = bufferevent_get_output(peer->bev);
    if (peer != speaker && evbuffer_get_length(output) < MOST_WAITING) {
      evbuffer_add_printf(output, "%u: %s\n", speaker->number, text);
    }
  }
}

static void leave(struct peer *peer) {
  tell_others(peer, "(has left)");
  peer_free(peer);
}

static void on_read(struct bufferevent *bev, void *arg) {
  struct evbuffer *input = bufferevent_get_input(bev);
  char *line;
  /* LF or CRLF ends a line. The string is ours to free. */
  while ((line = evbuffer_readln(input, NULL, EVBUFFER_EOL_CRLF)) != NULL) {
    tell_others(arg, line);
    free(line);
  }
  /* What is left is the beginning of a line. */
  if (evbuffer_get_length(input) > LONGEST_LINE) {
    leave(arg);
  }
}

static void on_event(struct bufferevent *bev, short what, void *arg) {
  (void)bev;
  (void)what; /* the end or an error: all the same here */
  leave(arg);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                      int length, void *arg) {
  struct event_base *base = evconnlistener_get_base(listener);
  struct bufferevent *bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
  struct peer *peer = peer_new(&peers, fd, bev);
  (void)address;
  (void)length;
  (void)arg;
  if (peer != NULL) {
    evbuffer_add_printf(bufferevent_get_output(bev), "Welcome, you are %u\n", peer->number);
    tell_others(peer, "(has come)");
    bufferevent_setcb(bev, on_read, NULL, on_event, peer);
    bufferevent_enable(bev, EV_READ);
  }
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: line-chat PORT\n");
    return EXIT_FAILURE;
  }
  serve(argv[1], on_accept, &peers);
  return EXIT_SUCCESS;
}
