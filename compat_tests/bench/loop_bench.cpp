// Tokens that travel around a ring of socket pairs: each callback reads a byte and writes it to the
// next pair. So many pairs are watched, so many are ready at each poll.
#include <event2/event.h>
#include <sys/resource.h>

#include <algorithm>

#include "groups.h"
#include "objects.h"

namespace bench {
namespace {

// Beyond this the kernel's memory for the sockets is what is measured.
constexpr std::size_t kMaxPairs = 50'000;

struct Shape {
  std::size_t pairs;
  std::size_t tokens;
  bool idle_timeouts = false;
  bool locks = false;
};

// One hop of a token. Both loops below call this and nothing else per event.
class Ring {
 public:
  explicit Ring(const Shape& shape) : sockets_(shape.pairs) {
    for (std::size_t token = 0; token < shape.tokens; ++token) {
      put(token * (shape.pairs / shape.tokens));
    }
  }

  // Returns whether this was the last hop that was asked for.
  bool hop(std::size_t pair) {
    char byte = 0;
    if (recv(sockets_.reader(pair), &byte, 1, 0) == 1) {
      put(pair + 1 == sockets_.count() ? 0 : pair + 1);
      --remaining_;
    }
    return remaining_ <= 0;
  }

  void ask_for(std::int64_t hops) { remaining_ = hops; }
  std::int64_t remaining() const { return remaining_; }
  const SocketPairs& sockets() const { return sockets_; }

 private:
  void put(std::size_t pair) {
    require(send(sockets_.writer(pair), "x", 1, 0) == 1, "a token was lost");
  }

  SocketPairs sockets_;
  std::int64_t remaining_ = 0;
};

struct Watcher {
  Ring* ring;
  event_base* base;
  std::size_t pair;
};

void on_readable(evutil_socket_t, short what, void* argument) {
  auto* watcher = static_cast<Watcher*>(argument);
  require((what & EV_TIMEOUT) == 0, "an idle timeout fired");
  if (watcher->ring->hop(watcher->pair)) {
    event_base_loopbreak(watcher->base);
  }
}

void run(Meter& meter, const Shape& shape) {
  if (shape.locks) {
    require(evthread_use_pthreads() == 0, "evthread_use_pthreads failed");
  }
  Ring ring(shape);
  const Base base = make_base();
  std::vector<Watcher> watchers(shape.pairs);
  std::vector<Event> events;
  // Far longer than the benchmark, so each hop re-arms a timeout that never fires.
  const timeval idle{100, 0};
  for (std::size_t i = 0; i < shape.pairs; ++i) {
    watchers[i] = {&ring, base.get(), i};
    events.push_back(make_event(base, ring.sockets().reader(i), EV_READ | EV_PERSIST, on_readable,
                                &watchers[i]));
    add(events.back(), shape.idle_timeouts ? &idle : nullptr);
  }
  meter.measure([&](std::int64_t hops) {
    ring.ask_for(hops);
    require(event_base_dispatch(base.get()) == 0, "event_base_dispatch failed");
    require(ring.remaining() <= 0, "the loop ended early");
  });
}

void run_raw(Meter& meter, const Shape& shape) {
  Ring ring(shape);
  const RawEpoll epoll;
  for (std::size_t i = 0; i < shape.pairs; ++i) {
    epoll.control(EPOLL_CTL_ADD, ring.sockets().reader(i), EPOLLIN, i);
  }
  std::vector<epoll_event> ready(std::min<std::size_t>(shape.pairs, 4096));
  meter.measure([&](std::int64_t hops) {
    ring.ask_for(hops);
    for (bool done = false; !done;) {
      const int count = epoll.wait(ready, -1);
      for (int i = 0; i < count && !done; ++i) {
        done = ring.hop(ready[static_cast<std::size_t>(i)].data.u64);
      }
    }
  });
}

// As many pairs as the descriptor limit allows, with some to spare for the process itself.
std::size_t most_pairs() {
  rlimit limit{};
  require(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit failed");
  return std::min<std::size_t>(kMaxPairs, (limit.rlim_cur - 64) / 2);
}

void add_ring(Table& table, const std::string& name, const Shape& shape, bool large = false) {
  // Timeouts and locks have no single obvious counterpart in a hand-written loop.
  std::function<void(Meter&)> raw;
  if (!shape.idle_timeouts && !shape.locks) {
    raw = [shape](Meter& meter) { run_raw(meter, shape); };
  }
  table.push_back({name, "one hop among " + std::to_string(shape.pairs) + " pairs",
                   [shape](Meter& meter) { run(meter, shape); }, raw, large});
}

}  // namespace

void add_loop_benchmarks(Table& table) {
  const std::size_t most = most_pairs();
  add_ring(table, "pipes 100/1", {100, 1});
  add_ring(table, "pipes 1000/100", {1000, 100}, true);
  add_ring(table, "pipes max/1000", {most, std::min<std::size_t>(1000, most)}, true);
  add_ring(table, "pipes 100/1, idle timeouts", {100, 1, true});
  add_ring(table, "pipes 1000/100, idle timeouts", {1000, 100, true}, true);
  add_ring(table, "pipes max/1000, idle timeouts", {most, std::min<std::size_t>(1000, most), true},
           true);
  add_ring(table, "pipes 100/1, locks", {100, 1, false, true});
}

}  // namespace bench
