// Enabling, disabling and changing a listener, also from inside its callback.
#include <stdexcept>

#include "child.h"
#include "listener_tools.h"

using namespace event_cases;

namespace {

// A base and a listener that `queued` clients wait for.
struct Scene {
  explicit Scene(int queued, unsigned flags = LEV_OPT_CLOSE_ON_FREE)
      : listener(acceptor.listen(base, flags)) {
    REQUIRE(listener);
    more(queued);
  }
  void more(int count) {
    for (int i = 0; i < count; ++i) {
      clients.keep(connect_to(listener));
    }
  }

  Base base = make_base();
  Acceptor acceptor;
  Descriptors clients;
  Listener listener;
};

}  // namespace

TEST_CASE("evconnlistener_disable: in the callback it stops after this connection") {
  Scene scene(3);
  scene.acceptor.on_accept = [](evconnlistener* listener) {
    CHECK(evconnlistener_disable(listener) == 0);
    CHECK(evconnlistener_disable(listener) == 0);
  };
  CHECK(event_base_loop(scene.base.get(), EVLOOP_ONCE) == 0);
  CHECK(scene.acceptor.count() == 1);
  CHECK(added(scene.base) == 0);
  CHECK(event_base_dispatch(scene.base.get()) == 1);

  // The others have waited in the queue.
  for (int i = 2; i <= 3; ++i) {
    CHECK(evconnlistener_enable(scene.listener.get()) == 0);
    event_base_loop(scene.base.get(), EVLOOP_ONCE);
    CHECK(scene.acceptor.count() == i);
  }
}

TEST_CASE("evconnlistener_disable: and enabled again in the same callback it goes on") {
  Scene scene(3);
  scene.acceptor.on_accept = [](evconnlistener* listener) {
    evconnlistener_disable(listener);
    evconnlistener_enable(listener);
  };
  event_base_loop(scene.base.get(), EVLOOP_ONCE);
  CHECK(scene.acceptor.count() == 3);
  CHECK(added(scene.base) == 1);
}

TEST_CASE("evconnlistener_disable: one that is due is not called") {
  Scene scene(1);
  Recorder recorder;
  REQUIRE(event_base_priority_init(scene.base.get(), 1) == 0);
  // Runs first, since it was due first.
  const Event before = recorder.make(scene.base.get(), -1, 0, "before", [&](const Call&) {
    evconnlistener_disable(scene.listener.get());
  });
  event_active(before.get(), EV_TIMEOUT, 1);
  turn(scene.base);
  CHECK(recorder.order() == "before");
  CHECK(scene.acceptor.count() == 0);
}

TEST_CASE("evconnlistener_enable: twice is as once") {
  Scene scene(0);
  CHECK(evconnlistener_enable(scene.listener.get()) == 0);
  CHECK(evconnlistener_enable(scene.listener.get()) == 0);
  CHECK(added(scene.base) == 1);
  scene.more(1);
  event_base_loop(scene.base.get(), EVLOOP_ONCE);
  CHECK(scene.acceptor.count() == 1);
}

TEST_CASE("evconnlistener_free: in the callback") {
  Scene scene(3);
  const int fd = evconnlistener_get_fd(scene.listener.get());
  scene.acceptor.on_accept = [&](evconnlistener*) {
    scene.listener.reset();
    CHECK(is_open(scene.acceptor.accepted[0]));  // which is the callback's
  };
  event_base_loop(scene.base.get(), EVLOOP_ONCE);
  CHECK(added(scene.base) == 0);
  CHECK(scene.acceptor.count() == 1);
  CHECK_FALSE(is_open(fd));
  CHECK(is_quiet(scene.clients[0]));
  CHECK(is_hung_up(scene.clients[1]));
  CHECK(is_hung_up(scene.clients[2]));
}

TEST_CASE("evconnlistener_free: in the callback, the socket handed on") {
  Scene scene(3, 0);
  const int fd = evconnlistener_get_fd(scene.listener.get());
  Listener second;
  scene.acceptor.on_accept = [&](evconnlistener*) {
    if (!second) {
      scene.listener.reset();
      second.reset(evconnlistener_new(scene.base.get(), Acceptor::callback, &scene.acceptor,
                                      LEV_OPT_CLOSE_ON_FREE, 0, fd));
    }
  };
  event_base_loop(scene.base.get(), EVLOOP_NONBLOCK);
  CHECK(scene.acceptor.count() == 3);
}

TEST_CASE("evconnlistener_set_cb: the next connection has the new callback and argument") {
  Scene scene(2);
  Acceptor other;
  scene.acceptor.on_accept = [&](evconnlistener* listener) {
    evconnlistener_set_cb(listener, Acceptor::callback, &other);
  };
  event_base_loop(scene.base.get(), EVLOOP_ONCE);
  CHECK(scene.acceptor.count() == 1);
  CHECK(other.count() == 1);
}

TEST_CASE("evconnlistener_set_cb: without a callback it waits until there is one") {
  const Base base = make_base();
  Acceptor acceptor;
  Descriptors clients;
  Address address = loopback();
  const Listener listener(evconnlistener_new_bind(
      base.get(), nullptr, &acceptor, LEV_OPT_CLOSE_ON_FREE, -1, address.get(), address.size()));
  REQUIRE(listener);
  CHECK(added(base) == 0);
  CHECK(evconnlistener_enable(listener.get()) == 0);
  CHECK(added(base) == 0);
  clients.keep(connect_to(listener));
  CHECK(event_base_dispatch(base.get()) == 1);

  evconnlistener_set_cb(listener.get(), Acceptor::callback, &acceptor);
  CHECK(added(base) == 1);
  event_base_loop(base.get(), EVLOOP_ONCE);
  CHECK(acceptor.count() == 1);
}

TEST_CASE("evconnlistener_set_cb: does not enable what is disabled") {
  const Base base = make_base();
  Acceptor acceptor;
  Address address = loopback();
  const Listener listener(evconnlistener_new_bind(base.get(), nullptr, nullptr,
                                                  LEV_OPT_CLOSE_ON_FREE | LEV_OPT_DISABLED, -1,
                                                  address.get(), address.size()));
  evconnlistener_set_cb(listener.get(), Acceptor::callback, &acceptor);
  CHECK(added(base) == 0);
  evconnlistener_enable(listener.get());
  CHECK(added(base) == 1);
  evconnlistener_disable(listener.get());
  evconnlistener_set_cb(listener.get(), nullptr, nullptr);
  evconnlistener_set_cb(listener.get(), Acceptor::callback, &acceptor);
  CHECK(added(base) == 0);
}

TEST_CASE("evconnlistener_set_cb: once there is none again, connections are closed") {
  Scene scene(1);
  evconnlistener_set_cb(scene.listener.get(), nullptr, nullptr);
  CHECK(added(scene.base) == 1);  // it goes on waiting
  turn(scene.base);
  CHECK(scene.acceptor.count() == 0);
  CHECK(is_hung_up(scene.clients[0]));

  scene.more(1);
  evconnlistener_set_cb(scene.listener.get(), Acceptor::callback, &scene.acceptor);
  event_base_loop(scene.base.get(), EVLOOP_ONCE);
  CHECK(scene.acceptor.count() == 1);
}

TEST_CASE("evconnlistener_set_cb: to none in the callback, and one connection is closed") {
  Scene scene(3);
  scene.acceptor.on_accept = [](evconnlistener* listener) {
    evconnlistener_set_cb(listener, nullptr, nullptr);
  };
  turn(scene.base);
  CHECK(scene.acceptor.count() == 1);
  CHECK(is_hung_up(scene.clients[1]));
  CHECK(is_quiet(scene.clients[2]));
}

TEST_CASE("evconnlistener: the callback may throw through the library") {
  // In a child, since neither library cleans up behind an exception.
  const Child child = in_child([] {
    Scene scene(2);
    scene.acceptor.on_accept = [](evconnlistener*) { throw std::runtime_error("out of here"); };
    try {
      event_base_loop(scene.base.get(), EVLOOP_ONCE);
    } catch (const std::runtime_error&) {
      _exit(17);
    }
  });
  CHECK(child.exit_code == 17);
}
