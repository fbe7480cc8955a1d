// LEV_OPT_THREADSAFE: a listener that other threads than the loop's use.
#include "listener_tools.h"
#include "thread_tools.h"

using namespace event_cases;

namespace {

constexpr unsigned kFlags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_THREADSAFE;

struct Counter {
  std::atomic<int> accepted = 0;

  static void callback(evconnlistener*, evutil_socket_t fd, sockaddr*, int, void* arg) {
    close(fd);
    ++static_cast<Counter*>(arg)->accepted;
  }

  Listener listen(const Base& base, unsigned flags = kFlags) {
    Address address = loopback();
    return Listener(evconnlistener_new_bind(base.get(), callback, this, flags, -1, address.get(),
                                            address.size()));
  }
};

}  // namespace

TEST_CASE("LEV_OPT_THREADSAFE: enabled and disabled by another thread", "[threads]") {
  const Base base = make_threaded_base();
  Counter counter;
  Descriptors clients;
  const Listener listener = counter.listen(base, kFlags | LEV_OPT_DISABLED);
  LoopThread loop(base.get());
  REQUIRE(loop.is_running());
  for (int i = 1; i <= 20; ++i) {
    clients.keep(connect_to(listener));
    evconnlistener_enable(listener.get());
    CHECK(eventually([&] { return counter.accepted == i; }));
    // The callback is over, or as good as: it waits for nothing.
    evconnlistener_disable(listener.get());
  }
  loop.stop();
}

TEST_CASE("LEV_OPT_THREADSAFE: a new callback from another thread", "[threads]") {
  const Base base = make_threaded_base();
  Counter first;
  Counter second;
  Descriptors clients;
  const Listener listener = first.listen(base);
  LoopThread loop(base.get());
  clients.keep(connect_to(listener));
  CHECK(eventually([&] { return first.accepted == 1; }));
  evconnlistener_set_cb(listener.get(), Counter::callback, &second);
  evconnlistener_set_error_cb(listener.get(), nullptr);
  clients.keep(connect_to(listener));
  CHECK(eventually([&] { return second.accepted == 1; }));
  CHECK(first.accepted == 1);
  loop.stop();
}

TEST_CASE("LEV_OPT_THREADSAFE: the callback runs without the lock", "[threads]") {
  const Base base = make_threaded_base();
  struct Scene {
    Listener listener;
    Flag entered;
    Flag leave;
    std::atomic<bool> left = false;
  } scene;
  Address address = loopback();
  Descriptors clients;
  scene.listener.reset(evconnlistener_new_bind(
      base.get(),
      [](evconnlistener*, evutil_socket_t fd, sockaddr*, int, void* arg) {
        auto* s = static_cast<Scene*>(arg);
        close(fd);
        s->entered.set();
        s->leave.wait();
        s->left = true;
      },
      &scene, kFlags, -1, address.get(), address.size()));
  clients.keep(connect_to(scene.listener));
  LoopThread loop(base.get());
  REQUIRE(scene.entered.wait());
  // None of these waits for the callback.
  CHECK(evconnlistener_get_base(scene.listener.get()) == base.get());
  CHECK(evconnlistener_get_fd(scene.listener.get()) >= 0);
  evconnlistener_set_error_cb(scene.listener.get(), nullptr);
  CHECK(evconnlistener_enable(scene.listener.get()) == 0);
  scene.listener.reset();
  CHECK_FALSE(scene.left);
  scene.leave.set();
  CHECK(loop.stop() == 0);
  CHECK(scene.left);
}

TEST_CASE("LEV_OPT_THREADSAFE: disabling does not wait for the callback", "[threads][relevent]") {
  INTENDED_DIFFERENCE("the reference deadlocks when a listener is disabled while it calls back");
  const Base base = make_threaded_base();
  struct Scene {
    Flag entered;
    Flag leave;
  } scene;
  Address address = loopback();
  Descriptors clients;
  const Listener listener(evconnlistener_new_bind(
      base.get(),
      [](evconnlistener*, evutil_socket_t fd, sockaddr*, int, void* arg) {
        auto* s = static_cast<Scene*>(arg);
        close(fd);
        s->entered.set();
        s->leave.wait();
      },
      &scene, kFlags, -1, address.get(), address.size()));
  clients.keep(connect_to(listener));
  clients.keep(connect_to(listener));
  LoopThread loop(base.get());
  REQUIRE(scene.entered.wait());
  CHECK(evconnlistener_disable(listener.get()) == 0);
  scene.leave.set();
  CHECK(loop.is_running());
  CHECK(loop.stop() == 0);
  CHECK(is_quiet(clients[1]));
}

TEST_CASE("LEV_OPT_THREADSAFE: one thread turns it on and off while others connect", "[threads]") {
  INTENDED_DIFFERENCE("the reference deadlocks when a listener is disabled while it calls back");
  const Base base = make_threaded_base();
  Counter counter;
  const Listener listener = counter.listen(base);
  const Address address = address_of(listener);
  LoopThread loop(base.get());
  std::atomic<bool> stop = false;
  std::thread toggler([&] {
    while (!stop) {
      evconnlistener_disable(listener.get());
      evconnlistener_enable(listener.get());
    }
  });
  constexpr int kClients = 200;
  for (int i = 0; i < kClients; ++i) {
    close(connect_to(address));
  }
  CHECK(eventually([&] { return counter.accepted == kClients; }));
  stop = true;
  toggler.join();
  loop.stop();
}

TEST_CASE("LEV_OPT_THREADSAFE: freed by another thread while clients connect", "[threads]") {
  INTENDED_DIFFERENCE("the reference deadlocks or crashes now and then");
  const Base base = make_threaded_base();
  Counter counter;
  LoopThread loop(base.get());
  for (int i = 0; i < 100; ++i) {
    Descriptors clients;
    Listener listener = counter.listen(base);
    clients.keep(connect_to(listener));
    clients.keep(connect_to(listener));
    if (i % 2 == 0) {
      std::this_thread::yield();
    }
    listener.reset();
  }
  CHECK(loop.is_running());
  loop.stop();
}
