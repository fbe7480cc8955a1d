/* le-proxy.c and http-server.c include it from libevent's source tree. The one uses nothing of it;
   the other takes from it what libevent was configured with, and errno. */
#include <errno.h>
#include <event2/event-config.h>
