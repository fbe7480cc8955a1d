// TLS bufferevents when memory runs out.
#include "tls_tools.h"
#include "tracked_memory.h"

using namespace event_cases;

TEST_CASE("tls: a request for memory that fails is made again or reported") {
  INTENDED_DIFFERENCE("the reference does not come through all of it");
  const TrackedMemory memory;
  const TlsSettings settings;
  const bool filtered = GENERATE(false, true);
  bool failed = true;
  for (long number = 0; failed; ++number) {
    const Base base = make_base();
    SocketPair sockets;
    const Ssl client_ssl = settings.client();
    const Ssl server_ssl = settings.server();
    Bufferevent below;
    if (filtered) {
      below = make_bufferevent(base, sockets.first);
    }
    Journal journal;
    bool accepted = false;
    TrackedMemory::fail_after(number);
    {
      const Bufferevent client(
          filtered ? bufferevent_openssl_filter_new(base.get(), below.get(), client_ssl.get(),
                                                    BUFFEREVENT_SSL_CONNECTING, 0)
                   : bufferevent_openssl_socket_new(base.get(), sockets.first, client_ssl.get(),
                                                    BUFFEREVENT_SSL_CONNECTING, 0));
      const Bufferevent server(bufferevent_openssl_socket_new(
          base.get(), sockets.second, server_ssl.get(), BUFFEREVENT_SSL_ACCEPTING, 0));
      if (client && server) {
        journal.watch(client, "c");
        journal.watch(server, "s");
        accepted = bufferevent_enable(client.get(), EV_READ | EV_WRITE) == 0 &&
                   bufferevent_enable(server.get(), EV_READ | EV_WRITE) == 0 &&
                   bufferevent_write(client.get(), "hello", 5) == 0;
        for (int i = 0; i < 60 && accepted && input_length(server) == 0; ++i) {
          event_base_loop(base.get(), EVLOOP_NONBLOCK);
        }
      }
      failed = TrackedMemory::failures() != 0;
      TrackedMemory::never_fail();
      INFO("request " << number << ": " << journal.text());
      CHECK((!accepted || input_length(server) == 5 ||
             journal.text().find("error") != std::string::npos));
    }
    settle(base);
  }
}
