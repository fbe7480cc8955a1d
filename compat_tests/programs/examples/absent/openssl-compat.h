/* le-proxy.c includes it from libevent's source tree; with OpenSSL 3 it uses nothing of it. */
