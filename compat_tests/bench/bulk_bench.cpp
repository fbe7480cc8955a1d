// As many bytes as possible through one connection.
#include <event2/bufferevent.h>
#include <poll.h>

#include <cerrno>
#include <string>

#include "groups.h"
#include "objects.h"
#include "peer.h"

namespace bench {
namespace {

constexpr std::int64_t kBlock = Peer::kBlock;

struct Transfer {
  event_base* base;
  std::int64_t left = 0;

  void run(std::int64_t blocks) {
    left = blocks * kBlock;
    require(event_base_dispatch(base) == 0 && left <= 0, "the loop ended early");
  }
  void count(std::int64_t bytes) {
    left -= bytes;
    if (left <= 0) {
      event_base_loopbreak(base);
    }
  }
};

void sink(Meter& meter) {
  const Peer peer(Peer::send, 1);
  const Base base = make_base();
  const BufferEvent connection = make_bufferevent(base, peer.sockets()[0], 0);
  Transfer transfer{base.get()};
  const auto on_read = [](bufferevent* end, void* argument) {
    evbuffer* const input = bufferevent_get_input(end);
    const std::size_t length = evbuffer_get_length(input);
    evbuffer_drain(input, length);
    static_cast<Transfer*>(argument)->count(static_cast<std::int64_t>(length));
  };
  bufferevent_setcb(connection.get(), on_read, nullptr, nullptr, &transfer);
  bufferevent_enable(connection.get(), EV_READ);
  meter.measure([&](std::int64_t blocks) { transfer.run(blocks); });
}

void source(Meter& meter) {
  const Peer peer(Peer::receive, 1);
  const Base base = make_base();
  const BufferEvent connection = make_bufferevent(base, peer.sockets()[0], 0);
  Transfer transfer{base.get()};
  // Called when the last block has left.
  const auto on_write = [](bufferevent* end, void* argument) {
    static const std::string block(kBlock, 'b');
    bufferevent_write(end, block.data(), block.size());
    static_cast<Transfer*>(argument)->count(kBlock);
  };
  bufferevent_setcb(connection.get(), nullptr, on_write, nullptr, &transfer);
  bufferevent_enable(connection.get(), EV_WRITE);
  meter.measure([&](std::int64_t blocks) { transfer.run(blocks); });
}

// The same with blocking calls: one() moves up to a block.
template <class One>
void plain(Meter& meter, const Peer::Work& work, short readiness, One one) {
  const Peer peer(work, 1);
  const int fd = peer.sockets()[0];
  std::string block(kBlock, 'b');
  meter.measure([&](std::int64_t blocks) {
    for (std::int64_t left = blocks * kBlock; left > 0;) {
      const ssize_t size = one(fd, block.data());
      if (size > 0) {
        left -= size;
        continue;
      }
      require(size < 0 && errno == EAGAIN, "the connection ended");
      pollfd waiting{fd, readiness, 0};
      poll(&waiting, 1, -1);
    }
  });
}

void sink_plain(Meter& meter) {
  plain(meter, Peer::send, POLLIN,
        [](int fd, char* block) { return read(fd, block, kBlock); });
}

void source_plain(Meter& meter) {
  plain(meter, Peer::receive, POLLOUT,
        [](int fd, char* block) { return write(fd, block, kBlock); });
}

}  // namespace

void add_bulk_benchmarks(Table& table) {
  table.push_back({"bulk sink", "64 KiB received", sink, sink_plain, false, Kind::kBulk});
  table.push_back({"bulk source", "64 KiB sent", source, source_plain, false, Kind::kBulk});
}

}  // namespace bench
