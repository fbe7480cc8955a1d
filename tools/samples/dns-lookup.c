/*
 * Looks names up, all at the same time.
 *
 *   dns-lookup [-s SERVER[:PORT]] NAME...
 *
 * Asks the nameservers of /etc/resolv.conf, or SERVER, an address in numbers, alone. The exit
 * status is 0 if every name has an address.
 */
#include "common.h"

#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int waiting;
static int failures;

struct lookup {
  const char *name;
  struct evdns_base *dns;
};

static void print_address_of(const char *name, const struct sockaddr *address) {
  char text[128];
  const void *bytes = address->sa_family == AF_INET6
                          ? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr
                          : (const void *)&((const struct sockaddr_in *)address)->sin_addr;
  if (evutil_inet_ntop(address->sa_family, bytes, text, sizeof text) != NULL) {
    printf("%s %s\n", name, text);
  }
}

static void on_answer(int error, struct evutil_addrinfo *addresses, void *arg) {
  struct lookup *lookup = arg;
  const struct evutil_addrinfo *address;
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", lookup->name, evutil_gai_strerror(error));
    ++failures;
  }
  for (address = addresses; address != NULL; address = address->ai_next) {
    print_address_of(lookup->name, address->ai_addr);
  }
  if (addresses != NULL) {
    evutil_freeaddrinfo(addresses);
  }
  /* With the resolver goes what would keep the loop running. */
  if (--waiting == 0) {
    evdns_base_free(lookup->dns, 0);
  }
}

static struct evdns_base *resolver(struct event_base *base, const char *server) {
  struct evdns_base *dns =
      evdns_base_new(base, server == NULL ? EVDNS_BASE_INITIALIZE_NAMESERVERS : 0);
  if (dns == NULL) {
    die("evdns_base_new");
  }
  if (server != NULL && evdns_base_nameserver_ip_add(dns, server) != 0) {
    fprintf(stderr, "dns-lookup: '%s' is not an address\n", server);
    exit(EXIT_FAILURE);
  }
  return dns;
}

int main(int argc, char **argv) {
  struct event_base *base;
  struct evdns_base *dns;
  struct evutil_addrinfo hints;
  struct lookup *lookups;
  const char *server = NULL;
  int first = 1;
  int i;
  if (argc > 2 && strcmp(argv[1], "-s") == 0) {
    server = argv[2];
    first = 3;
  }
  if (first >= argc) {
    fprintf(stderr, "usage: dns-lookup [-s SERVER[:PORT]] NAME...\n");
    return EXIT_FAILURE;
  }
  lookups = calloc((size_t)argc, sizeof *lookups);
  base = event_base_new();
  if (lookups == NULL || base == NULL) {
    die("event_base_new");
  }
  dns = resolver(base, server);
  memset(&hints, 0, sizeof hints);
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM; /* else each address comes once for each kind of socket */
  waiting = argc - first;
  for (i = first; i < argc; ++i) {
    lookups[i].name = argv[i];
    lookups[i].dns = dns;
    /* What needs no question, such as an address, is answered within the call. */
    evdns_getaddrinfo(dns, argv[i], NULL, &hints, on_answer, &lookups[i]);
  }
  event_base_dispatch(base);
  event_base_free(base);
  free(lookups);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
