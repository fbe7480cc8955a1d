// Messages and bulk over TLS connections, and what idle ones cost.
#include <malloc.h>
#include <poll.h>

#include <algorithm>
#include <limits>

#include "echo_server.h"
#include "groups.h"
#include "http_server.h"
#include "tls_server.h"
#include "transfer.h"
#include "wrk.h"

namespace bench {
namespace {

constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();
// A record. So a bulk transfer is a quarter of one without TLS.
constexpr std::size_t kRecord = 16384;

std::vector<Ssl> connect_all(const std::vector<int>& sockets) {
  const SslContext context = tls_client_context();
  std::vector<Ssl> sessions;
  for (const int fd : sockets) {
    sessions.push_back(tls_connect(context, fd));
  }
  return sessions;
}

void bounce(const std::vector<int>& sockets) {
  RawTlsEcho echo(connect_all(sockets));
  echo.send_first(std::string(Peer::kMessage, 'm'));
  echo.run(kForever);
}

void send_records(const std::vector<int>& sockets) {
  const std::vector<Ssl> sessions = connect_all(sockets);
  const std::vector<char> block(kRecord, 'b');
  while (SSL_write(sessions[0].get(), block.data(), kRecord) > 0) {
  }
}

void receive_records(const std::vector<int>& sockets) {
  const std::vector<Ssl> sessions = connect_all(sockets);
  std::vector<char> block(kRecord);
  while (SSL_read(sessions[0].get(), block.data(), kRecord) > 0) {
  }
}

void echo(Meter& meter, std::size_t connections) {
  const SslContext context = tls_server_context();
  const Peer peer(bounce, connections);
  const Base base = make_base();
  EchoServer server(base, accept_tls(base, context, peer));
  meter.measure([&](std::int64_t messages) { server.echo(messages); });
}

void echo_raw(Meter& meter, std::size_t connections) {
  const SslContext context = tls_server_context();
  const Peer peer(bounce, connections);
  std::vector<Ssl> sessions;
  for (const int fd : peer.sockets()) {
    sessions.push_back(tls_accept(context, fd));
  }
  RawTlsEcho server(std::move(sessions));
  server.run(1);  // past the handshakes
  meter.measure([&](std::int64_t messages) {
    server.run(messages * static_cast<std::int64_t>(Peer::kMessage));
  });
}

void sink(Meter& meter) {
  const SslContext context = tls_server_context();
  const Peer peer(send_records, 1);
  const Base base = make_base();
  Transfer(base, kRecord).receive(meter, std::move(accept_tls(base, context, peer)[0]));
}

void source(Meter& meter) {
  const SslContext context = tls_server_context();
  const Peer peer(receive_records, 1);
  const Base base = make_base();
  Transfer(base, kRecord).send(meter, std::move(accept_tls(base, context, peer)[0]));
}

// The same with OpenSSL on the socket: one() moves up to a record.
template <class One>
void plain(Meter& meter, const Peer::Work& work, One one) {
  const SslContext context = tls_server_context();
  const Peer peer(work, 1);
  const Ssl ssl = tls_accept(context, peer.sockets()[0]);
  std::vector<char> block(kRecord, 'b');
  const auto move = [&](std::int64_t bytes) {
    while (bytes > 0) {
      const int size = one(ssl.get(), block.data());
      if (size > 0) {
        bytes -= size;
        continue;
      }
      const int error = SSL_get_error(ssl.get(), size);
      require(error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE,
              "the connection ended");
      const short readiness = error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
      pollfd waiting{SSL_get_fd(ssl.get()), readiness, 0};
      poll(&waiting, 1, -1);
    }
  };
  move(1);  // past the handshake
  meter.measure([&](std::int64_t records) { move(records * std::int64_t{kRecord}); });
}

void sink_plain(Meter& meter) {
  plain(meter, send_records, [](SSL* ssl, char* block) { return SSL_read(ssl, block, kRecord); });
}

void source_plain(Meter& meter) {
  plain(meter, receive_records,
        [](SSL* ssl, char* block) { return SSL_write(ssl, block, kRecord); });
}

void idle_memory(Meter& meter) {
  constexpr std::size_t kCount = 200;
  const SslContext context = tls_server_context();
  const Peer peer(bounce, kCount);
  const Base base = make_base();
  const std::size_t before = mallinfo2().uordblks;
  const std::vector<BufferEvent> idle = accept_tls(base, context, peer);
  std::size_t received = 0;
  const auto on_read = [](bufferevent* end, void* argument) {
    evbuffer_drain(bufferevent_get_input(end), Peer::kMessage);
    ++*static_cast<std::size_t*>(argument);
  };
  for (const BufferEvent& end : idle) {
    bufferevent_setcb(end.get(), on_read, nullptr, nullptr, &received);
    bufferevent_enable(end.get(), EV_READ);
  }
  while (received < kCount) {
    require(event_base_loop(base.get(), EVLOOP_ONCE) == 0, "the loop ended early");
  }
  const std::size_t used = mallinfo2().uordblks - before;
  meter.report_bytes(static_cast<double>(used) / kCount, kCount);
}

void https(Meter& meter) {
  struct Security {
    const Base base = make_base();
    const SslContext context = tls_server_context();
  } security;
  Listener listener;
  const std::string port = listener.port();
  HttpServer server(security.base, listener, HttpServer::hello);
  const auto secure = [](event_base*, void* argument) {
    const auto* const with = static_cast<const Security*>(argument);
    return make_tls_bufferevent(with->base, with->context, -1).release();
  };
  evhttp_set_bevcb(server.http(), secure, &security);
  const Process load = wrk("https", port, 100);
  // Past the handshakes.
  server.serve(1000);
  meter.measure([&](std::int64_t requests) { server.serve(requests); });
}

}  // namespace

void add_tls_benchmarks(Table& table) {
  for (const std::size_t connections : {1U, 100U}) {
    table.push_back({"tls echo " + std::to_string(connections), "one message of 64 bytes",
                     [connections](Meter& meter) { echo(meter, connections); },
                     [connections](Meter& meter) { echo_raw(meter, connections); },
                     connections >= 100, Kind::kWithPeer});
  }
  table.push_back({"tls bulk sink", "16 KiB received", sink, sink_plain, false, Kind::kBulk});
  table.push_back({"tls bulk source", "16 KiB sent", source, source_plain, false, Kind::kBulk});
  table.push_back(
      {"https 100", "one request of wrk", https, nullptr, true, Kind::kWithPeer, "wrk"});
  table.push_back({"tls idle bufferevent", "bytes of memory for each of 200", idle_memory, nullptr,
                   true, Kind::kBytes});
}

}  // namespace bench
