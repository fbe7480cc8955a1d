/*
 * An echo server: sends back what it receives.
 *
 *   echo PORT
 *
 * Shows bufferevents, and how to hold back a peer that sends but does not read.
 */
#include "common.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include <stdio.h>
#include <stdlib.h>

/* Reading pauses while so many bytes wait to be sent back, and goes on at half of it. */
#define MOST_WAITING (256 * 1024)

static struct peer *peers;

static void on_read(struct bufferevent *bev, void *arg) {
  struct evbuffer *output = bufferevent_get_output(bev);
  /* Moves the bytes, without copying them. */
  if (evbuffer_add_buffer(output, bufferevent_get_input(bev)) != 0) {
    peer_free(arg);
    return;
  }
  if (evbuffer_get_length(output) >= MOST_WAITING) {
    bufferevent_disable(bev, EV_READ);
  }
}

/* The output has drained to the low watermark. */
static void on_write(struct bufferevent *bev, void *arg) {
  (void)arg;
  bufferevent_enable(bev, EV_READ);
}

static void on_last_write(struct bufferevent *bev, void *arg) {
  if (evbuffer_get_length(bufferevent_get_output(bev)) == 0) {
    peer_free(arg);
  }
}

static void on_event(struct bufferevent *bev, short what, void *arg) {
  if ((what & BEV_EVENT_EOF) != 0 && evbuffer_get_length(bufferevent_get_output(bev)) > 0) {
    /* The peer sends no more, but may still read: send what is left first. */
    bufferevent_setwatermark(bev, EV_WRITE, 0, 0);
    bufferevent_setcb(bev, NULL, on_last_write, on_event, arg);
    return;
  }
  peer_free(arg);
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
    bufferevent_setcb(bev, on_read, on_write, on_event, peer);
    bufferevent_setwatermark(bev, EV_WRITE, MOST_WAITING / 2, 0);
    bufferevent_enable(bev, EV_READ);
  }
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: echo PORT\n");
    return EXIT_FAILURE;
  }
  serve(argv[1], on_accept, &peers);
  return EXIT_SUCCESS;
}
