/* https-client.c's parts include it from libevent's source tree; this is what they take from it. */
#ifndef HOSTCHECK_H
#define HOSTCHECK_H

#define CURL_HOST_NOMATCH 0
#define CURL_HOST_MATCH 1

int Curl_cert_hostcheck(const char *match_pattern, const char *hostname);

#endif
