/*
 * What the samples share: see common.h.
 */
#include "common.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void die(const char *what) {
  if (errno != 0) {
    perror(what);
  } else {
    fprintf(stderr, "%s: failed\n", what);
  }
  exit(EXIT_FAILURE);
}

long number(const char *text, long most) {
  char *end;
  long value;
  errno = 0;
  value = strtol(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || value < 0 || value > most) {
    fprintf(stderr, "'%s' is not a number from 0 to %ld\n", text, most);
    exit(EXIT_FAILURE);
  }
  return value;
}

struct evconnlistener *listen_on(struct event_base *base, const char *port, evconnlistener_cb cb,
                                 void *arg) {
  struct evconnlistener *listener;
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons((uint16_t)number(port, 65535));
  listener = evconnlistener_new_bind(
      base, cb, arg, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, -1,
      (struct sockaddr *)&address, (int)sizeof address);
  if (listener == NULL) {
    die("listen");
  }
  print_address(evconnlistener_get_fd(listener));
  return listener;
}

void print_address(evutil_socket_t listening) {
  struct sockaddr_in address;
  socklen_t length = sizeof address;
  if (getsockname(listening, (struct sockaddr *)&address, &length) != 0) {
    die("getsockname");
  }
  printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout); /* who started this may wait for the line */
}

static void on_stop(evutil_socket_t signal_number, short what, void *arg) {
  (void)signal_number;
  (void)what;
  event_base_loopexit(arg, NULL);
}

struct event *stop_on(struct event_base *base, int signal_number) {
  struct event *event = evsignal_new(base, signal_number, on_stop, base);
  if (event == NULL || event_add(event, NULL) != 0) {
    die("evsignal_new");
  }
  return event;
}

void run_until_stopped(struct event_base *base) {
  struct event *interrupt = stop_on(base, SIGINT);
  struct event *terminate = stop_on(base, SIGTERM);
  if (event_base_dispatch(base) < 0) {
    die("event_base_dispatch");
  }
  event_free(interrupt);
  event_free(terminate);
}

struct peer *peer_new(struct peer **list, evutil_socket_t fd, struct bufferevent *bev) {
  static unsigned so_far;
  struct peer *peer = bev != NULL ? malloc(sizeof *peer) : NULL;
  if (bev == NULL) {
    evutil_closesocket(fd);
  } else if (peer == NULL) {
    bufferevent_free(bev);
  } else {
    peer->bev = bev;
    peer->number = ++so_far;
    peer->next = *list;
    peer->list = list;
    *list = peer;
  }
  return peer;
}

void peer_free(struct peer *peer) {
  struct peer **link = peer->list;
  while (*link != peer) {
    link = &(*link)->next;
  }
  *link = peer->next;
  bufferevent_free(peer->bev);
  free(peer);
}

void peers_free(struct peer **list) {
  while (*list != NULL) {
    peer_free(*list);
  }
}

void serve(const char *port, evconnlistener_cb on_accept, struct peer **list) {
  struct event_base *base;
  struct evconnlistener *listener;
  signal(SIGPIPE, SIG_IGN); /* a write to a closed connection is an error event, not a signal */
  base = event_base_new();
  if (base == NULL) {
    die("event_base_new");
  }
  listener = listen_on(base, port, on_accept, NULL);
  run_until_stopped(base);
  evconnlistener_free(listener);
  peers_free(list);
  event_base_free(base);
}
