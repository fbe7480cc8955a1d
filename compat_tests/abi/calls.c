/* A plain C program that calls a function of each library that it may use. */
#include <event2/event.h>
#include <event2/relevent.h>
#include <stdio.h>
#include <string.h>

#ifdef USE_EXTRA
#include <event2/tag.h>
#endif
#ifdef USE_PTHREADS
#include <event2/thread.h>
#endif
#if defined(USE_OPENSSL) || defined(USE_MBEDTLS)
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#endif

int main(void) {
  int failed = strcmp(event_get_version(), "2.1.12-stable") != 0;
#ifdef USE_PTHREADS
  failed |= evthread_use_pthreads() != 0;
#endif
#ifdef USE_EXTRA
  evtag_init();
#endif
#ifdef USE_OPENSSL
  /* Links the TLS bufferevents without making one. */
  failed |= bufferevent_openssl_socket_new == NULL;
#endif
#ifdef USE_MBEDTLS
  failed |= bufferevent_mbedtls_socket_new == NULL;
#endif
  if (failed) puts("failed");
  return failed;
}
