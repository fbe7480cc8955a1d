/*
 * What the samples share: arguments, addresses, listening, the end.
 */
#ifndef SAMPLES_COMMON_H_INCLUDED
#define SAMPLES_COMMON_H_INCLUDED

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include <netinet/in.h>

/* Prints what failed, and errno's reason if it has one; ends the program. */
void die(const char *what);

/* The number in a text; ends the program if it is none from 0 to `most`. */
long number(const char *text, long most);

/* Listens on 127.0.0.1 and prints the address; with port "0" the system chooses the port. */
struct evconnlistener *listen_on(struct event_base *base, const char *port, evconnlistener_cb cb,
                                 void *arg);

/* Prints the address that a socket listens on. */
void print_address(evutil_socket_t listening);

/* An event that ends the loop when the signal comes. */
struct event *stop_on(struct event_base *base, int signal_number);

/* Runs the loop until SIGINT or SIGTERM comes. */
void run_until_stopped(struct event_base *base);

/* The connections that are open, so that they can be freed at the end. */
struct peer {
  struct bufferevent *bev;
  unsigned number; /* 1 for the first one */
  struct peer *next;
  struct peer **list;
};

/* Adds a connection, and the bufferevent that was made for it, to a list. If that is NULL, or memory
   runs out, closes the connection and returns NULL. */
struct peer *peer_new(struct peer **list, evutil_socket_t fd, struct bufferevent *bev);

/* Takes one off its list, and frees it with its bufferevent. */
void peer_free(struct peer *peer);

/* Frees all of a list. */
void peers_free(struct peer **list);

/* A whole server: listens on the port until SIGINT or SIGTERM comes, and frees the connections that
   the callback has put into the list. */
void serve(const char *port, evconnlistener_cb on_accept, struct peer **list);

#endif
