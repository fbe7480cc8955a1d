// Errors of accept(): when descriptors run out, and when the socket cannot accept any more.
#include <event2/watch.h>
#include <sys/resource.h>

#include "listener_tools.h"

using namespace event_cases;

namespace {

// While it lives, the process can open no descriptor more.
class NoDescriptors {
 public:
  NoDescriptors() {
    REQUIRE(getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const int lowest = dup(0);
    close(lowest);
    rlimit now = before_;
    now.rlim_cur = static_cast<rlim_t>(lowest);
    REQUIRE(setrlimit(RLIMIT_NOFILE, &now) == 0);
  }
  ~NoDescriptors() { restore(); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

  void restore() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

struct Scene {
  explicit Scene(int queued) : listener(acceptor.listen(base)) {
    // What the loop needs is opened while it can be.
    turn(base);
    for (int i = 0; i < queued; ++i) {
      clients.keep(connect_to(listener));
    }
  }
  void run_for(int milliseconds) {
    const timeval end = ms(milliseconds);
    event_base_loopexit(base.get(), &end);
    event_base_dispatch(base.get());
  }

  Base base = make_base();
  Acceptor acceptor;
  Descriptors clients;
  Listener listener;
};

}  // namespace

TEST_CASE("evconnlistener_set_error_cb: hears of EMFILE, with the errno") {
  Scene scene(2);
  evconnlistener_set_error_cb(scene.listener.get(), Acceptor::error_callback);
  NoDescriptors none;
  const LogCapture log;
  CHECK(event_base_loop(scene.base.get(), EVLOOP_ONCE) == 0);
  CHECK(scene.acceptor.errors == std::vector{EMFILE});  // it does not try the second
  CHECK(log.count() == 0);
  // The listener stays enabled, and tries again; what waits is not lost.
  none.restore();
  scene.acceptor.on_accept = [&](evconnlistener*) {
    if (scene.acceptor.count() == 2) {
      event_base_loopbreak(scene.base.get());
    }
  };
  event_base_dispatch(scene.base.get());
  CHECK(scene.acceptor.count() == 2);
  CHECK(scene.acceptor.errors.size() == 1u);
}

TEST_CASE("evconnlistener_set_error_cb: may make room") {
  Scene scene(3);
  Descriptors spare;
  for (int i = 0; i < 4; ++i) {  // accept() wants one even if nobody waits
    spare.keep(dup(0));
  }
  evconnlistener_set_error_cb(scene.listener.get(), Acceptor::error_callback);
  const NoDescriptors none;
  scene.acceptor.on_error = [&](evconnlistener*) { spare.close_all(); };
  for (int i = 0; i < 2; ++i) {
    event_base_loop(scene.base.get(), EVLOOP_ONCE);
  }
  CHECK(scene.acceptor.errors.size() == 1u);
  CHECK(scene.acceptor.count() == 3);
}

TEST_CASE("evconnlistener_set_error_cb: may disable the listener") {
  Scene scene(1);
  evconnlistener_set_error_cb(scene.listener.get(), Acceptor::error_callback);
  NoDescriptors none;
  scene.acceptor.on_error = [](evconnlistener* listener) { evconnlistener_disable(listener); };
  CHECK(event_base_dispatch(scene.base.get()) == 1);
  CHECK(scene.acceptor.errors.size() == 1u);
  none.restore();
  evconnlistener_enable(scene.listener.get());
  event_base_loop(scene.base.get(), EVLOOP_ONCE);
  CHECK(scene.acceptor.count() == 1);
}

TEST_CASE("evconnlistener_set_error_cb: may free the listener") {
  Scene scene(1);
  const int fd = evconnlistener_get_fd(scene.listener.get());
  evconnlistener_set_error_cb(scene.listener.get(), Acceptor::error_callback);
  NoDescriptors none;
  scene.acceptor.on_error = [&](evconnlistener*) { scene.listener.reset(); };
  CHECK(event_base_dispatch(scene.base.get()) == 1);
  none.restore();
  CHECK(scene.acceptor.errors.size() == 1u);
  CHECK_FALSE(is_open(fd));
  CHECK(is_hung_up(scene.clients[0]));
}

TEST_CASE("evconnlistener_set_error_cb: has the argument of evconnlistener_set_cb") {
  Scene scene(1);
  Acceptor other;
  evconnlistener_set_error_cb(scene.listener.get(), Acceptor::error_callback);
  evconnlistener_set_cb(scene.listener.get(), Acceptor::callback, &other);
  const NoDescriptors none;
  event_base_loop(scene.base.get(), EVLOOP_ONCE);
  CHECK(scene.acceptor.errors.empty());
  CHECK(other.errors.size() == 1u);
}

TEST_CASE("evconnlistener_set_error_cb: a socket that was shut down") {
  Scene scene(0);
  evconnlistener_set_error_cb(scene.listener.get(), Acceptor::error_callback);
  shutdown(evconnlistener_get_fd(scene.listener.get()), SHUT_RDWR);
  event_base_loop(scene.base.get(), EVLOOP_ONCE);
  CHECK(scene.acceptor.errors == std::vector{EINVAL});
}

TEST_CASE("evconnlistener: without an error callback EMFILE is a warning") {
  Scene scene(1);
  const LogCapture log;
  NoDescriptors none;
  event_base_loop(scene.base.get(), EVLOOP_ONCE);
  CHECK(log.count() == 1);
  CHECK(log.contains(EVENT_LOG_WARN, strerror(EMFILE)));
  none.restore();
  scene.acceptor.on_accept = [&](evconnlistener*) { event_base_loopbreak(scene.base.get()); };
  event_base_dispatch(scene.base.get());
  CHECK(scene.acceptor.count() == 1);
}

TEST_CASE("evconnlistener: without descriptors it waits, and says so once", "[relevent]") {
  INTENDED_DIFFERENCE("the reference tries to accept thousands of times a second, and logs each");
  Scene scene(2);
  const LogCapture log;
  NoDescriptors none;
  int turns = 0;
  evwatch_prepare_new(
      scene.base.get(),
      [](evwatch*, const evwatch_prepare_cb_info*, void* n) { ++*static_cast<int*>(n); }, &turns);
  scene.run_for(300);
  CHECK(turns <= 20);
  CHECK(log.count() == 1);
  CHECK(scene.acceptor.count() == 0);
  // It goes on by itself, and begins anew when it happens again.
  none.restore();
  scene.acceptor.on_accept = [&](evconnlistener*) {
    if (scene.acceptor.count() == 2) {
      event_base_loopbreak(scene.base.get());
    }
  };
  event_base_dispatch(scene.base.get());
  CHECK(scene.acceptor.count() == 2);
  CHECK(added(scene.base) == 1);

  scene.clients.keep(connect_to(scene.listener));
  const NoDescriptors again;
  scene.run_for(30);
  CHECK(log.count() == 2);
}

TEST_CASE("evconnlistener: an error callback that cures nothing does not make it spin",
          "[relevent]") {
  INTENDED_DIFFERENCE("the reference tries to accept thousands of times a second");
  Scene scene(1);
  evconnlistener_set_error_cb(scene.listener.get(), Acceptor::error_callback);
  const NoDescriptors none;
  scene.run_for(200);
  CHECK(scene.acceptor.errors.size() >= 2u);
  CHECK(scene.acceptor.errors.size() <= 12u);
}

TEST_CASE("evconnlistener: can be told to end a pause", "[relevent]") {
  INTENDED_DIFFERENCE("the reference never pauses");
  Scene scene(1);
  const LogCapture log;
  NoDescriptors none;
  scene.run_for(100);
  none.restore();
  SECTION("by enabling it") {
    evconnlistener_enable(scene.listener.get());
    turn(scene.base);
    CHECK(scene.acceptor.count() == 1);
  }
  SECTION("by disabling it") {
    evconnlistener_disable(scene.listener.get());
    CHECK(event_base_dispatch(scene.base.get()) == 1);
    CHECK(scene.acceptor.count() == 0);
  }
  SECTION("by freeing it") {
    scene.listener.reset();
    CHECK(event_base_dispatch(scene.base.get()) == 1);
  }
}
