// As many bytes as possible through one connection.
#include <poll.h>

#include <cerrno>
#include <string>

#include "groups.h"
#include "objects.h"
#include "peer.h"
#include "transfer.h"

namespace bench {
namespace {

constexpr std::int64_t kBlock = Peer::kBlock;

void sink(Meter& meter) {
  const Peer peer(Peer::send, 1);
  const Base base = make_base();
  Transfer(base, kBlock).receive(meter, make_bufferevent(base, peer.sockets()[0], 0));
}

void source(Meter& meter) {
  const Peer peer(Peer::receive, 1);
  const Base base = make_base();
  Transfer(base, kBlock).send(meter, make_bufferevent(base, peer.sockets()[0], 0));
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
  plain(meter, Peer::send, POLLIN, [](int fd, char* block) { return read(fd, block, kBlock); });
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
