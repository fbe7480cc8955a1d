/* le-proxy.c includes it from libevent's source tree, and uses nothing of it. */
