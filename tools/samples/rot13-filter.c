/*
 * A server that answers what it is told, behind a filter: all that passes on the wire is in ROT13.
 *
 *   rot13-filter PORT
 *
 * Shows a filter bufferevent. What is below it is a plain socket; what uses it sees clear text.
 */
#include "common.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include <stdio.h>
#include <stdlib.h>

static struct peer *peers;

static unsigned char rot13(unsigned char byte) {
  if (byte >= 'a' && byte <= 'z') {
    return (unsigned char)('a' + (byte - 'a' + 13) % 26);
  }
  if (byte >= 'A' && byte <= 'Z') {
    return (unsigned char)('A' + (byte - 'A' + 13) % 26);
  }
  return byte;
}

/* Takes bytes from `source` and puts them, translated, into `target`: at most `limit` if that is
   not negative. */
static enum bufferevent_filter_result translate(struct evbuffer *source, struct evbuffer *target,
                                                ev_ssize_t limit, enum bufferevent_flush_mode mode,
                                                void *arg) {
  unsigned char bytes[4096];
  size_t room = sizeof bytes;
  int length;
  int i;
  (void)mode; /* nothing is ever held back, so there is nothing to flush */
  (void)arg;
  if (limit >= 0 && (size_t)limit < room) {
    room = (size_t)limit;
  }
  length = evbuffer_remove(source, bytes, room);
  if (length <= 0) {
    return BEV_NEED_MORE;
  }
  for (i = 0; i < length; ++i) {
    bytes[i] = rot13(bytes[i]);
  }
  return evbuffer_add(target, bytes, (size_t)length) == 0 ? BEV_OK : BEV_ERROR;
}

static void on_read(struct bufferevent *bev, void *arg) {
  const struct peer *peer = arg;
  struct evbuffer *output = bufferevent_get_output(bev);
  char *line;
  while ((line = evbuffer_readln(bufferevent_get_input(bev), NULL, EVBUFFER_EOL_CRLF)) != NULL) {
    printf("%u says: %s\n", peer->number, line);
    evbuffer_add_printf(output, "You said: %s\n", line);
    free(line);
  }
  fflush(stdout);
}

static void on_event(struct bufferevent *bev, short what, void *arg) {
  (void)bev;
  (void)what;
  peer_free(arg); /* the filter, and the bufferevent below it */
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                      int length, void *arg) {
  struct event_base *base = evconnlistener_get_base(listener);
  struct bufferevent *below = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
  struct bufferevent *filter = NULL;
  struct peer *peer;
  (void)address;
  (void)length;
  (void)arg;
  if (below != NULL) {
    filter = bufferevent_filter_new(below, translate, translate, BEV_OPT_CLOSE_ON_FREE, NULL, NULL);
    if (filter == NULL) {
      bufferevent_free(below); /* which closes the socket */
      return;
    }
  }
  peer = peer_new(&peers, fd, filter);
  if (peer != NULL) {
    bufferevent_setcb(filter, on_read, NULL, on_event, peer);
    bufferevent_enable(filter, EV_READ);
  }
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: rot13-filter PORT\n");
    return EXIT_FAILURE;
  }
  serve(argv[1], on_accept, &peers);
  return EXIT_SUCCESS;
}
