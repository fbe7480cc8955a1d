// Messages that go back and forth between two bufferevents in one loop, and what idle ones cost.
#include <event2/bufferevent.h>
#include <malloc.h>

#include <string>
#include <utility>

#include "groups.h"
#include "objects.h"
#include "peer.h"

namespace bench {
namespace {

constexpr std::size_t kMessage = 64;

// Sends what arrives back, until so many messages have arrived.
class PingPong {
 public:
  PingPong(const Base& base, BufferEvent first, BufferEvent second)
      : base_(base.get()), first_(std::move(first)), second_(std::move(second)) {
    for (const BufferEvent* end : {&first_, &second_}) {
      bufferevent_setcb(end->get(), on_read, nullptr, nullptr, this);
      require(bufferevent_enable(end->get(), EV_READ | EV_WRITE) == 0, "bufferevent_enable failed");
    }
  }

  void run(std::int64_t hops) {
    left_ = hops;
    if (!std::exchange(started_, true)) {
      const std::string message(kMessage, 'm');
      require(bufferevent_write(first_.get(), message.data(), kMessage) == 0, "the write failed");
    }
    require(event_base_dispatch(base_) == 0 && left_ <= 0, "the loop ended early");
  }

 private:
  static void on_read(bufferevent* end, void* argument) {
    auto* const self = static_cast<PingPong*>(argument);
    evbuffer* const input = bufferevent_get_input(end);
    if (evbuffer_get_length(input) < kMessage) {
      return;
    }
    evbuffer_add_buffer(bufferevent_get_output(end), input);
    if (--self->left_ <= 0) {
      event_base_loopbreak(self->base_);
    }
  }

  event_base* const base_;
  BufferEvent first_;
  BufferEvent second_;
  std::int64_t left_ = 0;
  bool started_ = false;
};

void ping_pong(Meter& meter, const Base& base, BufferEvent first, BufferEvent second) {
  PingPong game(base, std::move(first), std::move(second));
  meter.measure([&](std::int64_t hops) { game.run(hops); });
}

void pair(Meter& meter) {
  const Base base = make_base();
  bufferevent* ends[2];
  require(bufferevent_pair_new(base.get(), 0, ends) == 0, "bufferevent_pair_new failed");
  ping_pong(meter, base, BufferEvent(ends[0]), BufferEvent(ends[1]));
}

void socket_pair(Meter& meter, int options) {
  if ((options & BEV_OPT_THREADSAFE) != 0) {
    require(evthread_use_pthreads() == 0, "evthread_use_pthreads failed");
  }
  const SocketPairs sockets(1);
  const Base base = make_base();
  ping_pong(meter, base, make_bufferevent(base, sockets.reader(0), options),
            make_bufferevent(base, sockets.writer(0), options));
}

// Each has received a message, and waits for the next one.
void idle_memory(Meter& meter) {
  constexpr std::size_t kCount = 2000;
  const Peer peer(Peer::bounce, kCount);
  const Base base = make_base();
  std::vector<BufferEvent> idle;
  idle.reserve(kCount);
  std::size_t received = 0;
  const auto on_read = [](bufferevent* end, void* argument) {
    evbuffer_drain(bufferevent_get_input(end), Peer::kMessage);
    ++*static_cast<std::size_t*>(argument);
  };
  const std::size_t before = mallinfo2().uordblks;
  for (const int fd : peer.sockets()) {
    idle.push_back(make_bufferevent(base, fd, 0));
    bufferevent_setcb(idle.back().get(), on_read, nullptr, nullptr, &received);
    require(bufferevent_enable(idle.back().get(), EV_READ) == 0, "bufferevent_enable failed");
  }
  while (received < kCount) {
    require(event_base_loop(base.get(), EVLOOP_ONCE) == 0, "the loop ended early");
  }
  const std::size_t used = mallinfo2().uordblks - before;
  meter.report_bytes(static_cast<double>(used) / kCount, kCount);
}

}  // namespace

void add_bufferevent_benchmarks(Table& table) {
  table.push_back({"pair ping-pong", "one hop of 64 bytes", pair, nullptr});
  table.push_back({"socketpair ping-pong", "one hop of 64 bytes",
                   [](Meter& meter) { socket_pair(meter, 0); }, nullptr});
  table.push_back({"socketpair ping-pong, locks", "one hop of 64 bytes",
                   [](Meter& meter) { socket_pair(meter, BEV_OPT_THREADSAFE); }, nullptr});
  table.push_back({"idle bufferevent", "bytes of memory for each of 2000", idle_memory, nullptr,
                   false, Kind::kBytes});
}

}  // namespace bench
