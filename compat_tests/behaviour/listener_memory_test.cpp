// What a listener allocates, and what happens when it cannot.
#include <netinet/in.h>

#include "listener_tools.h"
#include "tracked_memory.h"

using namespace event_cases;

TEST_CASE("evconnlistener_new_bind: any allocation may fail") {
  const TrackedMemory memory;
  const Base base = make_base();
  Acceptor acceptor;
  { const Listener warm = acceptor.listen(base); }
  turn(base);
  const size_t live = TrackedMemory::live();
  const int lowest = dup(0);
  close(lowest);

  bool made = false;
  for (long n = 0; n < 20 && !made; ++n) {
    TrackedMemory::fail_after(n);
    Listener listener = acceptor.listen(base);
    made = listener && TrackedMemory::failures() == 0;
    CHECK((listener == nullptr) == (TrackedMemory::failures() != 0));
    TrackedMemory::never_fail();
    if (!listener) {
      // Nothing is left of it: memory, descriptors, events.
      CHECK(TrackedMemory::live() == live);
      const int next = dup(0);
      CHECK(next == lowest);
      close(next);
      CHECK(added(base) == 0);
    }
  }
  CHECK(made);
  turn(base);
  CHECK(TrackedMemory::live() <= live);
  CHECK(TrackedMemory::strangers() == 0);
}

TEST_CASE("evconnlistener_new: without memory the socket stays the caller's") {
  const TrackedMemory memory;
  const Base base = make_base();
  Acceptor acceptor;
  Descriptors fds;
  const int fd = fds.keep(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  TrackedMemory::fail_after(0, true);
  CHECK(evconnlistener_new(base.get(), Acceptor::callback, &acceptor, LEV_OPT_CLOSE_ON_FREE, 5,
                           fd) == nullptr);
  TrackedMemory::never_fail();
  CHECK(is_open(fd));
}

TEST_CASE("evconnlistener: accepting needs no memory") {
  const TrackedMemory memory;
  const Base base = make_base();
  Acceptor acceptor;
  Descriptors clients;
  const Listener listener = acceptor.listen(base);
  turn(base);
  clients.keep(connect_to(listener));
  clients.keep(connect_to(listener));
  TrackedMemory::fail_after(0, true);
  event_base_loop(base.get(), EVLOOP_ONCE);
  TrackedMemory::never_fail();
  CHECK(acceptor.count() == 2);
}

TEST_CASE("evconnlistener_free: gives all its memory back") {
  const TrackedMemory memory;
  {
    const Base base = make_base();
    Acceptor acceptor;
    Descriptors clients;
    turn(base);
    {
      const Listener listener = acceptor.listen(base, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_THREADSAFE);
      clients.keep(connect_to(listener));
      event_base_loop(base.get(), EVLOOP_ONCE);
    }
    Listener in_callback = acceptor.listen(base);
    clients.keep(connect_to(in_callback));
    acceptor.on_accept = [&](evconnlistener*) { in_callback.reset(); };
    event_base_loop(base.get(), EVLOOP_ONCE);
    CHECK(acceptor.count() == 2);
  }
  libevent_global_shutdown();
  CHECK(TrackedMemory::live() == 0u);
  CHECK(TrackedMemory::strangers() == 0);
}

TEST_CASE("evconnlistener: in debug mode it leaves no event behind") {
  event_enable_debug_mode();
  const Base base = make_base();
  Acceptor acceptor;
  Descriptors clients;
  for (int i = 0; i < 3; ++i) {
    const Listener listener = acceptor.listen(base);
    clients.keep(connect_to(listener));
    event_base_loop(base.get(), EVLOOP_ONCE);
  }
  CHECK(acceptor.count() == 3);
}
