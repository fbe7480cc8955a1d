/* libevent and libevent_core in one process, as in every program linked -levent -levent_pthreads:
 * libevent_pthreads brings libevent_core along. There must be one state: what is set through one
 * object holds in the other.
 *
 * Built against the system's libevent in several link orders, as a program and as a module for
 * dlopen (see CMakeLists.txt); the loader decides which library it runs on. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <event2/event.h>
#include <event2/thread.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Exported, but in no header. */
struct evthread_lock_callbacks* evthread_get_lock_callbacks(void);

int check_both_objects(const char* directory);

static int failures;

#define EXPECT(condition)                                                     \
  do {                                                                        \
    if (!(condition)) {                                                       \
      printf("both_objects.c:%d: expected %s\n", __LINE__, #condition);       \
      ++failures;                                                             \
    }                                                                         \
  } while (0)

/* Whether this library is mapped from the directory. */
static int is_mapped(const char* directory, const char* library) {
  char wanted[4096], line[8192];
  int found = 0;
  FILE* maps = fopen("/proc/self/maps", "r");
  if (maps == NULL) return 0;
  snprintf(wanted, sizeof wanted, "%s/%s", directory, library);
  while (fgets(line, sizeof line, maps) != NULL) found |= strstr(line, wanted) != NULL;
  fclose(maps);
  return found;
}

static atomic_int allocations;
static atomic_int releases;

static void* counting_malloc(size_t size) {
  ++allocations;
  return malloc(size);
}

static void* counting_realloc(void* block, size_t size) {
  if (block == NULL) ++allocations;
  return realloc(block, size);
}

static void counting_free(void* block) {
  if (block != NULL) ++releases;
  free(block);
}

static int messages;

static void count_messages(int severity, const char* text) {
  (void)severity;
  (void)text;
  ++messages;
}

/* The locks that libevent_pthreads made known must be those that the program sees, and their
 * memory must come from the program's allocator. */
static void check_lock_callbacks(void) {
  struct evthread_lock_callbacks* callbacks = evthread_get_lock_callbacks();
  struct evthread_lock_callbacks others;
  int before = allocations;
  void* lock;

  EXPECT(callbacks != NULL && callbacks->alloc != NULL);
  if (callbacks == NULL || callbacks->alloc == NULL) return;
  lock = callbacks->alloc(EVTHREAD_LOCKTYPE_RECURSIVE);
  EXPECT(lock != NULL);
  EXPECT(allocations > before);
  before = releases;
  callbacks->free(lock, EVTHREAD_LOCKTYPE_RECURSIVE);
  EXPECT(releases > before);

  /* Too late for others: refused, and said so through the program's log callback. */
  others = *callbacks;
  others.alloc = NULL;
  before = messages;
  EXPECT(evthread_set_lock_callbacks(&others) == -1);
  EXPECT(messages > before);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct wake_up {
  struct event_base* base;
  struct event* woken;
  struct event* started;
  struct event* guard;
  pthread_t thread;
  int thread_runs;
  int got_woken;
};

static void* wake(void* argument) {
  struct wake_up* test = argument;
  /* Gives the loop time to block: without a wake-up it would then sleep until the guard. */
  struct timespec pause = {0, 50 * 1000 * 1000};
  nanosleep(&pause, NULL);
  event_active(test->woken, EV_TIMEOUT, 1);
  return NULL;
}

static void on_started(evutil_socket_t fd, short what, void* argument) {
  struct wake_up* test = argument;
  (void)fd;
  (void)what;
  test->thread_runs = pthread_create(&test->thread, NULL, wake, test) == 0;
}

static void on_woken(evutil_socket_t fd, short what, void* argument) {
  struct wake_up* test = argument;
  (void)fd;
  (void)what;
  test->got_woken = 1;
  event_base_loopbreak(test->base);
}

static void on_guard(evutil_socket_t fd, short what, void* argument) {
  (void)fd;
  (void)what;
  event_base_loopbreak(argument);
}

/* Only a base that was made with locks can be woken. */
static void check_wake_up(void) {
  struct wake_up test;
  struct timeval guard_time = {8, 0};
  double start;
  memset(&test, 0, sizeof test);
  test.base = event_base_new();
  EXPECT(test.base != NULL);
  if (test.base == NULL) return;
  test.woken = event_new(test.base, -1, EV_PERSIST, on_woken, &test);
  test.started = event_new(test.base, -1, 0, on_started, &test);
  test.guard = event_new(test.base, -1, 0, on_guard, test.base);
  event_add(test.guard, &guard_time);
  event_active(test.started, EV_TIMEOUT, 1);
  start = seconds();
  event_base_dispatch(test.base);
  EXPECT(test.got_woken);
  /* Nor may it be the guard that woke the loop. */
  EXPECT(seconds() - start < (double)guard_time.tv_sec / 2);
  if (test.thread_runs) pthread_join(test.thread, NULL);
  event_free(test.woken);
  event_free(test.started);
  event_free(test.guard);
  event_base_free(test.base);
}

int check_both_objects(const char* directory) {
  Dl_info owner;
  int before;

  EXPECT(is_mapped(directory, "libevent-2.1.so.7"));
  EXPECT(is_mapped(directory, "libevent_core-2.1.so.7"));

  event_set_mem_functions(counting_malloc, counting_realloc, counting_free);
  event_set_log_callback(count_messages);
  EXPECT(evthread_use_pthreads() == 0);
  check_lock_callbacks();
  before = allocations;
  check_wake_up();
  EXPECT(allocations > before);
  libevent_global_shutdown();
  EXPECT(allocations == releases);

  if (dladdr((void*)event_base_new, &owner) != 0) printf("served by %s\n", owner.dli_fname);
  return failures;
}

#ifndef AS_MODULE
int main(int argc, char** argv) {
  if (argc != 2) {
    printf("usage: %s <directory of the libraries>\n", argv[0]);
    return 2;
  }
  return check_both_objects(argv[1]) != 0;
}
#endif
