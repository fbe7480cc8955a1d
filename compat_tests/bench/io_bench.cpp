// Adding and deleting events on descriptors.
#include <event2/event.h>

#include "groups.h"
#include "objects.h"

namespace bench {
namespace {

void ignore(evutil_socket_t, short, void*) {}

// One descriptor on and off, with another one pending so that the base is never empty.
void add_del(Meter& meter) {
  const SocketPairs sockets(2);
  const Base base = make_base();
  const Event other = make_event(base, sockets.reader(1), EV_READ | EV_PERSIST, ignore, nullptr);
  const Event event = make_event(base, sockets.reader(0), EV_READ | EV_PERSIST, ignore, nullptr);
  add(other);
  meter.measure([&](std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      event_add(event.get(), nullptr);
      event_del(event.get());
    }
  });
  require(!event_pending(event.get(), EV_READ, nullptr), "it is still pending");
}

void add_del_raw(Meter& meter) {
  const SocketPairs sockets(1);
  const RawEpoll epoll;
  meter.measure([&](std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      epoll.control(EPOLL_CTL_ADD, sockets.reader(0), EPOLLIN);
      epoll.control(EPOLL_CTL_DEL, sockets.reader(0), EPOLLIN);
    }
  });
}

void add_del_locks(Meter& meter) {
  require(evthread_use_pthreads() == 0, "evthread_use_pthreads failed");
  add_del(meter);
}

// All descriptors on, then all off.
void add_del_many(Meter& meter) {
  constexpr std::size_t kCount = 1000;
  const SocketPairs sockets(kCount);
  const Base base = make_base();
  std::vector<Event> events;
  for (std::size_t i = 0; i < kCount; ++i) {
    events.push_back(make_event(base, sockets.reader(i), EV_READ | EV_PERSIST, ignore, nullptr));
  }
  meter.measure_batches(
      kCount, [] {},
      [&] {
        for (const Event& event : events) {
          event_add(event.get(), nullptr);
        }
        for (const Event& event : events) {
          event_del(event.get());
        }
      });
}

// The loop polls in between, so the kernel has to be told.
void add_poll_del_poll(Meter& meter) {
  const SocketPairs sockets(2);
  const Base base = make_base();
  const Event other = make_event(base, sockets.reader(1), EV_READ | EV_PERSIST, ignore, nullptr);
  const Event event = make_event(base, sockets.reader(0), EV_READ | EV_PERSIST, ignore, nullptr);
  add(other);
  meter.measure([&](std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      event_add(event.get(), nullptr);
      event_base_loop(base.get(), EVLOOP_NONBLOCK);
      event_del(event.get());
      event_base_loop(base.get(), EVLOOP_NONBLOCK);
    }
  });
}

void add_poll_del_poll_raw(Meter& meter) {
  const SocketPairs sockets(1);
  const RawEpoll epoll;
  std::vector<epoll_event> ready(32);
  meter.measure([&](std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      epoll.control(EPOLL_CTL_ADD, sockets.reader(0), EPOLLIN);
      epoll.wait(ready, 0);
      epoll.control(EPOLL_CTL_DEL, sockets.reader(0), EPOLLIN);
      epoll.wait(ready, 0);
    }
  });
}

// EV_WRITE on and off on a descriptor that stays registered for EV_READ.
void toggle_write(Meter& meter) {
  const SocketPairs sockets(1);
  const Base base = make_base();
  const Event reader = make_event(base, sockets.reader(0), EV_READ | EV_PERSIST, ignore, nullptr);
  const Event writer = make_event(base, sockets.reader(0), EV_WRITE, ignore, nullptr);
  add(reader);
  event_base_loop(base.get(), EVLOOP_NONBLOCK);
  meter.measure([&](std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      event_add(writer.get(), nullptr);
      event_del(writer.get());
    }
  });
}

void toggle_write_raw(Meter& meter) {
  const SocketPairs sockets(1);
  const RawEpoll epoll;
  epoll.control(EPOLL_CTL_ADD, sockets.reader(0), EPOLLIN);
  meter.measure([&](std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      epoll.control(EPOLL_CTL_MOD, sockets.reader(0), EPOLLIN | EPOLLOUT);
      epoll.control(EPOLL_CTL_MOD, sockets.reader(0), EPOLLIN);
    }
  });
}

}  // namespace

void add_io_benchmarks(Table& table) {
  table.push_back({"io add+del", "add and delete", add_del, add_del_raw});
  table.push_back({"io add+del, locks", "add and delete", add_del_locks, nullptr});
  table.push_back({"io add+del, 1000 at once", "add and delete", add_del_many, nullptr});
  table.push_back(
      {"io add+del, polled", "add, poll, delete, poll", add_poll_del_poll, add_poll_del_poll_raw});
  table.push_back({"io toggle write", "add and delete EV_WRITE", toggle_write, toggle_write_raw});
}

}  // namespace bench
