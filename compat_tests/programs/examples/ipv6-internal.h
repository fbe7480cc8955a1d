/* dns-example.c includes it from libevent's source tree, where it lies above the examples as this
 * file lies above absent/. Nothing of it is needed where the system has IPv6. */
