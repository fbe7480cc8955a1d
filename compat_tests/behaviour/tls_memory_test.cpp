// TLS bufferevents when memory runs out.
#include "tls_tools.h"
#include "tracked_memory.h"

using namespace event_cases;

TEST_CASE("tls: a request for memory that fails is made again or reported") {
  INTENDED_DIFFERENCE("the reference does not come through all of it");
  const TrackedMemory memory;
  const TlsSettings settings;
  const TlsLibrary& library = *GENERATE(from_range(libraries()));
  const bool filtered = GENERATE(false, true);
  bool failed = true;
  for (long number = 0; failed; ++number) {
    const Base base = make_base();
    SocketPair sockets;
    const TlsObject client_ssl(library, settings, false);
    const TlsObject server_ssl(library, settings, true);
    Bufferevent below;
    if (filtered) {
      below = make_bufferevent(base, sockets.first);
    }
    Journal journal;
    bool accepted = false;
    TrackedMemory::fail_after(number);
    {
      const Bufferevent client(
          filtered ? library.over_bufferevent(base.get(), below.get(), client_ssl.get(),
                                              BUFFEREVENT_SSL_CONNECTING, 0)
                   : library.over_socket(base.get(), sockets.first, client_ssl.get(),
                                         BUFFEREVENT_SSL_CONNECTING, 0));
      const Bufferevent server(library.over_socket(base.get(), sockets.second, server_ssl.get(),
                                                   BUFFEREVENT_SSL_ACCEPTING, 0));
      if (client && server) {
        journal.watch(client, "c");
        journal.watch(server, "s");
        accepted = bufferevent_enable(client.get(), EV_READ | EV_WRITE) == 0 &&
                   bufferevent_enable(server.get(), EV_READ | EV_WRITE) == 0 &&
                   bufferevent_write(client.get(), "hello", 5) == 0;
        settle(base);
      }
      failed = TrackedMemory::failures() != 0;
      TrackedMemory::never_fail();
      INFO("request " << number << ": " << journal.text());
      // What failed is tried again after a while.
      CHECK((!accepted || run_until(base, [&] {
        return input_length(server) == 5 || journal.text().find("error") != std::string::npos;
      })));
    }
    settle(base);
  }
}

TEST_CASE("tls: while there is no memory attempts are few") {
  INTENDED_DIFFERENCE("the reference tries again at once");
  const TrackedMemory memory;
  const LogCapture quiet;
  const TlsLibrary* const library = GENERATE(from_range(libraries()));
  TlsScene scene(Way{library, library, Carrier::kSocket});
  REQUIRE(scene.shake_hands());
  const Event tick(event_new(
      scene.base.get(), -1, EV_PERSIST, [](evutil_socket_t, short, void*) {}, nullptr));
  const timeval period = ms(10);
  event_add(tick.get(), &period);
  write_text(scene.client, "text");
  TrackedMemory::fail_after(0, true);
  int rounds = 0;
  for (const std::int64_t end = now_ms() + 100; now_ms() < end; ++rounds) {
    event_base_loop(scene.base.get(), EVLOOP_ONCE);
  }
  CHECK(TrackedMemory::failures() != 0);
  TrackedMemory::never_fail();
  CHECK(rounds < 200);
  CHECK(run_until(scene.base, [&] { return input_length(scene.server) == 4; }));
}
