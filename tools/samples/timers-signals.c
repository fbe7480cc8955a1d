/*
 * Timers and signals.
 *
 *   timers-signals MILLISECONDS [TICKS]
 *
 * Prints a line in that interval, TICKS times or until SIGINT or SIGTERM ends it. SIGUSR1 doubles
 * the interval, SIGUSR2 halves it. It waits at most a minute for all of that.
 */
#include "common.h"

#include <event2/event.h>

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct clock {
  struct event *timer;
  long milliseconds;
  long ticks; /* that are left; negative for no end */
  long count;
};

static void set_interval(struct clock *clock) {
  struct timeval interval;
  interval.tv_sec = clock->milliseconds / 1000;
  interval.tv_usec = clock->milliseconds % 1000 * 1000;
  /* A persistent event that is pending already goes by the new interval from now on. */
  if (event_add(clock->timer, &interval) != 0) {
    die("event_add");
  }
  printf("every %ld ms\n", clock->milliseconds);
  fflush(stdout);
}

static void on_tick(evutil_socket_t fd, short what, void *arg) {
  struct clock *clock = arg;
  (void)fd;
  (void)what; /* EV_TIMEOUT */
  printf("tick %ld\n", ++clock->count);
  fflush(stdout);
  if (clock->ticks > 0 && --clock->ticks == 0) {
    event_base_loopexit(event_get_base(clock->timer), NULL);
  }
}

static void on_user_signal(evutil_socket_t signal_number, short what, void *arg) {
  struct clock *clock = arg;
  (void)what; /* EV_SIGNAL */
  /* This is no signal handler: the loop calls it like any other callback. */
  if (signal_number == SIGUSR1 && clock->milliseconds <= INT_MAX / 2) {
    clock->milliseconds *= 2;
  } else if (signal_number == SIGUSR2 && clock->milliseconds > 1) {
    clock->milliseconds /= 2;
  }
  set_interval(clock);
}

static void on_minute(evutil_socket_t fd, short what, void *arg) {
  (void)fd;
  (void)what;
  printf("a minute is over\n");
  event_base_loopexit(arg, NULL);
}

int main(int argc, char **argv) {
  const struct timeval minute = {60, 0};
  struct event_base *base;
  struct event *user_signals[2];
  struct clock clock = {NULL, 0, -1, 0};
  if (argc != 2 && argc != 3) {
    fprintf(stderr, "usage: timers-signals MILLISECONDS [TICKS]\n");
    return EXIT_FAILURE;
  }
  clock.milliseconds = number(argv[1], INT_MAX);
  if (argc == 3) {
    clock.ticks = number(argv[2], LONG_MAX);
  }
  base = event_base_new();
  if (base == NULL) {
    die("event_base_new");
  }
  clock.timer = event_new(base, -1, EV_PERSIST, on_tick, &clock);
  user_signals[0] = evsignal_new(base, SIGUSR1, on_user_signal, &clock);
  user_signals[1] = evsignal_new(base, SIGUSR2, on_user_signal, &clock);
  if (clock.timer == NULL || user_signals[0] == NULL || user_signals[1] == NULL ||
      event_add(user_signals[0], NULL) != 0 || event_add(user_signals[1], NULL) != 0 ||
      /* Once, and then it is gone: there is nothing to free. */
      event_base_once(base, -1, EV_TIMEOUT, on_minute, base, &minute) != 0) {
    die("event_new");
  }
  set_interval(&clock);
  run_until_stopped(base);
  printf("%ld ticks\n", clock.count);
  event_free(clock.timer);
  event_free(user_signals[0]);
  event_free(user_signals[1]);
  event_base_free(base);
  return EXIT_SUCCESS;
}
