/*
 * Sends bytes to whoever connects, no faster than it may.
 *
 *   rate-limit PORT BYTES EACH ALL
 *
 * Each connection gets BYTES bytes, at most EACH bytes in a second; all connections together get at
 * most ALL bytes in a second.
 */
#include "common.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The buckets are filled ten times a second. */
static const struct timeval tick = {0, 100000};
#define TICKS_PER_SECOND 10

struct limits {
  struct ev_token_bucket_cfg *each;
  struct bufferevent_rate_limit_group *all;
  char *bytes;
  size_t length;
};

static struct peer *peers;

/* A limit for writing. A bucket holds no more than what it gets in a tick: there are no bursts. */
static struct ev_token_bucket_cfg *write_limit(const char *per_second) {
  size_t rate = (size_t)number(per_second, INT_MAX) / TICKS_PER_SECOND;
  struct ev_token_bucket_cfg *limit;
  if (rate == 0) {
    rate = 1;
  }
  limit = ev_token_bucket_cfg_new(EV_RATE_LIMIT_MAX, EV_RATE_LIMIT_MAX, rate, rate, &tick);
  if (limit == NULL) {
    die("ev_token_bucket_cfg_new");
  }
  return limit;
}

static void on_all_sent(struct bufferevent *bev, void *arg) {
  (void)bev;
  peer_free(arg);
}

static void on_event(struct bufferevent *bev, short what, void *arg) {
  (void)bev;
  (void)what;
  peer_free(arg);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                      int length, void *arg) {
  const struct limits *limits = arg;
  struct event_base *base = evconnlistener_get_base(listener);
  struct bufferevent *bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
  struct peer *peer = peer_new(&peers, fd, bev);
  (void)address;
  (void)length;
  if (peer == NULL) {
    return;
  }
  bufferevent_setcb(bev, NULL, on_all_sent, on_event, peer);
  /* The bytes are not copied: all connections send the same ones. */
  if (bufferevent_set_rate_limit(bev, limits->each) != 0 ||
      bufferevent_add_to_rate_limit_group(bev, limits->all) != 0 ||
      evbuffer_add_reference(bufferevent_get_output(bev), limits->bytes, limits->length, NULL,
                             NULL) != 0) {
    peer_free(peer);
  }
}

int main(int argc, char **argv) {
  struct event_base *base;
  struct evconnlistener *listener;
  struct ev_token_bucket_cfg *all;
  struct limits limits;
  if (argc != 5) {
    fprintf(stderr, "usage: rate-limit PORT BYTES EACH ALL\n");
    return EXIT_FAILURE;
  }
  signal(SIGPIPE, SIG_IGN);
  limits.length = (size_t)number(argv[2], INT_MAX);
  limits.bytes = malloc(limits.length + 1);
  base = event_base_new();
  if (limits.bytes == NULL || base == NULL) {
    die("event_base_new");
  }
  memset(limits.bytes, '*', limits.length);
  limits.each = write_limit(argv[3]);
  all = write_limit(argv[4]);
  limits.all = bufferevent_rate_limit_group_new(base, all); /* which copies the settings */
  if (limits.all == NULL) {
    die("bufferevent_rate_limit_group_new");
  }
  listener = listen_on(base, argv[1], on_accept, &limits);
  run_until_stopped(base);
  evconnlistener_free(listener);
  peers_free(&peers);
  bufferevent_rate_limit_group_free(limits.all);
  ev_token_bucket_cfg_free(limits.each); /* the connections used it until now */
  ev_token_bucket_cfg_free(all);
  event_base_free(base);
  free(limits.bytes);
  return EXIT_SUCCESS;
}
